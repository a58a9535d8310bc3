import { addRemoved, type Excerpt, excerpt, type TextLimits } from "../../domain/excerpt.ts";
import type { Quotation } from "../../domain/prompt.ts";
import type { Settings } from "../../domain/settings.ts";
import type { Trigger } from "../../domain/task.ts";
import type { Forge } from "../../ports/forge.ts";
import type { ThreadComment } from "../../ports/reviews.ts";
import type { Evidence } from "./evidence.ts";
import type { Trust } from "./writers.ts";

export interface BackgroundOptions {
  readonly forge: Forge;
  readonly trigger: Trigger;
  readonly limits: TextLimits;
  readonly settings: Settings;
  readonly trusts: Trust;
}

type Background = Pick<Evidence, "quotations" | "removed">;

const NOTHING: Background = { quotations: [], removed: {} };
/** As GitHub links them (docs.github.com, "Linking a pull request to an issue"). */
const LINKED = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\s{0,4}:?\s{1,4}#(\d{1,9})\b/gi;
const MAX_LINKED = 3;
const MAX_CHECKS = 50;
const MAX_THREAD = 50;
const MAX_HUNK_CHARS = 4_000;

/** What belongs to a pull request beside its own text: the issues it says it closes, and what CI says of its head. What cannot be read is left out. */
export async function readBackground({ forge, trigger, limits }: BackgroundOptions): Promise<Background> {
  const numbers = [...new Set(Array.from(trigger.body.matchAll(LINKED), ([, number]) => Number(number)))].slice(0, MAX_LINKED);
  const issues = await Promise.all(numbers.map((number) => readLinked({ forge, trigger, limits, number })));
  return join([...issues, await readCi(forge, trigger)]);
}

interface LinkedOptions extends Pick<BackgroundOptions, "forge" | "trigger" | "limits"> {
  readonly number: number;
}

/** An issue that changed after the trigger is left out (I9). */
async function readLinked({ forge, trigger, limits, number }: LinkedOptions): Promise<Background> {
  const issue = await forge.readIssue(number).catch(() => undefined);
  if (issue === undefined || issue.isPullRequest || issue.updatedAtMs > trigger.triggeredAtMs) return NOTHING;
  const text = excerpt(`${issue.title}\n\n${issue.body}`, limits.maxCommentChars);
  return toBackground(`issue #${number}, which the pull request says it closes`, text);
}

async function readCi(forge: Forge, { headSha }: Trigger): Promise<Background> {
  if (headSha === undefined || forge.reviews === undefined) return NOTHING;
  const checks = await forge.reviews.readChecks(headSha).catch(() => []);
  if (checks.length === 0) return NOTHING;
  const lines = checks.slice(0, MAX_CHECKS).map(({ name, conclusion }) => `${conclusion}: ${name.replace(/\s+/g, " ").slice(0, 100)}`);
  return toBackground("results of the checks on the head", excerpt(lines.join("\n"), MAX_CHECKS * 150));
}

/**
 * The review thread in which a command was given, as its task: comments of our own and of people with write permission, written and
 * last edited before the trigger.
 */
export async function readThread({ forge, trigger, limits, settings, trusts }: BackgroundOptions): Promise<Background> {
  const number = trigger.target.number;
  if (trigger.comment?.kind !== "review-comment" || number === undefined || forge.reviews === undefined) return NOTHING;
  const { id } = trigger.comment;
  const thread = await forge.reviews.readThread(number, id, MAX_THREAD);
  if (thread === undefined) return NOTHING;
  const own = (await forge.readIdentity?.())?.toLowerCase();
  const counts = async (comment: ThreadComment): Promise<boolean> => {
    if (comment.id === id || comment.createdAtMs > trigger.triggeredAtMs || comment.updatedAtMs > trigger.triggeredAtMs) return false;
    return comment.author.toLowerCase() === own || settings.trigger.comments === "everyone" || (await trusts(comment.author));
  };
  const parts = [toBackground("the lines that the review thread is about", excerpt(thread.hunk, MAX_HUNK_CHARS))];
  for (const comment of thread.comments) {
    if (!(await counts(comment))) continue;
    const author = comment.author.replace(/[^A-Za-z0-9_[\]-]/g, "").slice(0, 60);
    parts.push(toBackground(`comment ${comment.id} of the review thread, by @${author}`, excerpt(comment.body, limits.maxCommentChars)));
  }
  const where = excerpt(`${thread.path}${thread.line === undefined ? "" : `, line ${thread.line}`}`, 500);
  return join([toBackground("file that the review thread is about", where), ...parts]);
}

function toBackground(label: string, { text, removed }: Excerpt): Background {
  return text === "" ? NOTHING : { quotations: [{ label, text }] satisfies readonly Quotation[], removed };
}

function join(parts: readonly Background[]): Background {
  return { quotations: parts.flatMap(({ quotations }) => quotations), removed: addRemoved(...parts.map(({ removed }) => removed)) };
}
