import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { loadContract } from "./github-contract.ts";
import { commentable, git } from "./review-github/places.ts";
import {
  type Json,
  NUMBER,
  REPOSITORY,
  type ReviewGithub,
  type ReviewGithubOptions,
  type StoredCheck,
  type StoredComment,
  type StoredReview,
  WHEN,
} from "./review-github/state.ts";

/** GitHub's pull request API as far as a review needs it: it refuses comments that are on no line of the diff, as GitHub does. */
export async function startReviewGithub(options: ReviewGithubOptions): Promise<ReviewGithub> {
  const contract = loadContract();
  let id = 100;
  const nextId = (): number => {
    id += 1;
    return id;
  };
  const state = {
    reviews: [] as StoredReview[],
    comments: [] as StoredComment[],
    checks: [] as StoredCheck[],
    issueComments: [] as { id: number; body: string; login: string }[],
    complaints: [] as string[],
    writes: [] as string[],
    head: options.head,
    title: options.title,
    body: options.body,
    labels: ["airlock"],
    refusesVerdicts: false,
    refusesPlaces: false,
    graphql: true,
    addComment(login: string, comment: { path: string; line: number; body: string }): number {
      id += 1;
      state.comments.push({
        ...comment,
        id,
        login,
        side: "RIGHT",
        startLine: undefined,
        commit: state.head,
        resolved: false,
        minimised: false,
      });
      return id;
    },
  };
  const setLabels = (labels: readonly string[]): Answer => {
    state.labels = [...new Set(labels)];
    return [200, state.labels.map((name) => ({ name }))];
  };
  const user = (login: string): Json => ({ login, type: login.endsWith("[bot]") ? "Bot" : "User" });
  const pull = (): Json => ({
    number: NUMBER,
    node_id: "PR_1",
    state: "open",
    title: state.title,
    body: state.body,
    user: user(options.author),
    html_url: "https://github.example/acme/rocket/pull/8",
    labels: state.labels.map((name) => ({ name })),
    base: { ref: "main", sha: options.base },
    head: { ref: options.headRef, sha: state.head, repo: { full_name: options.headRepository } },
    updated_at: WHEN,
  });
  const showComment = (comment: StoredComment): Json => ({
    id: comment.id,
    node_id: `RC_${comment.id}`,
    path: comment.path,
    line: stillThere(comment) ? comment.line : null,
    subject_type: "line",
    diff_hunk: "@@",
    body: comment.body,
    user: user(comment.login),
    created_at: WHEN,
    updated_at: WHEN,
  });
  /** GitHub keeps a comment's place while its line stands in the new head's diff with the same text. */
  const stillThere = (comment: StoredComment): boolean => {
    if (comment.commit === state.head) return true;
    const read = (sha: string): readonly string[] => git(options.directory, ["show", `${sha}:${comment.path}`]).split("\n");
    try {
      const text = read(comment.commit)[comment.line - 1];
      return text !== undefined && read(state.head).includes(text);
    } catch {
      return false;
    }
  };
  const showReview = (review: StoredReview): Json => ({
    id: review.id,
    body: review.body,
    user: user(review.login),
    html_url: `https://github.example/acme/rocket/pull/8#pullrequestreview-${review.id}`,
    commit_id: review.commit,
    state: review.event,
  });
  const fits = ({ path, side, line, start_line }: GivenComment, commit: string): boolean =>
    commentable(options, commit, path, side).some(
      ([from, to]) => line >= from && line <= to && (start_line === undefined || (start_line >= from && start_line < line)),
    );
  const createReview = (given: Json): Answer => {
    const comments = (given["comments"] ?? []) as GivenComment[];
    const astray = comments.find((comment) => state.refusesPlaces || !fits(comment, String(given["commit_id"])));
    if (astray !== undefined) return [422, { message: `Line could not be resolved: ${astray.path}:${astray.line}` }];
    if (given["event"] !== "COMMENT" && (state.refusesVerdicts || options.identity === options.author))
      return [422, { message: "Can not request changes on your own pull request" }];
    id += 1;
    const review = {
      id,
      login: options.identity,
      body: String(given["body"]),
      event: String(given["event"]),
      commit: String(given["commit_id"]),
    };
    state.reviews.push(review);
    for (const { path, side, line, start_line, body } of comments) {
      id += 1;
      const place = { path, side, line, startLine: start_line, body };
      state.comments.push({ ...place, id, login: options.identity, commit: review.commit, resolved: false, minimised: false });
    }
    return [200, showReview(review)];
  };
  const mutate = (query: string, id: unknown): Answer | undefined => {
    const wanted = state.comments.find(({ id: own }) => id === `T_${own}` || id === `RC_${own}`);
    if (wanted === undefined) return undefined;
    if (query.includes("resolveReviewThread")) Object.assign(wanted, { resolved: true, resolvedBy: options.identity.replace("[bot]", "") });
    if (query.includes("minimizeComment")) wanted.minimised = true;
    return [200, { data: {} }];
  };
  const graphql = ({ query, variables }: { query: string; variables?: Json }): Answer => {
    if (!state.graphql) return [404, {}];
    if (query.includes("viewer")) return [200, { data: { viewer: { login: options.identity } } }];
    const mutated = mutate(query, variables?.["id"]);
    if (mutated !== undefined) return mutated;
    if (!query.includes("reviewThreads")) return [200, { data: null, errors: [{ message: "unknown" }] }];
    const nodes = state.comments.map((comment) => ({
      id: `T_${comment.id}`,
      isResolved: comment.resolved,
      resolvedBy: comment.resolvedBy === undefined ? null : { login: comment.resolvedBy },
      comments: { nodes: [{ databaseId: comment.id, id: `RC_${comment.id}` }] },
    }));
    const reviewThreads = { pageInfo: { hasNextPage: false, endCursor: null }, nodes };
    return [200, { data: { repository: { pullRequest: { reviewThreads } } } }];
  };
  const showCheck = (check: StoredCheck): Json => ({
    id: check.id,
    name: check.name,
    status: "completed",
    conclusion: check.conclusion,
    external_id: check.externalId,
    html_url: "https://github.example/check",
  });
  const putCheck = (given: Json, existing?: StoredCheck): Answer => {
    const annotations = ((given["output"] as Json | undefined)?.["annotations"] ?? []) as Json[];
    if (annotations.length > 50) return [422, { message: "too many annotations" }];
    const check = existing ?? {
      id: nextId(),
      head: String(given["head_sha"]),
      conclusion: "",
      name: String(given["name"]),
      externalId: String(given["external_id"]),
      annotations: [],
    };
    if (existing === undefined) state.checks.push(check);
    check.conclusion = String(given["conclusion"] ?? check.conclusion);
    check.annotations.push(...annotations);
    return [200, showCheck(check)];
  };
  const putIssueComment = (body: string, existing?: { id: number; body: string; login: string }): Answer => {
    const comment = existing ?? { id: nextId(), body, login: options.identity };
    if (existing === undefined) state.issueComments.push(comment);
    comment.body = body;
    return [
      200,
      { id: comment.id, body, user: user(comment.login), created_at: WHEN, updated_at: WHEN, html_url: "https://github.example/c" },
    ];
  };
  const routes: readonly (readonly [string, RegExp, (match: RegExpExecArray, body: Json) => Answer])[] = [
    ["GET", /^\/user$/, () => [200, user(options.identity)]],
    ["POST", /^\/graphql$/, (_match, body) => graphql(body as { query: string })],
    ["GET", /^$/, () => [200, { default_branch: "main", private: false }]],
    [
      "GET",
      /^\/collaborators\/([^/]+)\/permission$/,
      ([, login = ""]) => [200, { permission: options.permissions[decodeURIComponent(login)] ?? "read" }],
    ],
    ["GET", /^\/git\/ref\/heads\/main$/, () => [200, { ref: "refs/heads/main", object: { sha: options.base } }]],
    [
      "GET",
      /^\/git\/commits\/([0-9a-f]{40})$/,
      ([, sha = ""]) => [200, { sha, message: git(options.directory, ["log", "-1", "--format=%B", sha]), tree: { sha }, parents: [] }],
    ],
    [
      "GET",
      /^\/compare\/([0-9a-f]{40})\.\.\.([0-9a-f]{40})$/,
      ([, base = "", head = ""]) => [200, { merge_base_commit: { sha: git(options.directory, ["merge-base", base, head]).trim() } }],
    ],
    ["GET", /^\/pulls\/8$/, () => [200, pull()]],
    ["GET", /^\/pulls\/8\/reviews$/, () => [200, state.reviews.map(showReview)]],
    ["POST", /^\/pulls\/8\/reviews$/, (_match, body) => createReview(body)],
    ["GET", /^\/pulls\/8\/comments$/, () => [200, state.comments.map(showComment)]],
    ["GET", /^\/issues\/8\/comments$/, () => [200, state.issueComments.map((one) => putIssueComment(one.body, one)[1])]],
    ["POST", /^\/issues\/8\/comments$/, (_match, body) => putIssueComment(String(body["body"]))],
    [
      "PATCH",
      /^\/issues\/comments\/(\d+)$/,
      ([, one], body) =>
        putIssueComment(
          String(body["body"]),
          state.issueComments.find((each) => each.id === Number(one)),
        ),
    ],
    ["POST", /\/reactions$/, () => [200, { id: 1, content: "eyes" }]],
    ["POST", /^\/issues\/8\/labels$/, (_match, body) => setLabels([...state.labels, ...(body["labels"] as string[])])],
    [
      "DELETE",
      /^\/issues\/8\/labels\/([^/]+)$/,
      ([, name = ""]) => setLabels(state.labels.filter((label) => label !== decodeURIComponent(name))),
    ],
    [
      "GET",
      /^\/commits\/([0-9a-f]{40})\/check-runs$/,
      ([, sha]) => [200, { total_count: 0, check_runs: state.checks.filter(({ head }) => head === sha).map(showCheck) }],
    ],
    ["POST", /^\/check-runs$/, (_match, body) => putCheck(body)],
    [
      "PATCH",
      /^\/check-runs\/(\d+)$/,
      ([, one], body) =>
        putCheck(
          body,
          state.checks.find((check) => check.id === Number(one)),
        ),
    ],
  ];
  const find = (method: string, path: string, body: Json): Answer => {
    const local = path.startsWith(REPOSITORY) ? path.slice(REPOSITORY.length) : path;
    for (const [verb, pattern, act] of routes) {
      const match = verb === method ? pattern.exec(local) : null;
      if (match !== null) return act(match, body);
    }
    return [404, { message: "Not Found" }];
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = decodeURI((request.url ?? "").split("?")[0] ?? "");
    const method = request.method ?? "GET";
    const body = await readJson(request);
    if (method !== "GET") state.writes.push(`${method} ${path}`);
    const route = contract.match(method, path);
    if (path !== "/graphql")
      state.complaints.push(...(route?.request(body) ?? ["no such route"]).map((what) => `${method} ${path}: ${what}`));
    const [status, answer] = find(method, path, (body ?? {}) as Json);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
  };
  const server = createServer((request, response) => {
    void serve(request, response).catch((error: unknown) => response.writeHead(500).end(JSON.stringify({ message: String(error) })));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

interface GivenComment {
  readonly path: string;
  readonly side: string;
  readonly line: number;
  readonly start_line?: number;
  readonly body: string;
}

type Answer = readonly [status: number, body: unknown];

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString("utf8"));
}
