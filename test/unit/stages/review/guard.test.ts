import { describe, expect, test } from "vitest";
import type { Finding, Patch } from "../../../../src/domain/patch.ts";
import { parseDiff } from "../../../../src/domain/review/diff.ts";
import type { GateSettings } from "../../../../src/domain/settings.ts";
import { guardPullRequest } from "../../../../src/stages/review/guard.ts";
import { GATE_SETTINGS } from "../../../support/forge/bare-repository.ts";

const side = (path: string) => ({ path, mode: "100644", oid: "a".repeat(40), size: 3 }) as const;
const counts = { binary: false, additions: 1, deletions: 0 } as const;
const RENAME = `diff --git a/ci.yml b/.github/workflows/ci.yml
similarity index 100%
rename from ci.yml
rename to .github/workflows/ci.yml
`;
const PATCH: Patch = {
  baseSha: "1".repeat(40),
  baseTree: "2".repeat(40),
  tree: "3".repeat(40),
  changes: [
    { kind: "added", path: ".github/workflows/ci.yml", after: side(".github/workflows/ci.yml"), ...counts },
    { kind: "deleted", path: "ci.yml", before: side("ci.yml"), ...counts },
  ],
  unrepresentable: [],
};
const FACTS = { title: "t", description: "", author: "eve", branch: "topic", commitMessage: "", ownPrefix: "airlock/", template: "" };

async function guardWith(findings: readonly Finding[], settings: Partial<GateSettings> = {}) {
  const asked: { patch: Patch; settings: GateSettings }[] = [];
  const report = await guardPullRequest({
    patch: PATCH,
    files: parseDiff(RENAME),
    settings: { ...GATE_SETTINGS, ...settings },
    judge: async (patch, judged) => {
      asked.push({ patch, settings: judged });
      return { decision: "publish", findings, tree: patch.tree };
    },
    facts: FACTS,
  });
  return { flags: report.flags, asked };
}

const found = (code: string): Finding => ({ code, severity: "draft", reason: "r", remedy: "Set the input." });

describe("The guard of other people's pull requests", () => {
  test("the guard judges by the gate, without the paths that bound the agent, and with protected paths always worth a look", async () => {
    const { asked } = await guardWith([], { allowedPaths: ["src/"], onProtected: "allow" });
    expect(asked[0]?.settings).toMatchObject({ allowedPaths: [], onProtected: "refuse" });
  });

  test("I13: a rename is one change, and both of its names still count", async () => {
    const { asked, flags } = await guardWith([]);
    expect(asked[0]?.patch.changes.map(({ path, before }) => [path, before?.path])).toEqual([[".github/workflows/ci.yml", "ci.yml"]]);
    expect(flags).toMatchObject([{ code: "protected-path", path: ".github/workflows/ci.yml" }]);
  });

  test("the guard leaves out what only says something of a patch of our own, and gives advice to who reads the pull request", async () => {
    const { flags } = await guardWith([found("whitespace-only"), found("secret")]);
    const codes = flags.map(({ code }) => code);
    expect(codes).toContain("secret");
    expect(codes).not.toContain("whitespace-only");
    expect(flags.find(({ code }) => code === "secret")?.remedy).not.toContain("input");
  });
});
