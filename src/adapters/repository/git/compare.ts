import type { Readable } from "node:stream";
import type { Patch } from "../../../domain/patch.ts";
import { readChanges } from "./diff.ts";
import { type Git, unusable } from "./process.ts";

const DIFF_TIMEOUT_MS = 10 * 60_000;

export interface CompareOptions {
  readonly git: Git;
  readonly base: string;
  readonly baseTree: string;
  readonly tree: string;
}

/** The difference of two commits' trees as a patch: nothing was harvested, so nothing can be unrepresentable. */
export async function compareTrees({ git, base, baseTree, tree }: CompareOptions): Promise<Patch> {
  const changes = await readChanges({ git, baseTree, tree });
  return { baseSha: base, baseTree, tree, changes, unrepresentable: [] };
}

/**
 * As GitHub shows a pull request: renames from 50 % similarity on, three lines of context. Attributes and configuration in the trees have
 * no effect.
 */
const FLAGS = [
  "-r",
  "-p",
  "-M50%",
  "-l5000",
  "--unified=3",
  "--inter-hunk-context=0",
  "--diff-algorithm=default",
  "--no-color",
  "--no-ext-diff",
  "--no-textconv",
  "--ignore-submodules=none",
  "--src-prefix=a/",
  "--dst-prefix=b/",
] as const;

export interface UnifiedOptions {
  readonly git: Git;
  readonly baseTree: string;
  readonly tree: string;
  readonly maxBytes: number;
}

/** Whole lines of the unified diff, at most `maxBytes`. */
export async function readUnified({
  git,
  baseTree,
  tree,
  maxBytes,
}: UnifiedOptions): Promise<{ readonly text: string; readonly whole: boolean }> {
  const stream = git.stream({ args: ["diff-tree", ...FLAGS, baseTree, tree], timeoutMs: DIFF_TIMEOUT_MS });
  const { bytes, whole } = await readUpTo(stream, maxBytes);
  const text = bytes.toString("utf8");
  return { text: whole ? text : text.slice(0, text.lastIndexOf("\n") + 1), whole };
}

async function readUpTo(stream: Readable, maxBytes: number): Promise<{ readonly bytes: Buffer; readonly whole: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) throw unusable("diff-tree", "text instead of bytes");
    const room = maxBytes - size;
    chunks.push(chunk.subarray(0, room));
    size += chunk.length;
    if (size > maxBytes) return { bytes: Buffer.concat(chunks), whole: false };
  }
  return { bytes: Buffer.concat(chunks), whole: true };
}
