import { isUtf8 } from "node:buffer";
import { execFile } from "node:child_process";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const AUTHOR = { name: "Octo", email: "octo@example.com", date: "2026-01-01T00:00:00Z" } as const;

/** The repository under work: a bare repository that the git server hands out, with one commit on `main`. */
export interface Target extends Snapshot {
  readonly bare: string;
  /** The head of the pull request that is reviewed: one commit on top of `main`'s. */
  readonly head: Snapshot | undefined;
}

/** A fresh commit and every file in it. */
export interface Snapshot {
  readonly commit: string;
  readonly parents: readonly string[];
  readonly tree: string;
  readonly message: string;
  readonly author: typeof AUTHOR;
  readonly files: readonly TargetFile[];
  /** Names that are no UTF-8, made readable: the API is JSON, so the stand-in cannot hold them, and the commit goes without them. */
  readonly leftOut: readonly string[];
}

export interface TargetFile {
  readonly path: string;
  readonly mode: string;
  readonly type: string;
  readonly oid: string;
}

/** Folders whose files lie over each other, the last one on top; or a revision of a local git repository. */
export type Source = { readonly folders: readonly string[] } | { readonly repo: string; readonly revision: string };

export interface TargetOptions {
  readonly bare: string;
  readonly base: Source;
  readonly head?: { readonly source: Source; readonly message: string };
}

export async function makeTarget({ bare, base, head }: TargetOptions): Promise<Target> {
  await mkdir(bare, { recursive: true });
  await git(["init", "--quiet", "--bare", "--initial-branch=main", bare]);
  await git(["--git-dir", bare, "config", "uploadpack.allowAnySHA1InWant", "true"]);
  const message = "repo" in base ? `Snapshot of the working repository's ${base.revision}` : "First version";
  const first = await commit(bare, { source: base, message, parents: [] });
  await setRef(bare, "refs/heads/main", first.commit);
  const second = head === undefined ? undefined : await commit(bare, { ...head, parents: [first.commit] });
  return { ...first, bare, head: second };
}

export async function setRef(bare: string, name: string, oid: string): Promise<void> {
  await git(["--git-dir", bare, "update-ref", name, oid]);
}

interface CommitOptions {
  readonly source: Source;
  readonly message: string;
  readonly parents: readonly string[];
}

async function commit(bare: string, { source, message, parents }: CommitOptions): Promise<Snapshot> {
  const imported = "repo" in source ? await importRevision(bare, source) : await importFolders(bare, source.folders);
  const unnameable = (await listTree(bare, imported)).filter(({ path }) => !isUtf8(Buffer.from(path, "latin1")));
  const tree = unnameable.length === 0 ? imported : await removePaths(bare, imported, unnameable);
  const above = parents.flatMap((parent) => ["-p", parent]);
  const made = (await git(["--git-dir", bare, "commit-tree", tree, ...above, "-m", message])).trim();
  const files = (await listTree(bare, tree)).map(({ path, ...file }) => ({ ...file, path: Buffer.from(path, "latin1").toString("utf8") }));
  return { commit: made, parents, tree, message, author: AUTHOR, files, leftOut: unnameable.map(({ path }) => JSON.stringify(path)) };
}

/** Every file, with the bytes of its path as latin1 text. */
async function listTree(bare: string, tree: string): Promise<readonly TargetFile[]> {
  const listing = await runGit(["--git-dir", bare, "ls-tree", "-r", "-z", "--full-tree", tree]);
  return listing
    .toString("latin1")
    .split("\0")
    .filter((line) => line !== "")
    .map((line) => {
      const tab = line.indexOf("\t");
      const [mode = "", type = "", oid = ""] = line.slice(0, tab).split(" ");
      return { path: line.slice(tab + 1), mode, type, oid };
    });
}

async function removePaths(bare: string, tree: string, files: readonly TargetFile[]): Promise<string> {
  const env = { GIT_INDEX_FILE: join(bare, `index-${tree}`) };
  const input = Buffer.from(files.map(({ path }) => `0 ${"0".repeat(40)}\t${path}\0`).join(""), "latin1");
  await runGit(["--git-dir", bare, "read-tree", tree], { env });
  await runGit(["--git-dir", bare, "update-index", "-z", "--index-info"], { env, input });
  return (await runGit(["--git-dir", bare, "write-tree"], { env })).toString("utf8").trim();
}

async function importFolders(bare: string, folders: readonly string[]): Promise<string> {
  const work = join(bare, "..", `${Date.now()}-work-${folders.length}`);
  for (const folder of folders) await cp(folder, work, { recursive: true });
  await git(["--git-dir", bare, "--work-tree", work, "add", "--all"]);
  return (await git(["--git-dir", bare, "write-tree"])).trim();
}

async function importRevision(bare: string, { repo, revision }: { readonly repo: string; readonly revision: string }): Promise<string> {
  const oid = (await git(["-C", repo, "rev-parse", "--verify", "--end-of-options", `${revision}^{commit}`])).trim();
  await git(["--git-dir", bare, "-c", "protocol.file.allow=always", "fetch", "--quiet", "--depth=1", `file://${repo}`, oid]);
  return (await git(["--git-dir", bare, "rev-parse", "FETCH_HEAD^{tree}"])).trim();
}

/** The whole message of HEAD's commit. */
export async function readHeadMessage(repo: string): Promise<string> {
  return await git(["-C", repo, "log", "-1", "--format=%B", "HEAD"]);
}

export async function readBlob(bare: string, oid: string): Promise<Buffer> {
  return await runGit(["--git-dir", bare, "cat-file", "blob", oid]);
}

async function git(argv: readonly string[]): Promise<string> {
  return (await runGit(argv)).toString("utf8");
}

interface GitGiven {
  readonly env?: Readonly<Record<string, string>>;
  /** Default: none. */
  readonly input?: Uint8Array;
}

async function runGit(argv: readonly string[], { env, input }: GitGiven = {}): Promise<Buffer> {
  const done = run("git", [...argv], { env: { ...gitEnv(), ...env }, encoding: "buffer", maxBuffer: 256 << 20 });
  done.child.stdin?.end(input);
  return (await done).stdout;
}

function gitEnv(): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    HOME: "/nonexistent",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_COUNT: "2",
    GIT_CONFIG_KEY_0: "safe.directory",
    GIT_CONFIG_VALUE_0: "*",
    GIT_CONFIG_KEY_1: "uploadpack.allowAnySHA1InWant",
    GIT_CONFIG_VALUE_1: "true",
    GIT_AUTHOR_NAME: AUTHOR.name,
    GIT_AUTHOR_EMAIL: AUTHOR.email,
    GIT_AUTHOR_DATE: AUTHOR.date,
    GIT_COMMITTER_NAME: AUTHOR.name,
    GIT_COMMITTER_EMAIL: AUTHOR.email,
    GIT_COMMITTER_DATE: AUTHOR.date,
  };
}
