import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buildSchema, type DocumentNode, execute, type GraphQLSchema, parse, validate } from "graphql";

export interface Edited {
  readonly at: string;
  /** null: an account that is gone. */
  readonly by: string | null;
}

/** An issue or a pull request as GraphQL tells of it. */
export interface GraphqlThread {
  readonly kind?: "Issue" | "PullRequest";
  readonly body?: Edited;
  readonly title?: Edited;
  readonly comments?: readonly { readonly id: number; readonly minimised?: boolean; readonly edited?: Edited }[];
}

/** A comment on lines of a diff, by its node id. */
export interface GraphqlNode {
  readonly minimised?: boolean;
  readonly edited?: Edited;
}

export interface GithubGraphql extends AsyncDisposable {
  /** Base address; `/graphql` and `/api/graphql` answer. */
  readonly url: string;
  readonly requests: { readonly path: string; readonly authorization: string | undefined; readonly keys: readonly string[] }[];
  /** What GitHub's own schema has against our queries. */
  readonly complaints: string[];
  threads: Map<number, GraphqlThread>;
  nodes: Map<string, GraphqlNode>;
  /** Answers to GET requests by path, beside GraphQL. */
  rest: Map<string, unknown>;
  /** Sent in place of every answer of GraphQL. */
  instead: { readonly status: number; readonly body: string } | undefined;
}

let schema: GraphQLSchema | undefined;

function loadSchema(): GraphQLSchema {
  schema ??= buildSchema(readFileSync(join(import.meta.dirname, "../../../node_modules/@octokit/graphql-schema/schema.graphql"), "utf8"), {
    assumeValid: true,
  });
  return schema;
}

/** A GraphQL server that knows GitHub's schema: it refuses what GitHub would refuse, and executes the rest on a few threads. */
export async function startGithubGraphql(): Promise<GithubGraphql> {
  loadSchema();
  const state: Pick<GithubGraphql, "requests" | "complaints" | "threads" | "nodes" | "rest" | "instead"> = {
    requests: [],
    complaints: [],
    threads: new Map(),
    nodes: new Map(),
    rest: new Map(),
    instead: undefined,
  };
  const answer = async (request: IncomingMessage): Promise<{ status: number; body: string }> => {
    const sent = await readSent(request);
    const { url: path = "", headers } = request;
    const plain = request.method === "GET" ? state.rest.get(path.split("?", 1)[0] ?? "") : undefined;
    if (plain !== undefined) return { status: 200, body: JSON.stringify(plain) };
    state.requests.push({ path, authorization: headers.authorization, keys: Object.keys(sent) });
    if (state.instead !== undefined) return state.instead;
    if (!/^(?:\/api)?\/graphql$/.test(path)) return { status: 404, body: '{"message":"Not Found"}' };
    const document = parse(sent.query ?? "");
    const complaints = validate(loadSchema(), document);
    state.complaints.push(...complaints.map(({ message }) => message));
    if (complaints.length > 0) return { status: 200, body: JSON.stringify({ errors: complaints }) };
    return { status: 200, body: JSON.stringify(await perform(state, document, sent.variables)) };
  };
  const server = createServer((request, response) => {
    answer(request).then(
      ({ status, body }) => response.writeHead(status, { "content-type": "application/json" }).end(body),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

async function readSent(request: IncomingMessage) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}") as { query?: string; variables?: Record<string, unknown> };
}

type Held = Pick<GithubGraphql, "threads" | "nodes">;

async function perform(held: Held, document: DocumentNode, variableValues: Record<string, unknown> = {}) {
  const rootValue = {
    repository: () => ({ issueOrPullRequest: ({ number }: { number: number }) => toNode(held.threads.get(number)) }),
    nodes: ({ ids }: { ids: readonly string[] }) => ids.map((id) => toComment(id, held.nodes.get(id))),
  };
  const { data, errors } = await execute({ schema: loadSchema(), document, rootValue, variableValues });
  if (errors === undefined) return { data };
  return {
    data,
    errors: errors.map(({ message }) => ({ type: message.startsWith("Could not resolve") ? "NOT_FOUND" : "OTHER", message })),
  };
}

function toNode(thread: GraphqlThread | undefined) {
  if (thread === undefined) return null;
  const { title, comments = [] } = thread;
  return {
    __typename: thread.kind ?? "Issue",
    ...toEdits(thread.body),
    timelineItems: ({ itemTypes, last }: { itemTypes?: readonly string[]; last?: number }) => {
      const wanted = title !== undefined && itemTypes?.includes("RENAMED_TITLE_EVENT") === true && (last ?? 0) > 0;
      return { nodes: wanted ? [{ __typename: "RenamedTitleEvent", createdAt: title.at, actor: toActor(title.by) }] : [] };
    },
    comments: ({ last = 0, before }: { last?: number; before?: string | null }) => {
      if (last > 100 || last < 1) throw new Error("`last` has to be between 1 and 100");
      const end = Number(before ?? comments.length);
      const start = Math.max(0, end - last);
      return {
        pageInfo: { hasPreviousPage: start > 0, startCursor: String(start) },
        nodes: comments.slice(start, end).map(({ id, minimised = false, edited }) => ({
          fullDatabaseId: String(id),
          isMinimized: minimised,
          ...toEdits(edited),
        })),
      };
    },
  };
}

/** GitHub answers `null` and an error for an id of nothing. */
function toComment(id: string, node: GraphqlNode | undefined) {
  if (node === undefined) return new Error(`Could not resolve to a node with the global id of '${id}'.`);
  return { __typename: "PullRequestReviewComment", id, isMinimized: node.minimised ?? false, ...toEdits(node.edited) };
}

function toEdits(edited: Edited | undefined) {
  return { lastEditedAt: edited?.at ?? null, editor: toActor(edited?.by ?? null) };
}

function toActor(login: string | null) {
  return login === null ? null : { __typename: "User", login };
}
