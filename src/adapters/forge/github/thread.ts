import type { CommentFacts } from "../../../ports/conversation.ts";
import type { Client } from "./client.ts";
import type { Purpose } from "./explain.ts";
import { readIssue } from "./read.ts";
import * as shapes from "./shapes.ts";

const PAGE = 100;
/** Maximum number of comments that are searched in a thread. */
const MAX_SEARCHED = 3_000;
/** The last pages may be empty, because the count is older than the pages. */
const EMPTY_PAGES = 3;

export interface CommentBounds {
  readonly max: number;
  /** Milliseconds since the epoch. */
  readonly sinceMs?: number | undefined;
}

/** The newest `max` comments, or the newest of those touched since then; oldest first. */
export async function readComments(client: Client, number: number, { max, sinceMs }: CommentBounds): Promise<readonly CommentFacts[]> {
  const found = sinceMs === undefined ? await readNewest(client, number, max) : await readOldest(client, number, sinceMs);
  return found.slice(-max).map((entry) => ({
    id: entry.id,
    author: entry.user.login,
    body: entry.body,
    createdAtMs: entry.created_at,
    updatedAtMs: entry.updated_at,
    url: entry.html_url,
  }));
}

/** The oldest 3000 comments, or the oldest of those touched since then. */
export async function readOldest(client: Client, number: number, sinceMs?: number): Promise<readonly shapes.Comment[]> {
  const found: shapes.Comment[] = [];
  for (let page = 1; page <= MAX_SEARCHED / PAGE; page += 1) {
    const entries = await readPage(client, { number, page, sinceMs });
    found.push(...entries);
    if (entries.length < PAGE) break;
  }
  return found;
}

/** GitHub lists the oldest first, so a long thread is read from its last page back. */
async function readNewest(client: Client, number: number, max: number): Promise<readonly shapes.Comment[]> {
  const first = await readPage(client, { number, page: 1 });
  if (first.length < PAGE) return first;
  const { commentCount } = await readIssue(client, number);
  if (commentCount === undefined) return await readOldest(client, number);
  const last = Math.floor(commentCount / PAGE) + 1;
  // By id: a deletion meanwhile moves other comments across the border of a page.
  const found = new Map<number, shapes.Comment>();
  const lowest = Math.max(1, last - EMPTY_PAGES - Math.ceil(max / PAGE));
  for (let page = last; page > lowest && found.size < max; page -= 1) {
    for (const entry of await readPage(client, { number, page })) found.set(entry.id, entry);
  }
  if (found.size < max && lowest === 1) for (const entry of first) found.set(entry.id, entry);
  return [...found.values()].sort((a, b) => a.id - b.id);
}

interface Where {
  readonly number: number;
  readonly page: number;
  readonly sinceMs?: number | undefined;
}

async function readPage(client: Client, { number, page, sinceMs }: Where): Promise<readonly shapes.Comment[]> {
  const since = sinceMs === undefined ? {} : { since: new Date(sinceMs).toISOString() };
  const purpose: Purpose = { doing: `read the comments of #${number}`, permission: "issues: read", code: "forge.unreadable" };
  return await client.call({
    route: "GET /repos/{owner}/{repo}/issues/{issue_number}/comments",
    parameters: { issue_number: number, per_page: PAGE, page, ...since },
    shape: shapes.comments,
    purpose,
  });
}
