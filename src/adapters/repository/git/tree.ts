import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Git, type GitCommand, unusable } from "./process.ts";
import type { Accepted } from "./write-harvest.ts";

const NO_OBJECT = "0".repeat(40);
const TREE_TIMEOUT_MS = 5 * 60_000;

/** Writes the entries over a tree; git checks every path once more. */
export function writeTree(git: Git, directory: string, baseTree: string, entries: Iterable<Accepted>): Promise<string> {
  return changeTree({ git, directory, baseTree }, { args: ["update-index", "-z", "--index-info"], stdin: indexInfo(entries) });
}

/** Applies a unified diff to a tree. git refuses a diff that does not fit exactly, leaves the tree, or goes through a link. */
export function applyDiff(git: Git, directory: string, baseTree: string, file: string): Promise<string> {
  const args = ["apply", "--cached", "--binary", "--whitespace=nowarn", "--end-of-options", file];
  return changeTree({ git, directory, baseTree }, { args });
}

interface TreeChange {
  readonly git: Git;
  readonly directory: string;
  readonly baseTree: string;
}

/**
 * Loads a tree into an index of its own, changes that, and writes it. No work tree is involved. Any message on stderr is a failure, because
 * `git apply` drops what it cannot read and exits with 0.
 */
async function changeTree({ git, directory, baseTree }: TreeChange, change: GitCommand): Promise<string> {
  const index = join(directory, `index-${randomUUID()}`);
  const run = async (command: GitCommand): Promise<string> => {
    const result = await git.run({ ...command, env: { GIT_INDEX_FILE: index }, timeoutMs: TREE_TIMEOUT_MS });
    if (result.code !== 0 || result.stderr !== "") throw unusable(command.args[0] ?? "", result.cut ?? result.stderr);
    return result.stdout.toString("latin1").trim();
  };
  try {
    await run({ args: ["read-tree", baseTree] });
    await run(change);
    return await run({ args: ["write-tree"] });
  } finally {
    await rm(index, { force: true });
  }
}

/** Removals first, so that a path may change from file to directory and back. */
function* indexInfo(entries: Iterable<Accepted>): Generator<Uint8Array> {
  const all = [...entries];
  for (const { path, mode } of all) if (mode === undefined) yield Buffer.from(`0 ${NO_OBJECT}\t${path}\0`);
  for (const { path, mode, oid } of all) if (mode !== undefined) yield Buffer.from(`${mode} ${oid ?? NO_OBJECT}\t${path}\0`);
}
