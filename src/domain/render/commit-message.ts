import { inertTitle } from "../inert.ts";
import type { Target } from "../task.ts";

/** Trailer that distinguishes Airlock's own commits from people's. */
const TRAILER = "Airlock-Run";

export interface TitleOptions {
  /** The input `title`; empty: the task's own. */
  readonly given: string;
  /** The task's cleaned title. */
  readonly task: string;
  readonly target: Target;
}

/** Title of the pull request and subject of the commit. */
export function renderTitle({ given, task, target }: TitleOptions): string {
  const title = inertTitle(given === "" ? task : given);
  if (title !== "") return title;
  return target.number === undefined ? "Changes by Airlock" : `Changes for ${target.kind} ${target.number}`;
}

/** The commit's whole message. It has no text of the agent's and no closing keyword. */
export function renderCommitMessage(options: { readonly title: string; readonly url: string; readonly baseSha: string }): string {
  return `${options.title}\n\nMade by a coding agent in a sandbox and checked by Airlock before it was pushed.\n\n${TRAILER}: ${options.url}\nAirlock-Base: ${options.baseSha}\n`;
}

/** Whether a commit is one of Airlock's, by its message. */
export function isOwnCommit(message: string): boolean {
  return message.split("\n").some((line) => line.startsWith(`${TRAILER}: `));
}
