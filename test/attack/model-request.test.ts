import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ANTHROPIC_REQUEST } from "../../src/gateway/broker/anthropic-requests.ts";
import { GEMINI_REQUEST } from "../../src/gateway/broker/gemini-requests.ts";
import { OPENAI_CHAT_REQUEST } from "../../src/gateway/broker/openai-chat.ts";
import { OPENAI_RESPONSES_REQUEST } from "../../src/gateway/broker/openai-responses.ts";
import type { Shape } from "../../src/gateway/broker/shape.ts";
import type { ModelApi } from "../../src/ports/gateway.ts";
import { PROPERTY_TIMEOUT_MS, rounds } from "../support/fuzz.ts";
import { ask, type BrokerBench, openBrokerBench } from "../support/model/broker-bench.ts";
import { chooseFrom, randomValue, readPlaces } from "../support/model/random-request.ts";

const EVIL = "https://evil.example/?stolen";
const MODEL = "allowed-model";
const MESSAGES = "/v1/messages";
const RESPONSES = "/v1/responses";
const CHAT = "/v1/chat/completions";
const GEMINI = "/v1beta/models/allowed-model:generateContent";

const APIS: Readonly<Record<string, ModelApi>> = { [MESSAGES]: "anthropic", [RESPONSES]: "openai", [CHAT]: "openai", [GEMINI]: "gemini" };

/** Content in the shape of every API: an answer without any would end the run after a few. */
const ANSWER = JSON.stringify({
  content: [{ type: "text", text: "a" }],
  output: [{ type: "message" }],
  candidates: [{ content: { parts: [{ text: "a" }] } }],
});

/** Codex takes 403 for something to try again, so the broker says it as 400 there. */
const refusedAt = (path: string): number => (APIS[path] === "openai" ? 400 : 403);

function openBench(path: string): Promise<BrokerBench> {
  const api = APIS[path] ?? "anthropic";
  const limits = { maxCostUsd: 1e6, maxTurns: 0, maxRequests: 0, maxRequestsPerMinute: 0 };
  return openBrokerBench({ api, service: (_request, response) => void response.end(ANSWER), allowedModels: [MODEL], options: { limits } });
}

function send(bench: BrokerBench, path: string, body: unknown): Promise<Response> {
  const surrogate = bench.broker.surrogate.reveal();
  const headers = {
    anthropic: { "x-api-key": surrogate },
    openai: { authorization: `Bearer ${surrogate}` },
    gemini: { "x-goog-api-key": surrogate },
  };
  return fetch(bench.url + path, { method: "POST", body: JSON.stringify(body), headers: headers[APIS[path] ?? "anthropic"] });
}

const said = (...content: readonly unknown[]): unknown => ({ model: MODEL, messages: [{ role: "user", content }] });
const tooled = (...tools: readonly unknown[]): unknown => ({ model: MODEL, tools });
const put = (...input: readonly unknown[]): unknown => ({ model: MODEL, input });
const urlImage = { type: "image", source: { type: "url", url: EVIL } };
const urlDocument = { type: "document", source: { type: "content", content: [urlImage] } };
const network = { type: "container_auto", network_policy: { type: "allowlist", allowed_domains: ["evil.example"] } };
const mcp = { type: "mcp", server_label: "x", server_url: EVIL };
const file = { fileData: { fileUri: EVIL } };

/** What each asks for, where, and why it is refused. */
const CASES: readonly (readonly [string, string, unknown, string])[] = [
  ["an image by its address inside a document", MESSAGES, said(urlDocument), "server-side-connector"],
  ["the same in a tool's result", MESSAGES, said({ type: "tool_result", content: [urlDocument] }), "server-side-connector"],
  ["the same in the system prompt", MESSAGES, { model: MODEL, system: [urlDocument] }, "unknown-field"],
  ["a document by its address", MESSAGES, said({ type: "document", source: { type: "url", url: EVIL } }), "server-side-connector"],
  ["a block of a kind nobody knows", MESSAGES, said({ type: "hologram", url: EVIL }), "unknown-field"],
  ["an uploaded file", MESSAGES, said({ type: "image", source: { type: "file", file_id: "f" } }), "stored-state"],
  ["a screenshot by its address", RESPONSES, put({ type: "computer_call_output", output: { image_url: EVIL } }), "model-tool"],
  ["a shell with a network of its own", RESPONSES, tooled({ type: "shell", environment: network }), "model-tool"],
  ["a shell in a place nobody knows", RESPONSES, tooled({ type: "shell", environment: { type: "moon" } }), "unknown-field"],
  [
    "a code interpreter with a network",
    RESPONSES,
    tooled({ type: "code_interpreter", container: { ...network, type: "auto" } }),
    "model-tool",
  ],
  [
    "a connector of the newest kind",
    GEMINI,
    { tools: [{ mcpServers: [{ streamableHttpTransport: { url: EVIL } }] }] },
    "server-side-connector",
  ],
  ["the same with underscores", GEMINI, { tools: [{ mcp_servers: [{ url: EVIL }] }] }, "server-side-connector"],
  ["a connector found by a search", RESPONSES, put({ type: "tool_search_output", tools: [mcp] }), "server-side-connector"],
  ["a connector inside a namespace", RESPONSES, tooled({ type: "namespace", name: "n", tools: [mcp] }), "unknown-field"],
  ["a connector as an additional tool", RESPONSES, put({ type: "additional_tools", tools: [mcp] }), "server-side-connector"],
  [
    "a connector as a tool added on the way",
    MESSAGES,
    said({ type: "tool_addition", tool: { type: "tool_definition", definition: mcp } }),
    "server-side-connector",
  ],
  ["a file in the system prompt", GEMINI, { systemInstruction: { parts: [file] } }, "server-side-connector"],
  ["a file in a tool's result", GEMINI, { contents: [{ parts: [{ functionResponse: { parts: [file] } }] }] }, "server-side-connector"],
  ["contents that are no list", GEMINI, { contents: { parts: [file] } }, "unknown-field"],
  ["one field in two spellings", GEMINI, { contents: [{ parts: [{ fileData: {}, file_data: {} }] }] }, "unknown-field"],
  ["an address for its output", GEMINI, { generationConfig: { outputUriPrefix: EVIL } }, "unknown-field"],
  ["a fetch by the service", MESSAGES, tooled({ type: "web_fetch_20250910", name: "web_fetch" }), "model-tool"],
  ["a search by the service", RESPONSES, tooled({ type: "web_search" }), "model-tool"],
  ["a search as a setting", CHAT, { model: MODEL, web_search_options: {} }, "model-tool"],
  ["a fetch as one object", GEMINI, { tools: { urlContext: {} } }, "unknown-field"],
  ["a fetch by the service, again", GEMINI, { tools: [{ url_context: {} }] }, "model-tool"],
  ["a browser of the service", MESSAGES, tooled({ type: "browser_toolset_20260801" }), "model-tool"],
  ["images made by the service", RESPONSES, tooled({ type: "image_generation" }), "model-tool"],
  ["a fallback to a dearer model", MESSAGES, { model: MODEL, fallbacks: [{ model: "dear-model" }] }, "model-not-allowed"],
  [
    "an advisor of a dearer model",
    MESSAGES,
    tooled({ type: "advisor_20260301", name: "advisor", model: "dear-model" }),
    "model-not-allowed",
  ],
  ["another model in the body than in the path", GEMINI, { model: "models/dear-model" }, "model-not-allowed"],
  [
    "a model of a router",
    GEMINI,
    { generationConfig: { routingConfig: { manualMode: { modelName: "dear-model" } } } },
    "model-not-allowed",
  ],
  [
    "a conversation that the service keeps",
    MESSAGES,
    { model: MODEL, thread: { type: "continue", previous_message_id: "m" } },
    "stored-state",
  ],
  ["an answer that the service keeps", RESPONSES, { model: MODEL, previous_response_id: "r" }, "stored-state"],
  ["an item that the service keeps", RESPONSES, put({ id: "msg_1" }), "unknown-field"],
  ["a container of an earlier run", MESSAGES, { model: MODEL, container: "c" }, "stored-state"],
  ["a prompt that the service keeps", RESPONSES, { model: MODEL, prompt: { id: "p" } }, "stored-state"],
  ["content that the service keeps", GEMINI, { cachedContent: "cachedContents/x" }, "stored-state"],
  ["work that goes on after the answer", RESPONSES, { model: MODEL, background: true }, "stored-state"],
  ["an image by its address", CHAT, said({ type: "image_url", image_url: { url: EVIL } }), "server-side-connector"],
  ["an address in place of a list", CHAT, said({ type: "image_url", image_url: EVIL }), "server-side-connector"],
];

describe("I23: what a request asks of the model's service is known, to the leaves", () => {
  test.each(CASES)("%s is refused", async (_name, path, body, reason) => {
    await using bench = await openBench(path);
    const response = await send(bench, path, body);
    expect([response.status, response.headers.get("x-airlock-decision")]).toEqual([refusedAt(path), reason]);
    expect(bench.reached).toEqual([]);
  });

  test.each(["content", "source"])("a second `%s` deep inside, which another parser would read instead, is refused", async (name) => {
    await using bench = await openBench(MESSAGES);
    const text = JSON.stringify(said({ type: "image", source: { type: "base64", media_type: "image/png", data: "AA==" } }));
    const planted =
      name === "source" ? `"source":${JSON.stringify(urlImage.source)},"source"` : `"content":[${JSON.stringify(urlImage)}],"content"`;
    const response = await ask(bench, text.replace(`"${name}"`, planted));
    expect([response.status, response.headers.get("x-airlock-decision")]).toEqual([400, "body-unreadable"]);
    expect(bench.reached).toEqual([]);
  });

  test("a refusal says where the field stands and what to do, in the API's own shape", async () => {
    await using bench = await openBench(MESSAGES);
    const response = await send(bench, MESSAGES, said({ type: "text", text: "a", "<script>": 1 }));
    const { error } = (await response.json()) as { readonly error: { readonly type: string; readonly message: string } };
    expect(error.type).toBe("permission_error");
    expect(error.message).toContain("messages[0].content[0].?");
    expect(error.message).toContain("Leave it out");
  });

  test("a body nested a hundred thousand times is refused, not fallen over", async () => {
    await using bench = await openBench(MESSAGES);
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    const response = await ask(bench, `{"model":"${MODEL}","messages":[{"role":"user","content":[{"type":"tool_use","input":${deep}}]}]}`);
    expect(response.headers.get("x-airlock-decision")).toBe("body-unreadable");
    expect(bench.reached).toEqual([]);
  });
});

const SHAPES: Readonly<Record<string, Shape>> = {
  [MESSAGES]: ANTHROPIC_REQUEST,
  [RESPONSES]: OPENAI_RESPONSES_REQUEST,
  [CHAT]: OPENAI_CHAT_REQUEST,
  [GEMINI]: GEMINI_REQUEST,
};

/** Foreign things as the types of the services' own libraries write them; as a field, or as one more element of a list. */
const FOREIGN: readonly (readonly [string, unknown])[] = [
  ["image_url", EVIL],
  ["image_url", { url: EVIL }],
  ["file_url", EVIL],
  ["source", { type: "url", url: EVIL }],
  ["fileData", { fileUri: EVIL }],
  ["server_url", EVIL],
  ["mcp_servers", [{ type: "url", url: EVIL, name: "x" }]],
  ["mcpServers", [{ url: EVIL }]],
  ["urlContext", {}],
  ["web_search_options", {}],
  ["tools", [{ type: "mcp", server_url: EVIL }]],
  ["tools", [{ type: "web_search" }, { type: "web_fetch_20250910" }, { googleSearch: {} }]],
  ["model", "dear-model"],
  ["fallbacks", [{ model: "dear-model" }]],
  ["previous_response_id", "r"],
];

describe.each(Object.entries(SHAPES))("I23: at %s", (path, shape) => {
  test(
    "no address, tool or model planted into a random request reaches the service",
    async () => {
      await using bench = await openBench(path);
      let sound = 0;
      await fc.assert(
        fc.asyncProperty(fc.noShrink(fc.array(fc.nat(), { minLength: 200, maxLength: 400 })), async (tape) => {
          const choose = chooseFrom(tape);
          const request = { ...(randomValue({ fields: shape.fields ?? {} }, choose, 7) as object), model: MODEL };
          const before = bench.reached.length;
          expect([200, path, await (await send(bench, path, request)).text()]).toEqual([200, path, ANSWER]);
          expect(bench.reached.length).toBe(before + 1);
          const places = readPlaces(request, shape);
          const place = places[choose(places.length)] ?? request;
          const [name, value] = FOREIGN[choose(FOREIGN.length)] ?? ["image_url", EVIL];
          if (Array.isArray(place)) place.push({ [name]: value });
          else Object.assign(place, { [name]: value });
          const answer = await send(bench, path, request);
          expect([answer.status, bench.reached.length]).toEqual([refusedAt(path), before + 1]);
          sound += 1;
        }),
        { numRuns: rounds(25) },
      );
      expect(sound).toBeGreaterThan(0);
    },
    PROPERTY_TIMEOUT_MS,
  );
});
