import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { AirlockError } from "../../../domain/errors.ts";
import { endGroup, type Git, unusable } from "./process.ts";

const READ_TIMEOUT_MS = 60_000;
const NEWLINE = 0x0a;

/** Reads blobs one after the other through one git process, so that thousands of files cost one start. */
export interface BlobReader {
  /** @throws AirlockError `harvest.limit` when the blob is larger than `maxBytes` */
  read(oid: string, maxBytes: number): Promise<Uint8Array>;
  close(): void;
}

export function openBlobReader(git: Git): BlobReader {
  let child: ChildProcessWithoutNullStreams | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  const close = (): void => {
    if (child !== undefined) endGroup(child);
    child = undefined;
  };
  const readNext = async (oid: string, maxBytes: number): Promise<Uint8Array> => {
    child ??= startBatch(git);
    try {
      return await readBlob(child, oid, maxBytes);
    } catch (error) {
      close();
      throw error;
    }
  };
  return {
    close,
    read(oid, maxBytes) {
      const next = queue.then(() => readNext(oid, maxBytes));
      queue = next.catch(() => undefined);
      return next;
    },
  };
}

function startBatch(git: Git): ChildProcessWithoutNullStreams {
  const child = git.start(["cat-file", "--batch"]);
  child.on("error", () => undefined);
  child.stdin.on("error", () => undefined);
  child.stderr.resume();
  return child;
}

/** One answer of `git cat-file --batch`: a line `<oid> <type> <size>`, the content, a line feed. */
async function readBlob(child: ChildProcessWithoutNullStreams, oid: string, maxBytes: number): Promise<Uint8Array> {
  if (!/^[0-9a-f]{40}$/.test(oid)) throw unusable("cat-file", "not an object id");
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const chunks: Buffer[] = [];
  let received = 0;
  let wanted: number | undefined;
  const onData = (chunk: Buffer): void => {
    chunks.push(chunk);
    received += chunk.length;
    try {
      wanted ??= headerEnd(chunks, oid, maxBytes);
    } catch (error) {
      reject(error);
    }
    if (wanted !== undefined && received >= wanted) resolve(contentOf(Buffer.concat(chunks), wanted));
  };
  const onEnd = (): void => reject(unusable("cat-file", "it ended early"));
  const timer = setTimeout(() => reject(unusable("cat-file", "no answer in time")), READ_TIMEOUT_MS);
  child.stdout.on("data", onData);
  child.once("close", onEnd);
  try {
    child.stdin.write(`${oid}\n`);
    return await promise;
  } finally {
    clearTimeout(timer);
    child.stdout.off("data", onData);
    child.off("close", onEnd);
  }
}

/** Bytes of the whole answer once its first line is there. */
function headerEnd(chunks: Buffer[], oid: string, maxBytes: number): number | undefined {
  const joined = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
  const end = joined?.indexOf(NEWLINE) ?? -1;
  if (joined === undefined || end === -1) return undefined;
  const [, size] = new RegExp(`^${oid} blob (\\d+)$`).exec(joined.toString("latin1", 0, end)) ?? [];
  if (size === undefined) throw unusable("cat-file", `${oid} is not a blob`);
  if (Number(size) > maxBytes) {
    throw new AirlockError("harvest.limit", {
      message: `A file of ${size} bytes is larger than the ${maxBytes} bytes that are read here.`,
      remedy: "Keep large files out of the change, or raise the input `max-patch-kib`.",
    });
  }
  return end + 1 + Number(size) + 1;
}

function contentOf(answer: Buffer, wanted: number): Uint8Array {
  const start = answer.indexOf(NEWLINE) + 1;
  return new Uint8Array(answer.subarray(start, wanted - 1));
}
