import { chown, copyFile, lstat, mkdir, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { RequestFailure } from "./body.ts";
import { ATTRIBUTES, EXCLUDES, type GitCall, runGit, splitRecords } from "./git.ts";
import { AGENT_GID, AGENT_UID } from "./supervisor.ts";

const TIMEOUT_MS = 1_800_000;
const BRANCH = "airlock";
/** The settings of the agent's own git; core.* keeps files byte for byte as planted. */
const AGENT_CONFIG = `[core]
	repositoryformatversion = 0
	filemode = true
	bare = false
	symlinks = true
	autocrlf = false
	logallrefupdates = true
[user]
	name = Airlock agent
	email = agent@airlock.invalid
[commit]
	gpgsign = false
[gc]
	auto = 0
[maintenance]
	auto = false
[advice]
	detachedHead = false
`;

const JUDGE_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n";

export interface PlantOptions {
  readonly commit: string;
  readonly pack: Readable;
  readonly workDirectory: string;
  readonly judgeDirectory: string;
}

/**
 * Fills the work tree as the agent's user, before any command of the agent runs. Keeps a copy of the index where the agent cannot reach it:
 * what the index says about every file decides later what has changed.
 */
export async function plant(options: PlantOptions): Promise<void> {
  const { workDirectory, judgeDirectory } = options;
  requireCommit(options.commit);
  await rm(judgeDirectory, { recursive: true, force: true });
  await empty(workDirectory);
  await giveToAgent(workDirectory);
  await receiveTree(options);
  await writeWorkTree(options);
}

export function requireCommit(commit: string): void {
  if (!/^[0-9a-f]{40}$/.test(commit)) throw new RequestFailure("bad-request", "The commit is not 40 hex digits.");
}

/** Makes `/work/.git`, where nothing may be, with the commit and an index of its tree. */
export async function receiveTree({ commit, pack, workDirectory }: PlantOptions): Promise<void> {
  await prepareForAgent(join(workDirectory, ".git"), commit);
  await runAgentGit(workDirectory, { args: ["index-pack", "--stdin"], input: pack });
  await runAgentGit(workDirectory, { args: ["read-tree", commit] });
}

/** Writes every file of the index anew, and makes the judge's copy. */
export async function writeWorkTree({ workDirectory, judgeDirectory }: PlantOptions): Promise<void> {
  const gitDirectory = join(workDirectory, ".git");
  await runAgentGit(workDirectory, { args: ["checkout-index", "--all", "--force", "--index", "--quiet"] });
  await makeJudge(judgeDirectory, join(gitDirectory, "index"));
  await keepLinks(judgeDirectory, gitDirectory);
}

export async function runAgentGit(cwd: string, call: Omit<GitCall, "cwd" | "user" | "timeoutMs">): Promise<void> {
  await runGit({ ...call, cwd, user: "agent", timeoutMs: TIMEOUT_MS });
}

/** Names are bytes: as text, those that are not UTF-8 would not be found again. */
async function empty(directory: string): Promise<void> {
  for (const name of await readdir(directory, { encoding: "buffer" })) {
    await rm(Buffer.concat([Buffer.from(`${directory}/`), name]), { recursive: true, force: true });
  }
}

/** Writes the files that `git init` and `git update-ref` would write: starting fewer programs matters on an emulated machine. */
async function prepareForAgent(gitDirectory: string, commit: string): Promise<void> {
  const directories = ["", "info", "objects", "refs", "refs/heads"];
  const files = {
    HEAD: `ref: refs/heads/${BRANCH}\n`,
    config: AGENT_CONFIG,
    shallow: `${commit}\n`,
    [`refs/heads/${BRANCH}`]: `${commit}\n`,
    "info/attributes": ATTRIBUTES,
    "info/exclude": EXCLUDES,
  };
  for (const name of directories) await mkdir(join(gitDirectory, name));
  for (const [name, content] of Object.entries(files)) await writeFile(join(gitDirectory, name), content);
  for (const name of [...directories, ...Object.keys(files)]) await giveToAgent(join(gitDirectory, name));
}

/** Creates just enough of a git directory to ask what differs from the index; that needs no objects. */
async function makeJudge(directory: string, index: string): Promise<void> {
  for (const name of ["objects", "refs/heads", "info"]) await mkdir(join(directory, name), { recursive: true, mode: 0o700 });
  await writeFile(join(directory, "HEAD"), `ref: refs/heads/${BRANCH}\n`);
  await writeFile(join(directory, "config"), JUDGE_CONFIG);
  await writeFile(join(directory, "info/attributes"), ATTRIBUTES);
  await writeFile(join(directory, "info/exclude"), EXCLUDES);
  if (!(await lstat(index)).isFile()) throw new RequestFailure("failed", "The index of the planted work tree is missing.");
  await copyIndex(index, join(directory, "planted-index"));
}

/**
 * Copies an index with its time. git reads every file that is not older than its index, because a change within the same second would not
 * show in the file's times. A copy that looked newer would hide such a change.
 */
export async function copyIndex(from: string, to: string): Promise<void> {
  const writtenAtS = Math.floor((await stat(from)).mtimeMs / 1000);
  await copyFile(from, to);
  await utimes(to, writtenAtS, writtenAtS);
}

/** git compares a link's target with its object, not with its hash, so the judge needs these few objects. */
async function keepLinks(judgeDirectory: string, gitDirectory: string): Promise<void> {
  const links = new Set<string>();
  const read = splitRecords((record) => {
    if (record.startsWith("120000 ")) links.add(record.slice(7, 47));
  });
  const env = {
    GIT_DIR: judgeDirectory,
    GIT_INDEX_FILE: join(judgeDirectory, "planted-index"),
    GIT_ALTERNATE_OBJECT_DIRECTORIES: join(gitDirectory, "objects"),
  };
  const common = { cwd: judgeDirectory, env, user: "root", timeoutMs: TIMEOUT_MS } as const;
  await runGit({ ...common, args: ["ls-files", "--stage", "-z"], onOutput: read });
  if (links.size === 0) return;
  await mkdir(join(judgeDirectory, "objects/pack"), { recursive: true, mode: 0o700 });
  const input = Buffer.from([...links].map((oid) => `${oid}\n`).join(""));
  await runGit({ ...common, args: ["pack-objects", "-q", join(judgeDirectory, "objects/pack/pack")], input });
}

export async function giveToAgent(path: string | Buffer): Promise<void> {
  if (process.getuid?.() === 0) await chown(path, AGENT_UID, AGENT_GID);
}
