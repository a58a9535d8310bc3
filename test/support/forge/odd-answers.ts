import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** A GitHub API on loopback that answers one path as it is told to, keeps comments, and knows nothing else. */
export interface OddApi extends AsyncDisposable {
  readonly url: string;
  /** Bodies of the comments that were posted, oldest first. */
  readonly comments: string[];
  /** `GET /path` of each request. */
  readonly calls: string[];
  /** Values of the `authorization` header that reached it. */
  readonly tokens: Set<string>;
}

export const json =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) =>
    void response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));

export const text =
  (status: number, body: string, type = "text/html"): Answer =>
  (response) =>
    void response.writeHead(status, { "content-type": type }).end(body);

/** An error as GitHub's API writes it. */
export const told = (status: number, message: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  json(status, { message, documentation_url: "https://docs.github.com/rest" }, headers);

export const PAGE = "<!doctype html><html><head><title>Log in to @acme guest wifi</title></head><body>Pay here</body></html>";

/** Begins a JSON answer and goes away in the middle of it. */
export const cutOff: Answer = (response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": "200" });
  response.write('{"permission": "admin", ', () => response.destroy());
};

/** JSON that never ends. */
export const endless: Answer = (response) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.write('{"permission": "admin", "filler": "');
  const timer = setInterval(() => response.write("x".repeat(4_096)), 5);
  response.on("close", () => clearInterval(timer));
};

export async function startOddApi(path: RegExp, answer: Answer, usual: Readonly<Record<string, unknown>> = {}): Promise<OddApi> {
  const comments: string[] = [];
  const calls: string[] = [];
  const tokens = new Set<string>();
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const at = (request.url ?? "/").split("?")[0] ?? "/";
    calls.push(`${request.method} ${at}`);
    if (request.headers.authorization !== undefined) tokens.add(request.headers.authorization);
    const found = path.test(at) ? answer : /\/comments$/.test(at) ? await comment(request, comments) : readUsual(usual, at);
    found(response, request);
  };
  const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    comments,
    calls,
    tokens,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function readUsual(usual: Readonly<Record<string, unknown>>, at: string): Answer {
  const known = Object.entries(usual).find(([ending]) => at.endsWith(ending));
  return known === undefined ? told(404, "Not Found") : json(200, known[1]);
}

async function comment(request: IncomingMessage, comments: string[]): Promise<Answer> {
  if (request.method !== "POST") return json(200, []);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { body } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { readonly body: string };
  comments.push(body);
  const at = new Date().toISOString();
  const user = { login: "github-actions[bot]", type: "Bot" };
  return json(201, { id: comments.length, body, user, created_at: at, updated_at: at, html_url: "https://github.example/c/1" });
}
