import { expect, test } from "vitest";
import { chooseStepState } from "../../../src/domain/saved-state.ts";

const SANDBOX = { id: "one", boundary: { proved: false, attempts: [] } };

test.each([
  ["egress-unproved", [SANDBOX], "unsure"],
  ["agent-failed", [SANDBOX], "unsure"],
  ["provider-failed", [], "ended"],
  ["published", [SANDBOX], "ended"],
] as const)("I7: after a run that ended as %s with the sandboxes %j the post step hears %s", (word, sandboxes, state) => {
  expect(chooseStepState({ word, reason: "" }, sandboxes)).toBe(state);
});
