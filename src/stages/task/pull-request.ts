import { addRemoved, type Excerpt, excerpt, type TextLimits } from "../../domain/prompt/excerpt.ts";
import type { Quotation } from "../../domain/prompt/prompt.ts";
import type { Settings } from "../../domain/settings.ts";
import type { Trigger } from "../../domain/task.ts";
import type { Forge } from "../../ports/forge.ts";
import type { ReviewThread, ThreadComment } from "../../ports/reviews.ts";
import { countNone, describeLeftOut, safeLogin, whyLeftOut } from "./comments.ts";
import type { TaskEvidence } from "./evidence-facts.ts";
import type { Trust } from "./trusted-authors.ts";

export interface BackgroundOptions {
  readonly forge: Forge;
  readonly trigger: Trigger;
  readonly limits: TextLimits;
  readonly settings: Settings;
  readonly trusts: Trust;
}

type Background = Pick<TaskEvidence, "quotations" | "removed">;
type ThreadContext = Pick<TaskEvidence, "quotations" | "removed" | "notes">;

const NOTHING: Background = { quotations: [], removed: {} };
/** As GitHub links them (docs.github.com, "Linking a pull request to an issue"). */
const LINKED = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\s{0,4}:?\s{1,4}#(\d{1,9})\b/gi;
const MAX_LINKED = 3;
const MAX_CHECKS = 50;
const MAX_THREAD = 50;
const MAX_HUNK_CHARS = 4_000;

/**
 * What belongs to a pull request besides its own text: the issues that it says it closes, and what CI says about its head. What cannot be
 * read is left out.
 */
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
 * The review thread in which a command was given, as the task: our own comments and those of people with write permission, by the same
 * rules as for an issue.
 */
export async function readThread(options: BackgroundOptions): Promise<ThreadContext> {
  const { forge, trigger } = options;
  const number = trigger.target.number;
  if (trigger.comment?.kind !== "review-comment" || number === undefined || forge.reviews === undefined) return { ...NOTHING, notes: [] };
  const thread = await forge.reviews.readThread(number, trigger.comment.id, MAX_THREAD);
  if (thread === undefined) return { ...NOTHING, notes: [] };
  const { parts, notes } = await readThreadComments(options, thread, trigger.comment.id);
  const where = excerpt(`${thread.path}${thread.line === undefined ? "" : `, line ${thread.line}`}`, 500);
  const hunk = toBackground("the lines that the review thread is about", excerpt(thread.hunk, MAX_HUNK_CHARS));
  return { ...join([toBackground("file that the review thread is about", where), hunk, ...parts]), notes };
}

interface ReadComments {
  readonly parts: readonly Background[];
  readonly notes: readonly string[];
}

async function readThreadComments(options: BackgroundOptions, thread: ReviewThread, commandId: number): Promise<ReadComments> {
  const own = (await options.forge.readIdentity?.())?.toLowerCase();
  const trusts: Trust = async (login) => login.toLowerCase() === own || (await options.trusts(login));
  const history = thread.history === "unknown" ? thread.history : { comments: thread.history };
  const left = countNone();
  const parts: Background[] = [];
  for (const comment of thread.comments) {
    if (comment.id === commandId) continue;
    const reason = await whyLeftOut(comment, { ...options, history, trusts });
    if (reason !== undefined) left[reason] += 1;
    else parts.push(quoteHunk(comment, options.limits));
  }
  return { parts, notes: describeThread(thread, left) };
}

function quoteHunk({ id, author, body }: ThreadComment, limits: TextLimits): Background {
  return toBackground(`comment ${id} of the review thread, by @${safeLogin(author)}`, excerpt(body, limits.maxCommentChars));
}

function describeThread({ comments, commentCount, history }: ReviewThread, left: Parameters<typeof describeLeftOut>[0]): readonly string[] {
  const more = commentCount - comments.length;
  const notes = [
    describeLeftOut(left, "Comments of the review thread"),
    more > 0
      ? `${more} more comments of the review thread were left out: only its first and the newest ${MAX_THREAD - 1} are read.`
      : undefined,
    history === "unknown" ? "GitHub did not tell which comments of the review thread are hidden, and who edited them." : undefined,
  ];
  return notes.filter((note) => note !== undefined);
}

function toBackground(label: string, { text, removed }: Excerpt): Background {
  return text === "" ? NOTHING : { quotations: [{ label, text }] satisfies readonly Quotation[], removed };
}

function join(parts: readonly Background[]): Background {
  return { quotations: parts.flatMap(({ quotations }) => quotations), removed: addRemoved(...parts.map(({ removed }) => removed)) };
}
