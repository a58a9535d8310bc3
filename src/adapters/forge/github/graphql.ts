import { z } from "zod";
import type { CommentHistory, Edit, History } from "../../../ports/conversation.ts";
import type { Client } from "./client.ts";
import type { Purpose } from "./explain.ts";

const PAGE = 100;

/** What REST does not offer. `databaseId` is too small for today's comments, so `fullDatabaseId` is requested. */
const QUERY = `query History($owner: String!, $name: String!, $number: Int!, $last: Int!, $before: String) {
  repository(owner: $owner, name: $name) {
    issueOrPullRequest(number: $number) {
      ... on Issue {
        ...edits
        renames: timelineItems(itemTypes: [RENAMED_TITLE_EVENT], last: 1) { nodes { ...rename } }
        comments(last: $last, before: $before) { ...thread }
      }
      ... on PullRequest {
        ...edits
        renames: timelineItems(itemTypes: [RENAMED_TITLE_EVENT], last: 1) { nodes { ...rename } }
        comments(last: $last, before: $before) { ...thread }
      }
    }
  }
}
fragment edits on Comment { lastEditedAt editor { login } }
fragment rename on RenamedTitleEvent { createdAt actor { login } }
fragment thread on IssueCommentConnection {
  pageInfo { hasPreviousPage startCursor }
  nodes { fullDatabaseId isMinimized lastEditedAt editor { login } }
}`;

export const when = z.string().transform((text, context) => {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) context.addIssue({ code: "custom", message: "not a date" });
  return ms;
});
const account = z.object({ login: z.string().min(1).max(100) }).nullable();
const id = z.union([z.number().int(), z.string().regex(/^\d{1,15}$/)]).transform(Number);
const edits = { lastEditedAt: when.nullable(), editor: account };
const page = z.object({
  ...edits,
  renames: z.object({ nodes: z.array(z.object({ createdAt: when, actor: account })).max(1) }),
  comments: z.object({
    pageInfo: z.object({ hasPreviousPage: z.boolean(), startCursor: z.string().nullable() }),
    nodes: z.array(z.object({ fullDatabaseId: id, isMinimized: z.boolean(), ...edits })).max(PAGE),
  }),
});
/** An answer with any error in it is not used: a partial answer would mislead. */
const answer = z.object({
  data: z.object({ repository: z.object({ issueOrPullRequest: page }) }),
  errors: z.array(z.unknown()).max(0).optional(),
});

type Page = z.output<typeof page>;

/** Edits and hidden comments, the newest ones, from GraphQL; `unknown` if it is absent, refuses or answers something else. */
export async function readHistory(client: Client, number: number, maxComments: number): Promise<History | "unknown"> {
  const comments = new Map<number, CommentHistory>();
  let cursor: string | null = null;
  try {
    for (;;) {
      const last: number = Math.min(PAGE, maxComments - comments.size);
      const found: Page = await readPage(client, { number, last, before: cursor });
      for (const node of found.comments.nodes) {
        const edit = toEdit(node.lastEditedAt, node.editor);
        comments.set(node.fullDatabaseId, { minimised: node.isMinimized, ...(edit === undefined ? {} : { edit }) });
      }
      const { hasPreviousPage, startCursor } = found.comments.pageInfo;
      if (!hasPreviousPage || startCursor === null || found.comments.nodes.length === 0 || comments.size >= maxComments)
        return toHistory(found, comments);
      cursor = startCursor;
    }
  } catch {
    return "unknown";
  }
}

async function readPage(
  client: Client,
  where: { readonly number: number; readonly last: number; readonly before: string | null },
): Promise<Page> {
  const purpose: Purpose = { doing: `read the edits of #${where.number}`, permission: "issues: read", code: "forge.unreadable" };
  const variables = { owner: client.owner, name: client.name, ...where };
  const { data } = await client.call({
    route: client.graphqlRoute,
    parameters: { query: QUERY, variables },
    shape: answer,
    purpose,
  });
  return data.repository.issueOrPullRequest;
}

export function toEdit(atMs: number | null, editor: z.output<typeof account>): Edit | undefined {
  return atMs === null ? undefined : { atMs, editor: editor?.login };
}

function toHistory(found: Page, comments: ReadonlyMap<number, CommentHistory>): History {
  const rename = found.renames.nodes[0];
  const body = toEdit(found.lastEditedAt, found.editor);
  const title = rename === undefined ? undefined : toEdit(rename.createdAt, rename.actor);
  return { comments, ...(body === undefined ? {} : { body }), ...(title === undefined ? {} : { title }) };
}
