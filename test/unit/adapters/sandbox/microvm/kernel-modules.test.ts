import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openModuleIndex } from "../../../../../src/adapters/sandbox/microvm/kernel-modules.ts";

let folder: string;

function module(name: string, depends: string): Buffer {
  return Buffer.from(`\x7fELF code of ${name}\0license=GPL\0depends=${depends}\0name=${name}\0`);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "airlock-modules-"));
  const files: Record<string, Buffer | string> = {
    "kernel/drivers/virtio/virtio.ko": module("virtio", ""),
    "kernel/drivers/virtio/virtio_ring.ko.zst": zstdCompressSync(module("virtio_ring", "virtio")),
    "kernel/drivers/block/virtio_blk.ko.gz": gzipSync(module("virtio_blk", "virtio_ring,virtio")),
    "kernel/fs/odd-name.ko.xz": execFileSync("xz", ["-c"], { input: module("odd_name", "libcrc32c,gone") }),
    "kernel/lib/libcrc32c.ko": module("libcrc32c", ""),
    "modules.builtin": "kernel/fs/ext4/ext4.ko\nkernel/crypto/crc32c_generic.ko\n",
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("modules of a kernel", () => {
  test("come uncompressed and after what they depend on, each once", async () => {
    const { modules, missing } = await (await openModuleIndex(folder)).resolve({ required: ["virtio_blk", "virtio-ring"] });
    expect(modules.map(({ name }) => name)).toEqual(["virtio", "virtio_ring", "virtio_blk"]);
    expect(modules.map(({ content }) => content)).toEqual([
      module("virtio", ""),
      module("virtio_ring", "virtio"),
      module("virtio_blk", "virtio_ring,virtio"),
    ]);
    expect(missing).toEqual([]);
  });

  test("that are built in are not asked for", async () => {
    expect(await (await openModuleIndex(folder)).resolve({ required: ["ext4"] })).toEqual({ modules: [], missing: [] });
  });

  test("that are missing are named, also when only another module wants them", async () => {
    const { modules, missing } = await (await openModuleIndex(folder)).resolve({ required: ["odd-name", "9p"] });
    expect(modules.map(({ name }) => name)).toEqual(["libcrc32c", "odd_name"]);
    expect(missing).toEqual(["gone", "9p"]);
  });

  test("that are only wished for are no lack", async () => {
    const { missing } = await (await openModuleIndex(folder)).resolve({ required: ["virtio"], optional: ["virtio_rng"] });
    expect(missing).toEqual([]);
  });

  test("of a folder that is not there are all missing", async () => {
    expect((await (await openModuleIndex(join(folder, "nowhere"))).resolve({ required: ["ext4"] })).missing).toEqual(["ext4"]);
  });
});
