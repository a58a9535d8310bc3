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
export interface Farewell {
  readonly remove: readonly string[];
  readonly add: readonly string[];
  readonly reaction: "rocket" | "confused" | undefined;
}

export function decideFarewell(word: OutcomeWord, trigger: TriggerSettings): Farewell {
  const conclusion = concludes(word);
  return {
    remove: [workingLabel(trigger)],
    add: conclusion === "failure" ? [heldLabel(trigger)] : [],
    reaction: word === "skipped" ? undefined : conclusion === "success" ? "rocket" : "confused",
  };
}

/** Marker of the one comment per target that tells what a run is doing and that serves as the lock. */
export const TRACKING_MARKER = "airlock:tracking";

/** Who holds a target. */
export interface Lock {
  readonly runId: string;
  readonly attempt: number;
  /** Milliseconds since the epoch; a run that is not gone by then has crashed. */
  readonly untilMs: number;
}

const LOCK = /<!-- airlock:lock run=(\d{1,20}) attempt=(\d{1,6}) until=(\d{1,15}) -->/;

/** The line a tracking comment carries while its run is under way; without it nobody holds the target. */
export function renderLock(lock: Lock): string {
  return `<!-- airlock:lock run=${lock.runId.replace(/\D/g, "") || "0"} attempt=${lock.attempt} until=${lock.untilMs} -->`;
}

export function parseLock(body: string): Lock | undefined {
  const match = LOCK.exec(body);
  if (match === null) return undefined;
  return { runId: match[1] ?? "", attempt: Number(match[2]), untilMs: Number(match[3]) };
}

/** A lock keeps another run out: not our own run's (a re-run takes it over), and not one that has run out. */
export function isHeldByOther(lock: Lock, own: Pick<Lock, "runId">, nowMs: number): boolean {
  return lock.runId !== own.runId && lock.untilMs > nowMs;
}
