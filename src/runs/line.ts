import { abortReason } from "../domain/deadline.ts";
import type { Announce } from "../domain/saved-state.ts";
import type { Runner } from "../ports/runner.ts";
import { throwIfStopRequested, type WantedOptions, watchForStop } from "../stages/claim/still-wanted.ts";
import type { ContainOptions } from "./inside.ts";

/** What a fix and a review have in common: all that is known of a run once its policy is. */
export interface RunLine extends Omit<ContainOptions, "stop" | "secrets">, StopWatch {
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  /** Called before anything is published. */
  readonly announce: Announce;
}

/** Whether the run is still wanted. */
export interface StopWatch {
  /** Watches the target while the agent works. */
  readonly watched: <T>(body: (stop: AbortSignal) => Promise<T>) => Promise<T>;
  /** @throws AirlockError `run.cancelled` if the run was cancelled, or is no longer wanted */
  readonly requireWanted: () => Promise<void>;
}

export function openStopWatch({ cancelled }: Runner, wanted: WantedOptions): StopWatch {
  return {
    async watched(body) {
      using watch = watchForStop(wanted);
      return await body(watch.signal);
    },
    async requireWanted() {
      await throwIfStopRequested(wanted);
      if (cancelled.aborted) throw abortReason(cancelled);
    },
  };
}
