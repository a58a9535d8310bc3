import type { Client } from "./client.ts";
import type { Purpose } from "./explain.ts";
import * as shapes from "./review-shapes.ts";
import { graphql } from "./shapes.ts";

/** A thread by its first comment's number in the REST API. */
export interface ThreadState {
  readonly commentId: number;
  readonly threadId: string;
  /** GraphQL id of the first comment. */
  readonly nodeId: string;
  readonly resolved: boolean;
  /** GraphQL names an app without the `[bot]` that REST adds. */
  readonly resolvedBy: string | undefined;
}

const MAX_PAGES = 20;
const QUERY = `query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { reviewThreads(first: 100, after: $after) {
    pageInfo { hasNextPage endCursor } nodes { id isResolved resolvedBy { login } comments(first: 1) { nodes { databaseId id } } } } } } }`;

/** Every thread of a pull request. Only GraphQL knows them. If it cannot be used, there are none, and nothing counts as resolved. */
export async function readThreads(client: Client, number: number): Promise<readonly ThreadState[]> {
  const purpose: Purpose = { doing: `read the review threads of #${number}`, permission: "pull-requests: read", code: "forge.unreadable" };
  const found: ThreadState[] = [];
  let after: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const variables: object = { owner: client.owner, name: client.name, number, after };
    const parameters = { query: QUERY, variables };
    const answer = await client.call({ route: "POST /graphql", parameters, shape: shapes.threads, purpose }).catch(() => undefined);
    const threads = answer?.data.repository.pullRequest.reviewThreads;
    for (const { id, isResolved, resolvedBy, comments } of threads?.nodes ?? []) {
      const [first] = comments.nodes;
      if (first?.databaseId == null) continue;
      const state = { threadId: id, nodeId: first.id, resolved: isResolved, resolvedBy: resolvedBy?.login };
      found.push({ commentId: first.databaseId, ...state });
    }
    if (threads?.pageInfo.hasNextPage !== true) break;
    after = threads.pageInfo.endCursor ?? null;
  }
  return found;
}

const RESOLVE = "mutation($id: ID!) { resolveReviewThread(input: { threadId: $id }) { clientMutationId } }";
const HIDE = "mutation($id: ID!) { minimizeComment(input: { subjectId: $id, classifier: OUTDATED }) { clientMutationId } }";

/** Resolving needs `contents: write` on some servers; hiding a comment as outdated does not. */
export async function resolve(client: Client, number: number, commentIds: readonly number[]): Promise<number> {
  if (commentIds.length === 0) return 0;
  const threads = (await readThreads(client, number)).filter(({ commentId, resolved }) => !resolved && commentIds.includes(commentId));
  let done = 0;
  for (const { threadId, nodeId } of threads) {
    if ((await mutate(client, RESOLVE, threadId)) || (await mutate(client, HIDE, nodeId))) done += 1;
  }
  return done;
}

async function mutate(client: Client, query: string, id: string): Promise<boolean> {
  const purpose: Purpose = { doing: "resolve an outdated review comment", permission: "pull-requests: write" };
  try {
    const answer = await client.call({ route: "POST /graphql", parameters: { query, variables: { id } }, shape: graphql, purpose });
    return (answer.errors ?? []).length === 0;
  } catch {
    return false;
  }
}
