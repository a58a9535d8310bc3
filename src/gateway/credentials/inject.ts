import { Buffer } from "node:buffer";
import { canonicalHost } from "../../domain/egress/host.ts";
import { canonicalPath, matchesPath } from "../../domain/egress/request-path.ts";
import { AirlockError } from "../../domain/errors.ts";
import { Secret } from "../../domain/secret.ts";
import type { InjectionRule } from "../../ports/gateway.ts";
import { foldHeaderName, type HeaderPair } from "../http/header-lines.ts";
import { type Refusal, refuse } from "../http/refusal.ts";
import { foldParameter, isHarmlessQuery, judgeHeader } from "./harmless.ts";
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

/** A cookie is a credential too; a partial or compressed response could carry a secret past the scrubber. */
const DROPPED = new Set(["cookie", "cookie2", "range", "if-range", "accept-encoding", "x-original-url", "x-rewrite-url"]);

/**
 * @param withheld the surrogates go out as they are: what else holds on a secret's host holds without the secret, too
 * @throws AirlockError `input.invalid` for a host, header or value that cannot be used.
 */
export function openInjector(rules: readonly InjectionRule[], withheld = false): CredentialInjector {
  const byHost = Map.groupBy(rules.map(check), (rule) => rule.host);
  const passes = new Map([...byHost].map(([host, own]) => [host, new Set(own.flatMap((rule) => rule.passes ?? []).map(foldParameter))]));
  const scrubbers = new Map([...byHost].map(([host, own]) => [host, openResponseScrubber(own.map((rule) => rule.value))]));
  const nothing = openResponseScrubber([]);
  return {
    covers: (host) => byHost.has(host),
    request(request) {
      const own = byHost.get(request.host) ?? [];
      const rules = withheld ? own.map(withoutValue) : own;
      return injectAll({ rules, passes: passes.get(request.host) ?? new Set() }, request);
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

interface HostRules {
  readonly rules: readonly InjectionRule[];
  /** Names that pass beside the harmless ones, folded. */
  readonly passes: ReadonlySet<string>;
}

function injectAll({ rules, passes }: HostRules, request: InjectionRequest): readonly HeaderPair[] | Refusal {
  if (!isHarmlessQuery(request.query.replace(/^\?/, ""), passes)) return refuse("foreign-credential", 403, UNKNOWN_PARAMETER);
  const seen = new Set<string>();
  const sent: HeaderPair[] = [];
  for (const [name, value] of request.headers) {
    const folded = foldHeaderName(name);
    const own = rules.filter((rule) => rule.header === folded);
    const passed = own.length === 0 ? passHarmless([name, value], passes) : injectOnce(own, request, [name, value], seen);
    if (passed === undefined) return refuse("foreign-credential");
    sent.push(...passed);
  }
  return [...sent, ["accept-encoding", "identity"]];
}

/** The line, or nothing for one that is left out; undefined for one that may carry a credential. */
function passHarmless([name, value]: HeaderPair, passes: ReadonlySet<string>): readonly HeaderPair[] | undefined {
  if (DROPPED.has(foldHeaderName(name))) return [];
  const verdict = judgeHeader(name, passes);
  if (verdict === "refused") return undefined;
  return verdict === "passes" ? [[name, value]] : [];
}

/** The line with the real secret; undefined where it may not be used, or stands there a second time. */
function injectOnce(
  rules: readonly InjectionRule[],
  request: InjectionRequest,
  [name, value]: HeaderPair,
  seen: Set<string>,
): readonly HeaderPair[] | undefined {
  const folded = foldHeaderName(name);
  const injected = seen.has(folded) || name.toLowerCase() !== folded ? undefined : injectOne(rules, request, value);
  seen.add(folded);
  return injected === undefined ? undefined : [[name, injected]];
}

const UNKNOWN_PARAMETER =
  "the query has a parameter that could carry a credential; on a host with a declared secret only known ones pass, and those that the secret's `passes` names";

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
