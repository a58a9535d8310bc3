import { Buffer } from "node:buffer";
import type { Change, Finding } from "../patch.ts";
import { finding } from "./finding.ts";

/** Git LFS takes no larger file for a pointer (git-lfs, docs/spec.md). */
const MAX_POINTER_BYTES = 1_024;
const POINTER = /^version https?:\/\/[^\n]+\n(?:ext-\d[^\n]*\n)*oid sha256:[0-9a-f]{64}\nsize \d+\n?$/;

export interface LfsOptions {
  readonly change: Change;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  /** The base's `.gitattributes` say `filter=lfs` for the path. */
  readonly tracked: boolean;
}

/**
 * A file of Git LFS whose content stands in the tree: the sandbox has no git-lfs, so what was written over a pointer is committed as it is,
 * and the next checkout says that the file should have been a pointer. An empty file stands for itself.
 */
export function checkLfs({ change, before, after, tracked }: LfsOptions): readonly Finding[] {
  const isFile = change.after?.mode === "100644" || change.after?.mode === "100755";
  if (!isFile || after.length === 0 || isPointer(after)) return [];
  const overwritten = change.before !== undefined && isPointer(before);
  if (!overwritten && (!tracked || isUnconverted(change))) return [];
  const reason = overwritten
    ? `A pointer of Git LFS is overwritten by ${after.length} bytes of content.`
    : `\`.gitattributes\` gives the file to Git LFS, and the patch has ${after.length} bytes of content in place of a pointer.`;
  return [finding({ code: "lfs-content", path: change.path, reason })];
}

/** At the base, too, the path holds content. */
function isUnconverted({ before }: Change): boolean {
  return before !== undefined && before.size > 0;
}

function isPointer(content: Uint8Array): boolean {
  return content.length <= MAX_POINTER_BYTES && POINTER.test(Buffer.from(content).toString("latin1"));
}
