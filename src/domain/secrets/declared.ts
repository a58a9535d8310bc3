import { canonicalHost } from "../egress/host.ts";
import { decide, type EgressPolicy, isReadable } from "../egress/policy.ts";
import { AirlockError } from "../errors.ts";
import type { DeclaredSecret } from "../secret.ts";

/**
 * Variables that mean something to Airlock, the runner, a shell, a loader or an agent. A secret with such a name would change what
 * another program does, or would give a credential of the job itself to the broker.
 */
const RESERVED: readonly RegExp[] = [
  /^(?:GITHUB|ACTIONS|RUNNER|INPUT|STATE|AIRLOCK|NODE|NPM_CONFIG|GIT|LD|DYLD|BASH|PYTHON|PIP|SSL|CURL|LC)_/,
  /^(?:ANTHROPIC|CLAUDE|CODEX|OPENAI|GEMINI|GOOGLE|KIRO|E2B|SPRITES|VERCEL|SBX|DOCKER|CLOUDFLARE)_/,
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|PWD|OLDPWD|TERM|LANG|LANGUAGE|CI|ENV|IFS|PS[0-9]|TMP|TEMP|TMPDIR|EDITOR|PAGER|DISPLAY|HOSTNAME|MAIL|TZ)$/,
  /_PROXY$|_CA_BUNDLE$|^CARGO_(?:HTTP|NET|HOME)|^(?:MAVEN|GRADLE|JAVA_TOOL|JDK_JAVA)_OPT|^GRPC_|^DENO_CERT$|^GO(?:PROXY|SUMDB)$|^COREPACK_|^BUNDLE_SSL|^RUBYOPT$|^PERL5/,
];
const VARIABLE = /^[A-Z][A-Z0-9_]{0,63}$/;

/** Whether a declared secret may not have this name. */
export function isReservedVariable(name: string): boolean {
  return !VARIABLE.test(name) || RESERVED.some((pattern) => pattern.test(name));
}

/** What the declared secrets are checked against. */
export interface SecretGround {
  readonly mode: "allowlist" | "audit" | "none";
  readonly policy: EgressPolicy;
  /** Base URL of the model's service, which only the broker may serve; undefined: no model. */
  readonly modelUrl: string | undefined;
  /** URL of the forge's git remote. There a secret may only read: all writes go through the gate. */
  readonly forgeUrl: string;
}

/**
 * Judges each declared secret against the rules of the run.
 * @throws AirlockError `config.invalid` naming the secret: its host is not allowed, is not limited to methods or paths, is the model's, or is the forge's and would be written to
 */
export function requireUsable(declared: readonly DeclaredSecret[], rules: SecretGround): void {
  for (const secret of declared) {
    const problem = findProblem(secret, rules);
    if (problem === undefined) continue;
    throw new AirlockError("config.invalid", {
      message: `The secret \`${secret.name}\` cannot be used: ${problem.why}.`,
      remedy: problem.remedy,
    });
  }
}

function findProblem(secret: DeclaredSecret, rules: SecretGround): { readonly why: string; readonly remedy: string } | undefined {
  const host = canonicalHost(secret.host)?.text ?? "";
  const line = `GET,HEAD ${host}/**`;
  if (rules.mode === "none") {
    return {
      why: "the run has no network (`network: none`)",
      remedy: "Take the secret out of the file, or set the input `network` to `allowlist`.",
    };
  }
  if (decide(rules.policy, host, 443).verdict === "deny") {
    return {
      why: `no line of \`allow\` names its host \`${host}\``,
      remedy: `Add the line \`${line}\` to the input \`allow\` in the workflow.`,
    };
  }
  const open = findOpenPort(rules.policy, host);
  if (open !== undefined) {
    return {
      why: `the rules allow every method and path on its host \`${host}\`, port ${open}`,
      remedy: `Say in the input \`allow\` what may be done there, for example \`${line}\` in place of \`${host}\`.`,
    };
  }
  if (host === hostOf(rules.modelUrl)) {
    return { why: `\`${host}\` is the model's host`, remedy: "Give the model's credential by its own input." };
  }
  if (forgeHosts(rules.forgeUrl).has(host) && !onlyReads(secret)) {
    return {
      why: `\`${host}\` is where this repository lives, and a secret could write past the gate there`,
      remedy: "Give it `methods: [GET, HEAD]`, and `POST` only with `paths` that end in `/git-upload-pack`.",
    };
  }
  return undefined;
}

/** A port on which no rule limits what may be done with the secret. */
function findOpenPort(policy: EgressPolicy, host: string): number | undefined {
  const ports = new Set([443, 80, ...policy.allow.flatMap(({ port }) => port ?? [])]);
  return [...ports].find((port) => decide(policy, host, port).verdict === "allow" && !isReadable(policy, host, port));
}

function onlyReads({ methods = [], paths = [] }: DeclaredSecret): boolean {
  const others = methods.filter((method) => method !== "GET" && method !== "HEAD");
  if (methods.length === 0) return false;
  return others.every((method) => method === "POST") && (others.length === 0 || (paths.length > 0 && paths.every(isFetch)));
}

function isFetch(path: string): boolean {
  return path.endsWith("/git-upload-pack");
}

function hostOf(url: string | undefined): string | undefined {
  return canonicalHost(URL.parse(url ?? "")?.hostname ?? "")?.text;
}

function forgeHosts(url: string): ReadonlySet<string> {
  const host = hostOf(url) ?? "";
  return new Set([host, `api.${host}`, `uploads.${host}`]);
}
