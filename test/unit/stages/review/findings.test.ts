import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { AirlockError, type ErrorCode } from "../../../../src/domain/errors.ts";
import { REVIEW_LIMITS } from "../../../../src/domain/review/finding.ts";
import type { Sandbox } from "../../../../src/ports/sandbox.ts";
import { orNothingAtLimit, readReview, renderRepair } from "../../../../src/stages/review/findings.ts";

/** A sandbox in which one file can be read, or cannot. */
function sandboxOf(readFile: () => Promise<Uint8Array>): { readonly sandbox: Sandbox; readonly asked: unknown[] } {
  const asked: unknown[] = [];
  const read: Sandbox["readFile"] = (path, maxBytes) => {
    asked.push([path, maxBytes]);
    return readFile();
  };
  return { asked, sandbox: { readFile: read } as unknown as Sandbox };
}

const failing = (code: ErrorCode) => sandboxOf(() => Promise.reject(new AirlockError(code, { message: "m", remedy: "r" }))).sandbox;
const never = new AbortController().signal;

describe("The file that the agent leaves in a review", () => {
  test("I18: the agent's review file is read up to its limit", async () => {
    const { asked, sandbox } = sandboxOf(async () => Buffer.from('{"summary":"Fine.","findings":[],"ran":[],"unchecked":[]}'));
    expect(await readReview(sandbox, never)).toMatchObject({ review: { summary: "Fine." } });
    expect(asked).toEqual([["/work/.airlock/review.json", REVIEW_LIMITS.maxBytes]]);
  });

  test.each([
    ["harvest.limit", /more than 262144 bytes/],
    ["harvest.unreadable", /There is no file/],
  ] as const)("the agent's review file is the agent's to mend when it cannot be read (%s)", async (code, words) => {
    const read = await readReview(failing(code), never);
    expect("errors" in read ? read.errors.join() : "").toMatch(words);
  });

  test("the agent's review file is nobody's to mend when the sandbox is gone", async () => {
    await expect(readReview(failing("sandbox.lost"), never)).rejects.toMatchObject({ code: "sandbox.lost" });
  });

  test("the agent's review file is asked for again with the whole task and each fault on a line of its own", () => {
    const lines = renderRepair("# Task\n\nReview.\n\n", ["One.", "Two."]).split("\n");
    expect(lines.slice(0, 3)).toEqual(["# Task", "", "Review."]);
    expect(lines.slice(-3)).toEqual(["- One.", "- Two.", ""]);
  });

  test("the agent's review file counts without evidence when the time is up, and for no other reason", () => {
    expect(orNothingAtLimit(new AirlockError("agent.timeout", { message: "m", remedy: "r" }))).toBeUndefined();
    const cancelled = new AirlockError("run.cancelled", { message: "m", remedy: "r" });
    expect(() => orNothingAtLimit(cancelled)).toThrow(cancelled);
  });
});
