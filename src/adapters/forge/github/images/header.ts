import { Buffer } from "node:buffer";
import { constants, inflateSync } from "node:zlib";

/** What a file claims to be, read without decoding it, or why it is not decoded. */
export type Header = { readonly kind: "png" | "jpeg"; readonly width: number; readonly height: number } | { readonly refused: string };

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const IHDR_END = 33;
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const DEPTHS = new Set([1, 2, 4, 8, 16]);
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^GIF8/, "GIF"],
  [/^RIFF.{4}WEBP/s, "WebP"],
  [/^\s*<(?:\?xml|svg|!doctype)/i, "SVG or HTML"],
];

/** Reads the size that a file claims, by its first bytes and never by its name or content type. */
export function readHeader(bytes: Buffer, maxPixels: number): Header {
  const header = bytes.subarray(0, 8).equals(PNG) ? readPng(bytes, maxPixels) : isJpeg(bytes) ? readJpeg(bytes) : refuseKind(bytes);
  if ("refused" in header || header.width * header.height <= maxPixels) return header;
  return { refused: `it has ${header.width} by ${header.height} pixels, over the limit of ${maxPixels}` };
}

function refuseKind(bytes: Buffer): Header {
  const start = bytes.subarray(0, 64).toString("latin1");
  const name = NAMES.find(([pattern]) => pattern.test(start))?.[1];
  return { refused: name === undefined ? "it is neither PNG nor JPEG" : `${name} is not loaded, only PNG and JPEG` };
}

function isJpeg(bytes: Buffer): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/**
 * Checks the chunks and that the pixels inflate to exactly the size that the header gives: a decompression bomb is noticed at the first
 * excess byte.
 */
function readPng(bytes: Buffer, maxPixels: number): Header {
  if (bytes.length < IHDR_END || bytes.toString("latin1", 12, 16) !== "IHDR" || bytes.readUInt32BE(8) !== 13)
    return { refused: "its PNG header is broken" };
  const width = bytes.readUInt32BE(16);
  const height = bytes.readUInt32BE(20);
  const depth = bytes[24] ?? 0;
  const channels = CHANNELS[bytes[25] ?? 0];
  if (width === 0 || height === 0 || channels === undefined || !DEPTHS.has(depth)) return { refused: "its PNG header is broken" };
  if (width * height > maxPixels) return { kind: "png", width, height };
  if (bytes[28] !== 0) return { refused: "interlaced PNG is not loaded" };
  const data = collectPixelData(bytes);
  if (typeof data === "string") return { refused: data };
  const expected = height * (1 + Math.ceil((width * channels * depth) / 8));
  return inflatesTo(data, expected) ? { kind: "png", width, height } : { refused: "its PNG data does not fit its header" };
}

function collectPixelData(bytes: Buffer): readonly Buffer[] | string {
  const data: Buffer[] = [];
  for (let at = IHDR_END; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const name = bytes.toString("latin1", at + 4, at + 8);
    const end = at + 12 + length;
    if (end > bytes.length) break;
    if (name === "acTL") return "animated PNG is not loaded";
    if (name === "IDAT") data.push(bytes.subarray(at + 8, end - 4));
    if (name === "IEND") return data;
    at = end;
  }
  return "its PNG data ends too early";
}

function inflatesTo(data: readonly Buffer[], expected: number): boolean {
  try {
    return inflateSync(Buffer.concat(data), { maxOutputLength: expected, finishFlush: constants.Z_SYNC_FLUSH }).length === expected;
  } catch {
    return false;
  }
}

/** The size is in the first start-of-frame segment. */
function readJpeg(bytes: Buffer): Header {
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { kind: "jpeg", height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    if (marker === 0xda || marker === 0xd9) break;
    at += 2 + Math.max(2, bytes.readUInt16BE(at + 2));
  }
  return { refused: "its JPEG header is broken" };
}
