import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";

/** A credential that is recognised by its format alone. */
export interface SecretFormat {
  readonly name: string;
  /** Bounded and anchored at a boundary, so that it is linear on any text. */
  readonly expression: RegExp;
  /** Part of every match; a text without it is skipped. */
  readonly hint: string;
  /** Checks what a pattern cannot, for example a checksum. */
  readonly check?: (match: string) => boolean;
}

/**
 * Formats as their issuers document them or as their scanners' public rules state them. Only shapes that ordinary
 * code does not have; anything weaker is left to the forge's own secret scanning.
 */
export const SECRET_FORMATS: readonly SecretFormat[] = [
  { name: "GitHub token", hint: "gh", expression: /(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{36}(?![A-Za-z0-9])/g, check: hasCrc },
  {
    name: "GitHub fine-grained token",
    hint: "github_pat_",
    expression: /(?<![A-Za-z0-9])github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}(?![A-Za-z0-9])/g,
  },
  { name: "npm token", hint: "npm_", expression: /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/g, check: hasCrc },
  { name: "AWS access key id", hint: "A", expression: /(?<![A-Za-z0-9+/])A(?:KIA|SIA)[A-Z2-7]{16}(?![A-Za-z0-9+/=])/g, check: isNoExample },
  {
    name: "AWS secret access key",
    hint: "aws_secret",
    expression: /aws_secret_access_key["']?\s{0,4}[:=]\s{0,4}["']?[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/])/gi,
    check: isNoExample,
  },
  { name: "Anthropic key", hint: "sk-ant-", expression: /(?<![A-Za-z0-9])sk-ant-[a-z]{3,5}\d{2}-[\w-]{80,120}/g, check: isVaried },
  { name: "OpenAI key", hint: "T3BlbkFJ", expression: /(?<![A-Za-z0-9])sk-[\w-]{20,100}T3BlbkFJ[\w-]{20,100}/g },
  { name: "OpenRouter key", hint: "sk-or-v1-", expression: /(?<![A-Za-z0-9])sk-or-v1-[0-9a-f]{64}(?![0-9a-f])/g },
  { name: "Google API key", hint: "AIza", expression: /(?<![\w-])AIza[\w-]{35}(?![\w-])/g, check: isVaried },
  { name: "Google OAuth secret", hint: "GOCSPX-", expression: /(?<![\w-])GOCSPX-[\w-]{28}(?![\w-])/g },
  { name: "Slack token", hint: "xox", expression: /(?<![A-Za-z0-9])xox[abeoprs]-(?:\d{10,13}-){1,3}[A-Za-z0-9-]{20,64}/g },
  {
    name: "Slack webhook",
    hint: "hooks.slack.com",
    expression: /hooks\.slack\.com\/services\/T[A-Z0-9]{8,12}\/B[A-Z0-9]{8,12}\/[A-Za-z0-9]{24}/g,
    check: isVaried,
  },
  { name: "Stripe key", hint: "k_live_", expression: /(?<![A-Za-z0-9])[rs]k_live_[A-Za-z0-9]{24,110}/g, check: isVaried },
  { name: "GitLab token", hint: "glpat-", expression: /(?<![A-Za-z0-9])glpat-[\w-]{20,60}/g, check: isVaried },
  { name: "PyPI token", hint: "pypi-", expression: /(?<![A-Za-z0-9])pypi-AgEIcHlwaS5vcmc[\w-]{50,200}/g },
  { name: "Hugging Face token", hint: "hf_", expression: /(?<![A-Za-z0-9_])hf_[A-Za-z]{34}(?![A-Za-z0-9])/g, check: isVaried },
  { name: "E2B key", hint: "e2b_", expression: /(?<![A-Za-z0-9_])e2b_[0-9a-f]{40}(?![0-9a-f])/g, check: isVaried },
  { name: "Docker token", hint: "dckr_", expression: /(?<![A-Za-z0-9_])dckr_(?:pat|oat)_[\w-]{27,32}/g },
  { name: "DigitalOcean token", hint: "do", expression: /(?<![A-Za-z0-9_])do[opr]_v1_[0-9a-f]{64}(?![0-9a-f])/g },
  { name: "SendGrid key", hint: "SG.", expression: /(?<![A-Za-z0-9])SG\.[\w-]{22}\.[\w-]{43}(?![\w-])/g },
  { name: "Shopify token", hint: "shp", expression: /(?<![A-Za-z0-9])shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}(?![0-9a-fA-F])/g },
  { name: "Groq key", hint: "gsk_", expression: /(?<![A-Za-z0-9_])gsk_[A-Za-z0-9]{52}(?![A-Za-z0-9])/g },
  { name: "xAI key", hint: "xai-", expression: /(?<![A-Za-z0-9])xai-[A-Za-z0-9]{80}(?![A-Za-z0-9])/g },
  { name: "Azure storage key", hint: "AccountKey=", expression: /AccountKey=[A-Za-z0-9+/]{86}==/g, check: isVaried },
  { name: "age key", hint: "AGE-SECRET-KEY-1", expression: /AGE-SECRET-KEY-1[0-9A-Z]{58}/g },
  {
    name: "private key",
    hint: "PRIVATE KEY",
    expression:
      /-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:[\s"'`,]|\\[nr]|\+(?=[\s"'`])){0,200}(?:(?:Proc-Type|DEK-Info|Version|Comment): [^\n]{0,100}\s{1,4}){0,4}[A-Za-z0-9+/]{40}/g,
  },
  { name: "JSON web token", hint: "eyJ", expression: /(?<![\w-])eyJ[\w-]{10,2000}\.eyJ[\w-]{10,8000}\.[\w-]{20,2000}/g, check: isJwt },
];

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The last six characters are the CRC-32 of the thirty before them in base 62 (github.blog, "Behind GitHub's new authentication token formats", 2021). */
function hasCrc(token: string): boolean {
  const body = token.slice(token.indexOf("_") + 1);
  let rest = crc32(body.slice(0, 30));
  let checksum = "";
  for (let place = 0; place < 6; place += 1) {
    checksum = (BASE62[rest % 62] ?? "") + checksum;
    rest = Math.floor(rest / 62);
  }
  return body.slice(30) === checksum;
}

function isNoExample(match: string): boolean {
  return !/EXAMPLE/i.test(match) && isVaried(match);
}

/** Not a placeholder such as `xxxxxxxx` or `0000`. */
function isVaried(match: string): boolean {
  return new Set(match.slice(-24)).size >= 9;
}

function isJwt(match: string): boolean {
  try {
    const [header, payload] = match
      .split(".")
      .slice(0, 2)
      .map((part): unknown =>
        JSON.parse(
          Buffer.from(part, "base64url")
            .toString("utf8")
            .replace(/[^}]*$/, ""),
        ),
      );
    return typeof header === "object" && header !== null && "alg" in header && header.alg !== "none" && typeof payload === "object";
  } catch {
    return false;
  }
}
