import { z } from "zod";
import type { CommentHistory } from "../../../ports/conversation.ts";
import type { ReviewThread } from "../../../ports/reviews.ts";
import type { Client } from "./client.ts";
import type { Purpose } from "./explain.ts";
import { toEdit, when } from "./graphql.ts";
import type { ReviewComment } from "./review-shapes.ts";

/** Maximum number of nodes that GraphQL looks up at once. */
const MAX_NODES = 100;

export interface ConversationRequest {
  readonly commentId: number;
  readonly max: number;
}

/** The thread of an inline comment, out of all inline comments of a pull request: its first comment and the newest replies. */
export async function readConversation(
  client: Client,
  all: readonly ReviewComment[],
  { commentId, max }: ConversationRequest,
): Promise<ReviewThread | undefined> {
  const asked = all.find(({ id }) => id === commentId);
  const rootId = asked?.in_reply_to_id ?? asked?.id;
  const root = all.find(({ id }) => id === rootId);
  if (root === undefined) return undefined;
  const replies = all.filter(({ in_reply_to_id }) => in_reply_to_id === rootId);
  const members = [root, ...replies.slice(Math.max(0, replies.length - (Math.min(max, MAX_NODES) - 1)))];
  return {
    path: root.path,
    line: root.line ?? undefined,
    hunk: root.diff_hunk,
    comments: members.map(({ id, user, body, created_at, updated_at }) => ({
      id,
      author: user.login,
      body,
      createdAtMs: created_at,
      updatedAtMs: updated_at,
    })),
    commentCount: replies.length + 1,
    history: await readPasts(client, members),
  };
}

const QUERY = `query Said($ids: [ID!]!) {
  nodes(ids: $ids) { id ... on PullRequestReviewComment { isMinimized lastEditedAt editor { login } } }
}`;
const past = z.object({
  id: z.string(),
  isMinimized: z.boolean(),
  lastEditedAt: when.nullable(),
  editor: z.object({ login: z.string().min(1).max(100) }).nullable(),
});
/** A comment that was deleted meanwhile is `null` and has an error of its own. Any other error makes the answer unusable. */
const answer = z.object({
  data: z.object({ nodes: z.array(past.nullable()).max(MAX_NODES) }),
  errors: z
    .array(z.object({ type: z.literal("NOT_FOUND") }))
    .max(MAX_NODES)
    .optional(),
});

/**
 * Edits and hidden comments, from GraphQL; `unknown` if it is absent, refuses or answers something else. Called after the texts were read.
 */
async function readPasts(client: Client, members: readonly ReviewComment[]): Promise<ReadonlyMap<number, CommentHistory> | "unknown"> {
  const purpose: Purpose = { doing: "read the edits of a review thread", permission: "pull-requests: read", code: "forge.unreadable" };
  const parameters = { query: QUERY, variables: { ids: members.map(({ node_id }) => node_id) } };
  const found = await client.call({ route: client.graphqlRoute, parameters, shape: answer, purpose }).catch(() => undefined);
  if (found === undefined) return "unknown";
  const nodes = new Map(found.data.nodes.flatMap((node) => (node === null ? [] : [[node.id, node] as const])));
  return new Map(
    members.flatMap(({ id, node_id = "" }) => {
      const node = nodes.get(node_id);
      return node === undefined ? [] : [[id, toHistory(node)] as const];
    }),
  );
}

function toHistory({ isMinimized, lastEditedAt, editor }: z.output<typeof past>): CommentHistory {
  const edit = toEdit(lastEditedAt, editor);
  return { minimised: isMinimized, ...(edit === undefined ? {} : { edit }) };
}
