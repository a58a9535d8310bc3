import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type EarlierVerdict, stricterVerdict } from "../../../../src/domain/checks/earlier-verdict.ts";
import type { Finding, Patch, Verdict } from "../../../../src/domain/patch.ts";

const DECISIONS = ["publish", "draft", "empty", "hold"] as const;
const PATCH: Patch = {
  baseSha: "a".repeat(40),
  baseTree: "b".repeat(40),
  tree: "c".repeat(40),
  changes: [{ kind: "added", path: "new\nline", binary: false, additions: 1, deletions: 0 }],
  unrepresentable: [],
};
const verdictOf = (decision: Verdict["decision"], findings: readonly Finding[] = []): Verdict => ({ decision, findings, tree: PATCH.tree });

describe("the stricter of two verdicts", () => {
  test("the stricter of two verdicts is never weaker than either, whatever a record holds", () => {
    const finding = fc.record({
      code: fc.constantFrom("link", "binary", "mode"),
      severity: fc.constantFrom("refuse" as const, "draft" as const, "notice" as const),
    });
    const earlier: fc.Arbitrary<EarlierVerdict> = fc.record({ decision: fc.constantFrom(...DECISIONS), findings: fc.array(finding) });
    fc.assert(
      fc.property(fc.constantFrom(...DECISIONS), earlier, (own, told) => {
        const both = stricterVerdict(verdictOf(own), told, PATCH);
        const rank = DECISIONS.indexOf(both.decision);
        expect(rank).toBeGreaterThanOrEqual(DECISIONS.indexOf(own));
        expect(rank).toBeGreaterThanOrEqual(DECISIONS.indexOf(told.decision));
        expect(both.tree).toBe(PATCH.tree);
      }),
    );
  });

  test("the stricter of two verdicts takes a path over that the patch changes, as findings spell it, and no other", () => {
    const findings = ["new\\u{a}line", "elsewhere", "new\nline"].map((path) => ({ code: "odd-path", severity: "draft" as const, path }));
    const both = stricterVerdict(verdictOf("publish"), { decision: "draft", findings }, PATCH);
    expect(both.decision).toBe("draft");
    expect(both.findings.map(({ path }) => path)).toEqual(["new\\u{a}line", undefined, undefined]);
  });

  test("the stricter of two verdicts is this job's own where the record adds nothing", () => {
    const own = verdictOf("draft", [{ code: "binary", severity: "draft", path: "x", reason: "r", remedy: "m" }]);
    expect(stricterVerdict(own, { decision: "draft", findings: [{ code: "binary", severity: "draft", path: "x" }] }, PATCH)).toBe(own);
  });
});
