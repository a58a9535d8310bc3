import { AirlockError, findAirlockError } from "../errors.ts";
import { inertLine } from "../inert.ts";
import type { Outcome } from "../outcome.ts";
import type { ErrorNote } from "./notes.ts";

/** How a run ended: with an outcome, or with something thrown. */
export type RunResult = { readonly outcome: Outcome } | { readonly failure: unknown };

/** The outcome of a run, and the error for people if there was one (I20). */
export function toOutcome(result: RunResult): { readonly outcome: Outcome; readonly error?: ErrorNote } {
  if ("outcome" in result) return { outcome: result.outcome };
  const error = findAirlockError(result.failure) ?? toInternal(result.failure);
  const { id, code, blame, remedy } = error;
  const message = inertLine(error.message, 2000);
  return { outcome: { word: error.outcome, reason: message }, error: { id, code, blame, message, remedy: inertLine(remedy, 2000) } };
}

function toInternal(failure: unknown): AirlockError {
  const message = failure instanceof Error ? `${failure.name}: ${failure.message}` : "Something that is not an error was thrown.";
  return new AirlockError("internal", {
    message,
    remedy: "Run the job again; when it comes back, report it as a defect of Airlock with the run's record.",
    cause: failure,
  });
}
