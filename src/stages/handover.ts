import type { Outcome } from "../domain/outcome.ts";
import { type Announce, noteDone, SAVED } from "../domain/saved-state.ts";
import type { Target } from "../domain/task.ts";
import type { Runner } from "../ports/runner.ts";

/** Tells the post step what this run is about to take. */
export function handOverTarget(runner: Runner, target: Target): void {
  runner.saveState(SAVED.target, JSON.stringify(target));
}

export function openAnnounce(runner: Runner): Announce {
  return (publication) => runner.saveState(SAVED.publication, JSON.stringify({ stage: "entered", ...publication }));
}

/** Tells the post step what was published. When that fails it still knows what was about to be. */
export function handOverOutcome(runner: Runner, outcome: Outcome): Outcome {
  const done = noteDone(outcome);
  try {
    if (done !== undefined) runner.saveState(SAVED.publication, JSON.stringify(done));
  } catch (error) {
    runner.log.warning(`Could not tell the post step what was published: ${error instanceof Error ? error.message : "unknown error"}`);
  }
  return outcome;
}
