import { beforeEach, describe, expect, test } from "vitest";
import type { Trigger } from "../../../../src/domain/task.ts";
import { stillWanted, throwIfStopRequested } from "../../../../src/stages/claim/still-wanted.ts";
import { AT_MS, LABELLED, settingsOf } from "../../../support/forge/fake-event.ts";
import { type FakeForge, openFakeForge } from "../../../support/forge/fake-forge.ts";

const TRIGGER: Trigger = { ...LABELLED, triggeredAtMs: AT_MS };
let forge: FakeForge;

beforeEach(() => {
  forge = openFakeForge();
  forge.addIssue({ number: 7, labels: ["airlock:working"] });
});

const ask = (given: Partial<Parameters<typeof stillWanted>[0]> = {}) =>
  stillWanted({ forge, trigger: TRIGGER, settings: settingsOf(), working: true, ...given });
const say = (body: string, author: string, given: { readonly createdAtMs?: number; readonly updatedAtMs?: number } = {}) =>
  forge.addComment(7, { author, body, createdAtMs: AT_MS + 1, ...given });

describe("Whether a run is still wanted", () => {
  test("it is while its target is open and carries the working label, in any case of letters", async () => {
    expect(await ask()).toEqual({ wanted: true, reason: "" });
    forge.addIssue({ number: 7, labels: ["Airlock:Working"] });
    expect(await ask()).toMatchObject({ wanted: true });
  });

  test("it is not when the target was closed", async () => {
    forge.addIssue({ number: 7, labels: ["airlock:working"], state: "closed" });
    expect(await ask()).toEqual({ wanted: false, reason: "#7 was closed while the run was under way." });
  });

  test("it is not when the label was removed, unless no label was set", async () => {
    forge.addIssue({ number: 7, labels: [] });
    expect(await ask()).toEqual({ wanted: false, reason: "The label `airlock:working` was removed from #7." });
    expect(await ask({ working: false })).toMatchObject({ wanted: true });
    expect(await ask({ working: false, label: "review" })).toEqual({ wanted: false, reason: "The label `review` was removed from #7." });
  });

  test("it is not when somebody with write permission says stop, after the trigger", async () => {
    say("/airlock stop", "maria", { createdAtMs: AT_MS - 1, updatedAtMs: AT_MS + 1 });
    say("/airlock stop", "eve");
    say("Please do not `/airlock stop`.", "maria");
    expect(await ask()).toMatchObject({ wanted: true });
    say("/airlock stop", "maria");
    expect(await ask()).toEqual({ wanted: false, reason: "@maria asked to stop." });
  });

  test("what cannot be read is not wanted, and is told from a no", async () => {
    forge.fail("readIssue");
    expect(await ask()).toMatchObject({ wanted: false, unknown: true });
    await expect(throwIfStopRequested({ forge, trigger: TRIGGER, settings: settingsOf(), working: true })).rejects.toMatchObject({
      code: "run.cancelled",
    });
  });

  test("a run on the whole repository has no target that could be closed, and asks nothing", async () => {
    expect(await ask({ trigger: { ...TRIGGER, target: { kind: "repository" } } })).toMatchObject({ wanted: true });
    expect(forge.calls).toEqual([]);
  });
});
