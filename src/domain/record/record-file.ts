import { cut, visible } from "../inert.ts";
import { concludes, type Outcome } from "../outcome.ts";
import type { ChainFacts } from "./hash-chain.ts";
import type { ReviewFindingNote, RunNotes, SandboxFactsNote } from "./notes.ts";
import type { StageRun } from "./record.ts";

/** Names the shape of `record.json`; described by docs/record.schema.json. */
export const RECORD_FORMAT = "airlock/record/1";

const MAX_GUEST_CHARS = 20_000;

/** What the runner says about the run; goes into the record. */
export interface RunnerFacts {
  readonly repository: string;
  readonly runId: string;
  readonly attempt: number;
  /** Link to this run's page. */
  readonly url: string;
  readonly actor: string;
  readonly triggeringActor: string;
  readonly sha: string;
  readonly ref: string;
  readonly workflow: string;
}

export interface RecordFileOptions {
  /** Airlock's own version. */
  readonly version: string;
  readonly run: RunnerFacts;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly outcome: Outcome;
  readonly stageRuns: readonly StageRun[];
  readonly notes: RunNotes;
  readonly sandboxes: readonly SandboxFactsNote[];
  /** By file name. */
  readonly files: Readonly<Record<string, ChainFacts>>;
}

/** The text of `record.json` (I22). Guest text in it is cut and its invisible characters are spelt out; keys come in a fixed order. */
export function renderRecord(options: RecordFileOptions): string {
  const { outcome } = options;
  const record = {
    ...options.notes,
    ...boundGuestText(options.notes),
    format: RECORD_FORMAT,
    airlock: { version: options.version },
    run: options.run,
    startedAt: new Date(options.startedAtMs).toISOString(),
    durationMs: options.durationMs,
    outcome: { word: outcome.word, conclusion: concludes(outcome.word), reason: outcome.reason },
    publication: outcome.publication ?? {},
    stations: options.stageRuns.map(({ stage, ...rest }) => ({ station: stage, ...rest })),
    sandboxes: options.sandboxes,
    files: options.files,
  };
  return `${JSON.stringify(record, null, 2)}\n`;
}

function boundGuestText({ agent, verification, review }: RunNotes): Record<string, unknown> {
  const ending = agent?.ending === undefined ? undefined : { ...agent.ending, message: bound(agent.ending.message) };
  return {
    ...(ending === undefined ? {} : { agent: { ...agent, ending } }),
    ...(verification?.output === undefined ? {} : { verification: boundVerification(verification) }),
    ...(review === undefined ? {} : { review: boundReview(review) }),
  };
}

function boundVerification({ output = "", rounds, ...rest }: NonNullable<RunNotes["verification"]>): NonNullable<RunNotes["verification"]> {
  const kept = rounds?.map((round) => ({ ...round, output: bound(round.output) }));
  return { ...rest, output: bound(output), ...(kept === undefined ? {} : { rounds: kept }) };
}

function boundReview(review: NonNullable<RunNotes["review"]>): NonNullable<RunNotes["review"]> {
  const claimed = <T extends ReviewFindingNote>(finding: T): T => ({ ...finding, claim: bound(finding.claim) });
  const { inline, listed } = review;
  return {
    ...review,
    ...(inline === undefined ? {} : { inline: inline.map(claimed) }),
    ...(listed === undefined ? {} : { listed: listed.map(claimed) }),
  };
}

function bound(text: string): string {
  return cut(visible(text), MAX_GUEST_CHARS);
}
