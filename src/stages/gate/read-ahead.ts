import type { Change, Side } from "../../domain/patch.ts";
import type { Repository } from "../../ports/repository.ts";

/** How much is requested before it is needed. */
const AHEAD_BYTES = 2 * 1024 * 1024;
const AHEAD_FILES = 32;

export interface Sides {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** What may still be read. */
export interface ReadBudget {
  newBytes: number;
  bytes: number;
}

/** Bytes that are new for certain, before anything is read. */
function newSize({ before, after, binary }: Change): number {
  return before === undefined || binary ? fileSize(after) : 0;
}

interface Read {
  readonly change: Change;
  /** Absent if the budget was already spent. */
  readonly contents: Sides | undefined;
}

interface Asked {
  readonly read: Promise<Read>;
  readonly size: number;
}

/** The changes with their contents, in order. Requests the next ones while one is being judged. */
export async function* readAhead(changes: readonly Change[], repository: Repository, budget: ReadBudget): AsyncGenerator<Read> {
  const left = { ...budget };
  const asked: Asked[] = [];
  const ahead = (): number => asked.reduce((sum, { size }) => sum + size, 0);
  for (const change of changes) {
    asked.push(ask(change, repository, left));
    while (asked.length > AHEAD_FILES || (asked.length > 1 && ahead() > AHEAD_BYTES)) yield await next(asked);
  }
  while (asked.length > 0) yield await next(asked);
}

function ask(change: Change, repository: Repository, left: ReadBudget): Asked {
  const size = fileSize(change.before) + fileSize(change.after);
  left.bytes -= size;
  left.newBytes -= newSize(change);
  const read = left.bytes < 0 || left.newBytes < 0 ? Promise.resolve({ change, contents: undefined }) : readContents(change, repository);
  read.catch(() => undefined);
  return { read, size };
}

async function next(asked: Asked[]): Promise<Read> {
  const [first] = asked.splice(0, 1);
  if (first === undefined) throw new RangeError("nothing was asked for");
  return await first.read;
}

async function readContents(change: Change, repository: Repository): Promise<Read> {
  const [before, after] = await Promise.all([readSide(change.before, repository), readSide(change.after, repository)]);
  return { change, contents: { before, after } };
}

/** Bytes of a file or a link; a submodule counts as 0. */
export function fileSize(side: Side | undefined): number {
  return side === undefined || side.mode === "160000" ? 0 : side.size;
}

async function readSide(side: Side | undefined, repository: Repository): Promise<Uint8Array> {
  return side === undefined || side.mode === "160000" ? new Uint8Array() : await repository.readBlob(side.oid, side.size);
}
