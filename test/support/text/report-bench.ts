import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRunFile, writeRunFile } from "../../../src/adapters/runner/files.ts";
import type { Outcome } from "../../../src/domain/outcome.ts";
import { openRecord, type RunRecord } from "../../../src/domain/record/record.ts";
import type { RunResult } from "../../../src/domain/record/result.ts";
import { Secret } from "../../../src/domain/secret.ts";
import type { Forge } from "../../../src/ports/forge.ts";
import type { Runner } from "../../../src/ports/runner.ts";
import { type ReportOptions, report } from "../../../src/stages/report.ts";
import { openFakeRunner, runFactsOf } from "../forge/fake-event.ts";

/** A run's directory, a runner that keeps what it is told, and a record with a stage in it. */
export interface ReportBench extends Disposable {
  readonly directory: string;
  readonly runner: Runner;
  readonly record: RunRecord;
  readonly outputs: Record<string, string>;
  readonly warnings: readonly string[];
  readonly uploads: { readonly name: string; readonly files: readonly string[] }[];
  readonly summaries: string[];
  readonly comments: string[];
  write(name: string, content: string | Uint8Array): void;
  read(name: string): string;
  report(result: RunResult, given?: Partial<ReportOptions>): Promise<Outcome>;
}

export function openReportBench(secrets: readonly string[] = []): ReportBench {
  const directory = mkdtempSync(join(tmpdir(), "airlock-report-"));
  const outputs: Record<string, string> = {};
  const uploads: ReportBench["uploads"] = [];
  const summaries: string[] = [];
  const comments: string[] = [];
  const fake = openFakeRunner({ name: "issues", payload: {} });
  const runner: Runner = {
    ...fake,
    directory,
    run: runFactsOf({ repository: "octo/demo", runId: "7", attempt: 1, url: "https://github.com/octo/demo/actions/runs/7" }),
    setOutputs: (given) => void Object.assign(outputs, given),
    writeSummary: async (markdown) => void summaries.push(markdown),
    writeFile: (name, content) => writeRunFile(directory, name, content),
    readFile: (name) => readRunFile(directory, name),
    uploadArtifact: async (name, files) => {
      uploads.push({ name, files });
      return { id: 1 };
    },
  };
  const record = openRecord({ now: Date.now, group: (_title, body) => body(), errorId: () => "AL401" });
  const forge = {
    putComment: async (_number: number, _marker: string, body: string) => {
      comments.push(body);
      return { id: 1, url: "https://github.com/octo/demo/issues/1#issuecomment-1" };
    },
  } as unknown as Forge;
  return {
    directory,
    runner,
    record,
    outputs,
    warnings: fake.warnings,
    uploads,
    summaries,
    comments,
    write: (name, content) => writeFileSync(join(directory, name), content),
    read: (name) => readFileSync(join(directory, name), "utf8"),
    report: (result, given = {}) =>
      report({
        runner,
        forge,
        record,
        result,
        target: { kind: "issue", number: 1 },
        secrets: secrets.map((value) => new Secret(value, "canary")),
        version: "0.1.0",
        startedAtMs: Date.now() - 5000,
        now: Date.now,
        ...given,
      }),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}
