import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AirlockError } from "../../../../src/domain/errors.ts";
import { type Charge, NO_TOKENS } from "../../../../src/domain/model/usage.ts";
import { type BudgetLimits, openBudget, type Pass } from "../../../../src/gateway/broker/budget.ts";
import { rounds } from "../../../support/fuzz.ts";

const LIMITS: BudgetLimits = { maxCostUsd: 5, maxTurns: 0, maxRequests: 0, maxOutputTokens: 0, maxRequestsPerMinute: 0 };
const never = new AbortController().signal;
const charge = (costUsd: number, output = 0): Charge => ({ tokens: { ...NO_TOKENS, output }, costUsd, turn: true, estimated: false });
const ceiling = (costUsd: number): { costUsd: number; outputTokens: number; turn: boolean } => ({ costUsd, outputTokens: 100, turn: true });
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("I19: an overrun is at most one request", () => {
  test("however many requests come at once and whatever they cost", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ most: fc.double({ min: 0.01, max: 9, noNaN: true }), share: fc.double({ min: 0, max: 1, noNaN: true }) }), {
          maxLength: 25,
        }),
        async (requests) => {
          const budget = openBudget({ limits: LIMITS });
          let dearest = 0;
          await Promise.all(
            requests.map(async ({ most, share }) => {
              const pass = await budget.admit(ceiling(most), never).catch(() => undefined);
              if (pass === undefined) return;
              await settled();
              dearest = Math.max(dearest, most * share);
              pass.settle(charge(most * share));
            }),
          );
          expect(budget.usage().costUsd).toBeLessThanOrEqual(5 + dearest);
        },
      ),
      { numRuns: rounds(100) },
    );
  });

  test("far from the cap requests run side by side, near it one at a time", async () => {
    const budget = openBudget({ limits: LIMITS });
    const passes: Pass[] = [];
    for (let n = 0; n < 4; n++) void budget.admit(ceiling(2), never).then((pass) => passes.push(pass));
    await settled();
    expect(passes).toHaveLength(2);
    passes[0]?.settle(charge(2));
    await settled();
    expect(passes).toHaveLength(2);
    passes[1]?.settle(charge(0.1));
    await settled();
    expect(passes).toHaveLength(3);
  });
});

describe("a cap that is reached", () => {
  const caps: readonly (readonly [Partial<BudgetLimits>, RegExp, RegExp])[] = [
    [{ maxCostUsd: 0.5 }, /max-cost-usd is 0\.50 USD/, /max-cost-usd/],
    [{ maxTurns: 2 }, /max-turns is 2/, /max-turns/],
    [{ maxRequests: 2 }, /limit on requests is 2/, /max-turns/],
    [{ maxOutputTokens: 150 }, /max-output-tokens is 150/, /`max-output-tokens` in the repository's file/],
    [{ maxRequestsPerMinute: 2 }, /max-requests-per-minute is 2/, /fewer parallel.*`max-requests-per-minute`/],
  ];
  test.each(caps)("%o is named with its value and what raises it, and ends the run", async (limits, message, remedy) => {
    const budget = openBudget({ limits: { ...LIMITS, ...limits } });
    for (let n = 0; n < 2; n++) (await budget.admit(ceiling(0.3), never)).settle(charge(0.3, 100));
    expect(budget.exhausted.aborted).toBe(false);
    const error = await budget.admit(ceiling(0.3), never).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AirlockError);
    expect(error).toMatchObject({
      code: "budget.exceeded",
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(remedy),
    });
    expect(budget.exhausted.reason).toBe(error);
  });

  test("of zero dollars lets nothing through that costs", async () => {
    const budget = openBudget({ limits: { ...LIMITS, maxCostUsd: 0 } });
    await expect(budget.admit(ceiling(0.1), never)).rejects.toMatchObject({ code: "budget.exceeded" });
  });

  test("per minute is free again a minute later", async () => {
    let nowMs = 0;
    const budget = openBudget({ limits: { ...LIMITS, maxRequestsPerMinute: 1 }, now: () => nowMs });
    (await budget.admit(ceiling(0), never)).settle(undefined);
    nowMs = 60_000;
    (await budget.admit(ceiling(0), never)).settle(undefined);
    expect(budget.usage().requests).toBe(2);
  });
});

test("a request that waits and goes away frees its place, and one that failed costs nothing", async () => {
  const budget = openBudget({ limits: { ...LIMITS, maxTurns: 1 } });
  const first = await budget.admit(ceiling(1), never);
  const gone = new AbortController();
  const waiting = budget.admit(ceiling(1), gone.signal);
  gone.abort(new Error("gone"));
  await expect(waiting).rejects.toThrow("gone");
  first.settle(undefined);
  first.settle(charge(4));
  expect(budget.usage()).toMatchObject({ requests: 1, turns: 0, costUsd: 0 });
  (await budget.admit(ceiling(1), never)).settle(charge(1));
  expect(budget.usage()).toMatchObject({ requests: 2, turns: 1, costUsd: 1 });
});
