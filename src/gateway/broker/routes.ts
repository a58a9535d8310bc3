import type { ModelApi } from "../../ports/gateway.ts";
import { ANTHROPIC_REQUEST } from "./anthropic-requests.ts";
import { GEMINI_COUNT_REQUEST, GEMINI_REQUEST } from "./gemini-requests.ts";
import { OPENAI_CHAT_REQUEST } from "./openai-chat.ts";
import { OPENAI_RESPONSES_REQUEST } from "./openai-responses.ts";
import { throwRefusal } from "./refusal.ts";
import { object, type Shape } from "./shape.ts";

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
  /** What its body may hold. */
  readonly shape: Shape;
}

interface RouteRule {
  readonly method: string;
  readonly path: RegExp;
  readonly kind: RouteKind;
  /** Query parameters it may carry, by name. */
  readonly query: readonly string[];
  readonly shape: Shape;
}

const get = (method: string, path: RegExp, kind: RouteKind, query: readonly string[] = []): RouteRule => ({
  ...{ method, path, kind, query },
  shape: object({}),
});
const post = (path: RegExp, kind: RouteKind, shape: Shape, query: readonly string[] = []): RouteRule => ({
  method: "POST",
  ...{ path, kind, query, shape },
});

/** Every call an agent may make to a model's service. Files, batches, administration and the rest are left out on purpose. */
const RULES: Readonly<Record<ModelApi, readonly RouteRule[]>> = {
  anthropic: [
    post(/^\/v1\/messages$/, "generate", ANTHROPIC_REQUEST, ["beta"]),
    post(/^\/v1\/messages\/count_tokens$/, "count", ANTHROPIC_REQUEST, ["beta"]),
    get("HEAD", /^\/$/, "hello"),
    get("HEAD", /^\/api\/hello$/, "hello"),
    get("GET", /^\/api\/hello$/, "hello"),
  ],
  openai: [
    post(/^\/v1\/responses$/, "generate", OPENAI_RESPONSES_REQUEST),
    post(/^\/v1\/chat\/completions$/, "generate", OPENAI_CHAT_REQUEST),
    get("GET", /^\/v1\/models$/, "models", ["client_version"]),
  ],
  gemini: [
    post(/^\/v1beta\/models\/(?<model>[a-z0-9][a-z0-9.-]{0,127}):(?:generateContent|streamGenerateContent)$/, "generate", GEMINI_REQUEST, [
      "alt",
    ]),
    post(/^\/v1beta\/models\/(?<model>[a-z0-9][a-z0-9.-]{0,127}):countTokens$/, "count", GEMINI_COUNT_REQUEST),
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
  return { kind: found.kind, path, query, shape: found.shape, ...(model === undefined ? {} : { model }) };
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
