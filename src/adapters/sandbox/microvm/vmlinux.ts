import { execFile } from "node:child_process";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { MINIMAL_ENV } from "../../programs/find-program.ts";

const MAX_KERNEL_BYTES = 512 << 20;

/**
 * The ELF kernel inside a bzImage. Under software emulation the kernel's own decompressor costs seconds, so it is
 * done here once. Offsets: Documentation/arch/x86/boot.rst of the kernel. Returns null for a form not known.
 */
export async function extractVmlinux(bzImage: Buffer): Promise<Buffer | null> {
  const payload = readPayload(bzImage);
  if (payload === null) return null;
  const elf = await decompress(payload).catch(() => null);
  return elf?.subarray(0, 4).equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46])) ? elf : null;
}

function readPayload(bzImage: Buffer): Buffer | null {
  if (bzImage.length < 0x250 || bzImage.toString("latin1", 0x202, 0x206) !== "HdrS") return null;
  const setupSectors = bzImage[0x1f1] || 4;
  const start = (setupSectors + 1) * 512 + bzImage.readUInt32LE(0x248);
  const length = bzImage.readUInt32LE(0x24c);
  if (length < 8 || start + length > bzImage.length) return null;
  return bzImage.subarray(start, start + length);
}

async function decompress(payload: Buffer): Promise<Buffer | null> {
  // The last four bytes are the uncompressed size, which the compressors know nothing of.
  const body = payload.subarray(0, payload.length - 4);
  switch (body.toString("hex", 0, 4)) {
    case "02214c18":
      return decompressLz4Legacy(body);
    case "28b52ffd":
      return zstdDecompressSync(body, { maxOutputLength: MAX_KERNEL_BYTES });
    case "fd377a58":
      return await decompressXz(body);
    default:
      return body.toString("hex", 0, 2) === "1f8b" ? gunzipSync(body, { maxOutputLength: MAX_KERNEL_BYTES }) : null;
  }
}

function decompressXz(body: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { encoding: "buffer", maxBuffer: MAX_KERNEL_BYTES, timeout: 60_000, env: MINIMAL_ENV } as const;
    const child = execFile("xz", ["-dc", "--single-stream"], options, (error, stdout) => (error ? reject(error) : resolve(stdout)));
    child.stdin?.on("error", () => {});
    child.stdin?.end(body);
  });
}

const LZ4_BLOCK_BYTES = 8 << 20;

/** LZ4's legacy frame: blocks of at most 8 MiB, each preceded by its compressed size. */
export function decompressLz4Legacy(body: Buffer): Buffer {
  const blocks: Buffer[] = [];
  let at = 4;
  while (at + 4 <= body.length) {
    const size = body.readUInt32LE(at);
    at += 4;
    if (size === 0) break;
    blocks.push(decompressLz4Block(body.subarray(at, at + size)));
    at += size;
  }
  return Buffer.concat(blocks);
}

function decompressLz4Block(source: Buffer): Buffer {
  const target = Buffer.alloc(LZ4_BLOCK_BYTES);
  let from = 0;
  let to = 0;
  const readLength = (nibble: number): number => {
    let length = nibble;
    if (nibble === 15) {
      let more = 255;
      while (more === 255 && from < source.length) {
        more = source[from++] ?? 0;
        length += more;
      }
    }
    return length;
  };
  while (from < source.length) {
    const token = source[from++] ?? 0;
    const literals = readLength(token >> 4);
    source.copy(target, to, from, from + literals);
    from += literals;
    to += literals;
    if (from >= source.length) break;
    const offset = source.readUInt16LE(from);
    from += 2;
    const length = readLength(token & 15) + 4;
    if (offset === 0 || offset > to || to + length > LZ4_BLOCK_BYTES) throw new RangeError("lz4 block out of bounds");
    copyMatch(target, { to, offset, length });
    to += length;
  }
  return target.subarray(0, to);
}

/** A match may overlap what it writes: then it repeats. */
function copyMatch(target: Buffer, match: { readonly to: number; readonly offset: number; readonly length: number }): void {
  const { to, offset, length } = match;
  if (offset >= length) {
    target.copyWithin(to, to - offset, to - offset + length);
    return;
  }
  for (let index = 0; index < length; index++) target[to + index] = target[to + index - offset] ?? 0;
}
