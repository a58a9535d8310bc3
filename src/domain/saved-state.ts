import { concludes, type Outcome, type OutcomeWord } from "./outcome.ts";
import type { Target } from "./task.ts";

/** Names under which the main step leaves word for its post step, which knows nothing else of it. */
export const SAVED = { step: "airlock-step", target: "airlock-target", publication: "airlock-publication" } as const;

/** `unsure`: the main step told everybody how it ended, but a sandbox may be left. `ended`: there is nothing left to do. */
export const STEP_STATES = ["started", "unsure", "ended"] as const;
export type StepState = (typeof STEP_STATES)[number];

/** What a run writes to the forge as its result. */
export const PUBLICATION_KINDS = ["pull-request", "push", "review", "comment"] as const;

/** Saved before the first write of a publication: from here on it may be there. */
export interface EnteredPublication {
  readonly stage: "entered";
  readonly kind: (typeof PUBLICATION_KINDS)[number];
  /** The branch that is written; absent for what is no branch. */
  readonly branch?: string | undefined;
}

/** Tells the post step, before the first write, what is about to be published. */
export type Announce = (publication: Omit<EnteredPublication, "stage">) => void;

/** Saved after the last write. */
export interface DonePublication {
  readonly stage: "done";
  readonly word: OutcomeWord;
  /** Of the pull request. */
  readonly number?: number | undefined;
  /** Of the pull request or the comment. */
  readonly url?: string | undefined;
}

export type PublicationState = EnteredPublication | DonePublication;

/** What a main step left. */
export interface SavedState {
  readonly step: StepState;
  /** What the run took, or was about to take. */
  readonly target: Target | "none" | "unknown";
  readonly publication: PublicationState | "none" | "unknown";
}

/** A run that failed after it had a sandbox, proved or not, may have failed to take it away. */
export function chooseStepState({ word }: Outcome, sandboxes: readonly unknown[]): StepState {
  return sandboxes.length === 0 || concludes(word) === "success" ? "ended" : "unsure";
}

/** Undefined: the outcome published nothing. */
export function noteDone({ word, publication }: Outcome): DonePublication | undefined {
  if (publication === undefined) return undefined;
  const { pullRequestNumber: number, pullRequestUrl, commentUrl } = publication;
  const url = commentUrl ?? pullRequestUrl;
  return { stage: "done", word, ...(number === undefined ? {} : { number }), ...(url === undefined ? {} : { url }) };
}
