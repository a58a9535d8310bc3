import type { Patch } from "../../../domain/patch.ts";
import type { Rebase } from "../../../ports/repository.ts";
import { readChanges } from "./diff.ts";
import { type Git, unusable } from "./process.ts";

const MERGE_TIMEOUT_MS = 10 * 60_000;
const MAX_CONFLICT_BYTES = 16 * 1024 * 1024;

/** No real person: these commits never leave the runner. With a fixed time the same tree gives the same commit. */
const IDENTITY = {
  GIT_AUTHOR_NAME: "Airlock",
  GIT_AUTHOR_EMAIL: "airlock@localhost",
  GIT_AUTHOR_DATE: "2000-01-01T00:00:00Z",
  GIT_COMMITTER_NAME: "Airlock",
  GIT_COMMITTER_EMAIL: "airlock@localhost",
  GIT_COMMITTER_DATE: "2000-01-01T00:00:00Z",
};

/** Writes a commit object; no ref points at it. */
export async function commitTree(git: Git, tree: string, parents: readonly string[]): Promise<string> {
  const args = ["commit-tree", ...parents.flatMap((parent) => ["-p", parent]), tree];
  const result = await git.run({ args, env: IDENTITY, stdin: [Buffer.from("Airlock\n")] });
  const commit = result.stdout.toString("latin1").trim();
  if (result.code !== 0 || !/^[0-9a-f]{40}$/.test(commit)) throw unusable("commit-tree", result.stderr);
  return commit;
}

export interface RebaseOptions {
  readonly git: Git;
  readonly patch: Patch;
  readonly onto: string;
  readonly ontoTree: string;
}

/** Merges three trees: the patch's base, the patch, and the tree of `onto`. The commits that git needs for that are created here. */
export async function rebasePatch({ git, patch, onto, ontoTree }: RebaseOptions): Promise<Rebase> {
  const origin = await commitTree(git, patch.baseTree, []);
  const ours = await commitTree(git, ontoTree, [origin]);
  const theirs = await commitTree(git, patch.tree, [origin]);
  const merged = await git.run({
    args: ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs],
    config: [["merge.directoryRenames", "false"]],
    maxOutputBytes: MAX_CONFLICT_BYTES,
    timeoutMs: MERGE_TIMEOUT_MS,
  });
  const [tree = "", ...paths] = merged.stdout
    .toString("utf8")
    .split("\0")
    .filter((part) => part !== "");
  if (merged.code === 1 && merged.cut === undefined) return { clean: false, paths: [...new Set(paths)] };
  if (merged.code !== 0 || !/^[0-9a-f]{40}$/.test(tree)) throw unusable("merge-tree", merged.cut ?? merged.stderr);
  const changes = await readChanges({ git, baseTree: ontoTree, tree });
  return { clean: true, patch: { baseSha: onto, baseTree: ontoTree, tree, changes, unrepresentable: patch.unrepresentable } };
}
