import { describe, expect, test } from "vitest";
import { Interrupted } from "../../../../../src/adapters/sandbox/shared/bootstrap/machine.ts";
import { asFailure, explainFailure, explainInMachine } from "../../../../../src/adapters/sandbox/shared/vendor-failure.ts";
import { readSpritesFailure, SPRITES } from "../../../../../src/adapters/sandbox/sprites/errors.ts";
import { AirlockError } from "../../../../../src/domain/errors.ts";

const answer = (status: number, body: unknown = {}, retryAfter: string | null = null): ReturnType<typeof readSpritesFailure> =>
  readSpritesFailure({ status, retryAfter, text: typeof body === "string" ? body : JSON.stringify(body) });

describe("an answer that is no success", () => {
  test.each([
    [401, {}, "credentials"],
    [403, {}, "credentials"],
    [404, {}, "not-found"],
    [400, {}, "bad-request"],
    [429, {}, "rate-limit"],
    [429, { error: "sprite_creation_rate_limited" }, "rate-limit"],
    [429, { error: "concurrent_sprite_limit_exceeded" }, "quota"],
    [402, {}, "quota"],
    [503, {}, "capacity"],
    [500, {}, "interrupted"],
    [418, "<html>", "interrupted"],
  ] as const)("with status %s and %j is %s", (status, body, kind) => {
    expect(answer(status, body).kind).toBe(kind);
  });

  test("says how long to wait in its body or its header, whichever is longer", () => {
    expect(answer(429, { retry_after_seconds: 7 }, "3").retryAfterMs).toBe(7_000);
    expect(answer(429, { retry_after_seconds: 2 }, "30").retryAfterMs).toBe(30_000);
    expect(answer(429, {}, "Wed, 21 Oct 2026 07:28:00 GMT").retryAfterMs).toBe(0);
    expect(answer(429, { retry_after_seconds: -5 }).retryAfterMs).toBe(0);
    expect(answer(429, { retry_after_seconds: "soon" }).retryAfterMs).toBe(0);
  });

  test("is shown in printable characters and cut, whatever it says", () => {
    const { message } = answer(500, { error: "x\u001b[31m\n::error::", message: "é".repeat(10) + "y".repeat(5_000) });
    expect(message).toMatch(/^[\x20-\x7e]{1,300}$/);
  });
});

describe("the error for people", () => {
  test.each([
    [401, {}, "sandbox.refused", /`sprites-token`/],
    [429, { error: "concurrent_sprite_limit_exceeded" }, "sandbox.exhausted", /plan/],
    [429, {}, "sandbox.exhausted", /rate limit/],
    [503, {}, "sandbox.exhausted", /capacity/],
    [500, {}, "sandbox.unavailable", /could not/],
    [400, {}, "sandbox.refused", /refused to/],
  ] as const)("for status %s %j has the code %s and a remedy", (status, body, code, words) => {
    const error = explainFailure(answer(status, body), { vendor: SPRITES, what: "create a sandbox" });
    expect(error).toMatchObject({ code, message: expect.stringMatching(words) });
    expect(error.remedy.length).toBeGreaterThan(10);
  });

  test("leaves an error of Airlock's own as it is, and takes any other for a lost answer", () => {
    const own = new AirlockError("sandbox.left", { message: "m", remedy: "r" });
    expect(explainFailure(own, { vendor: SPRITES, what: "anything" })).toBe(own);
    expect(asFailure(new TypeError("fetch failed")).kind).toBe("interrupted");
  });
});

describe("a failure while a sandbox is prepared", () => {
  test("may be repeated when it was lost or came too early, and is final otherwise", () => {
    for (const status of [500, 429, 503])
      expect(explainInMachine(answer(status), { vendor: SPRITES, what: "run" })).toBeInstanceOf(Interrupted);
    expect(explainInMachine(answer(404), { vendor: SPRITES, what: "run" })).toMatchObject({ code: "sandbox.unavailable" });
    expect(explainInMachine(answer(401), { vendor: SPRITES, what: "run" })).toMatchObject({ code: "sandbox.refused" });
  });
});
