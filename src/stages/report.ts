import { Buffer } from "node:buffer";
import { inertLine } from "../domain/inert.ts";
import type { Outcome } from "../domain/outcome.ts";
import { type ChainFacts, openChain } from "../domain/record/hash-chain.ts";
import type { RunNotes } from "../domain/record/notes.ts";
import type { RunRecord } from "../domain/record/record.ts";
import { renderRecord } from "../domain/record/record-file.ts";
import { type RunResult, toOutcome } from "../domain/record/result.ts";
import { withholdPatch } from "../domain/record/withhold-patch.ts";
import { renderEnded } from "../domain/render/comment.ts";
import { suggestions } from "../domain/render/markdown.ts";
import { renderStepSummary } from "../domain/render/step-summary.ts";
import { renderOutputs } from "../domain/report/outputs.ts";
import { renderReportHtml } from "../domain/report/page.ts";
import type { Secret } from "../domain/secret.ts";
import { openRedactor } from "../domain/secrets/redact.ts";
import { carriesLeak, collectStrings, mapStrings } from "../domain/secrets/report.ts";
import type { Target } from "../domain/task.ts";
import { TRACKING_MARKER } from "../domain/trigger/state.ts";
import type { Forge } from "../ports/forge.ts";
import type { Runner, RunnerLog } from "../ports/runner.ts";

/** Files of a run that are uploaded, besides the ones written here; nothing else ever is. */
const LINE_FILES = ["transcript.jsonl", "egress.jsonl"] as const;
const OTHER_FILES = ["patch.diff", "agent.log"] as const;
/** GitHub shows ten annotations of a kind per step. */
const MAX_ANNOTATIONS = 9;
/** Bytes of each file that the report shows. */
const HEAD_BYTES = 2 << 20;
/** About ten seconds of searching. */
const MAX_SEARCHED_BYTES = 64 << 20;
const SCAN_BYTES = 4 << 20;
const SCAN_OVERLAP_BYTES = 64 << 10;

export interface ReportOptions {
  readonly runner: Runner;
  /** undefined if the run ended before there was one. */
  readonly forge: Forge | undefined;
  readonly record: RunRecord;
  readonly result: RunResult;
  /** What the run took for itself, and where its comment is; undefined: nothing, or what it works on is no thread. */
  readonly target: Target | undefined;
  readonly secrets: readonly Secret[];
  /** Airlock's own version. */
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  readonly now: () => number;
}

/**
 * Tells everybody how the run ended, whatever happened before: outputs, files, comment, summary, artifact. Each part is tried separately; a
 * failure is a warning, so that the run's own error is never lost.
 */
export async function report(options: ReportOptions): Promise<Outcome> {
  const { runner, record } = options;
  const { outcome, error } = toOutcome(options.result);
  if (error !== undefined) record.note("error", error);
  record.outcome = outcome;
  const durationMs = options.now() - options.startedAtMs;
  const filter = openSecretFilter(options);
  const told: ReportFacts = {
    ...options,
    durationMs,
    filter,
    outcome: filter.facts("outcome", outcome),
    notes: filter.facts("record", record.notes),
  };
  const commentUrl = await finishComment(told);
  await attempt(runner.log, "set the outputs", async () => setOutputs(told, commentUrl));
  await attempt(runner.log, "write the step summary", () => writeSummary(told));
  await attempt(runner.log, "annotate the run", async () => annotate(told));
  const files = await attempt(runner.log, "write the run's files", () => writeFiles(told));
  await attempt(runner.log, "upload the artifact", () => upload(told, files ?? []));
  return outcome;
}

interface ReportFacts extends ReportOptions {
  readonly outcome: Outcome;
  /** The record's notes without anything that would carry a secret. */
  readonly notes: RunNotes;
  readonly durationMs: number;
  readonly filter: SecretFilter;
}

async function finishComment(told: ReportFacts): Promise<string | undefined> {
  const { forge, outcome, notes, runner } = told;
  const number = told.target?.number;
  if (forge === undefined || number === undefined) return undefined;
  const body = told.filter.text("comment", renderEnded({ outcome, notes, durationMs: told.durationMs, url: runner.run.url }));
  const put = await attempt(runner.log, "finish the tracking comment", () => forge.putComment(number, TRACKING_MARKER, body));
  return put?.url;
}

async function writeSummary(told: ReportFacts): Promise<void> {
  const { outcome, notes, record, runner, durationMs } = told;
  const markdown = renderStepSummary({ outcome, notes, stageRuns: record.stageRuns, durationMs, url: runner.run.url });
  await runner.writeSummary(told.filter.text("step summary", markdown));
}

/** What a person should see on the run's page without opening anything: serious findings, and refused hosts with the line to add. */
function annotate({ runner, notes, filter: seal }: ReportFacts): void {
  const grave = (notes.gate?.findings ?? []).filter(({ severity }) => severity !== "notice");
  for (const { code, path, reason, remedy } of grave.slice(0, MAX_ANNOTATIONS)) {
    runner.log.warning(
      seal.text("annotation", inertLine([code, path, reason, remedy].filter((part) => part !== undefined).join(": "), 1000)),
    );
  }
  const lines = suggestions(notes);
  if (lines.length > 0)
    runner.log.notice(
      seal.text(
        "annotation",
        `The sandbox asked for hosts that no rule allows. To let them through, add to the input allow: ${lines.map((line) => inertLine(line)).join(", ")}`,
      ),
    );
}

/** Writes the report, then `record.json` with the hash chains of the run's other files. Returns the files that may leave. */
async function writeFiles(told: ReportFacts): Promise<readonly string[]> {
  const { runner, record, outcome, notes, version, startedAtMs, durationMs, filter: seal } = told;
  const found = new Map<string, Inspection>();
  for (const name of [...LINE_FILES, ...OTHER_FILES]) {
    const inspection = await inspect(told, name);
    if (inspection === undefined) continue;
    const withheld = name === "patch.diff" ? withholdPatch(record.notes) : undefined;
    const clean = inspection.clean && withheld === undefined;
    found.set(name, { ...inspection, clean });
    const why = withheld ?? "it would carry a secret, or is too large to be searched for one";
    if (!clean) runner.log.warning(`${name} stays on the runner: ${why}.`);
  }
  const shown = { outcome, notes, stageRuns: record.stageRuns, durationMs, startedAtMs, run: runner.run };
  const page = renderReportHtml({
    ...shown,
    transcript: headOf(found, "transcript.jsonl").split("\n").slice(0, -1),
    diff: headOf(found, "patch.diff"),
  });
  const report = await runner.writeFile("report.html", seal.text("report", page));
  const files = Object.fromEntries([...found].map(([name, { facts }]) => [name, facts]));
  const text = renderRecord({ ...shown, sandboxes: seal.facts("record", record.sandboxes), version, files });
  const written = await runner.writeFile("record.json", seal.text("record", text));
  return [written, report, ...[...found.values()].filter(({ clean }) => clean).map(({ path }) => path)];
}

function headOf(found: ReadonlyMap<string, Inspection>, name: string): string {
  const inspection = found.get(name);
  return inspection?.clean !== true ? "" : inspection.head.toString("utf8");
}

interface Inspection {
  readonly path: string;
  readonly facts: ChainFacts;
  /** The file was searched to its end, and no secret was found. */
  readonly clean: boolean;
  /** The beginning of the file, for the report. */
  readonly head: Buffer;
}

/** Reads a file once, in pieces: its hash chain, its beginning, and whether it contains a secret. */
async function inspect(told: ReportFacts, name: string): Promise<Inspection | undefined> {
  const file = await told.runner.readFile(name);
  if (file === undefined) return undefined;
  const chain = openChain(name);
  const scan = openScan(told.secrets);
  const searched = file.bytes <= MAX_SEARCHED_BYTES;
  let head = Buffer.alloc(0);
  for await (const chunk of file.read()) {
    chain.push(chunk);
    if (searched) scan.push(chunk);
    if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
  }
  return { path: file.path, facts: chain.end(), clean: scan.end() && searched, head };
}

/** Searches for secrets window by window; windows overlap by more than the longest form of a secret. */
function openScan(secrets: readonly Secret[]) {
  let window = Buffer.alloc(0);
  let clean = true;
  const scan = (): void => {
    clean = clean && !carriesLeak(window.toString("utf8"), secrets);
  };
  return {
    push(chunk: Uint8Array): void {
      window = Buffer.concat([window, chunk]);
      if (window.length < SCAN_BYTES) return;
      scan();
      window = window.subarray(-SCAN_OVERLAP_BYTES);
    },
    /** Whether nothing was found. */
    end(): boolean {
      scan();
      return clean;
    },
  };
}

function setOutputs(told: ReportFacts, commentUrl: string | undefined): void {
  const { runner, outcome, notes, durationMs, filter: seal } = told;
  const at = (name: string): string => `${runner.directory}/${name}`;
  const paths = {
    "record-path": at("record.json"),
    "patch-path": at("patch.diff"),
    "transcript-path": at("transcript.jsonl"),
    "egress-log-path": at("egress.jsonl"),
    "report-path": at("report.html"),
  };
  const outputs = renderOutputs({ outcome, notes, commentUrl, durationMs, paths });
  runner.setOutputs(Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, seal.text(`output ${name}`, value)])));
}

async function upload(told: ReportFacts, files: readonly string[]): Promise<void> {
  const { runner } = told;
  if (files.length === 0) return;
  await runner.uploadArtifact(`airlock-${runner.run.runId}-${runner.run.attempt}`, files);
}

/** The last check of what leaves: known values are redacted, and what still contains one is withheld (I14). */
interface SecretFilter {
  text(channel: string, text: string): string;
  /** Checks every string of a plain value by itself, before rendering spells out characters that split a secret. */
  facts<T>(channel: string, value: T): T;
}

function openSecretFilter({ secrets, runner }: ReportOptions): SecretFilter {
  const redact = openRedactor(secrets);
  const withhold = (channel: string): string => {
    runner.log.warning(`Withheld: the ${channel} would carry a secret.`);
    return channel === "record" ? "{}\n" : `Withheld by Airlock: the ${channel} would carry a secret.`;
  };
  return {
    text(channel, text) {
      const redacted = redact(text);
      return carriesLeak(redacted, secrets) ? withhold(channel) : redacted;
    },
    facts(channel, value) {
      const redacted = mapStrings(value, redact);
      if (!carriesLeak(collectStrings(redacted), secrets)) return redacted;
      withhold(`${channel}'s text`);
      return mapStrings(redacted, (text) => (carriesLeak(text, secrets) ? "(withheld: it would carry a secret)" : text));
    },
  };
}

async function attempt<T>(log: RunnerLog, what: string, body: () => Promise<T>): Promise<T | undefined> {
  try {
    return await body();
  } catch (error) {
    const named = toOutcome({ failure: error });
    log.warning(`Could not ${what}: ${inertLine(named.outcome.reason, 500)} ${named.error?.remedy ?? ""}`);
    return undefined;
  }
}
