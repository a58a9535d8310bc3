/**
 * One frame on a link: type (1 byte), offset (6), length (4), payload. Offsets count the bytes of the carried stream from its
 * start, as TCP does; its end counts as one byte more.
 */
export type Frame =
  | { readonly type: "data"; readonly offset: number; readonly payload: Buffer }
  | { readonly type: "end"; readonly offset: number }
  | { readonly type: "ack"; readonly offset: number }
  /** Carries the offset up to which its sender has written, so that a gap shows without waiting for the next byte. */
  | { readonly type: "ping"; readonly offset: number }
  | { readonly type: "pong" }
  | { readonly type: "reset" };

export const MAX_PAYLOAD_BYTES = 64 * 1024;
const HEADER_BYTES = 11;
const NOTHING = Buffer.alloc(0);

const CODES = { data: 1, end: 2, ack: 3, ping: 4, pong: 5, reset: 6 } as const;

/** The frame's header; a data frame's payload follows it. */
export function encodeHeader(frame: Frame): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(CODES[frame.type], 0);
  header.writeUIntBE("offset" in frame ? frame.offset : 0, 1, 6);
  header.writeUInt32BE(frame.type === "data" ? frame.payload.length : 0, 7);
  return header;
}

/** Reads frames from bytes that may be split anywhere. @throws Error if the bytes are not frames; the link is then unusable. */
export function openFrameReader(onFrame: (frame: Frame) => void): { push(chunk: Buffer): void } {
  let pending: Buffer = NOTHING;
  return {
    push(chunk) {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      while (pending.length >= HEADER_BYTES) {
        const length = readLength(pending);
        if (pending.length < HEADER_BYTES + length) return;
        const frame = decode(pending, length);
        pending = pending.subarray(HEADER_BYTES + length);
        onFrame(frame);
      }
    },
  };
}

/** The payload's length, checked before waiting for its first byte. */
function readLength(header: Buffer): number {
  const length = header.readUInt32BE(7);
  const isData = header.readUInt8(0) === CODES.data;
  if (isData ? length === 0 || length > MAX_PAYLOAD_BYTES : length !== 0)
    throw new Error("A frame of the stream has an impossible length.");
  return length;
}

function decode(bytes: Buffer, length: number): Frame {
  const code = bytes.readUInt8(0);
  const offset = bytes.readUIntBE(1, 6);
  switch (code) {
    case CODES.data:
      return { type: "data", offset, payload: bytes.subarray(HEADER_BYTES, HEADER_BYTES + length) };
    case CODES.end:
      return { type: "end", offset };
    case CODES.ack:
      return { type: "ack", offset };
    case CODES.ping:
      return { type: "ping", offset };
    case CODES.pong:
      return { type: "pong" };
    case CODES.reset:
      return { type: "reset" };
    default:
      throw new Error(`A frame of the stream has the unknown type ${code}.`);
  }
}
