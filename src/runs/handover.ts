import { messageOf } from "../domain/errors.ts";
import type { Outcome } from "../domain/outcome.ts";
import { type Announce, noteDone, SAVED } from "../domain/saved-state.ts";
import type { Target } from "../domain/task.ts";
import type { Runner } from "../ports/runner.ts";

/** Tells the post step what this run is about to take. */
export function handOverTarget(runner: Runner, target: Target): void {
  tryToSave(runner, SAVED.target, target);
}

/** When this fails nothing is published: nobody could say that it may have been. */
export function openAnnounce(runner: Runner): Announce {
  return (publication) => runner.saveState(SAVED.publication, JSON.stringify({ stage: "entered", ...publication }));
}

/** Tells the post step what was published. When that fails it still knows what was about to be. */
export function handOverOutcome(runner: Runner, outcome: Outcome): Outcome {
  const done = noteDone(outcome);
  if (done !== undefined) tryToSave(runner, SAVED.publication, done);
  return outcome;
}

/** What the post step does not know costs an exact word or a label at most; the run is worth more. */
function tryToSave(runner: Runner, name: string, value: object): void {
  try {
    runner.saveState(name, JSON.stringify(value));
  } catch (error) {
    runner.log.warning(`Could not leave word for the post step: ${messageOf(error)}`);
  }
}
