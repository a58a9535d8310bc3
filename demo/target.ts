import { execFile } from "node:child_process";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const AUTHOR = { name: "Octo", email: "octo@example.com", date: "2026-01-01T00:00:00Z" } as const;

/** The repository under work: one commit in a bare repository that the git server hands out. */
export interface Target {
  readonly bare: string;
  readonly commit: string;
  readonly tree: string;
  readonly message: string;
  readonly author: typeof AUTHOR;
  readonly files: readonly TargetFile[];
}

export interface TargetFile {
  readonly path: string;
  readonly mode: string;
  readonly type: string;
  readonly oid: string;
}

/** Makes the target from a folder of files, or from the HEAD of a local git repository, as one fresh commit on `main`. */
export async function makeTarget(options: {
  readonly bare: string;
  readonly folder: string;
  readonly repo: string | undefined;
}): Promise<Target> {
  const { bare } = options;
  await mkdir(bare, { recursive: true });
  await git(["init", "--quiet", "--bare", "--initial-branch=main", bare]);
  const tree = options.repo === undefined ? await importFolder(bare, options.folder) : await importHead(bare, options.repo);
  const message = options.repo === undefined ? "First version" : "Snapshot of the working repository's HEAD";
  const commit = (await git(["--git-dir", bare, "commit-tree", tree, "-m", message])).trim();
  await git(["--git-dir", bare, "update-ref", "refs/heads/main", commit]);
  await git(["--git-dir", bare, "config", "uploadpack.allowAnySHA1InWant", "true"]);
  const listing = await git(["--git-dir", bare, "ls-tree", "-r", "-z", "--full-tree", tree]);
  const files = listing
    .split("\0")
    .filter((line) => line !== "")
    .map((line) => {
      const [meta = "", path = ""] = line.split("\t", 2);
      const [mode = "", type = "", oid = ""] = meta.split(" ");
      return { path, mode, type, oid };
    });
  return { bare, commit, tree, message, author: AUTHOR, files };
}

async function importFolder(bare: string, folder: string): Promise<string> {
  const work = join(bare, "..", `${Date.now()}-work`);
  await cp(folder, work, { recursive: true });
  await git(["--git-dir", bare, "--work-tree", work, "add", "--all"]);
  return (await git(["--git-dir", bare, "write-tree"])).trim();
}

async function importHead(bare: string, repo: string): Promise<string> {
  await git(["--git-dir", bare, "fetch", "--quiet", "--depth=1", `file://${repo}`, "HEAD"]);
  return (await git(["--git-dir", bare, "rev-parse", "FETCH_HEAD^{tree}"])).trim();
}

export async function readBlob(bare: string, oid: string): Promise<Buffer> {
  const { stdout } = await run("git", ["--git-dir", bare, "cat-file", "blob", oid], {
    env: gitEnv(),
    encoding: "buffer",
    maxBuffer: 256 << 20,
  });
  return stdout;
}

async function git(argv: readonly string[]): Promise<string> {
  const { stdout } = await run("git", [...argv], { env: gitEnv(), maxBuffer: 256 << 20 });
  return stdout;
}

function gitEnv(): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    HOME: "/nonexistent",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "safe.directory",
    GIT_CONFIG_VALUE_0: "*",
    GIT_AUTHOR_NAME: AUTHOR.name,
    GIT_AUTHOR_EMAIL: AUTHOR.email,
    GIT_AUTHOR_DATE: AUTHOR.date,
    GIT_COMMITTER_NAME: AUTHOR.name,
    GIT_COMMITTER_EMAIL: AUTHOR.email,
    GIT_COMMITTER_DATE: AUTHOR.date,
  };
}
