import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openGithubForge } from "../../../../../src/adapters/forge/github.ts";
import { Secret } from "../../../../../src/domain/secret.ts";
import { type GithubGraphql, startGithubGraphql } from "../../../../support/forge/github-graphql.ts";

let graphql: GithubGraphql;
beforeAll(async () => {
  graphql = await startGithubGraphql();
});
beforeEach(() => {
  graphql.threads = new Map();
  graphql.instead = undefined;
  graphql.requests.length = 0;
});
afterAll(async () => {
  expect(graphql.complaints).toEqual([]);
  await graphql[Symbol.asyncDispose]();
});

const open = (suffix = "") =>
  openGithubForge({
    repository: "acme/rocket",
    apiUrl: graphql.url + suffix,
    token: new Secret("ghs_one"),
    pacing: { secondMs: 1, requestTimeoutMs: 2_000 },
  });
const read = async (max = 300, suffix = "") => await open(suffix).readHistory?.(7, max);
const comments = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: 3_000_000_000 + index, minimised: index % 2 === 1 }));

describe("edits and hidden comments, read by a query that GitHub's own schema accepts", () => {
  test.each(["Issue", "PullRequest"] as const)("of an %s are told with their editors", async (kind) => {
    const edited = { at: "2026-11-23T11:59:00Z", by: "eve" };
    graphql.threads.set(7, {
      kind,
      body: edited,
      title: { at: "2026-11-23T11:58:00Z", by: null },
      comments: [
        { id: 1, edited },
        { id: 2, minimised: true },
      ],
    });
    expect(await read()).toEqual({
      body: { atMs: Date.parse("2026-11-23T11:59:00Z"), editor: "eve" },
      title: { atMs: Date.parse("2026-11-23T11:58:00Z"), editor: undefined },
      comments: new Map([
        [1, { minimised: false, edit: { atMs: Date.parse("2026-11-23T11:59:00Z"), editor: "eve" } }],
        [2, { minimised: true }],
      ]),
    });
  });

  test("of something never edited are empty", async () => {
    graphql.threads.set(7, {});
    expect(await read()).toEqual({ comments: new Map() });
  });

  test("are read over pages, with ids that have outgrown 32 bits, and no further back than asked", async () => {
    graphql.threads.set(7, { comments: comments(260) });
    const all = await read();
    if (all === undefined || all === "unknown") throw new Error("no history");
    expect([all.comments.size, all.comments.get(3_000_000_201)?.minimised]).toEqual([260, true]);
    expect(graphql.requests).toHaveLength(3);
    const some = await read(150);
    if (some === undefined || some === "unknown") throw new Error("no history");
    expect([...some.comments.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 150 }, (_, index) => 3_000_000_110 + index));
  });

  test("are asked with nothing but a query and its variables", async () => {
    graphql.threads.set(7, {});
    await read();
    expect(graphql.requests).toEqual([{ path: "/graphql", authorization: "token ghs_one", keys: ["query", "variables"] }]);
  });

  test("are asked beside the REST API of an Enterprise Server, not below it", async () => {
    graphql.threads.set(7, {});
    await read(300, "/api/v3");
    expect(graphql.requests.map(({ path }) => path)).toEqual(["/api/graphql"]);
  });

  test.each([
    ["there is no GraphQL", { status: 404, body: '{"message":"Not Found"}' }],
    ["the token may not", { status: 403, body: '{"message":"Resource not accessible by integration"}' }],
    ["the server is too old for a field", { status: 200, body: '{"errors":[{"message":"Field does not exist"}]}' }],
    ["half of it is an error", { status: 200, body: '{"data":{"repository":{"issueOrPullRequest":null}},"errors":[{"message":"x"}]}' }],
    ["the answer is another page", { status: 200, body: "<html>" }],
    [
      "a date is none",
      {
        status: 200,
        body: '{"data":{"repository":{"issueOrPullRequest":{"lastEditedAt":"soon","editor":null,"renames":{"nodes":[]},"comments":{"pageInfo":{"hasPreviousPage":false,"startCursor":null},"nodes":[]}}}}}',
      },
    ],
  ])("are unknown, not empty, when %s", async (_name, instead) => {
    graphql.instead = instead;
    expect(await read()).toBe("unknown");
  });

  test("are unknown when the target does not exist", async () => {
    expect(await read()).toBe("unknown");
  });
});
