import { describe, expect, test } from "vitest";
import type { Trigger } from "../../../../src/domain/task.ts";
import { readTrigger } from "../../../../src/stages/trigger/trigger.ts";
import { AT_MS, commented, NOW_MS, openFakeRunner, settingsOf } from "../../../support/forge/fake-event.ts";
import { type FakeForge, openFakeForge } from "../../../support/forge/fake-forge.ts";

type Said = Parameters<FakeForge["addComment"]>[1];

interface Given {
  readonly said: readonly Said[];
  readonly pull?: boolean;
  readonly retry?: string;
  readonly settings?: Parameters<typeof settingsOf>[0];
  readonly prepare?: (forge: FakeForge) => void;
}

/** The trigger of `/airlock retry` by `maria`, after these comments, each a minute after the one before. */
async function retried({ said, pull = true, retry = "/airlock retry", settings = {}, prepare }: Given): Promise<Trigger> {
  const forge = openFakeForge();
  forge.addIssue({ number: 7 });
  forge.addPull({ number: 7 });
  for (const [index, comment] of said.entries()) forge.addComment(7, { createdAtMs: AT_MS - (said.length - index) * 60_000, ...comment });
  forge.addComment(7, { id: 900, body: retry, createdAtMs: AT_MS });
  prepare?.(forge);
  const event = commented(retry, { pull, id: 900 });
  const admission = await readTrigger({ runner: openFakeRunner(event), forge, settings: settingsOf(settings), now: () => NOW_MS });
  if (!admission.admitted) throw new Error(admission.reason);
  return admission.trigger;
}

const FIX = { body: "/airlock fix only the parser\nand its tests" };

describe("/airlock retry", () => {
  test("does the last command again, with its instruction, on a pull request too", async () => {
    const trigger = await retried({ said: [{ body: "/airlock review" }, FIX, { body: "thanks" }, { body: "/airlock stop" }] });
    expect(trigger).toMatchObject({ mode: "fix", command: "retry", repeats: "fix", instruction: "only the parser\nand its tests" });
    expect(await retried({ said: [FIX, { body: "/airlock review" }] })).toMatchObject({
      mode: "review",
      repeats: "review",
      instruction: "",
    });
  });

  test("adds what it says itself", async () => {
    const trigger = await retried({ said: [FIX], pull: false, retry: "/airlock retry\nbut smaller" });
    expect(trigger).toMatchObject({ mode: "fix", instruction: "only the parser\nand its tests\n\nbut smaller" });
  });

  test.each([
    ["there was no command", []],
    ["a stranger gave the command", [{ ...FIX, author: "eve" }]],
    ["an account of unknown permission gave it", [{ ...FIX, author: "nobody-knows" }]],
    ["it was given after the retry", [{ ...FIX, createdAtMs: AT_MS + 1_000 }]],
    ["it was edited after the retry", [{ ...FIX, updatedAtMs: AT_MS + 1_000 }]],
    ["the last one was edited after the retry, whatever stood before it", [FIX, { ...FIX, updatedAtMs: AT_MS + 1_000 }]],
    ["it is talked about in a quote", [{ body: "> /airlock fix only the parser" }]],
    ["it stands in a comment of Airlock's own", [{ body: "<!-- airlock:tracking -->\n/airlock fix only the parser" }]],
  ])("I8, I9: reviews a pull request and works on an issue when %s", async (_name, said: readonly Said[]) => {
    const review = await retried({ said });
    expect([review.mode, review.instruction, review.repeats]).toEqual(["review", "", undefined]);
    const fix = await retried({ said, pull: false });
    expect([fix.mode, fix.instruction, fix.repeats]).toEqual(["fix", "", undefined]);
  });

  test("takes a writer's older command when strangers wrote others since", async () => {
    const strangers = Array.from({ length: 10 }, () => ({ body: "/airlock fix everything", author: "eve" }));
    expect(await retried({ said: [FIX, ...strangers] })).toMatchObject({ mode: "fix", instruction: "only the parser\nand its tests" });
  });

  test("I18: asks for the permission of a few accounts only", async () => {
    const said = Array.from({ length: 40 }, (_, index) => ({ body: "/airlock fix everything", author: `stranger-${index}` }));
    const forges: FakeForge[] = [];
    const trigger = await retried({ said: [FIX, ...said], prepare: (forge) => forges.push(forge) });
    expect(trigger).toMatchObject({ mode: "review", instruction: "" });
    expect(forges[0]?.calls.filter((call) => call === "readPermission").length).toBeLessThan(25);
  });

  test("keeps to what the workflow fixes", async () => {
    expect(await retried({ said: [FIX], settings: { mode: "review" } })).toMatchObject({ mode: "review", instruction: "" });
  });

  test("goes on without when the comments can't be read", async () => {
    expect(await retried({ said: [FIX], prepare: (forge) => forge.fail("readComments") })).toMatchObject({
      mode: "review",
      instruction: "",
    });
  });

  test("gives a fork a review only", async () => {
    const refused = retried({ said: [FIX], prepare: (forge) => forge.addPull({ number: 7, headRepository: "eve/rocket" }) });
    await expect(refused).rejects.toThrow("forks get a review only");
  });
});
