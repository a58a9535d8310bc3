/**
 * How changed paths travel from the guest. The stream starts with MAGIC. Frames follow, each with a type of one byte, a length of four
 * bytes and a body. An entry announces its content, chunks carry it, and the stream ends with a total or a failure.
 */

export const MAGIC = "ALH1";
export const MAX_CHUNK_BYTES = 65_536;
/** PATH_MAX of Linux. */
export const MAX_PATH_BYTES = 4_096;
const MAX_FAILURE_BYTES = 32_768;
const FRAME_HEAD_BYTES = 5;
const ENTRY_HEAD_BYTES = 13;

const TYPE = { entry: 0x45, chunk: 0x43, end: 0x5a, failure: 0x46 } as const;

export interface EntryHead {
  readonly path: Uint8Array;
  /** Six octal digits. */
  readonly mode: string;
  /** undefined: no content follows, not even an empty one. */
  readonly contentBytes: number | undefined;
}

/** Why the guest stopped before the end. */
export type HarvestFailure =
  | { readonly kind: "limit"; readonly limit: "maxFiles" | "maxBytes"; readonly value: number; readonly message: string }
  | { readonly kind: "unreadable"; readonly message: string }
  | { readonly kind: "failed"; readonly message: string };

export type HarvestFrame =
  | { readonly type: "entry"; readonly head: EntryHead }
  | { readonly type: "chunk"; readonly bytes: Buffer }
  | { readonly type: "end"; readonly entries: number; readonly bytes: number }
  | { readonly type: "failure"; readonly failure: HarvestFailure };

/** The bytes do not have the agreed format. */
export class HarvestFormatError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "HarvestFormatError";
  }
}

export function encodeEntry(head: EntryHead): Buffer {
  const body = Buffer.alloc(ENTRY_HEAD_BYTES);
  body.write(head.mode, 0, 6, "latin1");
  body.writeUInt8(head.contentBytes === undefined ? 0 : 1, 6);
  body.writeUIntBE(head.contentBytes ?? 0, 7, 6);
  return frame(TYPE.entry, Buffer.concat([body, head.path]));
}

export function encodeChunk(bytes: Uint8Array): Buffer {
  return frame(TYPE.chunk, bytes);
}

export function encodeEnd(entries: number, bytes: number): Buffer {
  const body = Buffer.alloc(10);
  body.writeUInt32BE(entries, 0);
  body.writeUIntBE(bytes, 4, 6);
  return frame(TYPE.end, body);
}

export function encodeFailure(failure: HarvestFailure): Buffer {
  return frame(TYPE.failure, Buffer.from(JSON.stringify({ ...failure, message: failure.message.slice(0, 5_000) })));
}

function frame(type: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(FRAME_HEAD_BYTES);
  head.writeUInt8(type, 0);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

/**
 * Cuts bytes into frames. Holds at most one frame.
 * @throws HarvestFormatError
 */
export async function* decodeFrames(source: AsyncIterable<Buffer>): AsyncGenerator<HarvestFrame> {
  const state: { pending: Buffer; magic: boolean } = { pending: Buffer.alloc(0), magic: false };
  for await (const piece of source) {
    state.pending = state.pending.length === 0 ? piece : Buffer.concat([state.pending, piece]);
    if (!state.magic && !takeMagic(state)) continue;
    for (let next = takeFrame(state); next !== undefined; next = takeFrame(state)) yield next;
  }
  if (!state.magic || state.pending.length > 0) throw new HarvestFormatError("The harvest was cut.");
}

function takeMagic(state: { pending: Buffer; magic: boolean }): boolean {
  if (state.pending.length < MAGIC.length) return false;
  if (state.pending.toString("latin1", 0, MAGIC.length) !== MAGIC)
    throw new HarvestFormatError("The harvest has another format than this version reads.");
  state.pending = state.pending.subarray(MAGIC.length);
  state.magic = true;
  return true;
}

const MAX_BODY_BYTES: Readonly<Record<number, number>> = {
  [TYPE.entry]: ENTRY_HEAD_BYTES + MAX_PATH_BYTES,
  [TYPE.chunk]: MAX_CHUNK_BYTES,
  [TYPE.end]: 10,
  [TYPE.failure]: MAX_FAILURE_BYTES,
};

function takeFrame(state: { pending: Buffer }): HarvestFrame | undefined {
  const { pending } = state;
  if (pending.length < FRAME_HEAD_BYTES) return undefined;
  const type = pending.readUInt8(0);
  const length = pending.readUInt32BE(1);
  const max = MAX_BODY_BYTES[type];
  if (max === undefined) throw new HarvestFormatError(`The harvest has a frame of the unknown type ${type}.`);
  if (length > max) throw new HarvestFormatError(`The harvest has a frame of ${length} bytes where ${max} are the most.`);
  if (pending.length < FRAME_HEAD_BYTES + length) return undefined;
  state.pending = pending.subarray(FRAME_HEAD_BYTES + length);
  return parseFrame(type, pending.subarray(FRAME_HEAD_BYTES, FRAME_HEAD_BYTES + length));
}

function parseFrame(type: number, body: Buffer): HarvestFrame {
  if (type === TYPE.entry) return { type: "entry", head: parseEntry(body) };
  if (type === TYPE.chunk) {
    if (body.length === 0) throw new HarvestFormatError("The harvest has an empty chunk.");
    return { type: "chunk", bytes: body };
  }
  if (type === TYPE.end) {
    if (body.length !== 10) throw new HarvestFormatError("The harvest's total has another length than agreed.");
    return { type: "end", entries: body.readUInt32BE(0), bytes: body.readUIntBE(4, 6) };
  }
  return { type: "failure", failure: parseFailure(body) };
}

function parseEntry(body: Buffer): EntryHead {
  if (body.length <= ENTRY_HEAD_BYTES) throw new HarvestFormatError("The harvest has an entry without a path.");
  const mode = body.toString("latin1", 0, 6);
  const flag = body.readUInt8(6);
  const bytes = body.readUIntBE(7, 6);
  // A copy: the frame's memory belongs to a larger piece that would live as long as the path.
  const path = Buffer.from(body.subarray(ENTRY_HEAD_BYTES));
  if (!/^[0-7]{6}$/.test(mode)) throw new HarvestFormatError("The harvest has an entry whose mode is not six octal digits.");
  if (flag > 1 || (flag === 0 && bytes !== 0)) throw new HarvestFormatError("The harvest has an entry that contradicts itself.");
  if (path.includes(0) || path[0] === 0x2f) throw new HarvestFormatError("The harvest has an entry whose path is not a relative path.");
  return { path, mode, contentBytes: flag === 1 ? bytes : undefined };
}

const FAILURE_KEYS = { limit: "kind,limit,message,value", unreadable: "kind,message", failed: "kind,message" } as const;

function parseFailure(body: Buffer): HarvestFailure {
  const value = parseObject(body);
  const { kind, limit, message } = value;
  if (kind !== "limit" && kind !== "unreadable" && kind !== "failed") throw new HarvestFormatError("The harvest failed in an unknown way.");
  if (Object.keys(value).sort().join() !== FAILURE_KEYS[kind])
    throw new HarvestFormatError("The harvest's failure has fields that were not agreed.");
  if (typeof message !== "string") throw new HarvestFormatError("The harvest's failure has no message.");
  if (kind !== "limit") return { kind, message };
  if (limit !== "maxFiles" && limit !== "maxBytes") throw new HarvestFormatError("The harvest met an unknown limit.");
  if (typeof value.value !== "number") throw new HarvestFormatError("The harvest's limit has no value.");
  return { kind, limit, value: value.value, message };
}

function parseObject(body: Buffer): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    throw new HarvestFormatError("The harvest's failure cannot be read.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new HarvestFormatError("The harvest's failure is no object.");
  return value as Record<string, unknown>;
}
