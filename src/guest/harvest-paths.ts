import { randomUUID } from "node:crypto";
import { opendir, rm } from "node:fs/promises";
import { join } from "node:path";
import { RequestFailure } from "./body.ts";
import { runGit, splitRecords } from "./git.ts";
import { copyIndex } from "./plant.ts";

const TIMEOUT_MS = 600_000;
/** Maximum number of directory entries that are read; a larger tree is an attack. */
const MAX_WALKED = 5_000_000;
const SEPARATOR = Buffer.from("/");

/** What git says about a path: removed, different, or not known. */
export type PathState = "gone" | "changed" | "new";

/** By path, sorted by bytes. Paths are kept as latin1 text, which maps every byte to one character and back. */
export type ChangedPaths = ReadonlyMap<string, PathState>;

export class TooManyPaths extends Error {}

export interface FindOptions {
  readonly workDirectory: string;
  readonly judgeDirectory: string;
  readonly maxFiles: number;
}

/**
 * Every path that differs from the planted index by git's rules, and every pipe, socket or device, which git ignores.
 * @throws TooManyPaths, RequestFailure
 */
export async function findChangedPaths(options: FindOptions): Promise<ChangedPaths> {
  // First, because git would wait for ever on a pipe that is named like one of its own files.
  const specials = await findSpecials(options.workDirectory);
  refuseBlockingFiles(specials);
  const index = join(options.judgeDirectory, `index-${randomUUID()}`);
  const git = gitOn(options, index);
  const found = new Map<string, PathState>();
  const note = (path: string, state: PathState): void => {
    found.set(path, state);
    if (found.size > options.maxFiles) throw new TooManyPaths();
  };
  try {
    await copyIndex(join(options.judgeDirectory, "planted-index"), index);
    await git({ args: ["update-index", "-q", "--refresh", "--ignore-submodules"], okStatuses: [0, 1] });
    await git({ args: ["diff-files", "-z", "--raw", "--no-renames", "--ignore-submodules=dirty"], onRecord: readRaw(note) });
    await git({ args: ["ls-files", "-z", "--others", "--exclude-standard"], onRecord: (record) => note(record.replace(/\/$/, ""), "new") });
    for (const path of await dropIgnored(
      git,
      specials.filter((special) => !found.has(special) && !isInside(special, found)),
    ))
      note(path, "new");
  } finally {
    await rm(index, { force: true });
    await rm(`${index}.lock`, { force: true });
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

interface JudgeCall {
  readonly args: readonly string[];
  readonly input?: Buffer;
  readonly okStatuses?: readonly number[];
  readonly onRecord?: (record: string) => void;
}

type JudgeGit = (call: JudgeCall) => Promise<number>;

function gitOn(options: FindOptions, index: string): JudgeGit {
  const env = { GIT_DIR: options.judgeDirectory, GIT_WORK_TREE: options.workDirectory, GIT_INDEX_FILE: index };
  return async ({ onRecord, ...call }) => {
    const split = splitRecords(onRecord ?? (() => undefined));
    const status = await runGit({ ...call, cwd: options.workDirectory, env, user: "root", timeoutMs: TIMEOUT_MS, onOutput: split });
    return status;
  };
}

/** `:100644 100644 <id> <id> M` and the path are two records. */
function readRaw(note: (path: string, state: PathState) => void): (record: string) => void {
  let status: string | undefined;
  return (record) => {
    if (status === undefined) {
      status = record.slice(record.lastIndexOf(" ") + 1);
      return;
    }
    note(record, status === "D" ? "gone" : "changed");
    status = undefined;
  };
}

/** Pipes, sockets and devices below a directory, without following links; `.git` is left out, as git does. */
async function findSpecials(root: string): Promise<readonly string[]> {
  const specials: string[] = [];
  const waiting = [""];
  let walked = 0;
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const { directories, others, size } = await listDirectory(root, at);
    walked += size;
    if (walked > MAX_WALKED) throw new RequestFailure("unreadable", `The work tree has more than ${MAX_WALKED} entries.`);
    for (const directory of directories) waiting.push(directory);
    for (const special of others) specials.push(special);
  }
  return specials;
}

interface Listing {
  readonly directories: readonly string[];
  readonly others: readonly string[];
  readonly size: number;
}

async function listDirectory(root: string, at: string): Promise<Listing> {
  const directories: string[] = [];
  const others: string[] = [];
  let size = 0;
  for await (const [name, entry] of readDirectory(root, at)) {
    size++;
    const path = at === "" ? name : `${at}/${name}`;
    if (entry.isDirectory()) {
      if (name !== ".git") directories.push(path);
    } else if (isSpecial(entry) && name !== ".git") others.push(path);
  }
  return { directories, others, size };
}

function isSpecial(entry: EntryKind): boolean {
  return entry.isFIFO() || entry.isSocket() || entry.isBlockDevice() || entry.isCharacterDevice();
}

interface EntryKind {
  isDirectory(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
  isBlockDevice(): boolean;
  isCharacterDevice(): boolean;
}

async function* readDirectory(root: string, path: string): AsyncGenerator<readonly [string, EntryKind]> {
  const full = Buffer.concat([Buffer.from(root), SEPARATOR, Buffer.from(path, "latin1")]);
  try {
    for await (const entry of await opendir(full, { encoding: "latin1", bufferSize: 512 })) yield [entry.name, entry];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return;
    if (code === undefined) throw error;
    throw new RequestFailure("unreadable", `The directory ${JSON.stringify(path.slice(0, 1_000))} cannot be read: ${code}.`, error);
  }
}

function refuseBlockingFiles(specials: readonly string[]): void {
  const blocking = specials.find((path) => /(^|\/)\.git(ignore|attributes|modules)$/.test(path));
  if (blocking === undefined) return;
  throw new RequestFailure("unreadable", `${JSON.stringify(blocking)} is no ordinary file, so git cannot read it.`);
}

function isInside(path: string, found: ReadonlyMap<string, unknown>): boolean {
  const parts = path.split("/");
  return parts.some((_part, depth) => depth > 0 && found.has(parts.slice(0, depth).join("/")));
}

async function dropIgnored(git: JudgeGit, paths: readonly string[]): Promise<readonly string[]> {
  if (paths.length === 0) return [];
  const ignored = new Set<string>();
  // The prefix keeps a name that begins with a colon from being read as an instruction.
  const input = Buffer.from(paths.map((path) => `./${path}\0`).join(""), "latin1");
  await git({
    args: ["check-ignore", "-z", "--stdin"],
    input,
    okStatuses: [0, 1, 128],
    onRecord: (record) => ignored.add(record.slice(2)),
  });
  return paths.filter((path) => !ignored.has(path));
}
