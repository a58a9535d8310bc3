import { addRemoved, excerpt, type TextLimits } from "../../domain/prompt/excerpt.ts";
import type { Quotation } from "../../domain/prompt/prompt.ts";
import type { Settings } from "../../domain/settings.ts";
import type { Trigger } from "../../domain/task.ts";
import type { NameImage } from "../../domain/text/tally.ts";
import { WORKFLOW_BOT } from "../../domain/trigger/actors.ts";
import { isOwnComment } from "../../domain/trigger/match.ts";
import type { CommentFacts, CommentHistory, History } from "../../ports/conversation.ts";
import { UNSEEN_EDIT_MS } from "./edited-since.ts";
import type { Trust } from "./trusted-authors.ts";

/** The comments that the agent gets, and how many it does not get, by reason. */
export interface Discussion {
  readonly quotations: readonly Quotation[];
  readonly left: Readonly<Record<LeftOut, number>>;
  readonly removed: Readonly<Record<string, number>>;
}

export type LeftOut = "stranger" | "edited" | "later" | "minimised" | "own" | "gone" | "over-limit";

export interface DiscussionOptions {
  /** The comments as they were read, before the history. */
  readonly comments: readonly CommentFacts[];
  readonly history: History | "unknown";
  readonly trusts: Trust;
  readonly trigger: Trigger;
  readonly settings: Settings;
  readonly limits: TextLimits;
  readonly nameImage: NameImage;
}

/**
 * The comments as they were at the trigger: later, edited, hidden and strangers' ones are left out and counted (I9). If there is no room
 * for all, the newest are kept.
 */
export async function readDiscussion(options: DiscussionOptions): Promise<Discussion> {
  const { comments, limits } = options;
  const left = countNone();
  const quotations: Quotation[] = [];
  let removed: Record<string, number> = {};
  let room = limits.maxCommentsChars;
  for (const comment of comments.slice(-limits.maxComments).toReversed()) {
    const reason = await judge(comment, options);
    if (reason === "trigger") continue;
    if (reason !== undefined || room <= 0) {
      left[reason ?? "over-limit"] += 1;
      continue;
    }
    const cut = excerpt(comment.body, Math.min(limits.maxCommentChars, room), options.nameImage);
    room -= cut.text.length;
    removed = addRemoved(removed, cut.removed);
    quotations.push({ label: `comment ${comment.id} by @${safeLogin(comment.author)}`, text: cut.text });
  }
  return { quotations: quotations.reverse(), left, removed };
}

export function countNone(): Record<LeftOut, number> {
  return { stranger: 0, edited: 0, later: 0, minimised: 0, own: 0, gone: 0, "over-limit": 0 };
}

async function judge(comment: CommentFacts, options: DiscussionOptions): Promise<LeftOut | "trigger" | undefined> {
  const { trigger } = options;
  if (trigger.comment?.kind === "issue-comment" && trigger.comment.id === comment.id) return "trigger";
  if (comment.author.toLowerCase() === WORKFLOW_BOT || isOwnComment(comment.body)) return "own";
  return await whyLeftOut(comment, options);
}

type ThreadText = Pick<CommentFacts, "id" | "author" | "createdAtMs" | "updatedAtMs" | "minimised">;

export interface Judging {
  readonly history: Pick<History, "comments"> | "unknown";
  readonly trusts: Trust;
  readonly trigger: Trigger;
  readonly settings: Settings;
}

/** Why a comment is left out: not there at the trigger, or not by a trusted author; undefined if it is kept (I8, I9). */
export async function whyLeftOut(comment: ThreadText, { trigger, history, settings, trusts }: Judging): Promise<LeftOut | undefined> {
  const past = history === "unknown" ? undefined : history.comments.get(comment.id);
  if (comment.minimised === true || past?.minimised === true) return "minimised";
  if (comment.createdAtMs > trigger.triggeredAtMs) return "later";
  if (settings.trigger.comments !== "everyone" && !(await trusts(comment.author))) return "stranger";
  if (history === "unknown") return isTouched(comment, trigger) ? "edited" : undefined;
  if (past === undefined) return "gone";
  return (await isUnseen(past, trigger, trusts)) ? "edited" : undefined;
}

/** GitHub's times have whole seconds: an edit in the same second as the trigger counts as after it. */
function isTouched(comment: ThreadText, trigger: Trigger): boolean {
  return comment.updatedAtMs > comment.createdAtMs && comment.updatedAtMs >= trigger.triggeredAtMs;
}

/** Edited after the trigger, or by a stranger moments before it, so that whoever gave the command may have read another text. */
async function isUnseen({ edit }: CommentHistory, trigger: Trigger, trusts: Trust): Promise<boolean> {
  if (edit === undefined) return false;
  const sinceMs = trigger.triggeredAtMs - edit.atMs;
  if (sinceMs <= 0) return true;
  return sinceMs < UNSEEN_EDIT_MS && !(edit.editor !== undefined && (await trusts(edit.editor)));
}

export function safeLogin(login: string): string {
  return login.replace(/[^A-Za-z0-9_[\]-]/g, "").slice(0, 60);
}

/** One line that says which of these comments the agent does not get; undefined if it gets all. */
export function describeLeftOut(left: Readonly<Record<LeftOut, number>>, which = "Comments"): string | undefined {
  const words: Record<LeftOut, string> = {
    stranger: "by people without write permission",
    edited: "edited after the trigger, or by a stranger right before it",
    later: "written after the trigger",
    minimised: "hidden by a maintainer",
    own: "by Airlock",
    gone: "deleted meanwhile",
    "over-limit": "over the size limit",
  };
  const parts = (Object.keys(words) as LeftOut[]).filter((reason) => left[reason] > 0).map((reason) => `${left[reason]} ${words[reason]}`);
  return parts.length === 0 ? undefined : `${which} left out: ${parts.join(", ")}.`;
}
