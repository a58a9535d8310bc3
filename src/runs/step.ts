import { findAirlockError } from "../domain/errors.ts";
import { concludes, type Outcome } from "../domain/outcome.ts";
import type { ErrorNote } from "../domain/record/notes.ts";
import { openRecord, type RunRecord } from "../domain/record/record.ts";
import { type RunResult, toOutcome } from "../domain/record/result.ts";
import type { Secret } from "../domain/secret.ts";
import type { Target } from "../domain/task.ts";
import { VERSION } from "../domain/version.ts";
import type { Forge } from "../ports/forge.ts";
import type { Runner } from "../ports/runner.ts";
import { report } from "../stages/report.ts";

/** A step of a job that does a run's work: its record, whose stages are groups in the log, and its end. */
export interface Step {
  readonly runner: Runner;
  readonly record: RunRecord;
  /** Tells everybody how the run ended. */
  report(result: RunResult, known: Known): Promise<Outcome>;
  /** The one place that fails the step and ends the process. */
  end(outcome: Outcome): never;
}

/** What is known at the end of a run, which may end anywhere. */
export interface Known {
  readonly forge: Forge | undefined;
  readonly target: Target | undefined;
  readonly secrets: readonly Secret[];
}

export function openStep(runner: Runner): Step {
  const startedAtMs = Date.now();
  const record = openRecord({
    now: Date.now,
    group: (title, body) => runner.log.group(title, body),
    errorId: (thrown) => findAirlockError(thrown)?.id,
  });
  return {
    runner,
    record,
    report: (result, known) => report({ ...known, runner, record, result, version: VERSION, startedAtMs, now: Date.now }),
    end: (outcome) => end(runner, outcome, record.notes.error),
  };
}

/** Ends a step that could not begin: what it can still say is its outcome, and one line. */
export function endUnbegun(runner: Pick<Runner, "log" | "setOutputs" | "fail">, failure: unknown): never {
  const { outcome, error } = toOutcome({ failure });
  try {
    runner.setOutputs({ outcome: outcome.word, conclusion: concludes(outcome.word), summary: outcome.reason });
  } catch {
    // The same folder or disk, as a rule; the line below says what is wrong with it.
  }
  end(runner, outcome, error);
}

function end(runner: Pick<Runner, "log" | "fail">, outcome: Outcome, error: Partial<ErrorNote> | undefined): never {
  const failed = concludes(outcome.word) === "failure";
  const line = error === undefined ? `${outcome.word}: ${outcome.reason}` : `${error.id} ${outcome.word}: ${error.message} ${error.remedy}`;
  if (failed) runner.fail(line);
  else runner.log.info(line);
  process.exit(failed ? 1 : 0);
}
