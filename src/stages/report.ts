import { Buffer } from "node:buffer";
import { type ChainFacts, openChain } from "../domain/chain.ts";
import { type Ending, nameEnding } from "../domain/ending.ts";
import { inertLine } from "../domain/inert.ts";
import { describeLeaks } from "../domain/leak-report.ts";
import { findLeaks } from "../domain/leaks.ts";
import type { Outcome } from "../domain/outcome.ts";
import { renderOutputs } from "../domain/outputs.ts";
import type { RunRecord } from "../domain/record.ts";
import { renderRecord } from "../domain/record-file.ts";
import { openRedactor, type Redact } from "../domain/redact.ts";
import { renderEnded } from "../domain/render/comment.ts";
import { renderStepSummary } from "../domain/render/step-summary.ts";
import { renderReportHtml } from "../domain/report-html/page.ts";
import type { Secret } from "../domain/secret.ts";
import type { Target } from "../domain/task.ts";
import { TRACKING_MARKER } from "../domain/trigger/state.ts";
import type { Forge } from "../ports/forge.ts";
import type { Runner, RunnerLog } from "../ports/runner.ts";

/** Files of a run that leave it, besides the ones written here; nothing else ever does (O4). */
const LINE_FILES = ["transcript.jsonl", "egress.jsonl"] as const;
const OTHER_FILES = ["patch.diff", "agent.log"] as const;
/** Of each file that the report shows. */
const HEAD_BYTES = 2 << 20;
const SCAN_BYTES = 4 << 20;
const SCAN_OVERLAP_BYTES = 64 << 10;

export interface ReportOptions {
  readonly runner: Runner;
  /** undefined when the run ended before there was one. */
  readonly forge: Forge | undefined;
  readonly record: RunRecord;
  readonly ending: Ending;
  /** Thread of the tracking comment; undefined: there is none, or none was announced. */
  readonly target: Target | undefined;
  readonly secrets: readonly Secret[];
  /** Airlock's own version. */
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  readonly now: () => number;
}

/**
 * Tells everybody how the run ended, whatever happened before: outputs, files, comment, summary, artifact. Each
 * part is tried by itself; what fails is a warning, so that the run's own error is never lost.
 */
export async function report(options: ReportOptions): Promise<Outcome> {
  const { runner, record } = options;
  const { outcome, error } = nameEnding(options.ending);
  if (error !== undefined) record.note("error", error);
  record.outcome = outcome;
  const durationMs = options.now() - options.startedAtMs;
  const told: Telling = { ...options, outcome, durationMs, redact: openRedactor(options.secrets) };
  const commentUrl = await finishComment(told);
  await attempt(runner.log, "write the step summary", () => writeSummary(told));
  const files = await attempt(runner.log, "write the run's files", () => writeFiles(told));
  await attempt(runner.log, "set the outputs", async () => setOutputs(told, commentUrl));
  await attempt(runner.log, "upload the artifact", () => upload(told, files ?? []));
  return outcome;
}

interface Telling extends ReportOptions {
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly redact: Redact;
}

async function finishComment(told: Telling): Promise<string | undefined> {
  const { forge, outcome, record, runner } = told;
  const number = told.target?.number;
  if (forge === undefined || number === undefined || outcome.word === "skipped" || outcome.word === "refused") return undefined;
  const body = seal(told, "comment", renderEnded({ outcome, notes: record.notes, durationMs: told.durationMs, url: runner.run.url }));
  const put = await attempt(runner.log, "finish the tracking comment", () => forge.putComment(number, TRACKING_MARKER, body));
  return put?.url;
}

async function writeSummary(told: Telling): Promise<void> {
  const { outcome, record, runner, durationMs } = told;
  const markdown = renderStepSummary({ outcome, notes: record.notes, passages: record.passages, durationMs, url: runner.run.url });
  await runner.writeSummary(seal(told, "step summary", markdown));
}

/** Writes the report and, over the files as they are, `record.json`. Returns what may leave. */
async function writeFiles(told: Telling): Promise<readonly string[]> {
  const { runner, record, outcome, version, startedAtMs, durationMs } = told;
  const found = new Map<string, Inspection>();
  for (const name of [...LINE_FILES, ...OTHER_FILES]) {
    const inspection = await inspect(told, name);
    if (inspection !== undefined) found.set(name, inspection);
    if (inspection !== undefined && inspection.leaks > 0)
      runner.log.warning(`${name} would carry a secret and is kept out of the artifact and the report.`);
  }
  const shown = { outcome, notes: record.notes, passages: record.passages, durationMs, startedAtMs, run: runner.run };
  const page = renderReportHtml({
    ...shown,
    transcript: headOf(found, "transcript.jsonl").split("\n").slice(0, -1),
    diff: headOf(found, "patch.diff"),
  });
  const report = await runner.writeFile("report.html", seal(told, "report", page));
  const files = Object.fromEntries([...found].map(([name, { facts }]) => [name, facts]));
  const text = renderRecord({ ...shown, version, files });
  const written = await runner.writeFile("record.json", seal(told, "record", text));
  return [written, report, ...[...found.values()].filter(({ leaks }) => leaks === 0).map(({ path }) => path)];
}

function headOf(found: ReadonlyMap<string, Inspection>, name: string): string {
  const inspection = found.get(name);
  return inspection === undefined || inspection.leaks > 0 ? "" : inspection.head.toString("utf8");
}

interface Inspection {
  readonly path: string;
  readonly facts: ChainFacts;
  readonly leaks: number;
  /** Its beginning, for the report. */
  readonly head: Buffer;
}

/** Reads a file once, in pieces: its chain, its beginning, and whether it carries a secret. */
async function inspect(told: Telling, name: string): Promise<Inspection | undefined> {
  const file = await told.runner.readFile(name);
  if (file === undefined) return undefined;
  const chain = openChain(name);
  const scan = openScan(told.secrets);
  let head = Buffer.alloc(0);
  for await (const chunk of file.read()) {
    chain.push(chunk);
    scan.push(chunk);
    if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
  }
  return { path: file.path, facts: chain.end(), leaks: scan.end(), head };
}

/** Looks for secrets window by window; windows overlap by more than the longest form of a secret. */
function openScan(secrets: readonly Secret[]) {
  let window = Buffer.alloc(0);
  let leaks = 0;
  const scan = (): void => {
    leaks += findLeaks(window, secrets).length;
  };
  return {
    push(chunk: Uint8Array): void {
      window = Buffer.concat([window, chunk]);
      if (window.length < SCAN_BYTES) return;
      scan();
      window = window.subarray(-SCAN_OVERLAP_BYTES);
    },
    end(): number {
      scan();
      return leaks;
    },
  };
}

function setOutputs(told: Telling, commentUrl: string | undefined): void {
  const { runner, outcome, record, durationMs } = told;
  const at = (name: string): string => `${runner.directory}/${name}`;
  const paths = {
    "record-path": at("record.json"),
    "patch-path": at("patch.diff"),
    "transcript-path": at("transcript.jsonl"),
    "egress-log-path": at("egress.jsonl"),
    "report-path": at("report.html"),
  };
  const outputs = renderOutputs({ outcome, notes: record.notes, commentUrl, durationMs, paths });
  runner.setOutputs(Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, seal(told, `output ${name}`, value)])));
}

async function upload(told: Telling, files: readonly string[]): Promise<void> {
  const { runner } = told;
  if (files.length === 0) return;
  await runner.uploadArtifact(`airlock-${runner.run.runId}-${runner.run.attempt}`, files);
}

/** The last look at a text before it leaves: known values are redacted, and a text that still carries one is withheld (I14). */
function seal(told: Telling, channel: string, text: string): string {
  const redacted = told.redact(text);
  const leak = describeLeaks({ [channel]: redacted }, told.secrets);
  if (leak === undefined) return redacted;
  told.runner.log.warning(`Withheld: ${leak}.`);
  return channel === "record" ? "{}\n" : `Withheld by Airlock: ${leak}.`;
}

async function attempt<T>(log: RunnerLog, what: string, body: () => Promise<T>): Promise<T | undefined> {
  try {
    return await body();
  } catch (error) {
    const named = nameEnding({ failure: error });
    log.warning(`Could not ${what}: ${inertLine(named.outcome.reason, 500)} ${named.error?.remedy ?? ""}`);
    return undefined;
  }
}
