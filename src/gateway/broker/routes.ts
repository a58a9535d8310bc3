import type { ModelApi } from "../../ports/gateway.ts";
import { throwRefusal } from "./refusal.ts";

/** `generate` costs money, `count` does not; the broker responds to the others itself. */
export type RouteKind = "generate" | "count" | "hello" | "models";

export interface ModelRoute {
  readonly kind: RouteKind;
  /** Path as it goes upstream, below the base URL. */
  readonly path: string;
  /** With its question mark, or empty. */
  readonly query: string;
  /** Where the API names the model in the path. */
  readonly model?: string;
}

interface RouteRule {
  readonly method: string;
  readonly path: RegExp;
  readonly kind: RouteKind;
  /** Query parameters it may carry, by name. */
  readonly query: readonly string[];
}

const rule = (method: string, path: RegExp, kind: RouteKind, query: readonly string[] = []): RouteRule => ({ method, path, kind, query });

/** Every call an agent may make to a model's service. Files, batches, administration and the rest are left out on purpose. */
const RULES: Readonly<Record<ModelApi, readonly RouteRule[]>> = {
  anthropic: [
    rule("POST", /^\/v1\/messages$/, "generate", ["beta"]),
    rule("POST", /^\/v1\/messages\/count_tokens$/, "count", ["beta"]),
    rule("HEAD", /^\/$/, "hello"),
    rule("HEAD", /^\/api\/hello$/, "hello"),
    rule("GET", /^\/api\/hello$/, "hello"),
  ],
  openai: [
    rule("POST", /^\/v1\/responses$/, "generate"),
    rule("POST", /^\/v1\/chat\/completions$/, "generate"),
    rule("GET", /^\/v1\/models$/, "models", ["client_version"]),
  ],
  gemini: [
    rule("POST", /^\/v1beta\/models\/(?<model>[a-z0-9][a-z0-9.-]{0,127}):(?:generateContent|streamGenerateContent)$/, "generate", ["alt"]),
    rule("POST", /^\/v1beta\/models\/(?<model>[a-z0-9][a-z0-9.-]{0,127}):countTokens$/, "count"),
  ],
};

/** One leading slash, no escapes, no empty or dot segments: a target that every reader reads alike. */
const TARGET = /^(?<path>\/[A-Za-z0-9._:/-]{0,512})(?<query>\?[A-Za-z0-9._=&-]{0,512})?$/;
const CREDENTIAL_PARAMETER = /^(?:key|api[-_]?key|access_token|token|auth.*)$/i;

/** @throws Refused when the target is not on the API's list. */
export function findRoute(api: ModelApi, method: string, target: string): ModelRoute {
  const { path, query = "" } = TARGET.exec(target)?.groups ?? {};
  if (path === undefined || path.includes("//") || path.split("/").some((segment) => segment === "." || segment === "..")) {
    // A credential in the query has its own reason: it is how a foreign key would be smuggled in.
    const hasKey = /[?&](?:key|api_key|access_token)=/i.test(target);
    if (hasKey) throwRefusal("foreign-credential", 403, "A credential in the query is not accepted; use the header of this API.");
    throwRefusal("path-not-listed", 403, "This request target is not one that agents need.");
  }
  const onPath = RULES[api].filter((candidate) => candidate.path.test(path));
  const found = onPath.find((candidate) => candidate.method === method);
  if (found === undefined) {
    throwRefusal(
      onPath.length > 0 ? "method-not-listed" : "path-not-listed",
      403,
      `Only the calls an agent needs are let through; this one is not.`,
    );
  }
  checkQuery(query, found.query);
  const model = found.path.exec(path)?.groups?.["model"];
  return { kind: found.kind, path, query, ...(model === undefined ? {} : { model }) };
}

function checkQuery(query: string, allowed: readonly string[]): void {
  const seen = new Set<string>();
  for (const pair of query.slice(1).split("&")) {
    if (pair === "") continue;
    const name = pair.split("=", 1)[0] ?? "";
    if (CREDENTIAL_PARAMETER.test(name)) {
      throwRefusal("foreign-credential", 403, "A credential in the query is not accepted; use the header of this API.");
    }
    if (!allowed.includes(name) || seen.has(name)) throwRefusal("query-not-listed", 403, "This query parameter is not on the list.");
    seen.add(name);
  }
}
