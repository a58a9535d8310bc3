import { createHash } from "node:crypto";
import { AirlockError } from "../../../domain/errors.ts";
import type { Mode } from "../../../domain/patch.ts";
import { foldPath, isShortNameOf } from "../../../domain/paths/fold.ts";
import { parseGitPath } from "../../../domain/paths/git-path.ts";
import { showBytes } from "../../../domain/paths/show.ts";
import type { HarvestEntry } from "../../../ports/sandbox.ts";

/** An entry that passed the strict reading. */
export interface Accepted {
  readonly path: string;
  /** Absent for a deletion. */
  readonly mode?: Mode;
  /** git object id; absent for a deletion. */
  readonly oid?: string;
  readonly size: number;
}

export interface HarvestWriter {
  /** By path. */
  readonly accepted: ReadonlyMap<string, Accepted>;
  /** Names for display, cut and escaped. */
  readonly unrepresentable: readonly string[];
  /** Reads all entries and yields the commands for `git fast-import` that store their blobs. */
  commands(): AsyncGenerator<Uint8Array>;
}

export interface HarvestWriterLimits {
  readonly maxFiles: number;
  readonly maxBytes: number;
}

const MODES: ReadonlySet<string> = new Set<Mode>(["100644", "100755", "120000", "160000"]);
const READ_FROM_FILES = [".gitmodules", ".gitattributes"];
const DELETED = "000000";
/** PATH_MAX of Linux: a link's target is a path. */
const MAX_LINK_BYTES = 4096;

/** Reads hostile entries one by one: at most one content is in memory, and nothing is trusted. */
export function openHarvestWriter(entries: AsyncIterable<HarvestEntry>, limits: HarvestWriterLimits): HarvestWriter {
  const accepted = new Map<string, Accepted>();
  const unrepresentable: string[] = [];
  const stored = new Set<string>();
  let files = 0;
  let bytes = 0;

  const count = (entry: HarvestEntry): void => {
    files += 1;
    bytes += entry.path.length + (entry.content?.length ?? 0);
    if (files > limits.maxFiles) throw tooMuch("changed files", limits.maxFiles, "max-patch-files");
    if (bytes > limits.maxBytes) throw tooMuch("bytes", limits.maxBytes, "max-patch-kib");
  };

  /** True if the entry's content has to be stored. */
  const accept = (entry: HarvestEntry): boolean => {
    count(entry);
    const read = readEntry(entry);
    if (typeof read === "string") {
      unrepresentable.push(read);
      return false;
    }
    if (accepted.has(read.path)) throw unreadable(read.path, "is named twice");
    accepted.set(read.path, read);
    if (read.oid === undefined || read.mode === "160000" || stored.has(read.oid)) return false;
    stored.add(read.oid);
    return true;
  };

  async function* commands(): AsyncGenerator<Uint8Array> {
    for await (const entry of entries) if (accept(entry)) yield* blobCommand(entry.content ?? new Uint8Array());
    refuseOverlaps(accepted);
    yield Buffer.from("done\n");
  }

  return { accepted, unrepresentable, commands };
}

/** The entry, or the displayed name of a path that no tree may contain. */
function readEntry(entry: HarvestEntry): Accepted | string {
  const parsed = parseGitPath(entry.path);
  if (parsed.path === undefined) return `${parsed.shown} (${parsed.reason})`;
  const { path } = parsed;
  if (entry.mode === DELETED) {
    if (entry.content !== undefined) throw unreadable(path, "is deleted and has a content");
    return { path, size: 0 };
  }
  const misused = misusedName(path, entry.mode);
  if (misused !== undefined) return `${showBytes(entry.path)} (git reads ${misused} only from a file)`;
  if (!isMode(entry.mode)) throw unreadable(path, `has the mode ${showBytes(Buffer.from(entry.mode))}`);
  if (entry.content === undefined) throw unreadable(path, "has no content");
  if (entry.mode === "160000") return { path, mode: entry.mode, oid: gitlinkTarget(path, entry.content), size: 0 };
  if (entry.mode === "120000" && entry.content.length > MAX_LINK_BYTES) throw unreadable(path, "is a link with an overlong target");
  return { path, mode: entry.mode, oid: blobId(entry.content), size: entry.content.length };
}

/**
 * Which of git's own names the path uses, at any depth, for something other than a file. git's checker refuses a directory or a submodule
 * of either name and a link of the first; a link of the second is not followed (`gitmodulesBlob`, `gitattributesBlob`, `gitmodulesSymlink`
 * and `gitattributesSymlink` in git-fsck(1)).
 */
function misusedName(path: string, mode: string): string | undefined {
  const end = path.lastIndexOf("/") + 1;
  // Only the name itself may be a file: a name that folds to nothing, such as one invisible character, still makes its parent a directory.
  const last = foldPath(path.slice(end));
  const others = [...foldPath(path.slice(0, end)), ...(mode.startsWith("100") ? last.slice(0, -1) : last)];
  return READ_FROM_FILES.find((own) => others.some((name) => name === own || isShortNameOf(name, own)));
}

function isMode(mode: string): mode is Mode {
  return MODES.has(mode);
}

function gitlinkTarget(path: string, content: Uint8Array): string {
  const oid = Buffer.from(content.subarray(0, 64)).toString("latin1");
  if (/^[0-9a-f]{40}$/.test(oid) && !/^0+$/.test(oid)) return oid;
  throw unreadable(path, "is a submodule without a commit id");
}

/** git's id of a blob: SHA-1 over a header and the content (gitformat-loose(5)). */
function blobId(content: Uint8Array): string {
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}

function* blobCommand(content: Uint8Array): Generator<Uint8Array> {
  yield Buffer.from(`blob\ndata ${content.length}\n`);
  if (content.length > 0) yield content;
  yield Buffer.from("\n");
}

/** No path may be a file and a directory at once: git would silently drop one of them. */
function refuseOverlaps(accepted: ReadonlyMap<string, Accepted>): void {
  for (const { path, mode } of accepted.values()) {
    if (mode === undefined) continue;
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const parent = accepted.get(path.slice(0, end));
      if (parent?.mode !== undefined) throw unreadable(parent.path, "is a file and a directory at once");
    }
  }
}

/** The error for more than is ever read, whatever the gate allows. */
export function tooMuch(what: string, limit: number, input: string): AirlockError {
  return new AirlockError("harvest.limit", {
    message: `The agent changed more than ${limit} ${what}, the most that is read out of a sandbox.`,
    remedy: `Ask for a smaller change, keep generated files in .gitignore, or raise the input \`${input}\`.`,
  });
}

/** The error for an entry that contradicts itself or the others. */
export function unreadable(path: string, why: string): AirlockError {
  return new AirlockError("harvest.unreadable", {
    message: `${showBytes(Buffer.from(path))} ${why}: the sandbox's list of changes cannot be trusted.`,
    remedy: "Run again; look into the transcript when it happens twice, since the agent may have tampered with the harvest.",
  });
}
