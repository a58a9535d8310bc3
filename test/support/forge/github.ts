import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createEmulator } from "emulate";
import { type Contract, loadContract } from "./github-contract.ts";
import { BEFORE, type Fault, type FaultKind } from "./github-faults.ts";

export interface GithubCall {
  readonly method: string;
  readonly path: string;
  readonly template: string | undefined;
  readonly body: unknown;
  status: number;
  readonly requestErrors: readonly string[];
  responseErrors: readonly string[];
}

export interface GithubOptions {
  /** Logins beside the owner, with the permission each has on the repository. */
  readonly collaborators?: Readonly<Record<string, "pull" | "triage" | "push" | "maintain" | "admin">>;
  /** Collaborators whose token may only read, whatever they may do themselves: as a job's with `contents: read, issues: read`. */
  readonly readers?: readonly string[];
  readonly private?: boolean;
  /** Check each call against GitHub's own description. Default true. */
  readonly contract?: boolean;
  /** Check the stand-in's answers against GitHub's description too. Default false: they are not ours, and it takes time. */
  readonly checkAnswers?: boolean;
  /** Where it listens; default: any free port. */
  readonly port?: number;
}

export interface Github extends AsyncDisposable {
  /** Address of the REST API. */
  readonly url: string;
  readonly repository: string;
  /** Tokens by login: `owner` and every collaborator. */
  readonly tokens: Readonly<Record<string, string>>;
  readonly calls: GithubCall[];
  /** Makes the next matching calls go wrong. */
  inject(fault: Fault): void;
  /** Faults that no call has met yet. */
  pending(): number;
  /** Asks the stand-in past the proxy: no fault, no record. */
  ask<T = unknown>(method: string, path: string, body?: unknown, login?: string): Promise<T>;
  /** Writes a commit with exactly this content; its SHA is git's. Moves `branch` there. */
  plant(commit: PlantedCommit): Promise<{ readonly sha: string; readonly tree: string }>;
}

export interface PlantedCommit {
  readonly branch: string;
  readonly files: Readonly<Record<string, string | Uint8Array | { readonly mode: string; readonly content: string | Uint8Array }>>;
  readonly message?: string;
  readonly parents?: readonly string[];
  readonly author?: { readonly name: string; readonly email: string; readonly date: string };
}

export const OWNER = "octo";
const NAME = "demo";
const AUTHOR = { name: "Octo", email: "octo@example.com", date: "2026-01-02T03:04:05Z" };

/** A GitHub on loopback: emulate's stand-in behind a proxy that checks each call and breaks the ones it is told to. */
export async function startGithub(options: GithubOptions = {}): Promise<Github> {
  const logins = [OWNER, ...Object.keys(options.collaborators ?? {}), "stranger"];
  const tokens = Object.fromEntries(logins.map((login) => [login, `ghs_${login.padEnd(36, "0")}`]));
  const emulator = await createEmulator({
    service: "github",
    port: await findPort(),
    seed: {
      github: {
        users: logins.map((login) => ({ login })),
        repos: [{ owner: OWNER, name: NAME, private: options.private ?? false, auto_init: true }],
      },
      tokens: Object.fromEntries(Object.entries(tokens).map(([login, token]) => [token, { login, scopes: ["repo"] }])),
    },
  });
  const ask = async <T>(method: string, path: string, body?: unknown, login = OWNER): Promise<T> => {
    const headers = { authorization: `Bearer ${tokens[login]}`, "content-type": "application/json" };
    const response = await fetch(emulator.url + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  };
  const readOnly = new Set((options.readers ?? []).map((login) => tokens[login]));
  const proxy = await startProxy(emulator.url, { ...options, ask, mayWrite: (token) => !readOnly.has(token) });
  const repository = `${OWNER}/${NAME}`;
  await invite({ repository, ask, collaborators: options.collaborators ?? {} });
  return {
    ...proxy,
    repository,
    tokens,
    ask,
    plant: (commit) => plant(ask, repository, commit),
    async [Symbol.asyncDispose]() {
      await proxy.close();
      await emulator.close();
    },
  };
}

type Ask = <T = unknown>(method: string, path: string, body?: unknown, login?: string) => Promise<T>;

async function invite(options: {
  readonly repository: string;
  readonly ask: Ask;
  readonly collaborators: Readonly<Record<string, string>>;
}): Promise<void> {
  for (const [login, permission] of Object.entries(options.collaborators)) {
    const invitation = await options.ask<{ id: number } | undefined>("PUT", `/repos/${options.repository}/collaborators/${login}`, {
      permission,
    });
    if (invitation !== undefined)
      await options.ask("PATCH", `/user/repository_invitations/${invitation.id}`, undefined, login).catch(() => undefined);
  }
}

async function plant(ask: Ask, repository: string, commit: PlantedCommit): Promise<{ sha: string; tree: string }> {
  const base = `/repos/${repository}/git`;
  const entries: unknown[] = [];
  for (const [path, file] of Object.entries(commit.files)) {
    const { mode, content } = typeof file === "object" && "mode" in file ? file : { mode: "100644", content: file };
    const blob = await ask<{ sha: string }>("POST", `${base}/blobs`, {
      content: Buffer.from(content).toString("base64"),
      encoding: "base64",
    });
    entries.push({ path, mode, type: "blob", sha: blob.sha });
  }
  const tree = await ask<{ sha: string }>("POST", `${base}/trees`, { tree: entries });
  const author = commit.author ?? AUTHOR;
  const message = commit.message ?? "Start";
  const made = await ask<{ sha: string }>("POST", `${base}/commits`, {
    message,
    tree: tree.sha,
    parents: commit.parents ?? [],
    author,
    committer: author,
  });
  const ref = `heads/${commit.branch}`;
  await ask("PATCH", `${base}/refs/${ref}`, { sha: made.sha, force: true }).catch(() =>
    ask("POST", `${base}/refs`, { ref: `refs/${ref}`, sha: made.sha }),
  );
  return { sha: made.sha, tree: tree.sha };
}

interface Proxy {
  readonly url: string;
  readonly calls: GithubCall[];
  inject(fault: Fault): void;
  pending(): number;
  close(): Promise<void>;
}

interface ProxyOptions extends GithubOptions {
  readonly ask: Ask;
  readonly mayWrite: (token: string) => boolean;
}

async function startProxy(target: string, options: ProxyOptions): Promise<Proxy> {
  const contract = options.contract === false ? undefined : loadContract();
  const calls: GithubCall[] = [];
  const faults: { fault: Fault; left: number }[] = [];
  const take = (request: IncomingMessage, call: GithubCall): FaultKind | undefined => {
    if (isForbidden(request, call, options.mayWrite)) return "forbidden";
    const hit = faults.find(({ fault, left }) => left > 0 && fault.method === call.method && fault.path.test(call.path));
    if (hit !== undefined) hit.left -= 1;
    return hit?.fault.kind;
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readAll(request);
    const { call, route } = describe(request, body, contract);
    calls.push(call);
    const fault = take(request, call);
    if (fault !== undefined && BEFORE[fault]?.(response, call) === true) return;
    const answer = (await answerGraphql(call, options.ask)) ?? (await forward(target, request, body));
    call.status = answer.status;
    if (options.checkAnswers === true && route !== undefined && answer.status < 300 && answer.body.length > 0)
      call.responseErrors = route.response(answer.status, JSON.parse(answer.body.toString("utf8")));
    if (fault === "dropped-after-success") {
      response.destroy();
      return;
    }
    const own = `http://${request.headers.host}`;
    response.writeHead(answer.status, {
      "content-type": answer.type,
      ...(answer.link === undefined ? {} : { link: answer.link.replaceAll(target, own) }),
    });
    response.end(withoutLargeContent(call, answer.body));
  };
  const server = createServer((request, response) => {
    void serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    inject: (fault) => void faults.push({ fault, left: fault.times ?? 1 }),
    pending: () => faults.reduce((sum, { left }) => sum + left, 0),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function isForbidden({ headers }: IncomingMessage, call: GithubCall, mayWrite: ProxyOptions["mayWrite"]): boolean {
  if (call.method === "GET" || call.path === "/graphql") return false;
  return !mayWrite((headers.authorization ?? "").replace(/^(?:bearer|token) /i, ""));
}

function describe(
  request: IncomingMessage,
  body: Buffer,
  contract: Contract | undefined,
): { readonly call: GithubCall; readonly route: ReturnType<Contract["match"]> } {
  const { method = "GET", url = "/" } = request;
  const path = url.split("?")[0] ?? "/";
  const route = contract?.match(method, path);
  const data: unknown = body.length === 0 ? undefined : JSON.parse(body.toString("utf8"));
  const known = contract === undefined || route !== undefined || path === "/graphql";
  const requestErrors = known ? (route?.request(data) ?? []) : ["GitHub has no such route"];
  return { call: { method, path, template: route?.template, body: data, status: 0, requestErrors, responseErrors: [] }, route };
}

/** The one mutation that publishing asks for; the stand-in knows no GraphQL, but lets a REST call do the same. */
async function answerGraphql(call: GithubCall, ask: Ask): Promise<Answer | undefined> {
  const { query = "", variables = {} } = (call.body ?? {}) as { readonly query?: string; readonly variables?: { readonly id?: string } };
  if (call.path !== "/graphql" || !/^mutation\b.*\bconvertPullRequestToDraft\(/.test(query)) return undefined;
  const pulls = `/repos/${OWNER}/${NAME}/pulls`;
  const all = await ask<readonly { number: number; node_id: string }[]>("GET", `${pulls}?state=all&per_page=100`);
  const found = all.find(({ node_id }) => node_id === variables.id);
  if (found !== undefined) await ask("PATCH", `${pulls}/${found.number}`, { draft: true });
  const said = found === undefined ? { errors: [{ message: "Could not resolve to a node" }] } : { data: { convertPullRequestToDraft: {} } };
  return { status: 200, type: "application/json", link: undefined, body: Buffer.from(JSON.stringify(said)) };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly link: string | undefined;
  readonly body: Buffer;
}

/** GitHub leaves the contents of files above 1 MiB out of this answer ("Get repository content"); the stand-in does not. */
function withoutLargeContent(call: GithubCall, body: Buffer): Buffer {
  if (call.method !== "GET" || !call.path.includes("/contents/") || body.length <= 1 << 20) return body;
  const file: Record<string, unknown> = JSON.parse(body.toString("utf8"));
  return Number(file["size"]) <= 1 << 20 ? body : Buffer.from(JSON.stringify({ ...file, encoding: "none", content: "" }));
}

async function forward(target: string, request: IncomingMessage, body: Buffer): Promise<Answer> {
  const headers = new Headers({ "content-type": "application/json" });
  for (const name of ["authorization", "accept", "user-agent"]) headers.set(name, String(request.headers[name] ?? ""));
  const url = target + request.url;
  const answer = await fetch(url, {
    method: request.method ?? "GET",
    headers,
    redirect: "manual",
    ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const pruned = answer.status === 201 && url.endsWith("/git/trees") ? await prune(url, headers, bytes) : bytes;
  return {
    status: answer.status,
    type: answer.headers.get("content-type") ?? "application/json",
    link: answer.headers.get("link") ?? undefined,
    body: pruned,
  };
}

const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** Git has no empty directories and GitHub leaves them out; the stand-in keeps one when its last file is deleted. */
async function prune(url: string, headers: Headers, made: Buffer): Promise<Buffer> {
  const { sha } = JSON.parse(made.toString("utf8")) as { sha: string };
  const listing = await fetch(`${url}/${sha}?recursive=1`, { headers });
  const { tree } = (await listing.json()) as { tree: { path: string; type: string; sha: string }[] };
  const empty = tree
    .filter((entry) => entry.type === "tree" && entry.sha === EMPTY_TREE)
    .map(({ path }) => ({ path, mode: "040000", type: "tree", sha: null }));
  if (empty.length === 0) return made;
  const again = await fetch(url, { method: "POST", headers, body: JSON.stringify({ base_tree: sha, tree: empty }) });
  return prune(url, headers, Buffer.from(await again.arrayBuffer()));
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** emulate wants a port of its own choosing by number. */
async function findPort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}
