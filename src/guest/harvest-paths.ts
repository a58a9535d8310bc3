import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { RequestFailure } from "./body.ts";
import { listCommittedIgnored } from "./committed-paths.ts";
import { runGit, splitRecords } from "./git.ts";
import { copyIndex } from "./plant.ts";
import { isSpecial, walk } from "./walk.ts";

const TIMEOUT_MS = 600_000;
/** What Airlock itself adds to the work tree. */
const OWN_DIRECTORY = ".airlock/";

/** What git says about a path: removed, different, or not known. */
export type PathState = "gone" | "changed" | "new";

/** By path, sorted by bytes. Paths are kept as latin1 text, which maps every byte to one character and back. */
export type ChangedPaths = ReadonlyMap<string, PathState>;

export class TooManyPaths extends Error {}

export interface JudgeDirectories {
  readonly workDirectory: string;
  readonly judgeDirectory: string;
}

export interface FindOptions extends JudgeDirectories {
  readonly maxFiles: number;
}

/**
 * Every path that differs from the planted index by git's rules, every pipe, socket or device, which git ignores, and every ignored file that
 * the agent committed all the same.
 * @throws TooManyPaths, RequestFailure
 */
export async function findChangedPaths(options: FindOptions): Promise<ChangedPaths> {
  // First, because git would wait for ever on a pipe that is named like one of its own files.
  const specials = await findSpecials(options.workDirectory);
  refuseBlockingFiles(specials);
  const index = join(options.judgeDirectory, `index-${randomUUID()}`);
  const git = openJudgeGit(options, index);
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
    for (const path of await findCommittedIgnored(git, options, options.maxFiles - found.size)) note(path, "new");
  } finally {
    await rm(index, { force: true });
    await rm(`${index}.lock`, { force: true });
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Of what the agent claims to have committed, only what the judge's own git finds and ignores: files of the work tree, behind no link. */
async function findCommittedIgnored(git: JudgeGit, { workDirectory }: JudgeDirectories, max: number): Promise<readonly string[]> {
  const claimed = await listCommittedIgnored(workDirectory, max);
  const committed: string[] = [];
  if (claimed.size === 0) return committed;
  await git({
    args: ["ls-files", "-z", "--others", "--ignored", "--exclude-standard"],
    onRecord: (path) => {
      if (claimed.has(path) && !path.startsWith(OWN_DIRECTORY)) committed.push(path);
    },
  });
  return committed;
}

export interface JudgeCall {
  readonly args: readonly string[];
  readonly input?: Buffer;
  readonly okStatuses?: readonly number[];
  readonly onRecord?: (record: string) => void;
}

export type JudgeGit = (call: JudgeCall) => Promise<number>;

/** git on the work tree as root, with the judge's own directory in place of the agent's. */
export function openJudgeGit(options: JudgeDirectories, index: string): JudgeGit {
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

/** Pipes, sockets and devices below a directory; `.git` is left out as git leaves it out. */
async function findSpecials(root: string): Promise<readonly string[]> {
  const specials: string[] = [];
  await walk(root, ({ path, name, entry }) => {
    if (isSpecial(entry) && name !== ".git") specials.push(path);
    return name !== ".git";
  });
  return specials;
}

function refuseBlockingFiles(specials: readonly string[]): void {
  const blocking = specials.find(steersGit);
  if (blocking === undefined) return;
  throw new RequestFailure("unreadable", `${JSON.stringify(blocking)} is no ordinary file, so git cannot read it.`);
}

/** Whether git reads what is at this path for itself; on a pipe it would wait for ever. */
export function steersGit(path: string): boolean {
  return /(^|\/)\.git(ignore|attributes|modules)$/.test(path);
}

function isInside(path: string, found: ReadonlyMap<string, unknown>): boolean {
  const parts = path.split("/");
  return parts.some((_part, depth) => depth > 0 && found.has(parts.slice(0, depth).join("/")));
}

export async function dropIgnored(git: JudgeGit, paths: readonly string[]): Promise<readonly string[]> {
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
