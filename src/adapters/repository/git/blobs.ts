import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { AirlockError } from "../../../domain/errors.ts";
import { endGroup, type Git, unusable } from "./process.ts";

const READ_TIMEOUT_MS = 120_000;
const NEWLINE = 0x0a;
/** `<oid> blob <size>`, or `<oid> missing`. */
const MAX_HEADER_BYTES = 128;

/** Reads blobs through one git process, in the order of the requests, so that thousands of files cost one start and no waiting. */
export interface BlobReader {
  /** @throws AirlockError `harvest.limit` if the blob is larger than `maxBytes` */
  read(oid: string, maxBytes: number): Promise<Uint8Array>;
  close(): void;
}

export function openBlobReader(git: Git): BlobReader {
  let batch: Batch | undefined;
  const close = (): void => {
    batch?.end(unusable("cat-file", "it was closed"));
    batch = undefined;
  };
  return {
    close,
    async read(oid, maxBytes) {
      if (!/^[0-9a-f]{40}$/.test(oid)) throw unusable("cat-file", "not an object id");
      if (batch?.ended !== false) batch = startBatch(git);
      return await batch.ask(oid, maxBytes);
    },
  };
}

interface Batch {
  readonly ended: boolean;
  ask(oid: string, maxBytes: number): Promise<Uint8Array>;
  end(why: AirlockError): void;
}

interface Question {
  readonly oid: string;
  readonly maxBytes: number;
  readonly resolve: (content: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

/** One `git cat-file --batch`. Its answers come in the order of the questions; an answer that is too large is skipped. */
function startBatch(git: Git): Batch {
  const child: ChildProcessWithoutNullStreams = git.start(["cat-file", "--batch"]);
  const questions: Question[] = [];
  const input = openInput();
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  const end = (why: unknown): void => {
    ended = true;
    clearTimeout(timer);
    endGroup(child);
    for (const { reject } of questions.splice(0)) reject(why);
  };
  const watch = (): void => {
    clearTimeout(timer);
    if (questions.length > 0) timer = setTimeout(() => end(unusable("cat-file", "no answer in time")), READ_TIMEOUT_MS);
  };
  const answer = (): void => {
    for (let [question] = questions; question !== undefined; [question] = questions) {
      if (!answerOne(input, question)) return;
      questions.shift();
      watch();
    }
  };
  child.stdin.on("error", () => undefined);
  child.stderr.resume();
  child.once("error", end);
  child.once("close", () => end(unusable("cat-file", "it ended early")));
  child.stdout.on("data", (chunk: Buffer) => {
    input.push(chunk);
    try {
      answer();
    } catch (error) {
      end(error);
    }
  });
  return {
    get ended() {
      return ended;
    },
    end,
    ask(oid, maxBytes) {
      const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
      questions.push({ oid, maxBytes, resolve, reject });
      child.stdin.write(`${oid}\n`);
      if (questions.length === 1) watch();
      return promise;
    },
  };
}

/** False while bytes are missing. An answer is a line, the content and a line feed. */
function answerOne(input: Input, question: Question): boolean {
  input.header ??= readHeader(input, question.oid);
  if (input.header === undefined) return false;
  const { size } = input.header;
  if (size > question.maxBytes) {
    if (!input.skip(size + 1)) return false;
    question.reject(tooLarge(size, question.maxBytes));
  } else {
    const content = input.take(size + 1);
    if (content === undefined) return false;
    question.resolve(content.subarray(0, size));
  }
  input.header = undefined;
  return true;
}

function readHeader(input: Input, oid: string): { readonly size: number } | undefined {
  const line = input.takeLine();
  if (line === undefined) return undefined;
  const [found, , size] = line.split(" ");
  if (found !== oid || !/^\d+$/.test(size ?? "")) throw unusable("cat-file", `${oid} is not a blob`);
  return { size: Number(size) };
}

interface Input {
  header: { readonly size: number } | undefined;
  push(chunk: Buffer): void;
  takeLine(): string | undefined;
  /** Exactly this many bytes, once they have arrived. */
  take(bytes: number): Uint8Array | undefined;
  /** Drops bytes as they arrive; true once all are dropped. */
  skip(bytes: number): boolean;
}

function openInput(): Input {
  let chunks: Buffer[] = [];
  let length = 0;
  let skipped = 0;
  const join = (): Buffer => {
    const joined = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
    chunks = [joined];
    return joined;
  };
  const keep = (rest: Buffer): void => {
    chunks = rest.length === 0 ? [] : [rest];
    length = rest.length;
  };
  return {
    header: undefined,
    push(chunk) {
      chunks.push(chunk);
      length += chunk.length;
    },
    takeLine() {
      const joined = join();
      const end = joined.indexOf(NEWLINE);
      if (end === -1 && length > MAX_HEADER_BYTES) throw unusable("cat-file", "it answers without an end of line");
      if (end === -1) return undefined;
      keep(joined.subarray(end + 1));
      return joined.toString("latin1", 0, end);
    },
    take(bytes) {
      if (length < bytes) return undefined;
      const joined = join();
      keep(joined.subarray(bytes));
      return new Uint8Array(joined.subarray(0, bytes));
    },
    skip(bytes) {
      const dropped = Math.min(length, bytes - skipped);
      keep(join().subarray(dropped));
      skipped += dropped;
      if (skipped < bytes) return false;
      skipped = 0;
      return true;
    },
  };
}

function tooLarge(size: number, maxBytes: number): AirlockError {
  return new AirlockError("harvest.limit", {
    message: `A file of ${size} bytes is larger than the ${maxBytes} bytes that are read here.`,
    remedy: "Keep large files out of the change, or raise the input `max-patch-kib`.",
  });
}
