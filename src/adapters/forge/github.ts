import { dirname, join } from "node:path";
import { AirlockError } from "../../domain/errors.ts";
import type { Secret } from "../../domain/secret.ts";
import type { Forge } from "../../ports/forge.ts";
import { advanceBranch, deleteBranch, putBranch } from "./github/branches.ts";
import { openClient } from "./github/client.ts";
import { addLabels, openComments, openIdentity, react, removeLabel } from "./github/comments.ts";
import { createCommit } from "./github/commits.ts";
import { countRuns, readDiff, readJobFailure } from "./github/evidence.ts";
import { readHistory } from "./github/graphql.ts";
import { openImages } from "./github/images.ts";
import { PACING, type Pacing } from "./github/pacing.ts";
import { putPullRequest } from "./github/pull-requests.ts";
import {
  encodeRef,
  readBranch,
  readCommit,
  readIssue,
  readPermission,
  readPullRequest,
  readRepository,
  readRepositoryFile,
} from "./github/read.ts";
import { openReviews } from "./github/reviews.ts";
import { readComments } from "./github/thread.ts";

export interface GithubForgeOptions {
  /** `owner/name`. */
  readonly repository: string;
  /** Default: GITHUB_API_URL as the runner sets it; plain http only to loopback. */
  readonly apiUrl?: string;
  /** Default: GITHUB_SERVER_URL as the runner sets it; plain http only to loopback. */
  readonly serverUrl?: string;
  readonly token: Secret;
  /** Called when GitHub makes us wait. Default: nothing is reported. */
  readonly notify?: (line: string) => void;
  /** The image decoder's bundle. Default: `images/index.js` beside the running script. */
  readonly imageWorkerPath?: string;
  /** For tests. */
  readonly pacing?: Partial<Pacing>;
}

const REPOSITORY = /^[A-Za-z0-9._-]{1,100}\/[A-Za-z0-9._-]{1,100}$/;
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** github.com or a GitHub Enterprise Server over its REST API. @throws AirlockError `input.invalid` */
export function openGithubForge(options: GithubForgeOptions): Forge {
  if (!REPOSITORY.test(options.repository))
    throw invalid(`GITHUB_REPOSITORY is ${JSON.stringify(options.repository)}.`, "Set it to `owner/name`.");
  const { repository, token } = options;
  const apiUrl = checkUrl("GITHUB_API_URL", options.apiUrl, "https://api.github.com");
  const server = checkUrl("GITHUB_SERVER_URL", options.serverUrl, "https://github.com");
  const client = openClient({
    repository,
    apiUrl,
    token,
    notify: options.notify ?? (() => undefined),
    pacing: { ...PACING, ...options.pacing },
  });
  const workerPath = options.imageWorkerPath ?? join(dirname(process.argv[1] ?? "."), "images", "index.js");
  const readIdentity = openIdentity(client);
  const comments = openComments(client, readIdentity);
  return {
    repository,
    remote: { url: `${server}/${repository}.git`, token },
    reviews: openReviews(client, readIdentity),
    readPermission: (login) => readPermission(client, login),
    readRepository: () => readRepository(client),
    readBranch: (name) => readBranch(client, name),
    readCommit: (sha) => readCommit(client, sha),
    readIssue: (number) => readIssue(client, number),
    readComments: (number, max, sinceMs) => readComments(client, number, { max, sinceMs }),
    readPullRequest: (number) => readPullRequest(client, number),
    readHistory: (number, maxComments) => readHistory(client, number, maxComments),
    readImages: openImages({ client, serverUrl: server, workerPath }),
    readFile: (ref, path, maxBytes) => readRepositoryFile(client, { ref, path, maxBytes }),
    readIdentity,
    countRuns: (options) => countRuns(client, options),
    readFailure: (upstream, maxBytes) => readJobFailure(client, upstream, maxBytes),
    readDiff: (options) => readDiff(client, options),
    putComment: (number, marker, body) => comments.put(number, marker, body),
    react: (target, reaction) => react(client, target, reaction),
    addLabels: (number, labels) => addLabels(client, number, labels),
    removeLabel: (number, label) => removeLabel(client, number, label),
    createCommit: (commit) => createCommit(client, commit),
    putBranch: (name, sha, move) =>
      move?.expected === undefined ? putBranch(client, name, sha) : advanceBranch(client, name, { sha, expected: move.expected }),
    deleteBranch: (name) => deleteBranch(client, name),
    putPullRequest: (request) => putPullRequest(client, request),
    compareUrl: (base, branch) => `${server}/${repository}/compare/${encodeRef(base)}...${encodeRef(branch)}?expand=1`,
  };
}

function checkUrl(name: "GITHUB_API_URL" | "GITHUB_SERVER_URL", given: string | undefined, fallback: string): string {
  const value = given ?? process.env[name] ?? fallback;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.has(url.hostname))) return value.replace(/\/+$/, "");
  throw invalid(`${name} is ${JSON.stringify(value)}.`, `Set ${name} to an https address; plain http is only for loopback.`);
}

function invalid(message: string, remedy: string): AirlockError {
  return new AirlockError("input.invalid", { message, remedy });
}
