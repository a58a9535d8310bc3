import { expect, test } from "vitest";
import type { Price } from "../../../../src/domain/price.ts";
import { Secret } from "../../../../src/domain/secret.ts";
import type { GatewayOptions, ModelApi } from "../../../../src/ports/gateway.ts";
import { type Guest, openGuest } from "../../../support/egress/guest.ts";
import { openUpstream } from "../../../support/egress/upstream.ts";
import { startAnthropic } from "../../../support/model/scripted-anthropic.mjs";
import { startGemini } from "../../../support/model/scripted-gemini.mjs";
import { startOpenAI } from "../../../support/model/scripted-openai.mjs";

const KEY = "sk-test-000";
const START = { anthropic: startAnthropic, openai: startOpenAI, gemini: startGemini };
/** What each service says of every answer: 1000 tokens in, 600 of them from a cache, 50 out, each in its own fields. */
const USAGE: Readonly<Record<ModelApi, Readonly<Record<string, number>>>> = {
  anthropic: { input_tokens: 400, cache_read_input_tokens: 600, output_tokens: 50 },
  openai: { input_tokens: 1000, cached: 600, output_tokens: 50 },
  gemini: { prompt: 1000, cached: 600, candidates: 50 },
};

const price = (input: number, output: number, cacheRead: number): Price => ({
  input,
  output,
  cacheRead,
  cacheWrite: input,
  cacheWriteLong: input,
});
const HIGH = price(1000, 2000, 200);
const LOW = price(0.001, 0.001, 0.001);
/** 400 × 1000 + 600 × 200 + 50 × 2000 millionths. */
const HIGH_USD = 0.4 + 0.12 + 0.1;

interface Row {
  readonly api: ModelApi;
  /** In the table, with its price per million tokens in, out and from the cache. */
  readonly known: string;
  readonly knownUsd: number;
  /** Named by nobody, so at the dearest of the service. */
  readonly unknown: string;
  readonly unknownUsd: number;
}

const ROWS: readonly Row[] = [
  {
    api: "anthropic",
    known: "claude-opus-5-5",
    knownUsd: (400 * 4 + 600 * 0.2 + 50 * 20) / 1e6,
    unknown: "claude-next-9",
    unknownUsd: (400 * 25 + 600 * 2.5 + 50 * 125) / 1e6,
  },
  {
    api: "openai",
    known: "gpt-5",
    knownUsd: (400 * 1.25 + 600 * 0.125 + 50 * 10) / 1e6,
    unknown: "gpt-next-9",
    unknownUsd: (400 * 150 + 600 * 150 + 50 * 600) / 1e6,
  },
  {
    api: "gemini",
    known: "gemini-2.5-flash",
    knownUsd: (400 * 0.3 + 600 * 0.03 + 50 * 2.5) / 1e6,
    unknown: "gemini-next-9",
    unknownUsd: (400 * 4 + 600 * 0.4 + 50 * 24) / 1e6,
  },
];
const CASES = ROWS.flatMap((row) => [true, false].map((stream) => ({ ...row, stream, how: stream ? "streamed" : "whole" })));

interface Question {
  readonly api: ModelApi;
  readonly model: string;
  readonly stream: boolean;
}

/** Asks as the API's own client does, through the relay, the tunnel and the broker. */
async function ask(guest: Guest, { api, model, stream }: Question): Promise<{ readonly status: number; readonly text: string }> {
  const surrogate = guest.tunnel.model?.surrogate.reveal() ?? "";
  const verb = stream ? "streamGenerateContent?alt=sse" : "generateContent";
  const requests = {
    anthropic: {
      path: "/v1/messages",
      headers: { "x-api-key": surrogate, "anthropic-version": "2023-06-01" },
      body: {
        model,
        stream,
        max_tokens: 100,
        tools: [{ name: "Bash", input_schema: { type: "object" } }],
        messages: [{ role: "user", content: "Go." }],
      },
    },
    openai: {
      path: "/v1/responses",
      headers: { authorization: `Bearer ${surrogate}` },
      body: { model, stream, max_output_tokens: 100, input: [{ role: "user", content: "Go." }] },
    },
    gemini: {
      path: `/v1beta/models/${model}:${verb}`,
      headers: { "x-goog-api-key": surrogate },
      body: { generationConfig: { maxOutputTokens: 100 }, contents: [{ role: "user", parts: [{ text: "Go." }] }] },
    },
  };
  const { path, headers, body } = requests[api];
  const response = await fetch(`http://127.0.0.1:${guest.modelPort}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  expect(response.headers.get("content-type")?.startsWith("text/event-stream")).toBe(stream && response.ok);
  return { status: response.status, text: await response.text() };
}

/** A gateway before a scripted service, for as long as `use` takes. */
async function within<T>(api: ModelApi, limits: GatewayOptions["limits"], use: (guest: Guest) => Promise<T>): Promise<T> {
  const service = await START[api]({ script: { turns: [{ text: "Done.", usage: USAGE[api] }], requireKey: KEY } });
  try {
    await using upstream = await openUpstream();
    const model = { api, baseUrl: service.url, credential: { kind: "api-key" as const, value: new Secret(KEY, "key") }, allowedModels: [] };
    await using guest = await openGuest({ allow: "", mode: "none", model, limits, upstream, resolves: [[]] });
    return await use(guest);
  } finally {
    await service.close();
  }
}

/** What one answered question is counted as. */
function charge(question: Question, prices?: Readonly<Record<string, Price>>) {
  const limits = { maxCostUsd: 100, maxTurns: 0, ...(prices === undefined ? {} : { prices }) };
  return within(question.api, limits, async (guest) => {
    const { status, text } = await ask(guest, question);
    expect(status).toBe(200);
    expect(text).toContain("Done.");
    return guest.gateway.usage();
  });
}

test.each(CASES)("I19: $api, $how: a known model costs its listed price, or the stated one where that is higher", async (given) => {
  const { api, known: model, stream, knownUsd } = given;
  const listed = await charge({ api, model, stream });
  expect(listed).toMatchObject({ requests: 1, inputTokens: 400, cacheReadTokens: 600, outputTokens: 50, unpricedModels: [] });
  expect(listed.estimatedAnswers ?? 0).toBe(0);
  expect(listed.costUsd).toBeCloseTo(knownUsd, 9);
  expect((await charge({ api, model, stream }, { [model]: LOW })).costUsd).toBeCloseTo(knownUsd, 9);
  expect((await charge({ api, model, stream }, { [model]: HIGH })).costUsd).toBeCloseTo(HIGH_USD, 9);
});

test.each(CASES)("I19: $api, $how: an unknown model costs what is stated, else the dearest price known, and is named", async (given) => {
  const { api, unknown: model, stream, unknownUsd } = given;
  const dearest = await charge({ api, model, stream });
  expect(dearest.unpricedModels).toEqual([model]);
  expect(dearest.costUsd).toBeCloseTo(unknownUsd, 9);
  const stated = await charge({ api, model, stream }, { [model]: HIGH });
  expect(stated.unpricedModels).toEqual([]);
  expect(stated.costUsd).toBeCloseTo(HIGH_USD, 9);
  // A price stated for another model is one of the known ones, and a low one makes nothing cheaper.
  const raised = await charge({ api, model, stream }, { "another-model": HIGH });
  expect(raised.unpricedModels).toEqual([model]);
  expect(raised.costUsd).toBeCloseTo(HIGH_USD, 9);
  expect((await charge({ api, model, stream }, { "another-model": LOW })).costUsd).toBeCloseTo(unknownUsd, 9);
});

test.each(CASES)("I19: $api, $how: a stated price reaches the cap on cost, and the next request is refused", async (given) => {
  const { api, known: model, stream } = given;
  const limits = { maxCostUsd: 0.5, maxTurns: 0, prices: { [model]: HIGH } };
  await within(api, limits, async (guest) => {
    expect((await ask(guest, { api, model, stream })).status).toBe(200);
    const second = await ask(guest, { api, model, stream });
    expect(second.status).toBe(api === "openai" ? 429 : 403);
    expect(second.text).toContain("max-cost-usd is 0.50 USD");
    expect(guest.gateway.exhausted.aborted).toBe(true);
    expect((await guest.gateway.usage()).requests).toBe(1);
  });
});
