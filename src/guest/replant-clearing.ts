import { chmod, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { splitRecords } from "./git.ts";
import { steersGit } from "./harvest-paths.ts";
import { giveToAgent, runAgentGit } from "./plant.ts";
import { type Found, isSpecial, locateEntry, parentOf, walk } from "./walk.ts";

/** What git tracks; paths are latin1 text. */
export interface Tree {
  /** git's modes by path. */
  readonly files: ReadonlyMap<string, string>;
  /** Every directory that holds a file, however deep. */
  readonly directories: ReadonlySet<string>;
  /** What was tracked before: gone unless it still is, whatever is ignored. */
  readonly former: ReadonlySet<string>;
}

interface Survey {
  /** In the way of the tree, or of git. */
  readonly inTheWay: string[];
  /** Directories that will hold tracked files. */
  readonly kept: string[];
  /** Untracked files that would have a say in what git ignores or looks into. */
  readonly rulers: string[];
}

/** Takes away whatever keeps git from writing a tree, and from judging by that tree's own rules alone what is ignored. */
export async function clearForTree(workDirectory: string, tree: Tree): Promise<void> {
  const { inTheWay, kept, rulers } = await survey(workDirectory, tree);
  for (const path of [...inTheWay, ...(await dropIgnoredByTree(workDirectory, tree, rulers))]) {
    await rm(locateEntry(workDirectory, path), { recursive: true, force: true });
  }
  for (const path of kept) {
    const directory = locateEntry(workDirectory, path);
    await giveToAgent(directory);
    await chmod(directory, 0o755);
  }
}

async function survey(workDirectory: string, tree: Tree): Promise<Survey> {
  const found: Survey = { inTheWay: [], kept: [], rulers: [] };
  await walk(workDirectory, (each) => {
    const group = each.path === ".git" ? undefined : classify(each, tree);
    if (group !== undefined) found[group].push(each.path);
    return each.name !== ".git" && group !== "inTheWay";
  });
  return found;
}

function classify(found: Found, tree: Tree): keyof Survey | undefined {
  const { path, entry } = found;
  if (tree.directories.has(path)) return entry.isDirectory() ? "kept" : "inTheWay";
  // git would take attributes from the file that it is about to replace.
  if (tree.files.has(path)) return entry.isFile() && !steersGit(path) ? undefined : "inTheWay";
  return tree.former.has(path) && !entry.isDirectory() ? "inTheWay" : classifyUntracked(found, tree);
}

function classifyUntracked({ path, name, entry }: Found, tree: Tree): keyof Survey | undefined {
  // A repository of the agent's own around tracked files would be taken for theirs.
  if (name === ".git") return tree.directories.has(parentOf(path)) ? "inTheWay" : "rulers";
  if (entry.isDirectory() || !steersGit(name)) return undefined;
  return isSpecial(entry) ? "inTheWay" : "rulers";
}

/**
 * The paths that the tree's own rules do not ignore. Asked of git in a directory that holds nothing but the tree's `.gitignore` files:
 * in the work tree each of these paths would have a say in the answer.
 */
async function dropIgnoredByTree(workDirectory: string, tree: Tree, paths: readonly string[]): Promise<readonly string[]> {
  if (paths.length === 0) return [];
  const gitDirectory = join(workDirectory, ".git");
  const rules = join(gitDirectory, "airlock-rules");
  await mkdir(rules);
  await giveToAgent(rules);
  const env = { GIT_DIR: gitDirectory, GIT_WORK_TREE: rules };
  const names = [...tree.files].filter(([path, mode]) => mode.startsWith("100") && /(^|\/)\.gitignore$/.test(path)).map(([path]) => path);
  await runAgentGit(rules, { args: ["checkout-index", "--force", "--quiet", "-z", "--stdin"], env, input: toRecords(names) });
  const ignored = new Set<string>();
  const onOutput = splitRecords((record) => ignored.add(record.slice(2)));
  const args = ["check-ignore", "--no-index", "-z", "--stdin"];
  // The prefix keeps a name that begins with a colon from being read as an instruction.
  await runAgentGit(rules, { args, env, input: toRecords(paths.map((path) => `./${path}`)), okStatuses: [0, 1], onOutput });
  await rm(rules, { recursive: true, force: true });
  return paths.filter((path) => !ignored.has(path));
}

function toRecords(paths: readonly string[]): Buffer {
  return Buffer.from(paths.map((path) => `${path}\0`).join(""), "latin1");
}
