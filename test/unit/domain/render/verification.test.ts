import { describe, expect, test } from "vitest";
import type { RunNotes, VerificationRound } from "../../../../src/domain/record/notes.ts";
import { renderEnded } from "../../../../src/domain/render/comment.ts";
import { renderPullRequestBody } from "../../../../src/domain/render/pull-request-body.ts";
import { renderStepSummary } from "../../../../src/domain/render/step-summary.ts";
import { tellVerification } from "../../../../src/domain/render/verification.ts";
import { renderReportHtml } from "../../../../src/domain/report/page.ts";
import { sampleReport } from "../../../support/text/sample-report.ts";

const RED: VerificationRound = {
  sandbox: "s",
  tree: "d".repeat(40),
  judged: "base",
  passed: false,
  exitCode: 1,
  durationMs: 2_400,
  output: "ℹ pass 2\nℹ fail 1",
};
const GREEN: VerificationRound = { ...RED, judged: "patch", step: "verify", passed: true, exitCode: 0, output: "ℹ pass 3\nℹ fail 0" };

function noted(
  outcome: "passed" | "failed" | "base-fails",
  ...rounds: readonly VerificationRound[]
): NonNullable<RunNotes["verification"]> {
  const last = rounds.at(-1) ?? RED;
  return { outcome, passed: last.passed, output: last.output, commands: "npm test", rounds };
}

const url = "https://github.example/run";
const change = { kind: "added", path: "a.txt", binary: false, additions: 1, deletions: 0 } as const;
const patch = { changes: [change] };

function everywhere(verification: NonNullable<RunNotes["verification"]>): Readonly<Record<string, string>> {
  const notes: RunNotes = { verification, patch };
  const outcome = { word: "published", reason: "Opened." } as const;
  return {
    body: renderPullRequestBody({
      target: { kind: "issue", number: 7 },
      actor: "maria",
      changes: [change],
      findings: [],
      notes,
      durationMs: 0,
      url,
      template: "",
    }),
    comment: renderEnded({ outcome, notes, durationMs: 0, url }),
    summary: renderStepSummary({ outcome, notes, stageRuns: [], durationMs: 0, url }),
  };
}

describe("what is told of a verification", () => {
  test.each<[string, RunNotes["verification"], string]>([
    [
      "a mended base, with counts",
      noted("passed", RED, GREEN),
      "**Verified: red before, green after.** Before: exit code 1, 2 passed, 1 failed; after: exit code 0, 3 passed, 0 failed.",
    ],
    [
      "a base that was green",
      noted("passed", { ...RED, passed: true, exitCode: 0, output: "" }, { ...GREEN, output: "" }),
      "**Verified: passed.** Before: exit code 0; after: exit code 0.",
    ],
    ["a patch that broke it", noted("failed", { ...GREEN, judged: "base" }, { ...RED, judged: "patch" }), "**Verification failed.**"],
    [
      "a base that fails, too",
      noted("base-fails", RED, { ...RED, judged: "patch" }),
      "**Not proved: red before and after.** The commands fail on the base, too",
    ],
    [
      "set-up that failed",
      noted("base-fails", { ...RED, step: "setup", output: "" }, { ...RED, judged: "patch" }),
      "Before: `setup` ended with exit code 1; after",
    ],
    [
      "a missing program",
      noted("base-fails", { ...RED, exitCode: 127, lacksProgram: true }, { ...RED, judged: "patch", exitCode: 127, lacksProgram: true }),
      "A command was not found in the sandbox",
    ],
    [
      "nothing that could judge",
      { outcome: "none", reason: "No test command was found at the base." },
      "**Not verified.** No test command was found at the base.",
    ],
    ["no note at all", undefined, "**Not verified.**"],
  ])("%s is told as such", (_name, verification, told) => {
    expect(tellVerification(verification)).toContain(told);
  });

  test("pull request, comment and summary show it, with the commands, every round and the end of each output, folded", () => {
    for (const [where, text] of Object.entries(everywhere(noted("passed", RED, { ...RED, judged: "patch", output: "first try" }, GREEN)))) {
      expect(text, where).toContain("red before, green after");
      expect(text, where).toMatch(
        /<details>\n<summary>Commands and the end of their output[\s\S]*npm test[\s\S]*first try[\s\S]*<\/details>/,
      );
      expect(text, where).toContain("| the base | failed | exit code 1 | 2.4 s |");
      expect(text.match(/\| the patch \|/g), where).toHaveLength(2);
    }
  });

  test("the verdict stands in the first lines of the pull request, once", () => {
    const { body = "" } = everywhere(noted("passed", RED, GREEN));
    expect(body.split("\n").slice(0, 4).join("\n")).toContain("red before, green after");
    expect(body.split("red before, green after")).toHaveLength(2);
  });

  test("I15: an output cannot leave its box, and only its last 30 lines are shown", () => {
    const output = `${Array.from({ length: 40 }, (_, n) => `line-${n}.`).join("\n")}\n\`\`\`\n</details>\n@maria fixes #1`;
    for (const [where, text] of Object.entries(everywhere(noted("passed", RED, { ...GREEN, output })))) {
      expect(text, where).toContain("````text\n");
      expect(text, where).toContain("line-13.");
      expect(text, where).not.toContain("line-12.");
    }
  });

  test("the report's page lists every round with how it ended", () => {
    const given = sampleReport();
    const page = renderReportHtml({
      ...given,
      notes: { ...given.notes, verification: noted("base-fails", RED, { ...RED, judged: "patch", output: "<b>" }) },
    });
    expect(page).toContain("fail on the base and with the patch");
    expect(page).toContain("<td>the base</td><td>verify</td><td>failed</td><td>exit code 1</td>");
    expect(page).not.toContain("<b>");
  });
});
