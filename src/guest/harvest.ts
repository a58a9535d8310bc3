import type { Stats } from "node:fs";
import { constants } from "node:fs";
import { type FileHandle, lstat, open, readlink } from "node:fs/promises";
import { encodeChunk, encodeEnd, encodeEntry, encodeFailure, type HarvestFailure, MAGIC, MAX_CHUNK_BYTES } from "../wire/harvest.ts";
import { RequestFailure } from "./body.ts";
import { describeError } from "./describe-error.ts";
import { runGit } from "./git.ts";
import { type FindOptions, findChangedPaths, type PathState, TooManyPaths } from "./harvest-paths.ts";

const NESTED_TIMEOUT_MS = 30_000;
/** For a nested repository that has no commit yet. */
const NO_COMMIT = "0".repeat(40);

export interface TreeHarvestOptions extends FindOptions {
  readonly maxBytes: number;
}

/** Thrown inside, and sent to the runner as the last frame. */
class HarvestStop extends Error {
  readonly failure: HarvestFailure;

  constructor(failure: HarvestFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** What has changed, as frames. The last one is always a total, or the reason why there is none. */
export async function* harvestTree(options: TreeHarvestOptions): AsyncGenerator<Buffer> {
  yield Buffer.from(MAGIC, "latin1");
  try {
    yield* entries(options);
  } catch (error) {
    yield encodeFailure(toFailure(error, options));
  }
}

function toFailure(error: unknown, options: TreeHarvestOptions): HarvestFailure {
  if (error instanceof HarvestStop) return error.failure;
  if (error instanceof TooManyPaths) {
    return { kind: "limit", limit: "maxFiles", value: options.maxFiles, message: `More than ${options.maxFiles} paths have changed.` };
  }
  const message = describeError(error);
  return { kind: error instanceof RequestFailure && error.code === "unreadable" ? "unreadable" : "failed", message };
}

interface Progress {
  entries: number;
  bytes: number;
  readonly maxBytes: number;
}

async function* entries(options: TreeHarvestOptions): AsyncGenerator<Buffer> {
  const paths = await findChangedPaths(options);
  const progress: Progress = { entries: 0, bytes: 0, maxBytes: options.maxBytes };
  for (const [path, state] of paths) {
    for await (const piece of readPath({ root: options.workDirectory, path, state, progress })) yield piece;
  }
  yield encodeEnd(progress.entries, progress.bytes);
}

interface PathOptions {
  readonly root: string;
  /** latin1. */
  readonly path: string;
  readonly state: PathState;
  readonly progress: Progress;
}

async function* readPath(options: PathOptions): AsyncGenerator<Buffer> {
  const { path, progress } = options;
  const stats = options.state === "gone" ? undefined : await lstat(locate(options)).catch(() => undefined);
  if (stats === undefined && options.state === "new") return;
  progress.entries++;
  const bytes = Buffer.from(path, "latin1");
  if (stats === undefined) yield encodeEntry({ path: bytes, mode: "000000", contentBytes: undefined });
  else if (stats.isFile()) yield* readFile(options, bytes);
  else if (stats.isSymbolicLink()) yield* whole(options, "120000", await readlink(locate(options), { encoding: "buffer" }));
  else if (stats.isDirectory()) yield* whole(options, "160000", Buffer.from(await readNestedCommit(options), "latin1"));
  else yield encodeEntry({ path: bytes, mode: formatMode(stats), contentBytes: undefined });
}

/** What git cannot store keeps its type from `st_mode`, so that the reader can name it. */
function formatMode(stats: Stats): string {
  return (stats.mode & constants.S_IFMT).toString(8).padStart(6, "0");
}

function locate(options: PathOptions): Buffer {
  return Buffer.concat([Buffer.from(`${options.root}/`), Buffer.from(options.path, "latin1")]);
}

async function* whole(options: PathOptions, mode: string, content: Buffer): AsyncGenerator<Buffer> {
  count(options, content.length);
  yield encodeEntry({ path: Buffer.from(options.path, "latin1"), mode, contentBytes: content.length });
  if (content.length > 0) yield encodeChunk(content);
}

/** Reads as many bytes as the file had when it was opened: one that grows cannot delay us, and one that shrinks is refused. */
async function* readFile(options: PathOptions, path: Buffer): AsyncGenerator<Buffer> {
  const file = await openOrdinary(options);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw unreadable(options, "changed its kind while it was read");
    count(options, stats.size);
    yield encodeEntry({ path, mode: (stats.mode & constants.S_IXUSR) === 0 ? "100644" : "100755", contentBytes: stats.size });
    for (let left = stats.size; left > 0; ) {
      const buffer = Buffer.allocUnsafe(Math.min(left, MAX_CHUNK_BYTES));
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0) throw unreadable(options, "became shorter while it was read");
      left -= bytesRead;
      yield encodeChunk(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

async function openOrdinary(options: PathOptions): Promise<FileHandle> {
  try {
    return await open(locate(options), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw unreadable(options, `cannot be opened: ${(error as NodeJS.ErrnoException).code ?? "unknown"}`);
  }
}

function unreadable(options: PathOptions, why: string): HarvestStop {
  const path = JSON.stringify(Buffer.from(options.path, "latin1").toString("utf8").slice(0, 1_000));
  return new HarvestStop({ kind: "unreadable", message: `${path} ${why}.` });
}

function count({ progress, ...options }: PathOptions, bytes: number): void {
  progress.bytes += bytes;
  if (progress.bytes <= progress.maxBytes) return;
  const path = JSON.stringify(Buffer.from(options.path, "latin1").toString("utf8").slice(0, 1_000));
  const message = `The changed contents are larger than ${progress.maxBytes} bytes; ${path} alone has ${bytes}.`;
  throw new HarvestStop({ kind: "limit", limit: "maxBytes", value: progress.maxBytes, message });
}

/** Runs as the agent's user, because the agent can write everything in there. */
async function readNestedCommit(options: PathOptions): Promise<string> {
  // A directory whose name is not UTF-8 cannot be passed on a command line here; its commit does not matter to the gate.
  const name = Buffer.from(options.path, "latin1").toString("utf8");
  if (!Buffer.from(name, "utf8").equals(Buffer.from(options.path, "latin1"))) return NO_COMMIT;
  const directory = `${options.root}/${name}`;
  let output = "";
  try {
    await runGit({
      args: ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"],
      cwd: options.root,
      env: { GIT_DIR: `${directory}/.git` },
      user: "agent",
      timeoutMs: NESTED_TIMEOUT_MS,
      onOutput: (piece) => {
        output = (output + piece.toString("latin1")).slice(0, 100);
      },
    });
  } catch {
    return NO_COMMIT;
  }
  return /^[0-9a-f]{40}\n$/.test(output) ? output.trim() : NO_COMMIT;
}
