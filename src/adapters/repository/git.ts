import { createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { AirlockError } from "../../domain/errors.ts";
import type { Patch } from "../../domain/patch.ts";
import { parseGitPath } from "../../domain/paths/git-path.ts";
import type { Repository, RepositoryOpener } from "../../ports/repository.ts";
import type { HarvestEntry } from "../../ports/sandbox.ts";
import { type BlobReader, openBlobReader } from "./git/blobs.ts";
import { compareTrees, readUnified } from "./git/compare.ts";
import { DIFF_FLAGS, readChanges } from "./git/diff.ts";
import type { EnvironmentOptions } from "./git/environment.ts";
import { fetchCommits, requireCommitId } from "./git/fetch.ts";
import { createGit, type Git, unusable } from "./git/process.ts";
import { commitTree, rebasePatch } from "./git/rebase.ts";
import { applyDiff, readFilters, writeTree } from "./git/tree.ts";
import { hashListing, readRecords } from "./git/tree-hash.ts";
import { type HarvestWriterLimits, openHarvestWriter, tooMuch } from "./git/write-harvest.ts";

export interface GitRepositoriesOptions {
  /** Where the bare repositories are created: the run's own temporary directory. */
  readonly temporaryDirectory: string;
  /** Proxy and certificate variables for fetching (`HTTPS_PROXY`, `SSL_CERT_FILE` and similar); others are ignored. Default: none. */
  readonly network?: Readonly<Record<string, string>>;
  /** Colon-separated directories that hold `git`. Default: the system's own. */
  readonly searchPath?: string;
  /** Allows `file:` remotes. Default false; for tests and the demo. */
  readonly allowFileRemotes?: boolean;
}

const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** `merge-tree --write-tree` came with git 2.38; `GIT_CONFIG_COUNT`, on which every safety setting rests, with 2.31. */
const OLDEST_GIT: readonly [number, number] = [2, 38];
const IMPORT_TIMEOUT_MS = 30 * 60_000;
const MAX_DIFF_BYTES = 4 * 1024 ** 3;

/** Bare repositories of the runner's own, each in a fresh directory that disposing removes (I1). */
export function openGitRepositories(options: GitRepositoriesOptions): RepositoryOpener {
  return {
    async open() {
      const directory = await mkdtemp(join(options.temporaryDirectory, "repository-"));
      const environment: EnvironmentOptions = {
        directory,
        searchPath: options.searchPath ?? SYSTEM_PATH,
        network: options.network ?? {},
        allowFileRemotes: options.allowFileRemotes ?? false,
      };
      const git = createGit(environment);
      try {
        await requireVersion(git);
        await initialize(git);
      } catch (error) {
        await rm(directory, { recursive: true, force: true });
        throw error;
      }
      return createRepository(git, environment);
    },
  };
}

async function requireVersion(git: Git): Promise<void> {
  const answer = (await git.run({ args: ["--version"] })).stdout.toString("latin1");
  const [, major, minor] = /^git version (\d+)\.(\d+)/.exec(answer) ?? [];
  const [oldestMajor, oldestMinor] = OLDEST_GIT;
  if (Number(major) > oldestMajor || (Number(major) === oldestMajor && Number(minor) >= oldestMinor)) return;
  throw new AirlockError("runner.missing-tool", {
    message: `The runner's git (${answer.trim().slice(0, 60)}) is older than ${OLDEST_GIT.join(".")}.`,
    remedy: `Install git ${OLDEST_GIT.join(".")} or newer on the runner.`,
  });
}

/** HEAD names a branch that never exists, so nothing is ever read through it. */
async function initialize(git: Git): Promise<void> {
  const result = await git.run({ args: ["init", "--quiet", "--bare", "--template=", "--object-format=sha1", "--initial-branch=none"] });
  if (result.code !== 0) throw unusable("init", result.stderr);
}

function createRepository(git: Git, environment: EnvironmentOptions): Repository {
  const blobs = openBlobReader(git);
  const readTree = (commit: string): Promise<string> => readTreeOf(git, commit);
  return {
    fetch: (remote, commits) => fetchCommits(git, remote, commits, environment.allowFileRemotes),
    readTree,
    commitTree: (tree, parent) => {
      requireCommitId(tree);
      requireCommitId(parent);
      return commitTree(git, tree, [parent]);
    },
    pack: (commit) => packCommit(git, commit),
    rebase: async (patch, onto) => rebasePatch({ git, patch, onto, ontoTree: await readTree(onto) }),
    readPatch: (base, entries, limits) => readPatch({ git, environment, base, entries, limits }),
    readDiff: (base, file, limits) => readDiff({ git, environment, base, file, limits }),
    compare: async (base, head) => compareTrees({ git, base, baseTree: await readTree(base), tree: await readTree(head) }),
    readUnified: async (base, head, maxBytes) => readUnified({ git, baseTree: await readTree(base), tree: await readTree(head), maxBytes }),
    readBlob: (oid, maxBytes) => blobs.read(oid, maxBytes),
    readPath: (commit, path, maxBytes) => readPath({ git, blobs, commit, path, maxBytes }, FILE),
    readLink: (commit, path, maxBytes) => readPath({ git, blobs, commit, path, maxBytes }, LINK),
    readPaths: (tree) => readPaths(git, tree),
    readFilters: (tree, paths) => {
      requireCommitId(tree);
      return readFilters({ git, directory: environment.directory, baseTree: tree }, paths);
    },
    writeDiff: (patch, file) => writeDiff(git, patch, file),
    hashTree: (tree) => hashListing(listTree(git, tree), tree),
    async [Symbol.asyncDispose]() {
      blobs.close();
      await rm(environment.directory, { recursive: true, force: true });
    },
  };
}

async function readTreeOf(git: Git, commit: string): Promise<string> {
  requireCommitId(commit);
  const result = await git.run({ args: ["rev-parse", "--verify", "--quiet", "--end-of-options", `${commit}^{tree}`] });
  const tree = result.stdout.toString("latin1").trim();
  if (result.code === 0 && /^[0-9a-f]{40}$/.test(tree)) return tree;
  throw new AirlockError("repository.unreadable", {
    message: `Commit ${commit} is not in the runner's repository.`,
    remedy: "Fetch the commit first.",
  });
}

/** The commit counts as shallow, whatever its parents, so that only its own tree is packed. */
function packCommit(git: Git, commit: string): Readable {
  requireCommitId(commit);
  return git.stream({
    args: ["pack-objects", "--quiet", "--revs", "--stdout", "--delta-base-offset"],
    stdin: [Buffer.from(`--shallow ${commit}\n${commit}\n`)],
    timeoutMs: IMPORT_TIMEOUT_MS,
  });
}

interface PatchReading {
  readonly git: Git;
  readonly environment: EnvironmentOptions;
  readonly base: string;
  readonly entries: AsyncIterable<HarvestEntry>;
  readonly limits: HarvestWriterLimits;
}

async function readPatch({ git, environment, base, entries, limits }: PatchReading): Promise<Patch> {
  const baseTree = await readTreeOf(git, base);
  const writer = openHarvestWriter(entries, limits);
  const imported = await git.run({
    args: ["fast-import", "--quiet", "--done", "--depth=0"],
    stdin: writer.commands(),
    timeoutMs: IMPORT_TIMEOUT_MS,
  });
  if (imported.code !== 0) throw unusable("fast-import", imported.cut ?? imported.stderr);
  const tree = await writeTree(git, environment.directory, baseTree, writer.accepted.values());
  const changes = await readChanges({ git, baseTree, tree, named: writer.accepted });
  return { baseSha: base, baseTree, tree, changes, unrepresentable: writer.unrepresentable };
}

interface DiffReading extends Omit<PatchReading, "entries"> {
  readonly file: string;
}

async function readDiff({ git, environment, base, file, limits }: DiffReading): Promise<Patch> {
  const baseTree = await readTreeOf(git, base);
  const { size } = await stat(file);
  if (size > limits.maxBytes) throw tooMuch("bytes", limits.maxBytes, "max-patch-kib");
  const tree = size === 0 ? baseTree : await applyDiff(git, environment.directory, baseTree, resolve(file));
  const changes = await readChanges({ git, baseTree, tree });
  if (changes.length > limits.maxFiles) throw tooMuch("changed files", limits.maxFiles, "max-patch-files");
  return { baseSha: base, baseTree, tree, changes, unrepresentable: [] };
}

interface PathReading {
  readonly git: Git;
  readonly blobs: BlobReader;
  readonly commit: string;
  readonly path: string;
  readonly maxBytes: number;
}

/** Only files: a link or a submodule counts as absent. */
const FILE = /^100\d{3} blob ([0-9a-f]{40})\t/;
const LINK = /^120000 blob ([0-9a-f]{40})\t/;

async function readPath({ git, blobs, commit, path, maxBytes }: PathReading, kind: RegExp): Promise<Uint8Array | undefined> {
  const tree = await readTreeOf(git, commit);
  if (parseGitPath(Buffer.from(path)).path !== path) return undefined;
  const result = await git.run({ args: ["ls-tree", "-z", "--full-tree", tree, "--", path] });
  if (result.code !== 0) throw unusable("ls-tree", result.stderr);
  const [, oid] = kind.exec(result.stdout.toString("latin1")) ?? [];
  return oid === undefined ? undefined : blobs.read(oid, maxBytes);
}

function listTree(git: Git, tree: string): Readable {
  requireCommitId(tree);
  return git.stream({ args: ["ls-tree", "-r", "-t", "-z", "--full-tree", tree] });
}

async function* readPaths(git: Git, tree: string): AsyncGenerator<string> {
  for await (const record of readRecords(listTree(git, tree))) yield record.toString("utf8", record.indexOf("\t") + 1);
}

async function writeDiff(git: Git, patch: Patch, file: string): Promise<number> {
  requireCommitId(patch.baseTree);
  requireCommitId(patch.tree);
  const args = [
    "diff-tree",
    "-p",
    "--binary",
    "--no-color",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    ...DIFF_FLAGS,
    patch.baseTree,
    patch.tree,
  ];
  let bytes = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(bytes > MAX_DIFF_BYTES ? unusable("diff-tree", "the patch is too large to write") : null, chunk);
    },
  });
  await pipeline(git.stream({ args, timeoutMs: IMPORT_TIMEOUT_MS }), counter, createWriteStream(file, { mode: 0o600 }));
  return bytes;
}
