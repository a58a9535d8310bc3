import { readFileSync } from "node:fs";
import { Secret } from "../../../src/domain/secret.ts";
import type { InjectionRule } from "../../../src/ports/gateway.ts";
import type { UpstreamScript } from "./upstream.ts";

export type Answer = "allow" | "deny" | "error";

export interface LimitedHost {
  readonly host: string;
  readonly methods?: readonly string[];
  readonly paths?: readonly string[];
}

export interface Injection {
  readonly host: string;
  readonly header: string;
  readonly placeholder: string;
  readonly secret: string;
}

export interface CaseRequest {
  readonly kind: "match" | "connect" | "http";
  readonly host?: string | null;
  readonly port?: number | null;
  readonly raw?: string;
  readonly resolves?: readonly string[] | readonly (readonly string[])[];
  readonly sni?: string | null;
  readonly payload?: string;
  readonly behaviour?: string;
  readonly tls?: boolean;
  readonly method?: string;
  readonly url?: string;
  readonly connect?: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly raw_headers?: readonly (readonly [string, string])[];
  readonly upstream?: UpstreamScript;
  readonly env?: Readonly<Record<string, string>>;
}

export interface CaseAssert {
  readonly never_dials?: readonly string[];
  readonly dials?: readonly string[];
  readonly no_dns?: boolean;
  readonly resolves_name_any?: readonly string[];
  readonly upstream_host?: string;
  readonly upstream_target?: string;
  readonly upstream_headers?: Readonly<Record<string, string>>;
  readonly upstream_header_absent?: readonly string[];
  readonly upstream_header_count?: Readonly<Record<string, number>>;
  readonly upstream_never_contains?: readonly string[];
  readonly upstream_never_target?: string;
  readonly upstream_requests_max?: number;
  readonly upstream_tls_bytes?: number;
  readonly if_allowed_upstream_host?: string;
  readonly response_status?: number;
  readonly responses?: readonly string[];
  readonly response_not_contains?: readonly string[];
  readonly log_not_contains?: readonly string[];
  readonly sandbox_never_sees?: readonly string[];
  readonly closed_within_s?: number;
  readonly other_client_ok?: boolean;
  readonly rss_growth_mib_max?: number;
  readonly max_ms?: number;
  readonly after?: string;
}

/** Keys above; a key that is not among them would be an assertion that nobody checks. */
export const KNOWN_ASSERTS: readonly string[] = [
  "never_dials",
  "dials",
  "no_dns",
  "resolves_name_any",
  "upstream_host",
  "upstream_target",
  "upstream_headers",
  "upstream_header_absent",
  "upstream_header_count",
  "upstream_never_contains",
  "upstream_never_target",
  "upstream_requests_max",
  "upstream_tls_bytes",
  "if_allowed_upstream_host",
  "response_status",
  "responses",
  "response_not_contains",
  "log_not_contains",
  "sandbox_never_sees",
  "closed_within_s",
  "other_client_ok",
  "rss_growth_mib_max",
  "max_ms",
  "after",
];

export interface EgressCase {
  readonly id: string;
  readonly group: string;
  readonly tier: "core" | "extended" | "proposed";
  readonly policy: {
    readonly allow: readonly (string | LimitedHost)[];
    readonly deny: readonly string[];
    readonly inject?: readonly Injection[];
  };
  readonly request: CaseRequest;
  readonly expect: Answer;
  readonly accept?: readonly Answer[];
  readonly assert?: CaseAssert;
  readonly why: string;
}

export function readCases(): readonly EgressCase[] {
  return JSON.parse(readFileSync(new URL("../../fixtures/egress-cases.json", import.meta.url), "utf8"));
}

/** Rules of a case in the grammar of host rules. */
export function renderRules(rules: readonly (string | LimitedHost)[]): string {
  return rules.flatMap(renderRule).join("\n");
}

function renderRule(rule: string | LimitedHost): readonly string[] {
  if (typeof rule === "string") return [rule];
  const methods = rule.methods === undefined ? "" : `${rule.methods.join(",")} `;
  return (rule.paths ?? [""]).map((path) => `${methods}${rule.host}${path}`);
}

export function readSecrets(injections: readonly Injection[] = []): readonly InjectionRule[] {
  return injections.map(({ host, header, placeholder, secret }) => ({
    host,
    header,
    surrogate: placeholder,
    value: new Secret(secret, "case-secret"),
  }));
}

/** Successive answers of the resolver. */
export function readResolves(request: CaseRequest): readonly (readonly string[])[] {
  const resolves = request.resolves ?? ["93.184.215.14"];
  return resolves.some(Array.isArray) ? (resolves as readonly (readonly string[])[]) : [resolves as readonly string[]];
}

/** `@REPEAT(text,n)` stands for n times the text. */
export function expandRaw(raw: string): string {
  return raw.replaceAll(/@REPEAT\((.*?),(\d+)\)/gs, (_all, text: string, count: string) =>
    text.replaceAll("\\r", "\r").replaceAll("\\n", "\n").repeat(Number(count)),
  );
}
