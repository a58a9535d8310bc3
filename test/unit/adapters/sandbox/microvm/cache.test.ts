import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openArtefactCache } from "../../../../../src/adapters/sandbox/microvm/cache.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "airlock-cache-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

function builder(text: string): { readonly build: (directory: string) => Promise<void>; readonly count: () => number } {
  let built = 0;
  return {
    build: async (directory) => {
      built += 1;
      await sleep(20);
      await writeFile(join(directory, "file"), text);
    },
    count: () => built,
  };
}

describe("an artefact", () => {
  test("is built once and then taken as it is, also by another process", async () => {
    const first = builder("one");
    const entry = await openArtefactCache(root).entry({ key: "k", build: first.build });
    expect(await readFile(join(entry.directory, "file"), "utf8")).toBe("one");
    const second = builder("two");
    const again = await openArtefactCache(root).entry({ key: "k", build: second.build });
    expect(again).toEqual(entry);
    expect(second.count()).toBe(0);
  });

  test("is built once when many ask at the same time", async () => {
    const cache = openArtefactCache(root);
    const maker = builder("one");
    const entries = await Promise.all(Array.from({ length: 8 }, () => cache.entry({ key: "k", build: maker.build })));
    expect(maker.count()).toBe(1);
    expect(new Set(entries.map((entry) => entry.directory)).size).toBe(1);
  });

  test("is whole whoever wins when several processes build it", async () => {
    const makers = ["one", "two", "three"].map(builder);
    const entries = await Promise.all(makers.map((maker) => openArtefactCache(root).entry({ key: "k", build: maker.build })));
    const texts = await Promise.all(entries.map((entry) => readFile(join(entry.directory, "file"), "utf8")));
    expect(new Set(texts).size).toBe(1);
    expect(await readdir(root)).not.toContainEqual(expect.stringMatching(/^\.build-/));
  });

  test("that was changed is built anew, even when its size and modification time were kept", async () => {
    const entry = await openArtefactCache(root).entry({ key: "k", build: builder("one").build });
    const path = join(entry.directory, "file");
    await openArtefactCache(root).entry({ key: "k", build: builder("unused").build });
    await writeFile(path, "eno");
    await utimes(path, new Date(0), new Date(0));
    const second = builder("two");
    const again = await openArtefactCache(root).entry({ key: "k", build: second.build });
    expect(second.count()).toBe(1);
    expect(await readFile(join(again.directory, "file"), "utf8")).toBe("two");
  });

  test("to which a file was added is built anew", async () => {
    const entry = await openArtefactCache(root).entry({ key: "k", build: builder("one").build });
    await writeFile(join(entry.directory, "other"), "x");
    const second = builder("two");
    await openArtefactCache(root).entry({ key: "k", build: second.build });
    expect(second.count()).toBe(1);
  });

  test("whose building fails leaves nothing and is tried again", async () => {
    const cache = openArtefactCache(root);
    const fail = (): Promise<void> => Promise.reject(new Error("no disk"));
    await expect(cache.entry({ key: "k", build: fail })).rejects.toThrow("no disk");
    expect(await readdir(root)).toEqual([]);
    await cache.entry({ key: "k", build: builder("one").build });
  });

  test("that no run has used for a month goes when another is built", async () => {
    const old = await openArtefactCache(root).entry({ key: "old", build: builder("old").build });
    await openArtefactCache(root).entry({ key: "recent", build: builder("recent").build });
    const monthAgo = new Date(Date.now() - 30 * 86_400_000);
    await utimes(join(root, ".seal-old"), monthAgo, monthAgo);
    await utimes(old.directory, monthAgo, monthAgo);
    await openArtefactCache(root).entry({ key: "new", build: builder("new").build });
    expect((await readdir(root)).filter((name) => !name.startsWith(".")).sort()).toEqual(["new", "recent"]);
  });

  test("is found by the start of its name, newest first, and never when it is broken", async () => {
    const cache = openArtefactCache(root);
    await cache.entry({ key: "kernel-a", build: builder("a").build });
    await sleep(5);
    const newer = await cache.entry({ key: "kernel-b", build: builder("b").build });
    await cache.entry({ key: "root-c", build: builder("c").build });
    expect((await cache.find("kernel-")).map((entry) => entry.directory)).toEqual([join(root, "kernel-b"), join(root, "kernel-a")]);
    await writeFile(join(newer.directory, "file"), "x");
    expect((await cache.find("kernel-")).map((entry) => entry.directory)).toEqual([join(root, "kernel-a")]);
  });
});
