import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openGithubForge } from "../../../../../src/adapters/forge/github.ts";
import { Secret } from "../../../../../src/domain/secret.ts";
import { type GithubGraphql, type GraphqlNode, startGithubGraphql } from "../../../../support/forge/github-graphql.ts";

const AT = "2026-11-23T11:59:00Z";
const AT_MS = Date.parse(AT);
const ROOT = 3_000_000_000;

let graphql: GithubGraphql;
beforeAll(async () => {
  graphql = await startGithubGraphql();
});
beforeEach(() => {
  graphql.nodes = new Map();
  graphql.instead = undefined;
});
afterAll(async () => {
  expect(graphql.complaints).toEqual([]);
  await graphql[Symbol.asyncDispose]();
});

/** A thread of as many comments; `nodes` tell what GraphQL knows of them by index, null: it was deleted meanwhile. */
function plant(count: number, nodes: Readonly<Record<number, GraphqlNode | null>> = {}): void {
  const comments = Array.from({ length: count }, (_, index) => ({
    id: ROOT + index,
    node_id: `PRRC_${index}`,
    path: "src/a.js",
    line: 5,
    diff_hunk: "@@",
    body: `said ${index}`,
    user: { login: "maria" },
    created_at: AT,
    updated_at: AT,
    ...(index === 0 ? {} : { in_reply_to_id: ROOT }),
  }));
  const other = { ...comments[0], id: 7, node_id: "PRRC_other", body: "of another thread" };
  graphql.rest.set("/repos/acme/rocket/pulls/8/comments", [other, ...comments]);
  for (const index of comments.keys()) {
    const node = nodes[index];
    if (node !== null) graphql.nodes.set(`PRRC_${index}`, node ?? {});
  }
}

async function read(max = 50) {
  const apiUrl = graphql.url;
  const pacing = { secondMs: 1, requestTimeoutMs: 2_000 };
  const forge = openGithubForge({ repository: "acme/rocket", apiUrl, token: new Secret("ghs_one"), pacing });
  return await forge.reviews?.readThread(8, ROOT + 1, max);
}

describe("a review thread on GitHub", () => {
  test("comes with its hidden and its edited comments, by a query that GitHub's own schema accepts", async () => {
    plant(3, { 1: { minimised: true }, 2: { edited: { at: AT, by: "eve" } } });
    expect(await read()).toMatchObject({
      commentCount: 3,
      comments: [{ body: "said 0" }, { body: "said 1" }, { body: "said 2" }],
      history: new Map([
        [ROOT, { minimised: false }],
        [ROOT + 1, { minimised: true }],
        [ROOT + 2, { minimised: false, edit: { atMs: AT_MS, editor: "eve" } }],
      ]),
    });
  });

  test("lacks the history of a comment that was deleted after its text was read", async () => {
    plant(3, { 2: null, 1: { minimised: true } });
    const history = (await read())?.history;
    expect(history).toEqual(
      new Map([
        [ROOT, { minimised: false }],
        [ROOT + 1, { minimised: true }],
      ]),
    );
  });

  test.each([
    ["there is no GraphQL", { status: 404, body: '{"message":"Not Found"}' }],
    ["the token may not", { status: 403, body: '{"message":"Resource not accessible by integration"}' }],
    ["half of it is an error", { status: 200, body: '{"data":{"nodes":[]},"errors":[{"type":"FORBIDDEN","message":"x"}]}' }],
    ["the answer is another page", { status: 200, body: "<html>" }],
  ])("has an unknown history, not an empty one, when %s", async (_name, instead) => {
    plant(2);
    graphql.instead = instead;
    expect(await read()).toMatchObject({ comments: [{}, {}], history: "unknown" });
  });

  test("that is long is cut to its first comment and the newest, and counted", async () => {
    plant(80);
    const thread = await read(4);
    expect(thread?.comments.map(({ body }) => body)).toEqual(["said 0", "said 77", "said 78", "said 79"]);
    expect(thread?.commentCount).toBe(80);
  });
});
