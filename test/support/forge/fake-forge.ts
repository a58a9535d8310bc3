import { createHash } from "node:crypto";
import { AirlockError, type ErrorCode } from "../../../src/domain/errors.ts";
import { Secret } from "../../../src/domain/secret.ts";
import type { Permission } from "../../../src/domain/trigger/permission.ts";
import type { CommentFacts } from "../../../src/ports/conversation.ts";
import type {
  FailureFacts,
  Forge,
  IssueFacts,
  NewCommit,
  NewPullRequest,
  PullRequestFacts,
  PutPullRequest,
} from "../../../src/ports/forge.ts";

/** What the fake holds; tests change it between calls to play what people do on GitHub meanwhile. */
export interface FakeForgeState {
  repository: string;
  defaultBranch: string;
  private: boolean;
  /** Login the token writes as. */
  identity: string;
  /** By login, exact; a login that is missing has none. */
  readonly permissions: Map<string, Permission>;
  readonly branches: Map<string, string>;
  readonly issues: Map<number, Writable<IssueFacts>>;
  readonly pulls: Map<number, Writable<PullRequestFacts>>;
  readonly comments: Map<number, Writable<CommentFacts>[]>;
  /** By `ref:path`. */
  readonly files: Map<string, string>;
  readonly reactions: { readonly target: string; readonly reaction: string }[];
  readonly commits: NewCommit[];
  readonly pullRequests: (NewPullRequest & { number: number })[];
  runs: number;
  failures: readonly FailureFacts[];
  diff: string;
  /** Time of what the fake writes itself. */
  nowMs: number;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export interface FakeForge extends Forge {
  readonly state: FakeForgeState;
  /** Names of the methods called, in order. */
  readonly calls: string[];
  /** Makes a method throw from now on. Default: as the adapter does in an outage. */
  fail(method: keyof Forge, code?: ErrorCode): void;
  addIssue(issue: Partial<IssueFacts> & { readonly number: number }): void;
  addPull(pull: Partial<PullRequestFacts> & { readonly number: number }): void;
  addComment(number: number, comment: Partial<CommentFacts>): CommentFacts;
}

export const BASE_SHA = "1".repeat(40);
export const HEAD_SHA = "2".repeat(40);

/** A forge in memory, with the repository `acme/rocket`, the writer `maria` and the stranger `eve`. */
export function openFakeForge(given: Partial<FakeForgeState> = {}): FakeForge {
  const state = { ...emptyState(), ...given };
  const calls: string[] = [];
  const failing = new Map<string, ErrorCode>();
  const called = (method: keyof Forge): void => {
    calls.push(method);
    const code = failing.get(method);
    if (code !== undefined) throw new AirlockError(code, { message: `${method} failed.`, remedy: "Try again." });
  };
  return {
    state,
    calls,
    repository: state.repository,
    remote: { url: `http://127.0.0.1/${state.repository}.git`, token: new Secret("ghs_fake") },
    fail: (method, code = "forge.unreadable") => void failing.set(method, code),
    compareUrl: (base, branch) => `https://github.example/${state.repository}/compare/${base}...${branch}`,
    ...openAdding(state),
    ...openReading(state, called),
    ...openDiscussing(state, called),
    ...openPublishing(state, called),
  };
}

function emptyState(): FakeForgeState {
  return {
    repository: "acme/rocket",
    defaultBranch: "main",
    private: false,
    identity: "github-actions[bot]",
    permissions: new Map<string, Permission>([
      ["maria", "write"],
      ["eve", "read"],
    ]),
    branches: new Map([["main", BASE_SHA]]),
    issues: new Map(),
    pulls: new Map(),
    comments: new Map(),
    files: new Map(),
    reactions: [],
    commits: [],
    pullRequests: [],
    runs: 1,
    failures: [],
    diff: "",
    nowMs: Date.parse("2026-11-23T12:00:10Z"),
  };
}

type Called = (method: keyof Forge) => void;

function openAdding(state: FakeForgeState): Pick<FakeForge, "addIssue" | "addPull" | "addComment"> {
  return {
    addIssue(issue) {
      const whole = {
        state: "open",
        title: "",
        body: "",
        author: "eve",
        labels: [],
        updatedAtMs: state.nowMs,
        isPullRequest: false,
        ...issue,
      } as const;
      state.issues.set(issue.number, whole);
    },
    addPull(pull) {
      const refs = { baseRef: "main", baseSha: BASE_SHA, headRef: "topic", headSha: HEAD_SHA, headRepository: state.repository };
      state.pulls.set(pull.number, { state: "open", title: "", body: "", author: "eve", labels: [], ...refs, ...pull });
    },
    addComment(number, comment) {
      const thread = state.comments.get(number) ?? [];
      const id = comment.id ?? 1_000 + [...state.comments.values()].flat().length;
      const createdAtMs = comment.createdAtMs ?? state.nowMs;
      const whole = {
        author: "maria",
        body: "",
        updatedAtMs: createdAtMs,
        url: `https://github.example/c/${id}`,
        ...comment,
        id,
        createdAtMs,
      };
      state.comments.set(number, [...thread, whole]);
      return whole;
    },
  };
}

function openReading(state: FakeForgeState, called: Called) {
  return {
    async readPermission(login: string): Promise<Permission> {
      called("readPermission");
      return state.permissions.get(login) ?? "none";
    },
    async readRepository() {
      called("readRepository");
      return { defaultBranch: state.defaultBranch, private: state.private };
    },
    async readBranch(name: string) {
      called("readBranch");
      return state.branches.get(name);
    },
    async readCommit(sha: string) {
      called("readCommit");
      const made = state.commits.find((commit) => shaOf(commit) === sha);
      if (made !== undefined) return { sha, tree: made.expectedTree, parents: [made.baseSha], message: made.message };
      return { sha, tree: "3".repeat(40), parents: [], message: "A commit" };
    },
    async readIssue(number: number) {
      called("readIssue");
      return { commentCount: state.comments.get(number)?.length ?? 0, ...found(state.issues.get(number), `#${number}`) };
    },
    async readPullRequest(number: number) {
      called("readPullRequest");
      return { commentCount: state.comments.get(number)?.length ?? 0, ...found(state.pulls.get(number), `#${number}`) };
    },
    async readFile(ref: string, path: string, maxBytes: number) {
      called("readFile");
      return state.files.get(`${ref}:${path}`)?.slice(0, maxBytes);
    },
    async readIdentity() {
      called("readIdentity");
      return state.identity;
    },
    async countRuns() {
      called("countRuns");
      return state.runs;
    },
    async readFailure() {
      called("readFailure");
      return state.failures;
    },
    async readDiff() {
      called("readDiff");
      return state.diff;
    },
  };
}

function openDiscussing(state: FakeForgeState, called: Called) {
  const labelsOf = (number: number) => state.issues.get(number) ?? found(state.pulls.get(number), `#${number}`);
  return {
    async readComments(number: number, max: number, sinceMs = 0) {
      called("readComments");
      return (state.comments.get(number) ?? []).filter((comment) => comment.updatedAtMs >= sinceMs).slice(-max);
    },
    async putComment(number: number, marker: string, body: string) {
      called("putComment");
      const full = `<!-- ${marker} -->\n${body}`;
      const thread = state.comments.get(number) ?? [];
      const own = thread.find((comment) => comment.author === state.identity && comment.body.startsWith(`<!-- ${marker} -->`));
      if (own !== undefined) {
        own.body = full;
        own.updatedAtMs = state.nowMs;
        return { id: own.id, url: own.url };
      }
      const id = 5_000 + thread.length;
      const created = {
        id,
        author: state.identity,
        body: full,
        createdAtMs: state.nowMs,
        updatedAtMs: state.nowMs,
        url: `https://github.example/c/${id}`,
      };
      state.comments.set(number, [...thread, created]);
      return { id, url: created.url };
    },
    async react(target: { readonly kind: string; readonly id: number }, reaction: string) {
      called("react");
      state.reactions.push({ target: `${target.kind}:${target.id}`, reaction });
    },
    async addLabels(number: number, labels: readonly string[]) {
      called("addLabels");
      const facts = labelsOf(number);
      facts.labels = [...new Set([...facts.labels, ...labels])];
    },
    async removeLabel(number: number, label: string) {
      called("removeLabel");
      const facts = labelsOf(number);
      facts.labels = facts.labels.filter((name) => name.toLowerCase() !== label.toLowerCase());
    },
  };
}

function openPublishing(state: FakeForgeState, called: Called) {
  return {
    async createCommit(commit: NewCommit) {
      called("createCommit");
      state.commits.push(commit);
      return { sha: shaOf(commit), tree: commit.expectedTree, verified: true };
    },
    async putBranch(name: string, sha: string) {
      called("putBranch");
      const before = state.branches.get(name);
      state.branches.set(name, sha);
      if (before === undefined) return "created" as const;
      return before === sha ? ("unchanged" as const) : ("updated" as const);
    },
    async deleteBranch(name: string) {
      called("deleteBranch");
      state.branches.delete(name);
    },
    async putPullRequest(request: NewPullRequest): Promise<PutPullRequest> {
      called("putPullRequest");
      const same = state.pullRequests.findIndex((pull) => pull.branch === request.branch && pull.base === request.base);
      const number = same === -1 ? 100 + state.pullRequests.length : (state.pullRequests[same]?.number ?? 0);
      if (same === -1) state.pullRequests.push({ ...request, number });
      else state.pullRequests[same] = { ...request, number };
      return {
        number,
        url: `https://github.example/${state.repository}/pull/${number}`,
        operation: same === -1 ? "created" : "updated",
        notes: [],
      };
    },
  };
}

function shaOf({ baseSha, expectedTree, message }: NewCommit): string {
  return createHash("sha1")
    .update(JSON.stringify([baseSha, expectedTree, message]))
    .digest("hex");
}

function found<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new AirlockError("publish.permission", { message: `No ${what}.`, remedy: "Add it to the fake." });
}
