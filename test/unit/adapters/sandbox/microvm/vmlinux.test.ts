import { spawnSync } from "node:child_process";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { decompressLz4Legacy, extractVmlinux } from "../../../../../src/adapters/sandbox/microvm/vmlinux.ts";

const KERNEL = Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46]), Buffer.from("a kernel ".repeat(5_000))]);

/** The smallest thing with a bzImage's header: two sectors of set-up, then the payload. */
function bzImage(compressed: Buffer): Buffer {
  const setup = Buffer.alloc(1024);
  setup[0x1f1] = 1;
  setup.write("HdrS", 0x202, "latin1");
  setup.writeUInt32LE(16, 0x248);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(KERNEL.length);
  setup.writeUInt32LE(compressed.length + 4, 0x24c);
  return Buffer.concat([setup, Buffer.alloc(16), compressed, size, Buffer.from("signature")]);
}

/** Literals "abcd", a match that overlaps itself, literals at the end: a block as LZ4's own text describes it. */
const LZ4_BLOCK = Buffer.from([0x4f, 0x61, 0x62, 0x63, 0x64, 0x04, 0x00, 0x01, 0x10, 0x21]);

function lz4Frame(blocks: readonly Buffer[]): Buffer {
  const parts = blocks.flatMap((block) => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(block.length);
    return [size, block];
  });
  return Buffer.concat([Buffer.from("02214c18", "hex"), ...parts]);
}

describe("the kernel inside a bzImage", () => {
  test("comes out of gzip", async () => {
    expect(await extractVmlinux(bzImage(gzipSync(KERNEL)))).toEqual(KERNEL);
  });

  test("comes out of zstd", async () => {
    expect(await extractVmlinux(bzImage(zstdCompressSync(KERNEL)))).toEqual(KERNEL);
  });

  test("comes out of xz", async () => {
    const { stdout } = spawnSync("xz", ["-c", "--check=crc32"], { input: KERNEL });
    expect(await extractVmlinux(bzImage(stdout))).toEqual(KERNEL);
  });

  test("is not taken for one when it is no ELF file, when the form is unknown, or when the image is cut", async () => {
    expect(await extractVmlinux(bzImage(gzipSync(Buffer.from("no kernel"))))).toBeNull();
    expect(await extractVmlinux(bzImage(Buffer.from("unknown compression")))).toBeNull();
    expect(await extractVmlinux(bzImage(gzipSync(KERNEL)).subarray(0, 1100))).toBeNull();
    expect(await extractVmlinux(Buffer.from("not a kernel at all"))).toBeNull();
  });
});

describe("lz4's legacy frame", () => {
  test("repeats a match that overlaps what it writes, block by block", () => {
    const once = `${"abcd".repeat(6)}!`;
    expect(decompressLz4Legacy(lz4Frame([LZ4_BLOCK])).toString()).toBe(once);
    expect(decompressLz4Legacy(lz4Frame([LZ4_BLOCK, LZ4_BLOCK])).toString()).toBe(once + once);
  });

  test("refuses a match that reaches before the start of its block", () => {
    expect(() => decompressLz4Legacy(lz4Frame([Buffer.from([0x1f, 0x61, 0x09, 0x00, 0x01, 0x10, 0x21])]))).toThrow(RangeError);
  });
});
