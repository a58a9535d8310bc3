import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { commentable } from "../test/support/forge/review-github/places.ts";
import type { StandIn } from "./stand-in.ts";

type Json = Record<string, unknown>;

/** What was asked of it, for tests. */
export interface FrontCall {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

export interface ReviewFront extends AsyncDisposable {
  readonly url: string;
  readonly writes: readonly FrontCall[];
}

export interface ReviewFrontOptions {
  readonly standIn: StandIn;
  /** The repository that both commits are in. */
  readonly bare: string;
  readonly base: string;
}

const REVIEWS = /^(\/repos\/[^/]+\/[^/]+\/pulls\/\d+)\/reviews$/;
const COMMENTS = /^\/repos\/[^/]+\/[^/]+\/pulls\/\d+\/comments$/;

/**
 * Stands before the stand-in, which takes a review's comments by their position in the diff only. This one takes them by line, as
 * GitHub does and by its rules: a line that is not in the diff, or a verdict on one's own pull request, refuses the whole review.
 */
export async function startReviewFront(options: ReviewFrontOptions): Promise<ReviewFront> {
  const writes: FrontCall[] = [];
  const ranges = new Map<number, Json>();
  const server = createServer((request, response) => {
    void serve({ ...options, writes, ranges }, request, response).catch((error: unknown) =>
      response.writeHead(500).end(JSON.stringify({ message: String(error) })),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    writes,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface State extends ReviewFrontOptions {
  readonly writes: FrontCall[];
  /** By comment: the review it belongs to and its first line, which the stand-in does not keep. */
  readonly ranges: Map<number, Json>;
}

interface Call {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

async function serve(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const call = await readCall(request);
  const path = call.target.split("?", 1)[0] ?? "";
  if (call.method !== "GET") state.writes.push({ method: call.method, path, body: call.body === "" ? undefined : JSON.parse(call.body) });
  const review = call.method === "POST" ? REVIEWS.exec(path) : null;
  const answer =
    review === null
      ? await forward(state, call)
      : await createReview(state, { call, pull: review[1] ?? "", given: JSON.parse(call.body) as Json });
  const shown = call.method === "GET" && COMMENTS.test(path) ? addRanges(state, answer) : answer;
  response.writeHead(shown.status, shown.headers).end(shown.body);
}

async function readCall(request: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { authorization = "", accept = "*/*" } = request.headers;
  const headers = { authorization, accept, "content-type": "application/json" };
  return { method: request.method ?? "GET", target: request.url ?? "/", headers, body: Buffer.concat(chunks).toString("utf8") };
}

async function forward({ standIn }: State, { method, target, headers, body }: Call): Promise<Answer> {
  const response = await fetch(`${standIn.url}${target}`, { method, headers, ...(body === "" ? {} : { body }), redirect: "manual" });
  const kept = ["content-type", "link", "etag"].flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return { status: response.status, headers: Object.fromEntries(kept), body: await response.text() };
}

interface Creation {
  readonly call: Call;
  /** `/repos/owner/name/pulls/1` */
  readonly pull: string;
  readonly given: Json;
}

async function createReview(state: State, { call, pull, given }: Creation): Promise<Answer> {
  const { comments = [], ...bare } = given as Json & { readonly comments?: readonly Json[] };
  const objection = findObjection(state, comments, String(given["commit_id"])) ?? (await findOwnVerdict(state, { call, pull, given }));
  if (objection !== undefined) return refuse(objection);
  const answer = await forward(state, { ...call, body: JSON.stringify(bare) });
  if (answer.status >= 300) return answer;
  const { id } = JSON.parse(answer.body) as { id: number };
  for (const comment of comments) {
    const { path, line, side, body, start_line = null, start_side = null } = comment;
    const one = { path, line, side, body, commit_id: given["commit_id"], subject_type: "line" };
    const made = await forward(state, { ...call, target: `${pull}/comments`, body: JSON.stringify(one) });
    if (made.status >= 300) return made;
    const { id: commentId } = JSON.parse(made.body) as { id: number };
    state.ranges.set(commentId, { start_line, start_side, pull_request_review_id: id });
  }
  return answer;
}

function findObjection({ bare, base }: State, comments: readonly Json[], head: string): string | undefined {
  for (const { path, side, line, start_line: start } of comments) {
    const places = commentable({ directory: bare, base }, head, String(path), String(side));
    const fits = places.some(
      ([from, to]) =>
        Number(line) >= from && Number(line) <= to && (start === undefined || (Number(start) >= from && Number(start) < Number(line))),
    );
    if (!fits) return `Line could not be resolved: ${String(path)}:${String(line)}`;
  }
  return undefined;
}

async function findOwnVerdict(state: State, { call, pull, given }: Creation): Promise<string | undefined> {
  if (given["event"] === "COMMENT") return undefined;
  const read = async (target: string): Promise<Json> =>
    JSON.parse((await forward(state, { ...call, method: "GET", target, body: "" })).body) as Json;
  const [{ login }, { user }] = [await read("/user"), await read(pull)];
  if (login !== (user as Json)["login"]) return undefined;
  return `Can not ${given["event"] === "APPROVE" ? "approve" : "request changes on"} your own pull request`;
}

function refuse(message: string): Answer {
  const body = { message: "Unprocessable Entity", errors: [message] };
  return { status: 422, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

function addRanges({ ranges }: State, answer: Answer): Answer {
  if (answer.status !== 200) return answer;
  const comments = (JSON.parse(answer.body) as (Json & { readonly id: number })[]).map((one) => ({ ...one, ...ranges.get(one.id) }));
  return { ...answer, body: JSON.stringify(comments) };
}
