import { createHash, type Hash } from "node:crypto";
import type { Readable } from "node:stream";
import { AirlockError } from "../../../domain/errors.ts";

interface Frame {
  /** Path of the directory with a closing slash; empty for the root. */
  readonly prefix: string;
  readonly expected: string;
  readonly entries: Buffer[];
}

const TAB = 0x09;
const NUL = 0;

/**
 * Recomputes a tree's id from its whole listing (`ls-tree -r -t -z`), bottom up, without asking git for a hash. This detects a tree whose
 * stored objects do not match their ids (I12).
 */
export async function hashListing(listing: Readable, root: string): Promise<string> {
  const frames: Frame[] = [{ prefix: "", expected: root, entries: [] }];
  const close = (): void => {
    const frame = frames.pop();
    if (frame !== undefined && treeId(frame.entries) !== frame.expected) throw mismatch(frame);
  };
  for await (const record of readRecords(listing)) {
    const tab = record.indexOf(TAB);
    const [mode, type, oid] = record.toString("latin1", 0, tab).split(" ");
    const path = record.toString("latin1", tab + 1);
    while (frames.length > 1 && !path.startsWith(frames.at(-1)?.prefix ?? "")) close();
    const name = path.slice(path.lastIndexOf("/") + 1);
    frames.at(-1)?.entries.push(Buffer.from(`${mode?.replace(/^0/, "")} ${name}\0`, "latin1"), Buffer.from(oid ?? "", "hex"));
    if (type === "tree") frames.push({ prefix: `${path}/`, expected: oid ?? "", entries: [] });
  }
  while (frames.length > 0) close();
  return root;
}

/** NUL-ended records of a stream; memory holds one chunk and one record. */
export async function* readRecords(stream: Readable): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const joined = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = joined.indexOf(NUL); end !== -1; end = joined.indexOf(NUL, start)) {
      yield joined.subarray(start, end);
      start = end + 1;
    }
    rest = joined.subarray(start);
  }
}

function treeId(entries: readonly Buffer[]): string {
  const content = Buffer.concat(entries);
  const hash: Hash = createHash("sha1");
  return hash.update(`tree ${content.length}\0`).update(content).digest("hex");
}

function mismatch(frame: Frame): AirlockError {
  return new AirlockError("gate.mismatch", {
    message: `The directory ${JSON.stringify(frame.prefix)} does not hash to its id ${frame.expected}.`,
    remedy: "Run again; the runner's disk or its git is not to be trusted when it happens twice.",
  });
}
