import type { CheckFacts, CreatedReview, EarlierReviews, NewReview, Reviews } from "../../../ports/reviews.ts";
import { putCheckRun } from "./check-runs.ts";
import type { Client } from "./client.ts";
import { readConversation } from "./conversation.ts";
import { type Purpose, statusOf } from "./explain.ts";
import * as shapes from "./review-shapes.ts";
import { readThreads, resolve, type ThreadState } from "./review-threads.ts";

const PAGE = 100;
/** A pull request with more inline comments is not searched to its end. */
const MAX_LISTED = 3000;
const MAX_BODY_CHARS = 65_536;
/** Account that writes for every job's default token. */
const DEFAULT_BOT = "github-actions[bot]";

/** Reviews over GitHub's REST API. Threads come from GraphQL, and everything also works without it. */
export function openReviews(client: Client, identify: () => Promise<string | undefined>): Reviews {
  const isOwn = async (): Promise<(login: string) => boolean> => {
    const own = ((await identify()) ?? DEFAULT_BOT).toLowerCase();
    return (login) => login.toLowerCase() === own;
  };
  return {
    readMergeBase: (base, head) => readMergeBase(client, base, head),
    async readEarlier(number): Promise<EarlierReviews> {
      const [own, reviews, comments, threads] = await Promise.all([
        isOwn(),
        listReviews(client, number),
        listComments(client, number),
        readThreads(client, number),
      ]);
      return {
        reviews: reviews.entries.filter(({ user }) => own(user.login)).map(({ id, html_url, body }) => ({ id, url: html_url, body })),
        comments: comments.entries.filter(({ user }) => own(user.login)).map((comment) => toEarlier(comment, threads, own)),
        whole: reviews.whole && comments.whole,
      };
    },
    readThread: async (number, commentId, max) =>
      readConversation(client, (await listComments(client, number)).entries, { commentId, max }),
    readChecks: (sha) => readChecks(client, sha),
    createReview: async (review) => createReview(client, review, await isOwn()),
    resolve: (number, commentIds) => resolve(client, number, commentIds),
    putCheckRun: (run) => putCheckRun(client, run),
  };
}

/** Threads that this account resolved itself, because lines were gone, were dismissed by nobody. GraphQL names a bot without its suffix. */
function toEarlier(
  { id, path, body, line, subject_type }: shapes.ReviewComment,
  threads: readonly ThreadState[],
  own: (login: string) => boolean,
): EarlierReviews["comments"][number] {
  const outdated = line == null && subject_type !== "file";
  const { resolved = false, resolvedBy = "" } = threads.find(({ commentId }) => commentId === id) ?? {};
  const somebody = resolvedBy !== "" && !own(resolvedBy) && !own(`${resolvedBy}[bot]`);
  return { id, path, body, outdated, resolved, ...(resolved && somebody ? { resolvedBy } : {}) };
}

const reading = (what: string, permission: string): Purpose => ({ doing: `read ${what}`, permission, code: "forge.unreadable" });

async function readMergeBase(client: Client, base: string, head: string): Promise<string | undefined> {
  const answer = await client.find({
    route: "GET /repos/{owner}/{repo}/compare/{basehead}",
    parameters: { basehead: `${base}...${head}`, per_page: 1 },
    shape: shapes.mergeBase,
    purpose: reading(`the merge base of ${base} and ${head}`, "contents: read"),
  });
  return answer?.merge_base_commit.sha;
}

interface Listed<T> {
  readonly entries: readonly T[];
  /** False: there are more than were searched. */
  readonly whole: boolean;
}

async function listAll<T>(read: (page: number) => Promise<readonly T[]>): Promise<Listed<T>> {
  const found: T[] = [];
  for (let page = 1; found.length < MAX_LISTED; page += 1) {
    const entries = await read(page);
    found.push(...entries);
    if (entries.length < PAGE) return { entries: found, whole: true };
  }
  return { entries: found, whole: false };
}

function listReviews(client: Client, number: number): Promise<Listed<shapes.ReviewShape>> {
  return listAll((page) =>
    client.call({
      route: "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews",
      parameters: { pull_number: number, per_page: PAGE, page },
      shape: shapes.reviews,
      purpose: reading(`the reviews of #${number}`, "pull-requests: read"),
    }),
  );
}

function listComments(client: Client, number: number): Promise<Listed<shapes.ReviewComment>> {
  return listAll((page) =>
    client.call({
      route: "GET /repos/{owner}/{repo}/pulls/{pull_number}/comments",
      parameters: { pull_number: number, per_page: PAGE, page },
      shape: shapes.reviewComments,
      purpose: reading(`the review comments of #${number}`, "pull-requests: read"),
    }),
  );
}

async function readChecks(client: Client, sha: string): Promise<readonly CheckFacts[]> {
  const { check_runs } = await client.call({
    route: "GET /repos/{owner}/{repo}/commits/{ref}/check-runs",
    parameters: { ref: sha, filter: "latest", per_page: PAGE },
    shape: shapes.checks,
    purpose: reading(`the checks of ${sha}`, "checks: read"),
  });
  return check_runs.map(({ name, status, conclusion }) => ({ name, conclusion: conclusion ?? status }));
}

/**
 * Tries the full request, then without what GitHub may have refused: the lines, the verdict, or both. GitHub's answer does not say which it
 * was.
 */
async function createReview(client: Client, review: NewReview, own: (login: string) => boolean): Promise<CreatedReview> {
  const drafts = listDrafts(review);
  for (const [index, draft] of drafts.entries()) {
    try {
      const { id, html_url } = await createDraft(client, { review, draft, own });
      return { id, url: html_url, inline: draft.inline, event: draft.event };
    } catch (error) {
      if (index === drafts.length - 1 || !isUnprocessable(error)) throw error;
    }
  }
  throw new TypeError("There is always a draft.");
}

interface Draft {
  readonly event: NewReview["event"];
  readonly inline: boolean;
}

function listDrafts({ event, comments }: NewReview): readonly Draft[] {
  const events = event === "COMMENT" ? [event] : ([event, "COMMENT"] as const);
  const places = comments.length === 0 ? [true] : [true, false];
  return events.flatMap((one) => places.map((inline) => ({ event: one, inline })));
}

interface DraftRequest {
  readonly review: NewReview;
  readonly draft: Draft;
  readonly own: (login: string) => boolean;
}

async function createDraft(client: Client, { review, draft, own }: DraftRequest): Promise<shapes.ReviewShape> {
  const marker = review.body.split("\n", 1)[0] ?? "";
  const body = draft.inline ? review.body : review.bodyWithoutPlaces;
  const comments = draft.inline ? review.comments.map(toComment) : [];
  const { value } = await client.createOnce({
    find: async () =>
      (await listReviews(client, review.number)).entries.find((one) => own(one.user.login) && one.body.split("\n", 1)[0] === marker),
    create: {
      route: "POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews",
      parameters: {
        pull_number: review.number,
        commit_id: review.head,
        event: draft.event,
        body: body.slice(0, MAX_BODY_CHARS),
        ...(comments.length === 0 ? {} : { comments }),
      },
      shape: shapes.review,
      purpose: { doing: `review #${review.number}`, permission: "pull-requests: write" },
    },
  });
  return value;
}

/** GitHub refuses a whole review if it does not know one of its lines, or if this account may not give the verdict. */
function isUnprocessable(error: unknown): boolean {
  return error instanceof Error && statusOf(error.cause) === 422;
}

function toComment({ path, side, line, endLine, body }: NewReview["comments"][number]): object {
  const start = line === endLine ? {} : { start_line: line, start_side: side };
  return { path, body, side, line: endLine, ...start };
}
