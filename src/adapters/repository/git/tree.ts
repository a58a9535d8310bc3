import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Git, type GitCommand, unusable } from "./process.ts";
import type { Accepted } from "./write-harvest.ts";

const NO_OBJECT = "0".repeat(40);
const TREE_TIMEOUT_MS = 5 * 60_000;
/** What git says of an attribute that names no filter (gitattributes(5)). */
const UNFILTERED = new Set(["unspecified", "unset", "set", ""]);

/** Writes the entries over a tree; git checks every path once more. */
export function writeTree(git: Git, directory: string, baseTree: string, entries: Iterable<Accepted>): Promise<string> {
  return changeTree({ git, directory, baseTree }, { args: ["update-index", "-z", "--index-info"], stdin: indexInfo(entries) });
}

/** Applies a unified diff to a tree. git refuses a diff that does not fit exactly, leaves the tree, or goes through a link. */
export function applyDiff(git: Git, directory: string, baseTree: string, file: string): Promise<string> {
  const args = ["apply", "--cached", "--binary", "--whitespace=nowarn", "--end-of-options", file];
  return changeTree({ git, directory, baseTree }, { args });
}

export interface TreeChange {
  readonly git: Git;
  /** Where the index is kept meanwhile. */
  readonly directory: string;
  readonly baseTree: string;
}

/** The attribute `filter` of paths, by the tree's own `.gitattributes`; a path without a filter is not in the answer. */
export async function readFilters(
  { git, directory, baseTree }: TreeChange,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const command = { args: ["check-attr", "--cached", "-z", "--stdin", "filter"], stdin: [Buffer.from(`${paths.join("\0")}\0`)] };
  const maxOutputBytes = 1_024 + 16 * paths.length + 2 * Buffer.byteLength(paths.join(""));
  const answer = await withIndex({ git, directory, baseTree }, (run) => run({ ...command, maxOutputBytes }));
  const fields = answer.split("\0");
  const filters = new Map<string, string>();
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [path, , value] = fields.slice(at, at + 3);
    if (path !== undefined && value !== undefined && !UNFILTERED.has(value)) filters.set(path, value);
  }
  return filters;
}

type Run = (command: GitCommand) => Promise<string>;

async function changeTree(options: TreeChange, change: GitCommand): Promise<string> {
  return await withIndex(options, async (run) => {
    await run(change);
    return (await run({ args: ["write-tree"] })).trim();
  });
}

/**
 * Loads a tree into an index of its own, for git commands that go without a work tree. Any message on stderr is a failure, because
 * `git apply` drops what it cannot read and exits with 0.
 */
async function withIndex({ git, directory, baseTree }: TreeChange, body: (run: Run) => Promise<string>): Promise<string> {
  const index = join(directory, `index-${randomUUID()}`);
  const run: Run = async (command) => {
    const result = await git.run({ ...command, env: { GIT_INDEX_FILE: index }, timeoutMs: TREE_TIMEOUT_MS });
    if (result.code !== 0 || result.stderr !== "") throw unusable(command.args[0] ?? "", result.cut ?? result.stderr);
    return result.stdout.toString("utf8");
  };
  try {
    await run({ args: ["read-tree", baseTree] });
    return await body(run);
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
