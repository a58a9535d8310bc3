import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NO_TOKENS } from "../../../../src/domain/model/usage.ts";
import { openUsageMeter, type UsageTally } from "../../../../src/gateway/broker/usage-meter.ts";
import type { ModelApi } from "../../../../src/ports/gateway.ts";
import { rounds } from "../../../support/fuzz.ts";

const event = (type: string, fields: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;

const ANTHROPIC = [
  event("message_start", {
    message: {
      model: "claude-opus-5-5",
      usage: {
        input_tokens: 12,
        cache_read_input_tokens: 300,
        cache_creation_input_tokens: 50,
        cache_creation: { ephemeral_1h_input_tokens: 20 },
        output_tokens: 1,
      },
    },
  }),
  event("ping", {}),
  event("content_block_delta", { index: 0, delta: { type: "text_delta", text: 'they said "usage": 9999 – naïve 😀' } }),
  event("message_delta", { delta: { stop_reason: "end_turn" }, usage: { output_tokens: 77, server_tool_use: { web_search_requests: 2 } } }),
  event("message_stop", {}),
].join("");

const OPENAI = [
  event("response.created", { response: { model: "gpt-5.2", usage: null } }),
  event("response.output_text.delta", { delta: 'the word "usage" again' }),
  event("response.completed", {
    response: {
      model: "gpt-5.2",
      output: [{ type: "web_search_call" }],
      usage: { input_tokens: 1000, input_tokens_details: { cached_tokens: 400 }, output_tokens: 70 },
    },
  }),
].join("");

const gemini = (usageMetadata: object, finishReason?: string): object => ({
  candidates: [{ finishReason }],
  usageMetadata,
  modelVersion: "gemini-2.5-pro",
});
const GEMINI = [
  gemini({ promptTokenCount: 100, candidatesTokenCount: 3 }),
  gemini({ promptTokenCount: 100, cachedContentTokenCount: 40, candidatesTokenCount: 9, thoughtsTokenCount: 6 }, "STOP"),
];

function meterAll(api: ModelApi, contentType: string, whole: Buffer, cuts: readonly number[] = [whole.length]): UsageTally {
  const meter = openUsageMeter(api, contentType);
  for (let at = 0, cut = 0; at < whole.length; cut++) {
    const next = at + (cuts[cut % cuts.length] ?? 1);
    meter.push(whole.subarray(at, next));
    at = next;
  }
  return meter.end();
}

const EXPECTED = {
  anthropic: { ...NO_TOKENS, input: 12, output: 77, cacheRead: 300, cacheWrite: 30, cacheWriteLong: 20, searches: 2 },
  openai: { ...NO_TOKENS, input: 600, output: 70, cacheRead: 400, searches: 1 },
  gemini: { ...NO_TOKENS, input: 60, output: 15, cacheRead: 40 },
} as const;

describe("the meter reads what an answer used", () => {
  const streams: readonly (readonly [ModelApi, string])[] = [
    ["anthropic", ANTHROPIC],
    ["anthropic", ANTHROPIC.replaceAll("\n", "\r\n")],
    ["openai", OPENAI],
    ["gemini", GEMINI.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`).join("")],
  ];
  test.each(streams)("in a stream of %s, wherever it is cut", (api, text) => {
    const whole = Buffer.from(text);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 30 }), (cuts) => {
        const tally = meterAll(api, "text/event-stream; charset=utf-8", whole, cuts);
        expect(tally.tokens).toEqual(EXPECTED[api]);
        expect([tally.complete, tally.bytes]).toEqual([true, whole.length]);
      }),
      { numRuns: rounds(60) },
    );
  });

  test("in a plain answer", () => {
    const anthropic = {
      type: "message",
      model: "m",
      usage: {
        input_tokens: 12,
        cache_read_input_tokens: 300,
        cache_creation_input_tokens: 50,
        cache_creation: { ephemeral_1h_input_tokens: 20 },
        output_tokens: 77,
        server_tool_use: { web_search_requests: 2 },
      },
    };
    expect(meterAll("anthropic", "application/json", Buffer.from(JSON.stringify(anthropic))).tokens).toEqual(EXPECTED.anthropic);
    const chat = {
      object: "chat.completion",
      usage: { prompt_tokens: 1000, prompt_tokens_details: { cached_tokens: 400 }, completion_tokens: 70 },
    };
    expect(meterAll("openai", "application/json", Buffer.from(JSON.stringify(chat))).tokens).toEqual({ ...EXPECTED.openai, searches: 0 });
    expect(meterAll("gemini", "application/json", Buffer.from(JSON.stringify(GEMINI))).tokens).toEqual(EXPECTED.gemini);
  });

  test("and calls a stream that broke off before its end incomplete, keeping what was said", () => {
    const tally = meterAll("anthropic", "text/event-stream", Buffer.from(ANTHROPIC.slice(0, ANTHROPIC.indexOf("event: message_delta"))));
    expect([tally.complete, tally.tokens.input, tally.tokens.output]).toEqual([false, 12, 1]);
  });

  test("and is not misled by a usage of negative, absurd or textual numbers", () => {
    const liar = { type: "message", usage: { input_tokens: -5, output_tokens: "9", cache_read_input_tokens: Number.NaN } };
    expect(meterAll("anthropic", "application/json", Buffer.from(JSON.stringify(liar))).tokens).toEqual(NO_TOKENS);
  });

  test("and survives any bytes whatever", () => {
    fc.assert(
      fc.property(
        fc.constantFrom<ModelApi>("anthropic", "openai", "gemini"),
        fc.uint8Array({ maxLength: 400 }),
        fc.boolean(),
        (api, bytes, streamed) => {
          const whole = streamed ? Buffer.concat([Buffer.from('data: {"usage":'), bytes, Buffer.from("\n")]) : Buffer.from(bytes);
          expect(meterAll(api, streamed ? "text/event-stream" : "application/json", whole).complete).toBe(false);
        },
      ),
      { examples: [["gemini", new TextEncoder().encode("[null,1,{}]"), false]] },
    );
  });
});
