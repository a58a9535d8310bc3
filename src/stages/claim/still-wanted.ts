import { AirlockError } from "../../domain/errors.ts";
import type { Settings } from "../../domain/settings.ts";
import type { Trigger } from "../../domain/task.ts";
import { findCommand } from "../../domain/trigger/command.ts";
import { mayWrite } from "../../domain/trigger/permission.ts";
import { workingLabel } from "../../domain/trigger/state.ts";
import type { CommentFacts } from "../../ports/conversation.ts";
import type { Forge } from "../../ports/forge.ts";

export interface WantedOptions {
  readonly forge: Forge;
  readonly trigger: Trigger;
  readonly settings: Settings;
  /** The working label was set (`Acknowledgement.working`): its removal is a wish to stop. */
  readonly working: boolean;
  /** A label that has to be on the target, in place of the working one. */
  readonly label?: string;
}

export interface StopDecision {
  readonly wanted: boolean;
  /** One sentence; empty when wanted. */
  readonly reason: string;
  /** The forge did not answer: not wanted, but not because anybody said so. */
  readonly unknown?: boolean;
}

const MAX_COMMENTS = 300;

/**
 * Asked before anything is published, and now and then while the agent works: is the target still open, does it still
 * carry the working label, and has nobody with write permission said `stop` since? What cannot be read is not wanted.
 */
export async function stillWanted(options: WantedOptions): Promise<StopDecision> {
  const { forge, trigger, settings, working } = options;
  const { kind, number } = trigger.target;
  if (number === undefined || kind === "repository") return { wanted: true, reason: "" };
  try {
    const facts = kind === "issue" ? await forge.readIssue(number) : await forge.readPullRequest(number);
    if (facts.state !== "open") return no(`#${number} was closed while the run was under way.`);
    const label = options.label ?? (working ? workingLabel(settings.trigger) : undefined);
    if (label !== undefined && !facts.labels.some((name) => name.toLowerCase() === label.toLowerCase()))
      return no(`The label \`${label}\` was removed from #${number}.`);
    const stopper = await findStop(options, number);
    return stopper === undefined ? { wanted: true, reason: "" } : no(`@${stopper} asked to stop.`);
  } catch {
    return { ...no(`#${number} could not be read, so it is not known whether the run is still wanted.`), unknown: true };
  }
}

/**
 * Stops a run that nobody wants any more, before anything is published.
 * @throws AirlockError `run.cancelled`
 */
export async function throwIfStopRequested(options: WantedOptions): Promise<void> {
  const { wanted, reason } = await stillWanted(options);
  if (!wanted) throw stopped(reason);
}

async function findStop({ forge, trigger, settings }: WantedOptions, number: number): Promise<string | undefined> {
  const comments = await forge.readComments(number, MAX_COMMENTS, trigger.triggeredAtMs);
  for (const comment of comments) {
    if (!isStop(comment, trigger, settings.trigger.phrase)) continue;
    if (mayWrite(await forge.readPermission(comment.author))) return comment.author;
  }
  return undefined;
}

function isStop(comment: CommentFacts, trigger: Trigger, phrase: string): boolean {
  if (comment.createdAtMs < trigger.triggeredAtMs) return false;
  return findCommand(comment.body, phrase)?.name === "stop";
}

function no(reason: string): StopDecision {
  return { wanted: false, reason };
}

export interface WatchOptions extends WantedOptions {
  /** Default 30 s. */
  readonly intervalMs?: number;
}

/** Looks at the target while the agent works. A single failed look is not a reason to throw work away; a clear no is. */
export function watchForStop(options: WatchOptions): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    const { wanted, reason, unknown } = await stillWanted(options);
    looking = false;
    if (!wanted && unknown !== true) controller.abort(stopped(reason));
  };
  const timer = setInterval(() => void look(), options.intervalMs ?? 30_000);
  timer.unref();
  return { signal: controller.signal, [Symbol.dispose]: () => clearInterval(timer) };
}

function stopped(reason: string): AirlockError {
  return new AirlockError("run.cancelled", { message: reason, remedy: "Start the run again when it is wanted." });
}
