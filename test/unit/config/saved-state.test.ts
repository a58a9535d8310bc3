import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readSavedState } from "../../../src/config/saved-state.ts";
import { noteDone, SAVED } from "../../../src/domain/saved-state.ts";
import { rounds } from "../../support/fuzz.ts";

const read = (given: Readonly<Record<string, string>>) => readSavedState((name) => given[name] ?? "");
const NOTHING = { step: "started", target: "none", publication: "none" };

describe("what a main step left", () => {
  test("is read as it was written", () => {
    const done = noteDone({
      word: "published",
      reason: "Opened.",
      publication: { branch: "airlock/issue-7", pullRequestNumber: 12, pullRequestUrl: "https://github.example/acme/rocket/pull/12" },
    });
    const target = { kind: "issue", number: 7 };
    const states = { [SAVED.step]: "unsure", [SAVED.target]: JSON.stringify(target), [SAVED.publication]: JSON.stringify(done) };
    expect(read(states)).toEqual({ step: "unsure", target, publication: done });
    const entered = { stage: "entered", kind: "pull-request", branch: "airlock/issue-7" };
    expect(read({ [SAVED.publication]: JSON.stringify(entered) })).toEqual({ ...NOTHING, publication: entered });
    expect(read({})).toEqual(NOTHING);
  });

  test.each([
    [{ [SAVED.step]: "over" }, NOTHING],
    [{ [SAVED.target]: '{"kind":"issue","number":"7"}' }, { ...NOTHING, target: "unknown" }],
    [{ [SAVED.target]: '{"kind":"issue","number":7,"also":1}' }, { ...NOTHING, target: "unknown" }],
    [{ [SAVED.target]: '{"kind":"issue","number":-7}' }, { ...NOTHING, target: "unknown" }],
    [{ [SAVED.publication]: "{" }, { ...NOTHING, publication: "unknown" }],
    [{ [SAVED.publication]: '{"stage":"entered"}' }, { ...NOTHING, publication: "unknown" }],
    [{ [SAVED.publication]: '{"stage":"done","word":"sold"}' }, { ...NOTHING, publication: "unknown" }],
    [{ [SAVED.publication]: '{"stage":"done","word":"published","url":"https://x/) [y](z"}' }, { ...NOTHING, publication: "unknown" }],
  ])("is not known where it is broken: %j", (states: Readonly<Record<string, string>>, expected) => {
    expect(read(states)).toEqual(expected);
  });

  test("is never a reason to throw", () => {
    const value = fc.oneof(fc.string(), fc.json());
    fc.assert(
      fc.property(value, value, value, (step, target, publication) => {
        read({ [SAVED.step]: step, [SAVED.target]: target, [SAVED.publication]: publication });
      }),
      { numRuns: rounds(300) },
    );
  });
});
