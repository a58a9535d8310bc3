import { chmod, lstat, mkdir, mkdtemp, readFile, readlink, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NODE_TARGET, planClosure, stageClosure } from "../../../../../src/adapters/sandbox/microvm/closure.ts";

let folder: string;
let tree: string;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "airlock-closure-")));
  tree = join(folder, "tree");
  await mkdir(join(tree, "deep"), { recursive: true });
  await mkdir(join(tree, "__pycache__"));
  await writeFile(join(tree, "deep/file"), "content");
  await writeFile(join(tree, "__pycache__/x"), "compiled");
  await writeFile(join(tree, "private"), "secret");
  await chmod(join(tree, "private"), 0o600);
  await writeFile(join(folder, "outside"), "from outside");
  await symlink("deep/file", join(tree, "inside-link"));
  await symlink("../outside", join(tree, "outside-link"));
  await symlink("/etc/shadow", join(tree, "shadow-link"));
  await symlink("nowhere", join(tree, "dangling"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function plan(maxBytes?: number): ReturnType<typeof planClosure> {
  const groups = [
    { name: "tree", programs: ["cat", "no-such-program-here"], trees: [tree, join(folder, "no-such-tree")] },
    { name: "more", programs: ["grep"], trees: [] },
  ];
  return await planClosure({ ldd: "/usr/bin/ldd", nodeBinary: process.execPath, groups, ...(maxBytes === undefined ? {} : { maxBytes }) });
}

describe("what an image of the runner's programs holds", () => {
  test("is the named programs with their libraries and loader, and node", async () => {
    const targets = (await plan()).entries.map((entry) => entry.target);
    expect(targets).toContain("/usr/bin/cat");
    expect(targets).toContain(NODE_TARGET);
    expect(targets).toContainEqual(expect.stringMatching(/^\/usr\/lib.*\/libc\.so\.6$/));
    expect(targets).toContainEqual(expect.stringMatching(/ld-linux-x86-64\.so\.2$/));
    expect(targets).not.toContain("/usr/bin/no-such-program-here");
  });

  test("never is a file that not everybody on the runner may read, not even by a link", async () => {
    const { entries } = await plan();
    const names = entries.map((entry) => entry.target).filter((target) => target.startsWith(tree));
    expect(names.sort()).toEqual([join(tree, "deep/file"), join(tree, "inside-link"), join(tree, "outside-link")]);
  });

  test("keeps a link within its tree, and takes the file where a link leads out", async () => {
    const stage = join(folder, "stage");
    await mkdir(stage);
    await stageClosure(await plan(), stage);
    expect(await readlink(join(stage, tree, "inside-link"))).toBe("deep/file");
    expect((await lstat(join(stage, tree, "outside-link"))).isFile()).toBe(true);
    expect(await readFile(join(stage, tree, "outside-link"), "utf8")).toBe("from outside");
    expect(await readlink(join(stage, "bin"))).toBe("usr/bin");
    expect((await lstat(join(stage, "usr/bin/cat"))).mode & 0o7777).toBe(0o755);
  });

  test("leaves out the groups that would make it too large, and says which", async () => {
    const all = await plan();
    expect(all.leftOut).toEqual([]);
    const less = await plan(all.bytes - 1);
    expect(less.leftOut).toEqual(["more"]);
    expect(less.entries.map((entry) => entry.target)).not.toContain("/usr/bin/grep");
    expect((await plan(1)).leftOut).toEqual(["node", "tree", "more"]);
  });
});
