import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OUTPUTS } from "../../../src/config/outputs.ts";
import { AirlockError } from "../../../src/domain/errors.ts";
import type { Forge } from "../../../src/ports/forge.ts";
import { openReportBench, type ReportBench } from "../../support/text/report-bench.ts";
import { sampleReport } from "../../support/text/sample-report.ts";

let bench: ReportBench;
beforeEach(() => {
  bench = openReportBench();
});
afterEach(() => {
  bench[Symbol.dispose]();
});

const PUBLISHED = {
  outcome: {
    word: "published",
    reason: "Opened pull request 2.",
    publication: {
      branch: "airlock/issue-1",
      pullRequestNumber: 2,
      pullRequestUrl: "https://github.com/octo/demo/pull/2",
      headSha: "a".repeat(40),
      treeSha: "b".repeat(40),
    },
  },
} as const;

describe("every ending is told", () => {
  test("sets every output of the action, and no other", async () => {
    await bench.report(PUBLISHED);
    expect(Object.keys(bench.outputs).sort()).toEqual(Object.keys(OUTPUTS).sort());
    expect(bench.outputs).toMatchObject({
      outcome: "published",
      conclusion: "success",
      "pull-request-number": "2",
      "cost-usd": "0.000000",
    });
  });

  test("finishes the comment, writes the summary, and uploads the artifact under the run's name", async () => {
    await bench.record.enter("trigger", async () => undefined);
    await bench.report(PUBLISHED);
    expect(bench.comments[0]).toContain("Airlock opened a pull request: #2.");
    expect(bench.summaries[0]).toContain("```mermaid\ngantt");
    expect(bench.uploads.map(({ name }) => name)).toEqual(["airlock-7-1"]);
  });

  test("tells an error with its remedy and its id, and keeps the outcome it stands for", async () => {
    const failure = new AirlockError("budget.exceeded", { message: "The cap of $5 was reached.", remedy: "Raise `max-cost-usd`." });
    const outcome = await bench.report({ failure });
    expect(outcome.word).toBe("budget-exceeded");
    expect(bench.comments[0]).toContain("Raise `max-cost-usd`. <sub>AL411</sub>");
    expect(JSON.parse(bench.read("record.json"))).toMatchObject({ outcome: { word: "budget-exceeded" }, error: { id: "AL411" } });
  });

  test("shows the agent's failure first when the clean-up failed too", async () => {
    const agent = new AirlockError("agent.failed", { message: "The agent broke.", remedy: "Look at the transcript." });
    const failure = new SuppressedError(new Error("kill failed"), agent, "both");
    expect((await bench.report({ failure })).reason).toBe("The agent broke.");
  });

  test("does not lose the run's own error when every channel fails", async () => {
    const broken = () => Promise.reject(new Error("no"));
    const runner = {
      ...bench.runner,
      writeSummary: broken,
      writeFile: broken,
      uploadArtifact: broken,
      setOutputs: () => {
        throw new Error("no");
      },
    };
    const forge = { putComment: broken } as unknown as Forge;
    const failure = new AirlockError("verify.failed", { message: "Tests fail.", remedy: "Fix them." });
    expect((await bench.report({ failure }, { runner, forge })).word).toBe("verify-failed");
    expect(bench.warnings.length).toBeGreaterThanOrEqual(4);
  });

  test("puts grave findings where nobody can miss them", async () => {
    const finding = {
      code: "protected-path",
      severity: "refuse",
      path: ".github/workflows/x.yml",
      reason: "It runs.",
      remedy: "Leave it.",
    } as const;
    bench.record.note("gate", {
      decision: "hold",
      tree: "a".repeat(40),
      findings: [finding, { ...finding, severity: "notice", code: "quiet" }],
    });
    await bench.report({ outcome: { word: "held", reason: "Held." } });
    expect(bench.warnings).toEqual(["protected-path: .github/workflows/x.yml: It runs.: Leave it."]);
  });

  test("tells on the target how a run was refused that had taken it, and writes nothing without a target", async () => {
    const refused = { outcome: { word: "refused", reason: "The text changed." } } as const;
    await bench.report(refused, { target: undefined });
    expect(bench.comments).toEqual([]);
    await bench.report(refused);
    expect(bench.comments).toEqual([expect.stringContaining("The text changed.")]);
    expect(bench.outputs.conclusion).toBe("neutral");
  });

  test("works without a forge, before there was one", async () => {
    const outcome = await bench.report({ failure: new Error("boom") }, { forge: undefined, target: undefined });
    expect(outcome).toMatchObject({ word: "error", reason: "Error: boom" });
  });
});

describe("the record", () => {
  test("has the shape that docs/record.schema.json describes", async () => {
    bench.write("transcript.jsonl", '{"type":"text"}\n');
    await bench.record.enter("sandbox", async () => undefined);
    bench.record.note("boundary", { proved: true, attempts: [{ name: "tcp", result: "closed", detail: "refused" }] });
    bench.record.note("agent", {
      name: "claude-code",
      version: "1",
      ending: { status: "completed", message: "x".repeat(100_000), turns: 1 },
    });
    bench.record.note("review", sampleReport().notes.review ?? {});
    bench.record.note("declaredSecrets", { searched: ["A_TOKEN"], unsearched: ["B_TOKEN"] });
    bench.record.note("egress", sampleReport().notes.egress ?? {});
    await bench.report(PUBLISHED);
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const record: unknown = JSON.parse(bench.read("record.json"));
    expect(ajv.validate(JSON.parse(readFileSync("docs/record.schema.json", "utf8")) as object, record) || ajv.errorsText()).toBe(true);
    expect(bench.read("record.json").length).toBeLessThan(40_000);
  });

  test("changes when a line of the transcript changes, moves or goes", async () => {
    const chains = new Set<string>();
    for (const lines of ["a\nb\nc\n", "a\nb\n", "a\nc\nb\n", "a\nb\nd\n", "a\nb\nc", "ab\n\nc\n"]) {
      bench.write("transcript.jsonl", lines);
      await bench.report(PUBLISHED);
      const { files } = JSON.parse(bench.read("record.json")) as {
        files: Record<string, { chain: string; sha256: string; lines: number }>;
      };
      chains.add(`${files["transcript.jsonl"]?.sha256} ${files["transcript.jsonl"]?.chain}`);
    }
    expect(chains.size).toBe(6);
  });
});
