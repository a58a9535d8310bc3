import { AirlockError } from "../../../domain/errors.ts";
import type { GitRemote } from "../../../ports/repository.ts";
import type { GitConfig } from "./environment.ts";
import type { Git, GitResult } from "./process.ts";

const FETCH_TIMEOUT_MS = 15 * 60_000;
const FALLBACK_REFS = ["+refs/heads/*:refs/airlock/heads/*"];

/** Fetches exactly these commits, or the refs that may contain them if the server does not serve commits by id. */
export async function fetchCommits(git: Git, remote: GitRemote, commits: readonly string[], allowFile: boolean): Promise<void> {
  for (const commit of commits) requireCommitId(commit);
  const url = requireUrl(remote.url, allowFile);
  const config = authorization(url, remote);
  const first = await fetch(git, url, commits, config);
  if (first.code !== 0) await fetchRefs({ git, url, config, refs: remote.refs ?? FALLBACK_REFS, first });
  for (const commit of commits) await requireCommit(git, commit, remote);
}

interface RefsFetch {
  readonly git: Git;
  readonly url: URL;
  readonly config: GitConfig;
  readonly refs: readonly string[];
  readonly first: GitResult;
}

async function fetchRefs(options: RefsFetch): Promise<void> {
  const second = await fetch(options.git, options.url, options.refs, options.config);
  if (second.code !== 0) throw unreadable(options.url, options.first);
}

function fetch(git: Git, url: URL, refspecs: readonly string[], config: GitConfig): Promise<GitResult> {
  const flags = ["--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-maintenance"];
  return git.run({ args: ["fetch", ...flags, "--end-of-options", url.href, ...refspecs], config, timeoutMs: FETCH_TIMEOUT_MS });
}

/** The token travels as a header that git reads from its environment: never on a command line, never in a URL. */
function authorization(url: URL, remote: GitRemote): GitConfig {
  const token = remote.token.reveal();
  if (token === "" || url.protocol === "file:") return [];
  const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
  return [[`http.${url.origin}/.extraHeader`, `Authorization: Basic ${basic}`]];
}

function requireUrl(text: string, allowFile: boolean): URL {
  const url = URL.parse(text);
  const loopback = url !== null && (url.hostname === "localhost" || url.hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(url.hostname));
  const secure = url?.protocol === "https:" || (url?.protocol === "http:" && loopback) || (url?.protocol === "file:" && allowFile);
  if (url !== null && secure && url.username === "" && url.password === "") return url;
  throw new AirlockError("repository.unreadable", {
    message: "The repository's address is not an https URL without credentials.",
    remedy: "Use https://host/owner/name.git; plain http works only on the runner itself.",
  });
}

/** @throws AirlockError `repository.unreadable` unless it is 40 hex digits */
export function requireCommitId(commit: string): void {
  if (/^[0-9a-f]{40}$/.test(commit)) return;
  throw new AirlockError("repository.unreadable", {
    message: `${JSON.stringify(commit.slice(0, 60))} is not a full commit id.`,
    remedy: "Name commits by their 40 hex digits; repositories with SHA-256 ids are not supported.",
  });
}

async function requireCommit(git: Git, commit: string, remote: GitRemote): Promise<void> {
  const found = await git.run({ args: ["cat-file", "-t", commit] });
  if (found.code === 0 && found.stdout.toString("latin1").trim() === "commit") return;
  throw new AirlockError("repository.unreadable", {
    message: `Commit ${commit} is not in ${remote.url}, or no branch holds it any more.`,
    remedy: "Run again from a commit that a branch of the repository still holds.",
  });
}

function unreadable(url: URL, result: GitResult): AirlockError {
  const why = result.cut === "timeout" ? `no end after ${FETCH_TIMEOUT_MS / 1000} s` : result.stderr.slice(0, 500);
  return new AirlockError("repository.unreadable", {
    message: `Fetching from ${url.origin}${url.pathname} failed: ${why}`,
    remedy:
      "Check that the `github-token` input may read this repository (permission `contents: read`) and that its name is the current one: redirects are not followed.",
  });
}
