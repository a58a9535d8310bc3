import { Buffer } from "node:buffer";
import { canonicalHost } from "../../domain/egress/host.ts";
import { canonicalPath, matchesPath } from "../../domain/egress/request-path.ts";
import { AirlockError } from "../../domain/errors.ts";
import { Secret } from "../../domain/secret.ts";
import type { InjectionRule } from "../../ports/gateway.ts";
import { foldHeaderName, type HeaderPair } from "../http/header-lines.ts";
import { type Refusal, refuse } from "../http/refusal.ts";
import { openResponseScrubber, type ResponseScrubber } from "./scrub.ts";

export interface InjectionRequest {
  readonly host: string;
  readonly method: string;
  /** Canonical. */
  readonly path: string;
  readonly query: string;
  readonly headers: readonly HeaderPair[];
}

/** Puts real secrets in place of surrogates in requests, and scrubs them from responses. */
export interface CredentialInjector {
  /** Whether any secret belongs to this host: then its traffic has to be readable, over TLS, and free of other credentials. */
  covers(host: string): boolean;
  /** The headers to send. A credential that Airlock did not give out is refused, whatever header it stands in (I5). */
  request(request: InjectionRequest): readonly HeaderPair[] | Refusal;
  scrubber(host: string): ResponseScrubber;
}

/** Headers that carry credentials at one service or another; compared as `foldHeaderName` writes them. */
const CREDENTIAL =
  /^(?:authorization|api-key|apikey|private-token|job-token|deploy-token|x-amz-security-token|x-goog-iam-authorization-token|(?:x-)?(?:[a-z0-9]+-)*(?:api-key|apikey|auth-token|access-token|access-key|auth-key|authorization))$/;
const CREDENTIAL_QUERY =
  /(?:^|[?&;])(?:key|api[-_]?key|(?:access|auth|private|job|id|oauth)[-_]?token|token|authorization|client[-_]?secret|x-amz-(?:credential|signature|security-token))=/i;
/** A cookie is a credential too; a partial or compressed response could carry a secret past the scrubber. */
const DROPPED = new Set(["cookie", "cookie2", "range", "if-range", "accept-encoding", "x-original-url", "x-rewrite-url"]);

/**
 * @param withheld the surrogates go out as they are: what else holds on a secret's host holds without the secret, too
 * @throws AirlockError `input.invalid` for a host, header or value that cannot be used.
 */
export function openInjector(rules: readonly InjectionRule[], withheld = false): CredentialInjector {
  const byHost = Map.groupBy(rules.map(check), (rule) => rule.host);
  const scrubbers = new Map([...byHost].map(([host, own]) => [host, openResponseScrubber(own.map((rule) => rule.value))]));
  const nothing = openResponseScrubber([]);
  return {
    covers: (host) => byHost.has(host),
    request(request) {
      const own = byHost.get(request.host) ?? [];
      return injectAll(withheld ? own.map(withoutValue) : own, request);
    },
    scrubber: (host) => scrubbers.get(host) ?? nothing,
  };
}

function withoutValue(rule: InjectionRule): InjectionRule {
  return { ...rule, value: new Secret(rule.surrogate, rule.value.name) };
}

function check(rule: InjectionRule): InjectionRule {
  const host = canonicalHost(rule.host)?.text;
  const paths = rule.paths?.map((path) => canonicalPath(path));
  const usable =
    /^[\x21-\x7e]+$/.test(rule.value.reveal()) && /^[\x21-\x7e]{8,}$/.test(rule.surrogate) && /^[A-Za-z0-9-]+$/.test(rule.header);
  if (host === undefined || !usable || paths?.includes(undefined)) {
    throw new AirlockError("input.invalid", {
      message: `The secret \`${rule.value.name}\` cannot be put into requests to \`${rule.host}\`: its host, header, paths or value is not usable.`,
      remedy: "Give it one host name, one header name, plain paths, and a value of printable characters without spaces or line breaks.",
    });
  }
  return {
    ...rule,
    host,
    header: foldHeaderName(rule.header),
    ...(paths === undefined ? {} : { paths: paths.filter((path) => path !== undefined) }),
  };
}

function injectAll(rules: readonly InjectionRule[], request: InjectionRequest): readonly HeaderPair[] | Refusal {
  if (CREDENTIAL_QUERY.test(decodeLoosely(request.query))) return refuse("foreign-credential");
  const seen = new Set<string>();
  const sent: HeaderPair[] = [];
  for (const [name, value] of request.headers) {
    const folded = foldHeaderName(name);
    if (DROPPED.has(folded)) continue;
    const own = rules.filter((rule) => rule.header === folded);
    if (own.length === 0 && !CREDENTIAL.test(folded)) {
      sent.push([name, value]);
      continue;
    }
    const injected = seen.has(folded) ? undefined : injectOne(own, request, value);
    if (injected === undefined || name.toLowerCase() !== folded) return refuse("foreign-credential");
    seen.add(folded);
    sent.push([name, injected]);
  }
  return [...sent, ["accept-encoding", "identity"]];
}

/** The value with the real secret in it; undefined when the value is not exactly a surrogate that may be used here. */
function injectOne(rules: readonly InjectionRule[], request: InjectionRequest, value: string): string | undefined {
  for (const rule of rules.filter((entry) => appliesTo(entry, request))) {
    const real = rule.value.reveal();
    if (value === rule.surrogate) return real;
    const [scheme = "", rest = ""] = value.split(" ", 2);
    if (value === `${scheme} ${rule.surrogate}` && /^[A-Za-z]+$/.test(scheme)) return `${scheme} ${real}`;
    const basic = scheme.toLowerCase() === "basic" ? injectBasic(rest, rule) : undefined;
    if (basic !== undefined) return `${scheme} ${basic}`;
  }
  return undefined;
}

function injectBasic(encoded: string, rule: InjectionRule): string | undefined {
  const plain = Buffer.from(encoded, "base64").toString("latin1");
  const colon = plain.indexOf(":");
  const [user, password] = [plain.slice(0, colon), plain.slice(colon + 1)];
  const real = rule.value.reveal();
  if (colon === -1) return undefined;
  if (password === rule.surrogate) return Buffer.from(`${user}:${real}`, "latin1").toString("base64");
  return user === rule.surrogate && (password === "" || password === "x-oauth-basic")
    ? Buffer.from(`${real}:${password}`, "latin1").toString("base64")
    : undefined;
}

function appliesTo(rule: InjectionRule, request: InjectionRequest): boolean {
  if (rule.methods !== undefined && !rule.methods.includes(request.method)) return false;
  return rule.paths === undefined || rule.paths.some((pattern) => matchesPath(pattern, request.path));
}

/** Names of query parameters may be escaped; what cannot be decoded is checked as it is. */
function decodeLoosely(query: string): string {
  return query.replaceAll(/%([0-9A-Fa-f]{2})/g, (_triplet, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
