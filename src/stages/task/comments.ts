import { addRemoved, excerpt, type TextLimits } from "../../domain/excerpt.ts";
import type { Quotation } from "../../domain/prompt.ts";
import type { Settings } from "../../domain/settings.ts";
import type { Trigger } from "../../domain/task.ts";
import { WORKFLOW_BOT } from "../../domain/trigger/actors.ts";
import { isOwnComment } from "../../domain/trigger/match.ts";
import type { CommentFacts, Forge } from "../../ports/forge.ts";

/** The comments the agent gets, and how many it does not get, by reason. */
export interface Discussion {
  readonly quotations: readonly Quotation[];
  readonly left: Readonly<Record<LeftOut, number>>;
  readonly removed: Readonly<Record<string, number>>;
}

export type LeftOut = "stranger" | "edited" | "later" | "minimised" | "own" | "over-limit";

export interface DiscussionOptions {
  readonly forge: Forge;
  readonly trigger: Trigger;
  readonly settings: Settings;
  readonly limits: TextLimits;
}

/** Reads the comments as they stood at the trigger: later, edited, hidden and strangers' ones are left out and counted (I9). */
export async function readDiscussion(options: DiscussionOptions): Promise<Discussion> {
  const { forge, trigger, limits } = options;
  const left: Record<LeftOut, number> = { stranger: 0, edited: 0, later: 0, minimised: 0, own: 0, "over-limit": 0 };
  const number = trigger.target.number;
  if (number === undefined) return { quotations: [], left, removed: {} };
  const comments = await forge.readComments(number, limits.maxComments);
  const trusts = openTrust(options);
  const quotations: Quotation[] = [];
  let removed: Record<string, number> = {};
  let room = limits.maxCommentsChars;
  for (const comment of comments.slice(0, limits.maxComments)) {
    const reason = await judge(comment, trigger, trusts);
    if (reason === "trigger") continue;
    if (reason !== undefined || room <= 0) {
      left[reason ?? "over-limit"] += 1;
      continue;
    }
    const cut = excerpt(comment.body, Math.min(limits.maxCommentChars, room));
    room -= cut.text.length;
    removed = addRemoved(removed, cut.removed);
    quotations.push({ label: `comment ${comment.id} by @${safeLogin(comment.author)}`, text: cut.text });
  }
  return { quotations, left, removed };
}

type Trust = (login: string) => Promise<boolean>;

async function judge(comment: CommentFacts, trigger: Trigger, trusts: Trust): Promise<LeftOut | "trigger" | undefined> {
  return judgeByTime(comment, trigger) ?? ((await trusts(comment.author)) ? undefined : "stranger");
}

/** GitHub's times have whole seconds: an edit within the second of the trigger counts as after it. */
function judgeByTime(comment: CommentFacts, trigger: Trigger): LeftOut | "trigger" | undefined {
  if (trigger.comment?.kind === "issue-comment" && trigger.comment.id === comment.id) return "trigger";
  if (comment.minimised === true) return "minimised";
  if (comment.author.toLowerCase() === WORKFLOW_BOT || isOwnComment(comment.body)) return "own";
  if (comment.createdAtMs > trigger.triggeredAtMs) return "later";
  return comment.updatedAtMs > comment.createdAtMs && comment.updatedAtMs >= trigger.triggeredAtMs ? "edited" : undefined;
}

/** Asks once per person. Unsure means no (I8). */
function openTrust({ forge, settings }: DiscussionOptions): Trust {
  const known = new Map<string, boolean>();
  return async (login) => {
    if (settings.trigger.comments === "everyone" || settings.trigger.allowedBots.includes(login)) return true;
    const answer = known.get(login) ?? (await canWrite(forge, login));
    known.set(login, answer);
    return answer;
  };
}

async function canWrite(forge: Forge, login: string): Promise<boolean> {
  if (login.endsWith("[bot]")) return false;
  try {
    return ["admin", "maintain", "write"].includes(await forge.readPermission(login));
  } catch {
    return false;
  }
}

function safeLogin(login: string): string {
  return login.replace(/[^A-Za-z0-9_[\]-]/g, "").slice(0, 60);
}

/** One line that says which comments the agent does not get; undefined when it gets all. */
export function describeLeftOut(left: Readonly<Record<LeftOut, number>>): string | undefined {
  const words: Record<LeftOut, string> = {
    stranger: "by people without write permission",
    edited: "edited after the trigger",
    later: "written after the trigger",
    minimised: "hidden by a maintainer",
    own: "by Airlock",
    "over-limit": "over the size limit",
  };
  const parts = (Object.keys(words) as LeftOut[]).filter((reason) => left[reason] > 0).map((reason) => `${left[reason]} ${words[reason]}`);
  return parts.length === 0 ? undefined : `Comments left out: ${parts.join(", ")}.`;
}
