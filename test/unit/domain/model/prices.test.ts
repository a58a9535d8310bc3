import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { costOf, PRICES, type PricedApi, priceOf } from "../../../../src/domain/model/prices.ts";
import { NO_TOKENS } from "../../../../src/domain/model/usage.ts";

test("a dated name has the price of its model", () => {
  expect(priceOf({ api: "anthropic", model: "claude-haiku-4-5-20251001" })).toEqual(
    priceOf({ api: "anthropic", model: "claude-haiku-4-5" }),
  );
  expect(priceOf({ api: "openai", model: "gpt-4.1-2025-04-14" }).known).toBe(true);
  expect(priceOf({ api: "gemini", model: "gemini-2.5-pro-001" }).known).toBe(true);
});

test("an unknown model costs at least as much as every known one of its service", () => {
  for (const api of Object.keys(PRICES) as PricedApi[]) {
    for (const model of ["", "never-heard-of", "constructor", "__proto__", "claude-opus-5-5-turbo"]) {
      const unknown = priceOf({ api, model });
      expect(unknown.known).toBe(false);
      for (const known of Object.values(PRICES[api])) {
        const tokens = { ...NO_TOKENS, input: 300_000, output: 9000, cacheRead: 500, cacheWrite: 500, cacheWriteLong: 500 };
        expect(costOf(tokens, unknown.price)).toBeGreaterThanOrEqual(costOf(tokens, known));
      }
    }
  }
});

test("an own price comes first, for unknown models too", () => {
  const overrides = { "my-model": { input: 1, output: 2, cacheRead: 0, cacheWrite: 0, cacheWriteLong: 0 } };
  expect(priceOf({ api: "openai", model: "my-model", overrides })).toEqual({ price: overrides["my-model"], known: true });
});

test("a stated price for a known model counts only where it is dearer, dated or not", () => {
  const { price } = priceOf({ api: "anthropic", model: "claude-opus-5-5" });
  const stated = { input: 0, output: 1000, cacheRead: 0, cacheWrite: 0, cacheWriteLong: 0 };
  for (const name of ["claude-opus-5-5", "claude-opus-5-5-20260901"]) {
    const found = priceOf({ api: "anthropic", model: "claude-opus-5-5-20260901", overrides: { [name]: stated } });
    expect(found).toEqual({ price: { ...price, output: 1000 }, known: true });
  }
  expect(priceOf({ api: "anthropic", model: "__proto__", overrides: { x: stated } }).known).toBe(false);
});

test("the cost is what Claude Code itself reckons for the same answer", () => {
  const { price } = priceOf({ api: "anthropic", model: "claude-opus-5-5" });
  expect(costOf({ ...NO_TOKENS, input: 2000, output: 100 }, price)).toBeCloseTo(0.01, 9);
});

test("long prompts, the faster mode and searches cost more, never less", () => {
  const { price } = priceOf({ api: "gemini", model: "gemini-2.5-pro" });
  expect(costOf({ ...NO_TOKENS, input: 200_001 }, price)).toBeCloseTo(0.5, 4);
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (input, output) => {
      const tokens = { ...NO_TOKENS, input, output };
      expect(costOf(tokens, price, true)).toBeGreaterThanOrEqual(costOf(tokens, price));
      expect(costOf({ ...tokens, searches: 1 }, price)).toBeGreaterThan(costOf(tokens, price));
    }),
  );
});

/** `Model` in the types of @anthropic-ai/sdk 1.15.0, read on 2026-12-01: the models of the default agent's service. */
const CLAUDE_MODELS =
  "fable-5-2 mythos-5-2 haiku-5-5 sonnet-5-5 fable-5-1 opus-5-5 mythos-5-1 sonnet-5 fable-5 mythos-5 opus-5 opus-4-8 opus-4-7 mythos-preview opus-4-6 sonnet-4-6 haiku-4-5 haiku-4-5-20251001 opus-4-5 opus-4-5-20251101";

test.each(CLAUDE_MODELS.split(" "))("the model claude-%s has a price", (name) => {
  expect(priceOf({ api: "anthropic", model: `claude-${name}` }).known).toBe(true);
});

test("every model that the sources name has a price", () => {
  const root = join(import.meta.dirname, "../../../../src");
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const named = files.flatMap(
    (file) => readFileSync(join(root, file), "utf8").match(/"(?:claude|gpt|gemini|o\d)-[a-z0-9.-]*\d[a-z0-9.-]*"/g) ?? [],
  );
  const models = [...new Set(named.map((quoted) => quoted.slice(1, -1)))];
  expect(models.length).toBeGreaterThan(20);
  const priced = (model: string): boolean => (["anthropic", "openai", "gemini"] as const).some((api) => priceOf({ api, model }).known);
  expect(models.filter((model) => !priced(model))).toEqual([]);
});
