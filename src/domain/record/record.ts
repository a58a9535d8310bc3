import type { Outcome } from "../outcome.ts";
import type { NoteFacts, RunNotes, SandboxFactsNote } from "./notes.ts";

/** The stages of a run, in the order of the line. */
export const STAGES = ["trigger", "task", "policy", "sandbox", "agent", "harvest", "verify", "gate", "publish", "report"] as const;
export type Stage = (typeof STAGES)[number];

/** One run of a stage. */
export interface StageRun {
  readonly stage: Stage;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly result: "ok" | "failed";
  /** Id of the AirlockError that ended it, for example `AL311`. */
  readonly error?: string;
}

/** What was run; grows during the run and is written out as `record.json` (I22). */
export interface RunRecord {
  /** Runs `body` as a stage: times it, groups its log lines, notes how it ended. */
  enter<T>(stage: Stage, body: () => Promise<T>): Promise<T>;
  /** Adds facts under a key of the record. Values are plain JSON; later facts under the same key are merged over earlier ones. */
  note<Key extends string>(key: Key, facts: NoteFacts<Key>): void;
  /** Adds facts of one sandbox; later facts of the same id are merged over earlier ones. */
  noteSandbox(facts: SandboxFactsNote): void;
  readonly stageRuns: readonly StageRun[];
  readonly notes: RunNotes;
  /** In the order in which they were made. */
  readonly sandboxes: readonly SandboxFactsNote[];
  outcome: Outcome | undefined;
}

export interface RecordOptions {
  readonly now: () => number;
  readonly group: <T>(title: string, body: () => Promise<T>) => Promise<T>;
  readonly errorId: (thrown: unknown) => string | undefined;
}

export function openRecord(options: RecordOptions): RunRecord {
  const stageRuns: StageRun[] = [];
  const notes: Record<string, Record<string, unknown>> = {};
  const sandboxes: SandboxFactsNote[] = [];
  const pass = (stage: Stage, startedAtMs: number, error?: unknown): void => {
    const id = error === undefined ? undefined : options.errorId(error);
    const result = error === undefined ? "ok" : "failed";
    stageRuns.push({ stage, startedAtMs, durationMs: options.now() - startedAtMs, result, ...(id === undefined ? {} : { error: id }) });
  };
  return {
    stageRuns,
    notes,
    outcome: undefined,
    sandboxes,
    noteSandbox(facts) {
      const at = sandboxes.findIndex(({ id }) => id === facts.id);
      if (at < 0) sandboxes.push(facts);
      else sandboxes[at] = { ...sandboxes[at], ...facts };
    },
    note(key, facts) {
      notes[key] = { ...notes[key], ...facts };
    },
    async enter(stage, body) {
      const startedAtMs = options.now();
      try {
        const value = await options.group(stage, body);
        pass(stage, startedAtMs);
        return value;
      } catch (error) {
        pass(stage, startedAtMs, error);
        throw error;
      }
    },
  };
}
