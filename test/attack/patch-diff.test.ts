import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Patch } from "../../src/domain/patch.ts";
import { type Bench, openBench } from "../support/forge/bare-repository.ts";
import { entry } from "../support/forge/work-tree.ts";

const LIMITS = { maxFiles: 1000, maxBytes: 10 << 20 };
const ADD = (path: string, body = "+x\n"): string =>
  `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n${body}`;

describe("I12: a diff as text is read as git reads it, and only its tree is judged", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench({
      "ok.txt": "one\n",
      ".github/workflows/ci.yml": "on: push\n",
      "a/x": "ax\n",
      l: { mode: "120000", content: "/tmp" },
    });
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  const read = async (diff: string | Uint8Array): Promise<Patch> => {
    const file = join(bench.parent, "given.diff");
    writeFileSync(file, diff);
    return await bench.repository.readDiff(bench.base, file, LIMITS);
  };
  const paths = (patch: Patch): string[] => patch.changes.map(({ kind, path }) => `${kind} ${path}`);

  test("a written diff gives back the patch that it was made of", async () => {
    const patch = await bench.readPatch([
      entry("bin", "100755", Uint8Array.from([0, 255, 1])),
      entry("ok.txt", "100644", "two\n"),
      entry("new\nline", "100644", ""),
      entry("l", "000000"),
    ]);
    const file = join(bench.parent, "written.diff");
    await bench.repository.writeDiff(patch, file);
    expect(await bench.repository.readDiff(bench.base, file, LIMITS)).toEqual(patch);
  });

  test("an empty diff is an empty patch", async () => {
    expect(await read("")).toMatchObject({ changes: [] });
  });

  test("X4: directories of a diff may be named a and b", async () => {
    expect(paths(await read(ADD("a/new")))).toEqual(["added a/new"]);
    expect(paths(await read(ADD("b/a/b")))).toEqual(["added b/a/b"]);
  });

  const REFUSED: Readonly<Record<string, string>> = {
    "a path that leaves the tree": ADD("../x"),
    "a path below git's own directory": ADD(".git/hooks/pre-commit"),
    "an alias of git's own directory": ADD("GIT~1/config"),
    "an alias with an ignorable character": ADD(".g\u200cit/config"),
    "a write through a link": ADD("l/x"),
    "a file below a file": ADD("ok.txt/x"),
    "a file that is there already": ADD("a/x"),
    "a binary part that is cut off":
      "diff --git a/n b/n\nnew file mode 100644\nindex 0000000..1111111\nGIT binary patch\nliteral 100\nzcmZ",
    "a binary part that is cut off behind a good one": `${ADD("good")}diff --git a/n b/n\nnew file mode 100644\nindex 0000000..1111111\nGIT binary patch\nliteral 100\nzcmZ`,
    "a hunk that is cut off": "diff --git a/ok.txt b/ok.txt\n--- a/ok.txt\n+++ b/ok.txt\n@@ -1 +1,3 @@\n-one\n+two\n",
    "a hunk that does not fit": "diff --git a/ok.txt b/ok.txt\n--- a/ok.txt\n+++ b/ok.txt\n@@ -1 +1 @@\n-other\n+two\n",
    "text that is no diff": "hello\n",
  };

  for (const [what, diff] of Object.entries(REFUSED)) {
    test(`X4: a diff is refused with ${what}`, async () => {
      await expect(read(diff)).rejects.toMatchObject({ code: "harvest.unreadable" });
    });
  }

  test("X4: a diff is judged by what really changes, whatever the headers say", async () => {
    const disagreeing = await read("diff --git a/ok.txt b/ok.txt\n--- a/ok.txt\n+++ b/.github/workflows/ci.yml\n@@ -1 +1 @@\n-one\n+two\n");
    expect(paths(disagreeing)).toEqual(["modified .github/workflows/ci.yml", "deleted ok.txt"]);
    expect((await bench.judge(disagreeing)).decision).toBe("hold");
    const setuid = await read("diff --git a/n b/n\nnew file mode 104755\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+x\n");
    expect(setuid.changes).toMatchObject([{ after: { mode: "100755" } }]);
    const absolute = await read("--- /dev/null\n+++ b//etc/passwd\n@@ -0,0 +1 @@\n+x\n").catch(() => undefined);
    expect(absolute === undefined ? [] : paths(absolute)).not.toContain("added /etc/passwd");
    const renamed = await read(
      "diff --git a/ok.txt b/.github/workflows/evil.yml\nsimilarity index 100%\nrename from ok.txt\nrename to .github/workflows/evil.yml\n",
    );
    expect(paths(renamed)).toEqual(["added .github/workflows/evil.yml", "deleted ok.txt"]);
    expect((await bench.judge(renamed)).decision).toBe("hold");
    const twice = await read(`${ADD("n")}diff --git a/n b/.github/n\nsimilarity index 100%\nrename from n\nrename to .github/n\n`).catch(
      () => undefined,
    );
    if (twice !== undefined) expect((await bench.judge(twice)).decision).toBe("hold");
  });

  test("a diff over a limit names it", async () => {
    const many = Array.from({ length: 12 }, (_, index) => ADD(`n${index}`)).join("");
    const file = join(bench.parent, "many.diff");
    writeFileSync(file, many);
    await expect(bench.repository.readDiff(bench.base, file, { maxFiles: 10, maxBytes: 1 << 20 })).rejects.toMatchObject({
      code: "harvest.limit",
      message: expect.stringContaining("10"),
    });
    await expect(bench.repository.readDiff(bench.base, file, { maxFiles: 100, maxBytes: 100 })).rejects.toMatchObject({
      code: "harvest.limit",
    });
  });
});
