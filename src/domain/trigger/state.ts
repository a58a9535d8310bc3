import { concludes, type OutcomeWord } from "../outcome.ts";
import type { TriggerSettings } from "../settings.ts";

/** Label that a target carries while a run is under way on it. */
export function workingLabel(trigger: TriggerSettings): string {
  return `${trigger.label}:working`;
}

/** Label that a target keeps when the run ended without what it was asked for. */
export function heldLabel(trigger: TriggerSettings): string {
  return `${trigger.label}:held`;
}

/** What is done to the target after the end. Pure. */
export interface FinalLabels {
  readonly remove: readonly string[];
  readonly add: readonly string[];
  readonly reaction: "rocket" | "confused" | undefined;
}

export function chooseFinalLabels(word: OutcomeWord, trigger: TriggerSettings): FinalLabels {
  const conclusion = concludes(word);
  return {
    remove: [workingLabel(trigger)],
    add: conclusion === "failure" ? [heldLabel(trigger)] : [],
    reaction: word === "skipped" ? undefined : conclusion === "success" ? "rocket" : "confused",
  };
}

/** Marker of the one comment per target that tells what a run is doing and that serves as the lock. */
export const TRACKING_MARKER = "airlock:tracking";

/** No run lasts longer: the most that the input `timeout-minutes` takes. */
const LONGEST_RUN_MS = 360 * 60_000;
const LOCK_SLACK_MS = 15 * 60_000;
/** Past a run's time limit until its lock is void, for its own start and end. */
export const LONGEST_LOCK_MS = LONGEST_RUN_MS + LOCK_SLACK_MS;

/** Who holds a target. */
export interface Lock {
  readonly runId: string;
  readonly attempt: number;
  /** Milliseconds since the epoch; a run that is not gone by then has crashed. */
  readonly untilMs: number;
}

/** Right below the comment's own marker: no other text can stand there. */
const LOCK = new RegExp(
  `^<!-- ${TRACKING_MARKER} -->\\r?\\n<!-- airlock:lock run=(\\d{1,20}) attempt=(\\d{1,6}) until=(\\d{1,15}) -->(?:\\r?\\n|$)`,
);

/** Milliseconds since the epoch at which the lock of a run that starts now is void. */
export function lockUntil(nowMs: number, timeoutMs: number): number {
  return nowMs + timeoutMs + LOCK_SLACK_MS;
}

/** First line of a tracking comment's text while its run is under way; without it nobody holds the target. */
export function renderLock(lock: Lock): string {
  return `<!-- airlock:lock run=${lock.runId.replace(/\D/g, "") || "0"} attempt=${lock.attempt} until=${lock.untilMs} -->`;
}

/**
 * The lock in a whole comment, its marker line included. Void at the latest when the longest run that could have written it is over:
 * `updatedAtMs` is when the comment was last written, in milliseconds since the epoch.
 */
export function parseLock({ body, updatedAtMs }: { readonly body: string; readonly updatedAtMs: number }): Lock | undefined {
  const match = LOCK.exec(body);
  if (match === null) return undefined;
  const untilMs = Math.min(Number(match[3]), updatedAtMs + LONGEST_LOCK_MS);
  return { runId: match[1] ?? "", attempt: Number(match[2]), untilMs };
}

/** Whether a whole comment is a tracking comment, by its first line. Only to be asked of comments of our own account. */
export function isTracking(body: string): boolean {
  return new RegExp(`^<!-- ${TRACKING_MARKER} -->(?:\\r?\\n|$)`).test(body);
}

/** A lock keeps another run out: not our own run's (a re-run takes it over), and not one that has run out. */
export function isHeldByOther(lock: Lock, own: Pick<Lock, "runId">, nowMs: number): boolean {
  return lock.runId !== own.runId && lock.untilMs > nowMs;
}
