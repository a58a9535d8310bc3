import { Buffer } from "node:buffer";
import type { Patch } from "../../domain/patch.ts";
import { type FileDiff, parseDiff } from "../../domain/review/diff.ts";
import { readReviewedHead } from "../../domain/review/fingerprint.ts";
import { REVIEW_SCHEMA } from "../../domain/review/schema.ts";
import type { Attachment, Task } from "../../domain/task.ts";
import type { Forge, PullRequestFacts } from "../../ports/forge.ts";
import type { GitRemote, Repository } from "../../ports/repository.ts";
import type { EarlierReviews, Reviews } from "../../ports/reviews.ts";

const MAX_DIFF_BYTES = 8 << 20;
const MAX_TEMPLATE_BYTES = 32 << 10;
const TEMPLATES = [
  ".github/pull_request_template.md",
  ".github/PULL_REQUEST_TEMPLATE.md",
  "pull_request_template.md",
  "docs/pull_request_template.md",
];

export interface ReviewSubjectOptions {
  readonly forge: Forge;
  readonly reviews: Reviews;
  readonly repository: Repository;
  readonly remote: GitRemote;
  readonly task: Task;
  readonly number: number;
}

/** A pull request pinned by commit, as the runner's own git reads it. */
export interface ReviewSubject {
  readonly number: number;
  readonly pull: PullRequestFacts;
  /** The merge base: what the forge compares the head with. */
  readonly base: string;
  readonly head: string;
  readonly patch: Patch;
  readonly files: readonly FileDiff[];
  /** What changed since the last review; undefined: everything is new. */
  readonly since: { readonly head: string; readonly files: readonly FileDiff[] } | undefined;
  /** One of our reviews is of exactly this head. */
  readonly reviewedAlready: boolean;
  readonly earlier: EarlierReviews;
  readonly template: string;
  readonly commitMessage: string;
  /** Sentences about what could not be read. */
  readonly limits: readonly string[];
  /** The task with the diff and the schema as attachments. */
  readonly task: Task;
}

/**
 * Fetches base and head by their ids into the bare repository and reads their difference there; nothing is checked out (I1, I9).
 * @throws AirlockError `repository.unreadable`, `forge.unreadable`
 */
export async function readSubject(options: ReviewSubjectOptions): Promise<ReviewSubject> {
  const { forge, reviews, repository, remote, task, number } = options;
  const head = task.baseSha;
  const [pull, earlier] = await Promise.all([forge.readPullRequest(number), reviews.readEarlier(number)]);
  const merged = await reviews.readMergeBase(pull.baseSha, head).catch(() => undefined);
  const base = merged ?? pull.baseSha;
  await repository.fetch(remote, [head, base]);
  const [patch, diff, since] = await Promise.all([
    repository.compare(base, head),
    repository.readUnified(base, head, MAX_DIFF_BYTES),
    readSince(options, earlier, head),
  ]);
  const limits = [
    ...(diff.whole ? [] : [`The diff is larger than ${MAX_DIFF_BYTES >> 20} MiB; only its first part was read.`]),
    ...(earlier.whole ? [] : ["There are more reviews and comments than are read, so what was said before may have been missed."]),
    ...(merged === undefined ? ["The merge base could not be read; the tip of the base branch stands in for it."] : []),
  ];
  const [template, commitMessage] = await Promise.all([readTemplate(repository, base), readMessage(forge, head)]);
  return {
    number,
    pull,
    base,
    head,
    patch,
    files: parseDiff(diff.text),
    since: since === undefined ? undefined : { head: since.head, files: parseDiff(since.text) },
    reviewedAlready: headsOf(earlier).includes(head),
    earlier,
    template,
    commitMessage,
    limits,
    task: attach(task, diff.text, since),
  };
}

interface Since {
  readonly head: string;
  readonly text: string;
}

/**
 * The difference from the head that was reviewed last. If that head was force-pushed away, it cannot be fetched and everything is reviewed
 * again.
 */
async function readSince({ repository, remote }: ReviewSubjectOptions, earlier: EarlierReviews, head: string): Promise<Since | undefined> {
  const last = headsOf(earlier).at(-1);
  if (last === undefined || last === head) return undefined;
  try {
    await repository.fetch(remote, [last]);
    const { text, whole } = await repository.readUnified(last, head, MAX_DIFF_BYTES);
    return whole ? { head: last, text } : undefined;
  } catch {
    return undefined;
  }
}

function headsOf({ reviews }: EarlierReviews): readonly string[] {
  return reviews.map(({ body }) => readReviewedHead(body)).filter((head) => head !== undefined);
}

async function readTemplate(repository: Repository, base: string): Promise<string> {
  for (const path of TEMPLATES) {
    const found = await repository.readPath(base, path, MAX_TEMPLATE_BYTES).catch(() => undefined);
    if (found !== undefined) return Buffer.from(found).toString("utf8");
  }
  return "";
}

async function readMessage(forge: Forge, head: string): Promise<string> {
  const commit = await forge.readCommit(head).catch(() => undefined);
  return commit?.message ?? "";
}

function attach(task: Task, diff: string, since: Since | undefined): Task {
  const own: Attachment[] = [
    file("pull-request.diff", diff),
    file("review.schema.json", `${JSON.stringify(REVIEW_SCHEMA, undefined, 2)}\n`),
    ...(since === undefined ? [] : [file("since-last-review.diff", since.text)]),
  ];
  const names = new Set(own.map(({ path }) => path));
  const attachments = [...task.attachments.filter(({ path }) => !names.has(path)), ...own];
  if (since === undefined) return { ...task, attachments };
  const fact = `- Commit ${since.head} was reviewed before. Review only what changed after it: /work/.airlock/since-last-review.diff. Line numbers are those of /work/.airlock/pull-request.diff.`;
  return { ...task, attachments, prompt: `${task.prompt.trimEnd()}\n${fact}\n` };
}

function file(path: string, text: string): Attachment {
  return { path, content: Buffer.from(text, "utf8") };
}
