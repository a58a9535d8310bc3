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
