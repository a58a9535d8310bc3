import type http from "node:http";
import { expect, test } from "vitest";
import type { ModelApi } from "../../src/ports/gateway.ts";
import { type BrokerBench, openBrokerBench } from "../support/model/broker-bench.ts";

const CLAUDE = "claude-haiku-4-5";
const GPT = "gpt-5";
const GEMINI = "gemini-2.5-pro";
const say = (content: unknown): object => ({ model: CLAUDE, max_tokens: 100, messages: [{ role: "user", content }] });
const paper = { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0xLjQ=" } };
const picture = { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } };
const claude = (usage: object, more: object = {}): object => ({
  type: "message",
  model: CLAUDE,
  content: [{ type: "text", text: "Done." }],
  usage,
  ...more,
});
const gpt = (usage: object, more: object = {}): object => ({ model: GPT, output: [{ type: "message" }], usage, ...more });
const tool = (type: string): object => ({ model: GPT, max_output_tokens: 100, input: "go", tools: [{ type }] });
const calls = (type: string): object =>
  gpt({ input_tokens: 10, output_tokens: 10 }, { output: new Array(10).fill({ type, container_id: "c" }) });

interface Kind {
  readonly kind: string;
  readonly api: ModelApi;
  readonly path?: string;
  readonly body: object;
  readonly answer: object;
  /** What one answer costs by the price list. */
  readonly usd: number;
}

/** Requests that cost far more than their bytes tell, with the answers that the services give. */
const KINDS: readonly Kind[] = [
  {
    kind: "a document of many pages",
    api: "anthropic",
    body: say([paper]),
    answer: claude({ input_tokens: 150_000, output_tokens: 10 }),
    usd: 0.15,
  },
  {
    kind: "a document inside a tool's result",
    api: "anthropic",
    body: say([{ type: "tool_result", tool_use_id: "t", content: [paper] }]),
    answer: claude({ input_tokens: 150_000, output_tokens: 10 }),
    usd: 0.15,
  },
  {
    kind: "a hundred small pictures",
    api: "anthropic",
    body: say(new Array(100).fill(picture)),
    answer: claude({ input_tokens: 450_000, output_tokens: 10 }),
    usd: 0.45,
  },
  {
    kind: "text of one token a byte",
    api: "anthropic",
    body: say("~".repeat(200_000)),
    answer: claude({ cache_creation_input_tokens: 200_000, cache_creation: { ephemeral_1h_input_tokens: 200_000 } }),
    usd: 0.4,
  },
  {
    kind: "a compaction, which the totals leave out",
    api: "anthropic",
    body: { ...say("go"), context_management: { edits: [{ type: "compact_20260112" }] } },
    answer: claude({
      input_tokens: 23_000,
      output_tokens: 10,
      iterations: [
        { type: "compaction", input_tokens: 180_000, output_tokens: 3500 },
        { type: "message", input_tokens: 23_000, output_tokens: 10 },
      ],
    }),
    usd: 0.2,
  },
  {
    kind: "an adviser of another model",
    api: "anthropic",
    body: { ...say("go"), tools: [{ type: "advisor_20260301", name: "advisor", model: "claude-opus-4-1" }] },
    answer: claude({
      input_tokens: 2,
      output_tokens: 10,
      iterations: [{ type: "advisor_message", model: "claude-opus-4-1", input_tokens: 20_000, output_tokens: 1000 }],
    }),
    usd: 0.375,
  },
  {
    kind: "an answer by a dearer model than was asked for",
    api: "anthropic",
    body: { ...say("go"), fallbacks: [{ model: "claude-opus-4-1" }] },
    answer: claude({ input_tokens: 20_000, output_tokens: 10 }, { model: "claude-opus-4-1" }),
    usd: 0.3,
  },
  {
    kind: "a dearer region",
    api: "anthropic",
    body: { ...say([paper]), inference_geo: "us" },
    answer: claude({ input_tokens: 150_000, output_tokens: 10 }),
    usd: 0.165,
  },
  {
    kind: "a conversation that the service keeps",
    api: "openai",
    body: { model: GPT, max_output_tokens: 100, input: "go", previous_response_id: "resp_1" },
    answer: gpt({ input_tokens: 270_000, output_tokens: 10 }),
    usd: 0.3375,
  },
  {
    kind: "a hundred answers at once",
    api: "openai",
    path: "/v1/chat/completions",
    body: { model: GPT, max_completion_tokens: 1000, n: 100, messages: [] },
    answer: gpt({ prompt_tokens: 10, completion_tokens: 100_000 }),
    usd: 1,
  },
  {
    kind: "pictures that the service makes",
    api: "openai",
    body: tool("image_generation"),
    answer: calls("image_generation_call"),
    usd: 2.5,
  },
  { kind: "searches in files", api: "openai", body: tool("file_search"), answer: calls("file_search_call"), usd: 0.025 },
  { kind: "a machine at the service", api: "openai", body: tool("code_interpreter"), answer: calls("code_interpreter_call"), usd: 1.92 },
  {
    kind: "eight candidates",
    api: "gemini",
    path: `/v1beta/models/${GEMINI}:generateContent`,
    body: { contents: [], generationConfig: { maxOutputTokens: 8000, candidateCount: 8 } },
    answer: {
      usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 64_000 },
      candidates: [{ finishReason: "STOP", content: { parts: [{ text: "Done." }] } }],
      modelVersion: GEMINI,
    },
    usd: 0.64,
  },
  {
    kind: "a cache that the service keeps",
    api: "gemini",
    path: `/v1beta/models/${GEMINI}:generateContent`,
    body: { contents: [], cachedContent: "cachedContents/1", generationConfig: { maxOutputTokens: 100 } },
    answer: {
      usageMetadata: { promptTokenCount: 900_000, cachedContentTokenCount: 900_000, candidatesTokenCount: 10 },
      candidates: [{ finishReason: "STOP", content: { parts: [{ text: "Done." }] } }],
      modelVersion: GEMINI,
    },
    usd: 0.225,
  },
];

const PATHS: Readonly<Record<ModelApi, string>> = { anthropic: "/v1/messages", openai: "/v1/responses", gemini: "" };

async function askInParallel(bench: BrokerBench, { api, path, body }: Kind, times: number): Promise<readonly number[]> {
  const surrogate = bench.broker.surrogate.reveal();
  const header = { anthropic: "x-api-key", openai: "authorization", gemini: "x-goog-api-key" }[api];
  const send = async (): Promise<number> => {
    const response = await fetch(bench.url + (path ?? PATHS[api]), {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", [header]: api === "openai" ? `Bearer ${surrogate}` : surrogate },
    });
    await response.text();
    return response.status;
  };
  return await Promise.all(Array.from({ length: times }, send));
}

function answering(answer: object): http.RequestListener {
  return (_request, response) => {
    response.setHeader("content-type", "application/json");
    setTimeout(() => response.end(JSON.stringify(answer)), 5);
  };
}

test.each(KINDS)("I19: $kind: of sixty parallel requests as many are paid for as the cap allows, and one", async (given) => {
  const options = { limits: { maxCostUsd: 1, maxTurns: 0, maxRequestsPerMinute: 10_000 } };
  await using bench = await openBrokerBench({ api: given.api, service: answering(given.answer), options });
  const statuses = await askInParallel(bench, given, 60);
  // A part of the request may be refused by itself: what was never sent costs nothing.
  const paid = statuses.filter((status) => status === 200).length;
  expect(bench.reached).toHaveLength(paid);
  const { costUsd } = bench.broker.usage();
  if (paid > 0) expect(costUsd / paid).toBeGreaterThan(given.usd * 0.99);
  expect(costUsd).toBeLessThanOrEqual(1 + (paid > 0 ? costUsd / paid : 0));
});

const PLAIN = { kind: "a plain request", body: say("go"), answer: {}, usd: 0 };
const PLAIN_GPT = { ...PLAIN, body: { model: GPT, max_output_tokens: 100, input: "go" } };
const tokens = { input_tokens: 100_000, output_tokens: 10 };
/** 100 000 tokens at a dollar a million, and ten at five. */
const TOKENS_USD = 0.10005;
const passes = [
  { type: "compaction", ...tokens },
  { type: "message", ...tokens },
  { type: "fallback_message", model: "claude-opus-4-1", input_tokens: 10_000, output_tokens: 0 },
];

test.each<[string, ModelApi, object, number]>([
  ["in a dearer region", "anthropic", claude({ ...tokens, inference_geo: "us" }), TOKENS_USD * 1.1],
  ["in no dearer region", "anthropic", claude({ ...tokens, inference_geo: "not_available" }), TOKENS_USD],
  ["in the faster mode", "anthropic", claude({ ...tokens, speed: "fast" }), TOKENS_USD * 6],
  ["by a dearer model", "anthropic", claude(tokens, { model: "claude-opus-4-1" }), 1.5 + 0.00075],
  ["by a cheaper model", "anthropic", claude(tokens, { model: "claude-haiku-5-5" }), TOKENS_USD],
  ["in several passes", "anthropic", claude({ ...tokens, iterations: passes }), 2 * TOKENS_USD + 0.15],
  ["on a machine", "anthropic", claude(tokens, { container: { id: "c" } }), TOKENS_USD + 0.05],
  ["with pictures", "openai", gpt({}, { output: [{ type: "image_generation_call" }, { type: "image_generation_call" }] }), 0.5],
  ["with files", "openai", gpt({}, { output: [{ type: "file_search_call" }] }), 0.0025],
  [
    "on one small machine",
    "openai",
    gpt({}, { output: new Array(3).fill({ type: "code_interpreter_call", container_id: "c" }), tools: [{ container: { type: "auto" } }] }),
    0.03,
  ],
  ["at the dearer tier", "openai", gpt({ input_tokens: 100_000 }, { service_tier: "priority" }), 0.125 * 6],
])("I19: an answer given %s is charged so, whoever asked for it", async (_how, api, answer, usd) => {
  await using bench = await openBrokerBench({ api, service: answering(answer) });
  expect(await askInParallel(bench, { ...(api === "openai" ? PLAIN_GPT : PLAIN), api }, 1)).toEqual([200]);
  expect(bench.broker.usage().costUsd).toBeCloseTo(usd, 6);
});
