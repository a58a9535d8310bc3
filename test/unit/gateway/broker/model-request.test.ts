import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parsePolicy } from "../../../../src/domain/egress/policy.ts";
import { AirlockError } from "../../../../src/domain/errors.ts";
import { countKeys, type ModelRequest, readModelRequest } from "../../../../src/gateway/broker/model-request.ts";
import { Refused } from "../../../../src/gateway/broker/refusal.ts";
import { findRoute } from "../../../../src/gateway/broker/routes.ts";
import { listToolDomains, type ToolPolicy } from "../../../../src/gateway/broker/server-side-tools.ts";
import type { ModelApi } from "../../../../src/ports/gateway.ts";

const RECORDED = path.join(import.meta.dirname, "../../../fixtures/model-requests");
const APIS: Readonly<Record<string, ModelApi>> = {
  "claude-code": "anthropic",
  "copilot-messages": "anthropic",
  opencode: "anthropic",
  codex: "openai",
  "copilot-responses": "openai",
  gemini: "gemini",
};
const NONE: ToolPolicy = { allowed: [], domains: undefined };

function read(api: ModelApi, target: string, body: unknown, tools: ToolPolicy = NONE): ModelRequest {
  return readModelRequest({ body: Buffer.from(JSON.stringify(body)), api, route: findRoute(api, "POST", target), tools });
}

interface Recorded {
  readonly path: string;
  readonly body: unknown;
}

const recorded = readdirSync(RECORDED).flatMap((file) => {
  const agent = file.replace(/\.json$/, "");
  const requests = JSON.parse(readFileSync(path.join(RECORDED, file), "utf8")) as readonly Recorded[];
  return requests.map((request, at) => [agent, at, request] as const);
});

describe("requests as agents send them", () => {
  test("every agent that was recorded is here", () => {
    expect([...new Set(recorded.map(([agent]) => agent))].sort()).toEqual(Object.keys(APIS).sort());
  });

  test.each(recorded)("a request of %s passes (%i)", (agent, _at, request) => {
    expect(read(APIS[agent] ?? "anthropic", request.path, request.body)).toMatchObject({ serverTools: [], turn: expect.any(Boolean) });
  });

  test("the last answer may be sent back whole", () => {
    const citation = { type: "url_citation", url_citation: { url: "https://example.com", title: "a" } };
    const answer = { role: "assistant", content: "a", refusal: null, annotations: [citation], audio: null, function_call: null };
    expect(read("openai", "/v1/chat/completions", { model: "m", messages: [answer] }).models).toEqual(["m"]);
  });

  test("what a request leaves empty asks for nothing", () => {
    const body = { model: "m", mcp_servers: [], container: null, thread: null, fallbacks: null, messages: [] };
    expect(read("anthropic", "/v1/messages", body).model).toBe("m");
    expect(read("openai", "/v1/responses", { model: "m", store: false, background: false, previous_response_id: null }).model).toBe("m");
  });
});

const SEARCH = { type: "web_search_20250305", name: "web_search" };

function refusalOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof Refused) return `${error.refusal.reason}: ${error.refusal.detail}`;
    throw error;
  }
  throw new Error("nothing was refused");
}

function domainsOf(request: ModelRequest): unknown {
  const { tools } = JSON.parse(request.body.toString()) as { readonly tools: readonly Readonly<Record<string, unknown>>[] };
  return tools[0];
}

describe("tools that the model's service runs", () => {
  test("one that the workflow names is let through and counted by its line", () => {
    const request = read(
      "anthropic",
      "/v1/messages",
      { model: "m", tools: [SEARCH, SEARCH] },
      { allowed: ["web-search"], domains: undefined },
    );
    expect(request.serverTools).toEqual(["web-search"]);
    expect(domainsOf(request)).toEqual(SEARCH);
  });

  test("one that it does not name is refused with the line to add", () => {
    const call = (): unknown =>
      read("anthropic", "/v1/messages", { model: "m", tools: [SEARCH] }, { allowed: ["web-fetch"], domains: undefined });
    expect(refusalOf(call)).toMatch(/^model-tool: .*name `web-search` in the input `model-tools`/);
  });

  const policy: ToolPolicy = { allowed: ["web-search"], domains: ["example.com", "docs.example.org"] };
  const narrowed = (tool: object, api: ModelApi = "anthropic"): unknown =>
    domainsOf(read(api, api === "openai" ? "/v1/responses" : "/v1/messages", { model: "m", tools: [tool] }, policy));

  test("a list of domains is held to the run's allowed hosts", () => {
    expect(narrowed(SEARCH)).toEqual({ ...SEARCH, allowed_domains: policy.domains });
    expect(narrowed({ ...SEARCH, allowed_domains: ["evil.example", "a.example.com/x", "notexample.com"] })).toEqual({
      ...SEARCH,
      allowed_domains: ["a.example.com/x"],
    });
    expect(narrowed({ ...SEARCH, blocked_domains: ["a.example"] })).toEqual({ ...SEARCH, allowed_domains: policy.domains });
    expect(narrowed({ type: "web_search" }, "openai")).toEqual({ type: "web_search", filters: { allowed_domains: policy.domains } });
  });

  test("where no domain is left the tool is refused", () => {
    const tool = { ...SEARCH, allowed_domains: ["evil.example"] };
    expect(refusalOf(() => narrowed(tool))).toMatch(/^model-tool: .*`allow`/);
  });

  test("the domains are the hosts that a rule opens whole", () => {
    const lines = {
      allow: "example.com\n*.example.org\nGET example.net\nexample.edu/only/here\ndenied.example\n10.0.0.0/8",
      deny: "denied.example",
    };
    const rules = parsePolicy(lines);
    expect(rules).not.toBeInstanceOf(AirlockError);
    expect(listToolDomains({ mode: "allowlist", policy: rules })).toEqual(["example.com", "example.org", "example.net"]);
    expect(listToolDomains({ mode: "audit", policy: rules })).toBeUndefined();
    expect(listToolDomains({ mode: "none", policy: rules })).toEqual([]);
  });
});

test("keys are counted in what is no text", () => {
  const value = { a: 'x:"y":\\', "b:": [{ c: { d: 1 } }, {}, '\\\\":'], é: { 'e"': null } };
  expect(countKeys(Buffer.from(JSON.stringify(value)))).toBe(6);
  expect(countKeys(Buffer.from('{ "a" : 1 , "a":2}'))).toBe(2);
});
