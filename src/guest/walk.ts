import { opendir } from "node:fs/promises";
import { RequestFailure } from "./body.ts";

/** Entries of directories looked at; a tree beyond this is an attack. */
const MAX_WALKED = 5_000_000;

export interface EntryKind {
  isFile(): boolean;
  isDirectory(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
  isBlockDevice(): boolean;
  isCharacterDevice(): boolean;
}

export interface Found {
  /** Below the root, as latin1 text, which maps every byte to one character and back. */
  readonly path: string;
  readonly name: string;
  readonly entry: EntryKind;
}

/**
 * Shows every entry below a directory, a directory before what is in it; no link is followed. What `visit` returns for a directory says whether
 * it is entered.
 * @throws RequestFailure `unreadable`
 */
export async function walk(root: string, visit: (found: Found) => boolean): Promise<void> {
  const waiting = [""];
  let walked = 0;
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for await (const found of readDirectory(root, at)) {
      if (++walked > MAX_WALKED) throw new RequestFailure("unreadable", `The work tree has more than ${MAX_WALKED} entries.`);
      if (visit(found) && found.entry.isDirectory()) waiting.push(found.path);
    }
  }
}

/** The directory that a path is in; empty for the root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

export function isSpecial(entry: EntryKind): boolean {
  return entry.isFIFO() || entry.isSocket() || entry.isBlockDevice() || entry.isCharacterDevice();
}

/** A path below a root in the bytes it has. */
export function locateEntry(root: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, "latin1")]);
}

async function* readDirectory(root: string, at: string): AsyncGenerator<Found> {
  const within = at === "" ? "" : `${at}/`;
  try {
    const directory = await opendir(locateEntry(root, at), { encoding: "latin1", bufferSize: 512 });
    for await (const entry of directory) yield { path: within + entry.name, name: entry.name, entry };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return;
    if (code === undefined) throw error;
    throw new RequestFailure("unreadable", `The directory ${JSON.stringify(at.slice(0, 1_000))} cannot be read: ${code}.`, error);
  }
}
