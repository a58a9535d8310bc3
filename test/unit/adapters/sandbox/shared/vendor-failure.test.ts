import { describe, expect, test } from "vitest";
import { E2B } from "../../../../../src/adapters/sandbox/e2b/errors.ts";
import { Interrupted } from "../../../../../src/adapters/sandbox/shared/bootstrap/machine.ts";
import {
  asFailure,
  cleanWords,
  explainFailure,
  explainGone,
  explainInMachine,
  explainLeft,
  type FailureKind,
  isRepeatable,
  kindOfStatus,
  type Vendor,
  VendorFailure,
} from "../../../../../src/adapters/sandbox/shared/vendor-failure.ts";
import { SPRITES } from "../../../../../src/adapters/sandbox/sprites/errors.ts";
import { AirlockError } from "../../../../../src/domain/errors.ts";

const failure = (kind: FailureKind, detail = "no"): VendorFailure => new VendorFailure(kind, { detail });

describe("A status of a cloud's API", () => {
  test.each([
    [400, "bad-request"],
    [401, "credentials"],
    [402, "quota"],
    [403, "forbidden"],
    [404, "not-found"],
    [410, "not-found"],
    [429, "rate-limit"],
    [503, "capacity"],
    [507, "disk-full"],
    [500, "interrupted"],
    [409, "interrupted"],
    [302, "interrupted"],
    [undefined, "interrupted"],
  ] as const)("%s means %s", (status, kind) => {
    expect(kindOfStatus(status)).toBe(kind);
  });
});

/** What people read, whole: one sentence for each kind, with each vendor's own nouns. */
const SENTENCES: readonly (readonly [vendor: Vendor, kind: FailureKind, code: string, message: string, remedy: string])[] = [
  [
    E2B,
    "credentials",
    "sandbox.refused",
    "E2B refused the API key of the input `e2b-api-key` when asked to create a sandbox (no).",
    "Set `e2b-api-key` from a repository secret that holds a valid API key of your E2B team.",
  ],
  [
    SPRITES,
    "credentials",
    "sandbox.refused",
    "Sprites refused the token of the input `sprites-token` when asked to create a sandbox (no).",
    "Set `sprites-token` from a repository secret that holds a valid token of your Sprites organization.",
  ],
  [
    E2B,
    "quota",
    "sandbox.exhausted",
    "The team has as many sandboxes as its E2B plan allows, so E2B did not create a sandbox (no).",
    "Wait for other runs to end, delete sandboxes that nobody uses, or choose a larger plan.",
  ],
  [
    SPRITES,
    "quota",
    "sandbox.exhausted",
    "The organization has as many sprites as its Sprites plan allows, so Sprites did not create a sandbox (no).",
    "Wait for other runs to end, delete sprites that nobody uses, or choose a larger plan.",
  ],
  [
    E2B,
    "rate-limit",
    "sandbox.exhausted",
    "E2B's rate limit is used up, so it did not create a sandbox (no).",
    "Run again in a minute; when many runs start together, limit them with the workflow's `concurrency`.",
  ],
  [
    SPRITES,
    "capacity",
    "sandbox.exhausted",
    "Sprites has no capacity at the moment to create a sandbox (no).",
    "Run again in a few minutes. Look at Sprites' status page when it lasts.",
  ],
  [
    E2B,
    "interrupted",
    "sandbox.unavailable",
    "E2B could not create a sandbox (no).",
    "Run again. If it happens every time, look at E2B's status page and at the runner's network.",
  ],
  [
    SPRITES,
    "bad-request",
    "sandbox.refused",
    "Sprites refused to create a sandbox (no).",
    "Check that the token's organization may create sprites; update Airlock if it may.",
  ],
  [E2B, "disk-full", "sandbox.unavailable", "E2B could not create a sandbox (no).", "Use a template with a larger disk."],
];

describe("The error for people", () => {
  test.each(SENTENCES)("of %o for %s has the code %s and says what to do", (vendor, kind, code, message, remedy) => {
    expect(explainFailure(failure(kind), { vendor, what: "create a sandbox" })).toMatchObject({ code, message, remedy });
  });

  test("takes better advice for one call, and a further sentence, where there are", () => {
    const call = { vendor: E2B, what: "create a sandbox", remedies: { forbidden: "Ask Ann." }, more: "The team has 3 sandboxes." };
    const { message, remedy } = explainFailure(failure("forbidden"), call);
    expect({ message, remedy }).toEqual({ message: "E2B refused to create a sandbox (no). The team has 3 sandboxes.", remedy: "Ask Ann." });
    expect(explainFailure(failure("capacity"), call).remedy).not.toContain("Ann");
  });

  test("says how long the vendor asks to wait", () => {
    const asked = new VendorFailure("rate-limit", { detail: "", retryAfterMs: 41_200 });
    const { message, remedy } = explainFailure(asked, { vendor: SPRITES, what: "create a sandbox" });
    expect(message).toBe("Sprites' rate limit is used up, so it did not create a sandbox.");
    expect(remedy).toContain("in 42 seconds");
  });

  test("names a sandbox that is gone, and one that may be left, with the vendor's own advice", () => {
    expect(explainGone(failure("not-found"), { vendor: SPRITES, what: "run a command" })).toMatchObject({
      code: "sandbox.unavailable",
      message: "The sandbox went away while it was prepared: Sprites could not run a command (no).",
      remedy: expect.stringMatching(/^Run again\. .*`airlock-`/),
    });
    expect(explainLeft(new TypeError("fetch failed"), E2B, "i1")).toMatchObject({
      code: "sandbox.left",
      message: "E2B did not confirm that sandbox i1 is destroyed (fetch failed).",
      remedy: expect.stringContaining("dashboard"),
    });
  });

  test("leaves an error of Airlock's own as it is, and takes any other for a lost answer", () => {
    const own = new AirlockError("sandbox.left", { message: "m", remedy: "r" });
    expect(explainFailure(own, { vendor: E2B, what: "anything" })).toBe(own);
    expect(explainInMachine(own, { vendor: E2B, what: "anything" })).toBe(own);
    for (const foreign of [new TypeError("fetch failed"), "a string", undefined]) expect(asFailure(foreign).kind).toBe("interrupted");
  });
});

describe("A failure while a sandbox is prepared", () => {
  test.each(["interrupted", "rate-limit", "capacity"] as const)("is to be tried again when it is %s", (kind) => {
    expect(isRepeatable(failure(kind))).toBe(true);
    expect(explainInMachine(failure(kind), { vendor: E2B, what: "run" })).toBeInstanceOf(Interrupted);
  });

  test("is final otherwise; which kinds mean that the sandbox is gone is the vendor's to say", () => {
    const codeOf = (vendor: Vendor, kind: FailureKind) => explainInMachine(failure(kind), { vendor, what: "run" });
    expect(codeOf(E2B, "credentials")).toMatchObject({ code: "sandbox.unavailable", message: /went away/ });
    expect(codeOf(SPRITES, "credentials")).toMatchObject({ code: "sandbox.refused" });
    for (const vendor of [E2B, SPRITES])
      expect(codeOf(vendor, "not-found")).toMatchObject({ code: "sandbox.unavailable", message: /went away/ });
    expect(codeOf(E2B, "disk-full")).toMatchObject({ code: "sandbox.unavailable", remedy: /larger disk/ });
  });
});

describe("I18: a vendor's words", () => {
  test("are one short line of printable ASCII, whatever they are", () => {
    expect(cleanWords(" a\u001b[31m\n::error::é ")).toBe("a [31m ::error::");
    expect(cleanWords("y".repeat(5_000))).toHaveLength(300);
    expect(failure("interrupted", `x\u0000\r\n${"y".repeat(5_000)}`).message).toMatch(/^[\x20-\x7e]{300}$/);
  });
});
