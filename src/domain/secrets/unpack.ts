import { Buffer } from "node:buffer";
import { constants, inflateRawSync, zstdDecompressSync } from "node:zlib";

/** Bytes that may still be unpacked from one content; keeps the search linear for any content. */
export interface DecodeBudget {
  left: number;
}

export interface Decoded {
  readonly form: string;
  readonly bytes: Uint8Array;
}

/** First try this many bytes of a candidate: most candidates are not compressed data. */
export const TRIAL = 1024;
const MAX_UNPACKED = 16 * 1024 * 1024;
/** How gzip, zlib (in its four usual levels), zstd and the entries of a zip archive begin. */
const MARKS = ["\x1f\x8b\x08", "x\x01", "x\x5e", "x\x9c", "x\xda", "\x28\xb5\x2f\xfd", "PK\x03\x04"].map((mark) =>
  Buffer.from(mark, "latin1"),
);
/** The pixels of a PNG are a picture, which a person sees; its texts are searched. */
const PNG = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
const PIXELS = Buffer.from("IDAT");

/** Every compressed stream in a content, wherever it begins; what lies within one is not looked at on its own. */
export function* packedStreams(bytes: Uint8Array, budget: DecodeBudget): Generator<Decoded> {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const mark of MARKS) {
    for (let at = view.indexOf(mark); at !== -1 && spend(budget, TRIAL); at = view.indexOf(mark, at)) {
      const found = isPacked(view, at) ? unpackWhole(view, at, budget) : undefined;
      at += Math.max(mark.length, found?.consumed ?? 0);
      if (found !== undefined) yield { form: "compressed", bytes: found.bytes };
    }
  }
}

function isPacked(view: Buffer, at: number): boolean {
  const isPixels = view.subarray(0, PNG.length).equals(PNG) && view.subarray(at - PIXELS.length, at).equals(PIXELS);
  return !isPixels && unpackAt(view.subarray(at, at + TRIAL), 0) !== undefined;
}

/** A stream that breaks off was read to its fault, wherever that is. */
function unpackWhole(view: Buffer, at: number, budget: DecodeBudget): Unpacked | undefined {
  const found = unpackAt(view, at);
  return spend(budget, found?.consumed ?? view.length - at) ? found : undefined;
}

interface Unpacked {
  readonly bytes: Uint8Array;
  /** Bytes that the stream took. */
  readonly consumed: number;
}

/** Unpacks the stream at `at`. A wrong checksum, a missing end or bytes behind the end do not matter. */
export function unpackAt(bytes: Uint8Array, at: number): Unpacked | undefined {
  const [first = 0, second = 0, third = 0, fourth = 0] = bytes.subarray(at, at + 4);
  if (bytes.length - at <= 8) return undefined;
  if (first === 0x1f && second === 0x8b) return inflateAt(bytes, gzipStart(bytes, at), at);
  if (first === 0x78 && (first * 256 + second) % 31 === 0) return inflateAt(bytes, at + 2, at);
  if (first === 0x28 && second === 0xb5 && third === 0x2f && fourth === 0xfd) return unzstdAt(bytes, at);
  return first === 0x50 && second === 0x4b && third === 3 && fourth === 4 ? zipEntryAt(bytes, at) : undefined;
}

const OPTIONS = { maxOutputLength: MAX_UNPACKED, info: true } as const;

function inflateAt(bytes: Uint8Array, start: number, at: number): Unpacked | undefined {
  const unpacked = attempt(() => inflateRawSync(bytes.subarray(start), { ...OPTIONS, finishFlush: constants.Z_SYNC_FLUSH }), start - at);
  return unpacked?.bytes.length === 0 && unpacked.consumed < bytes.length ? undefined : unpacked;
}

/** A block comes out whole or not at all, so that a part of a stream may give nothing. */
function unzstdAt(bytes: Uint8Array, at: number): Unpacked | undefined {
  return attempt(() => zstdDecompressSync(bytes.subarray(at), { ...OPTIONS, finishFlush: constants.ZSTD_e_flush }), 0);
}

/** A stored entry needs no unpacking. */
function zipEntryAt(bytes: Uint8Array, at: number): Unpacked | undefined {
  const header = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
  if (header.byteLength < 30 || header.getUint16(8, true) !== 8) return undefined;
  const start = at + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  return start < bytes.length ? inflateAt(bytes, start, at) : undefined;
}

/** RFC 1952: ten bytes, then an extra field, a name, a comment and a checksum as the flags say. */
function gzipStart(bytes: Uint8Array, from: number): number {
  const flags = bytes[from + 3] ?? 0;
  let at = from + 10;
  if ((flags & 4) !== 0) at += 2 + (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
  if ((flags & 8) !== 0) at = bytes.indexOf(0, at) + 1;
  if ((flags & 16) !== 0) at = bytes.indexOf(0, at) + 1;
  return (flags & 2) === 0 ? at : at + 2;
}

/**
 * With `info`, Node answers with the output and the engine, which knows how much it read. What unpacks to more than may be held costs the
 * whole budget: it was not searched, and that is a finding.
 */
function attempt(unpack: () => unknown, header: number): Unpacked | undefined {
  try {
    const { buffer, engine } = unpack() as { readonly buffer: Uint8Array; readonly engine: { readonly bytesWritten: number } };
    return { bytes: buffer, consumed: header + engine.bytesWritten };
  } catch (error) {
    const isTooLarge = error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    return isTooLarge ? { bytes: new Uint8Array(), consumed: Number.MAX_SAFE_INTEGER } : undefined;
  }
}

/** Takes from the budget; false once it is spent. */
export function spend(budget: DecodeBudget, bytes: number): boolean {
  budget.left -= bytes;
  return budget.left >= 0;
}
