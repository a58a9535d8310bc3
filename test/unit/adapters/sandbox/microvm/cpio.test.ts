import { execFile } from "node:child_process";
import { lstat, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { createCpioArchive } from "../../../../../src/adapters/sandbox/microvm/cpio.ts";

test("an archive unpacks with busybox to the very bytes, parents and modes that went in", async () => {
  const folder = await mkdtemp(join(tmpdir(), "airlock-cpio-"));
  try {
    const archive = createCpioArchive();
    archive.addFile("/a/b/odd length.bin", Buffer.from([0, 1, 2, 255, 10]), 0o755);
    archive.addFile("a/empty", "");
    archive.addDirectory("a/b");
    archive.addDirectory("only/");
    await writeFile(join(folder, "archive"), archive.finish());
    await promisify(execFile)("sh", ["-c", "mkdir out && cd out && busybox cpio -idm < ../archive"], { cwd: folder });
    expect([...(await readFile(join(folder, "out/a/b/odd length.bin")))]).toEqual([0, 1, 2, 255, 10]);
    expect((await lstat(join(folder, "out/a/b/odd length.bin"))).mode & 0o777).toBe(0o755);
    expect((await readFile(join(folder, "out/a/empty"))).length).toBe(0);
    expect((await lstat(join(folder, "out/only"))).isDirectory()).toBe(true);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("every entry starts and ends at a multiple of four bytes, so that archives can be joined", () => {
  const archive = createCpioArchive();
  archive.addFile("x", "abc");
  archive.addCharacterDevice("dev/console", { major: 5, minor: 1, mode: 0o600 });
  const bytes = archive.finish();
  expect(bytes.length % 4).toBe(0);
  for (let at = bytes.indexOf("070701"); at >= 0; at = bytes.indexOf("070701", at + 1)) expect(at % 4).toBe(0);
  expect(bytes.toString("latin1").match(/070701/g)).toHaveLength(4);
  expect(bytes.toString("latin1")).toContain("TRAILER!!!");
});
