import { describe, expect, test } from "vitest";
import { abandonOnAbort, abortReason, isAbort, openDeadline, withAbortReason } from "../../../src/domain/deadline.ts";
import { AirlockError, findAirlockError } from "../../../src/domain/errors.ts";
import { openClock } from "../../support/clock.ts";

const REASON = new AirlockError("run.cancelled", { message: "The label was removed.", remedy: "Set it again." });
const never = (): AbortSignal => new AbortController().signal;

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("work that heeds a signal", () => {
  test("work that heeds a signal is not begun once the signal has aborted", async () => {
    let begun = false;
    const begin = async (): Promise<void> => {
      begun = true;
    };
    expect(await failureOf(abandonOnAbort(AbortSignal.abort(REASON), begin))).toBe(REASON);
    expect(begun).toBe(false);
  });

  test("work that heeds a signal is abandoned for the signal's own reason, and its later failure is heard by nobody", async () => {
    const controller = new AbortController();
    const { promise, reject } = Promise.withResolvers<void>();
    const waiting = failureOf(abandonOnAbort(controller.signal, () => promise));
    controller.abort(REASON);
    expect(await waiting).toBe(REASON);
    reject(new Error("The sandbox went away."));
  });

  test("work that heeds a signal returns what it found, and fails with its own error, as long as nothing aborts", async () => {
    const own = new Error("disk full");
    expect(await abandonOnAbort(never(), async () => 7)).toBe(7);
    expect(await failureOf(abandonOnAbort(never(), () => Promise.reject(own)))).toBe(own);
  });

  test("work that heeds a signal shows the reason first when taking things down fails too, and keeps that failure", async () => {
    const left = new AirlockError("sandbox.left", { message: "It may still stand.", remedy: "Look." });
    const failure = await failureOf(withAbortReason(AbortSignal.abort(REASON), Promise.reject(left)));
    expect(findAirlockError(failure)).toBe(REASON);
    expect(failure).toMatchObject({ error: left });
    expect(isAbort(failure)).toBe(false);
  });

  test("work that heeds a signal takes an abort without an AirlockError for a cancelled run", () => {
    expect(abortReason(AbortSignal.abort(new Error("gone")))).toMatchObject({ code: "run.cancelled", cause: new Error("gone") });
  });
});

describe("the ends of a run", () => {
  test("the ends of a run keep the first reason, whatever else happens", () => {
    const clock = openClock();
    const stop = new AbortController();
    const deadline = openDeadline({ timeoutMs: 60_000, cancelled: never(), stop: stop.signal, ...clock });
    clock.pass(60_000);
    stop.abort(REASON);
    clock.pass(600_000);
    expect(deadline.signal.reason).toMatchObject({ code: "agent.timeout" });
    expect(deadline.graceSignal.reason).toBe(deadline.signal.reason);
  });

  test("the ends of a run are there from the start for a run that is cancelled already", () => {
    const deadline = openDeadline({ timeoutMs: 60_000, cancelled: AbortSignal.abort(REASON), stop: never(), ...openClock() });
    expect(deadline.signal.reason).toBe(REASON);
    expect(deadline.graceSignal.aborted).toBe(false);
  });

  test("the ends of a run leave no more than the limit and no less than a moment, also when the clock is set", () => {
    let nowMs = 1_000_000;
    const deadline = openDeadline({ timeoutMs: 60_000, cancelled: never(), stop: never(), now: () => nowMs, after: never });
    const leftAfter = (ms: number): number => {
      nowMs = 1_000_000 + ms;
      return deadline.leftMs();
    };
    expect([0, 20_000.5, 60_000, 90_000, -500_000].map(leftAfter)).toEqual([60_000, 39_999, 1, 1, 60_000]);
  });
});
