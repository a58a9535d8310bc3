import { describe, expect, test } from "vitest";
import type { Change, Finding } from "../../../../src/domain/patch.ts";
import { withholdPatch } from "../../../../src/domain/record/withhold-patch.ts";

const change = (binary: boolean): Change => ({ kind: "added", path: "a", binary, additions: 0, deletions: 0 });
const finding = (code: string): Finding => ({ code, severity: "refuse", reason: "r", remedy: "m" });

describe("I14: a patch", () => {
  test("a patch stays on the runner when the gate found a secret in it or could not search it", () => {
    for (const code of ["secret", "unsearched"]) {
      const notes = { patch: { changes: [change(false)] }, gate: { decision: "hold" as const, findings: [finding(code)] } };
      expect(withholdPatch(notes)).toContain(code);
    }
  });

  test("a patch stays on the runner when it was not judged and holds binary files", () => {
    expect(withholdPatch({ patch: { changes: [change(true)] } })).toContain("binary");
  });

  test("a patch leaves when it was judged without such a finding, or is text", () => {
    expect(
      withholdPatch({ patch: { changes: [change(true)] }, gate: { decision: "hold", findings: [finding("protected-path")] } }),
    ).toBeUndefined();
    expect(withholdPatch({ patch: { changes: [change(false)] } })).toBeUndefined();
    expect(withholdPatch({})).toBeUndefined();
  });
});
