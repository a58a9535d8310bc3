import { messageOf } from "../../domain/errors.ts";
import type { OutcomeWord } from "../../domain/outcome.ts";
import type { Settings } from "../../domain/settings.ts";
import type { NotAdmitted, Trigger } from "../../domain/task.ts";
import { WORKFLOW_BOT } from "../../domain/trigger/actors.ts";
import { mayWrite } from "../../domain/trigger/permission.ts";
import {
  chooseFinalLabels,
  heldLabel,
  isHeldByOther,
  LONGEST_LOCK_MS,
  type Lock,
  lockUntil,
  parseLock,
  renderLock,
  TRACKING_MARKER,
  workingLabel,
} from "../../domain/trigger/state.ts";
import type { Forge, ReactionTarget } from "../../ports/forge.ts";
import type { RunnerFacts, RunnerLog } from "../../ports/runner.ts";

export interface AcknowledgeOptions {
  readonly forge: Forge;
  readonly trigger: Trigger;
  readonly settings: Settings;
  readonly log: RunnerLog;
  /** Which run this is, for the lock. Without it no lock is taken. */
  readonly run?: RunnerFacts;
  readonly now?: () => number;
  /** Wait between writing the lock and reading it back; default 2 s. */
  readonly settleMs?: number;
}

/** Whether this run may go on, and what it changed on the target. */
export interface Acknowledgement {
  /** False: another run has the target, or the label is gone. The run ends as `skipped`. */
  readonly claimed: boolean;
  readonly reason?: string;
  /** The working label is on; its removal is a wish to stop. */
  readonly working: boolean;
}

const SETTLE_MS = 2_000;
/** As many as `putComment` looks through. */
const MAX_COMMENTS = 3_000;

/**
 * Takes the target for this run, shows the eyes and moves the label. Nothing here fails a run: what GitHub refuses is
 * a warning, since publication is idempotent by itself (I17).
 */
export async function acknowledge(options: AcknowledgeOptions): Promise<Acknowledgement> {
  const { forge, trigger, settings, log } = options;
  const number = trigger.target.number;
  if (number === undefined) return { claimed: true, working: false };
  const refusal =
    (await attempt(log, "read the label", () => missesLabel(options, number))) ??
    (await attempt(log, "take the lock", () => lock(options, number)));
  if (refusal !== undefined) return { claimed: false, reason: refusal, working: false };
  await attempt(log, "react", () => react(forge, trigger, "eyes"));
  const working = await attempt(log, "set the label", async () => {
    await forge.addLabels(number, [workingLabel(settings.trigger)]);
    return true;
  });
  const done = [...(trigger.label === undefined ? [] : [trigger.label]), heldLabel(settings.trigger)];
  for (const label of done) await attempt(log, "remove the label", () => forge.removeLabel(number, label));
  return { claimed: true, working: working ?? false };
}

/** A label that went before we came was taken by another run or by a person. A re-run's label went with its first attempt. */
async function missesLabel({ forge, trigger, run }: AcknowledgeOptions, number: number): Promise<string | undefined> {
  const label = trigger.label;
  if (label === undefined || (run?.attempt ?? 1) > 1) return undefined;
  const facts = trigger.target.kind === "issue" ? await forge.readIssue(number) : await forge.readPullRequest(number);
  if (facts.labels.some((name) => name.toLowerCase() === label.toLowerCase())) return undefined;
  return `The label \`${label}\` is not on #${number} any more: another run took it, or it was removed.`;
}

async function lock(options: AcknowledgeOptions, number: number): Promise<string | undefined> {
  const { forge, trigger, settings, run } = options;
  if (run === undefined) return undefined;
  const nowMs = (options.now ?? Date.now)();
  const own: Lock = { runId: run.runId, attempt: run.attempt, untilMs: lockUntil(nowMs, settings.limits.timeoutMs) };
  const before = await readLocks(forge, number, nowMs);
  if (before.some((held) => isHeldByOther(held, own, nowMs))) return busy(number);
  const body = `${renderLock(own)}\nAirlock is at work on this, started by @${trigger.actor}: [run](${run.url}).`;
  await forge.putComment(number, TRACKING_MARKER, body);
  await new Promise((resolve) => setTimeout(resolve, options.settleMs ?? SETTLE_MS));
  const [first] = await readLocks(forge, number, nowMs);
  return first !== undefined && isHeldByOther(first, own, nowMs) ? busy(number) : undefined;
}

function busy(number: number): string {
  return `Another run is at work on #${number}.`;
}

/**
 * Locks written by a bot or by someone who may write; anybody can post a comment that looks like one. A lock that still holds was
 * written since the longest run could have begun, wherever in the thread its comment stands.
 */
async function readLocks(forge: Forge, number: number, nowMs: number): Promise<readonly Lock[]> {
  const comments = await forge.readComments(number, MAX_COMMENTS, nowMs - LONGEST_LOCK_MS);
  const trusted = new Map<string, boolean>();
  const locks: Lock[] = [];
  for (const comment of comments) {
    const lock = parseLock(comment);
    if (lock === undefined) continue;
    const { author } = comment;
    const trust = trusted.get(author) ?? (await isTrusted(forge, author));
    trusted.set(author, trust);
    if (trust) locks.push(lock);
  }
  return locks;
}

async function isTrusted(forge: Forge, login: string): Promise<boolean> {
  if (login === WORKFLOW_BOT || login === (await forge.readIdentity?.())) return true;
  return mayWrite(await forge.readPermission(login));
}

export interface ConcludeOptions {
  readonly forge: Forge;
  readonly trigger: Pick<Trigger, "target" | "comment">;
  readonly settings: Pick<Settings, "trigger">;
  readonly log: RunnerLog;
  readonly outcome: OutcomeWord;
}

/**
 * Takes the working label off, leaves `held` where something went wrong, and reacts. Never fails a run. The lock goes when the report
 * writes the comment.
 */
export async function conclude(options: ConcludeOptions): Promise<void> {
  const { forge, trigger, settings, log, outcome } = options;
  const number = trigger.target.number;
  if (number === undefined) return;
  const finalLabels = chooseFinalLabels(outcome, settings.trigger);
  if (finalLabels.add.length > 0) await attempt(log, "set the label", () => forge.addLabels(number, finalLabels.add));
  for (const label of finalLabels.remove) await attempt(log, "remove the label", () => forge.removeLabel(number, label));
  const reaction = finalLabels.reaction;
  if (reaction !== undefined) await attempt(log, "react", () => react(forge, trigger, reaction));
}

export interface AnswerOptions {
  readonly forge: Forge;
  readonly admission: NotAdmitted;
  readonly settings: Settings;
  readonly log: RunnerLog;
}

/** Answers who asked by name: at most one comment per target for a refusal, one for help, and for `stop` the label goes. */
export async function answer({ forge, admission, settings, log }: AnswerOptions): Promise<void> {
  const number = admission.target?.number;
  if (number === undefined) return;
  const { command, reply, comment, word } = admission;
  if (command === "stop") await attempt(log, "remove the label", () => forge.removeLabel(number, workingLabel(settings.trigger)));
  if (comment !== undefined) await attempt(log, "react", () => reactTo(forge, comment, word === "refused" ? "confused" : "eyes"));
  if (reply === undefined) return;
  const marker = command === "help" ? "airlock:help" : "airlock:refused";
  await attempt(log, "write the comment", () => forge.putComment(number, marker, reply));
}

async function react(forge: Forge, trigger: Pick<Trigger, "target" | "comment">, reaction: "eyes" | "rocket" | "confused"): Promise<void> {
  if (trigger.comment !== undefined) return await reactTo(forge, trigger.comment, reaction);
  const number = trigger.target.number;
  if (number !== undefined) await forge.react({ kind: "issue", id: number }, reaction);
}

/** A review itself takes no reactions. */
async function reactTo(forge: Forge, comment: NonNullable<Trigger["comment"]>, reaction: "eyes" | "rocket" | "confused"): Promise<void> {
  if (comment.kind === "review") return;
  const target: ReactionTarget = { kind: comment.kind, id: comment.id };
  await forge.react(target, reaction);
}

async function attempt<T>(log: RunnerLog, what: string, body: () => Promise<T>): Promise<T | undefined> {
  try {
    return await body();
  } catch (error) {
    log.warning(`Could not ${what}: ${messageOf(error)}`);
    return undefined;
  }
}
