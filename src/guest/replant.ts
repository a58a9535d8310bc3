import { existsSync } from "node:fs";
import { chmod, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { RequestFailure } from "./body.ts";
import { splitRecords } from "./git.ts";
import { dropIgnored, findChangedPaths, type JudgeDirectories, openJudgeGit } from "./harvest-paths.ts";
import { giveToAgent, type PlantOptions, receiveTree, requireCommit, runAgentGit, writeWorkTree } from "./plant.ts";
import { clearForTree, type Tree } from "./replant-clearing.ts";
import { locateEntry, parentOf, walk } from "./walk.ts";

const MAX_ROUNDS = 3;

/**
 * Makes the tracked files into those of another commit; what that commit ignores stays. Nobody else may be at work in there meanwhile.
 * Removing is done as root, since the agent can make what only root removes, and writing as the agent's user: the git that writes has
 * nothing to follow and no rights to lose. What the harvest would call new goes last, so that a harvest finds nothing.
 */
export async function replant(options: PlantOptions): Promise<void> {
  const { workDirectory, judgeDirectory } = options;
  requireCommit(options.commit);
  const former = await listPlanted(options);
  await rm(judgeDirectory, { recursive: true, force: true });
  await giveToAgent(workDirectory);
  await chmod(workDirectory, 0o755);
  await rm(join(workDirectory, ".git"), { recursive: true, force: true });
  await receiveTree(options);
  const tree = { ...(await readTree(workDirectory)), former };
  await clearForTree(workDirectory, tree);
  await writeWorkTree(options);
  await removeUntracked(options);
  await removeEmptyDirectories(options, tree);
}

/** What was tracked until now; nothing where nothing has been planted. */
async function listPlanted(options: JudgeDirectories): Promise<ReadonlySet<string>> {
  const planted = new Set<string>();
  const index = join(options.judgeDirectory, "planted-index");
  const git = openJudgeGit(options, index);
  if (existsSync(index)) await git({ args: ["ls-files", "-z"], onRecord: (path) => planted.add(path) });
  return planted;
}

async function readTree(workDirectory: string): Promise<Omit<Tree, "former">> {
  const files = new Map<string, string>();
  const directories = new Set<string>();
  const onOutput = splitRecords((record) => {
    const path = record.slice(record.indexOf("\t") + 1);
    files.set(path, record.slice(0, 6));
    for (let end = path.lastIndexOf("/"); end > 0 && !directories.has(path.slice(0, end)); end = path.lastIndexOf("/", end - 1)) {
      directories.add(path.slice(0, end));
    }
  });
  await runAgentGit(workDirectory, { args: ["ls-files", "--stage", "-z"], onOutput });
  return { files, directories };
}

async function removeUntracked(options: JudgeDirectories): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const found = await findChangedPaths({ ...options, maxFiles: Number.MAX_SAFE_INTEGER });
    if (found.size === 0) return;
    for (const path of found.keys()) await rm(locateEntry(options.workDirectory, path), { recursive: true, force: true });
  }
  throw new RequestFailure("failed", "The work tree still differs from the commit after it was planted anew.");
}

/** git knows no directories, and lists none that hold no file. */
async function removeEmptyDirectories(options: JudgeDirectories, tree: Tree): Promise<void> {
  const { workDirectory, judgeDirectory } = options;
  const empty = await findEmptyDirectories(workDirectory, tree);
  const git = openJudgeGit(options, join(judgeDirectory, "planted-index"));
  for (const path of await dropIgnored(git, empty)) {
    await rmdir(locateEntry(workDirectory, path)).catch((error: NodeJS.ErrnoException) => {
      // An ignored one is in it.
      if (error.code !== "ENOTEMPTY") throw error;
    });
  }
}

/** Directories without any file below them, the deepest first. */
async function findEmptyDirectories(root: string, tree: Tree): Promise<readonly string[]> {
  const directories: string[] = [];
  const full = new Set<string>(tree.directories);
  await walk(root, ({ path, entry }) => {
    if (path === ".git") return false;
    if (entry.isDirectory() && !tree.files.has(path)) directories.push(path);
    else full.add(parentOf(path));
    return true;
  });
  // A directory is shown before what is in it.
  directories.reverse();
  for (const path of directories) if (full.has(path)) full.add(parentOf(path));
  return directories.filter((path) => !full.has(path));
}
