import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Verdict } from "../../src/domain/patch.ts";
import { type Bench, openBench } from "../support/forge/bare-repository.ts";
import { entry } from "../support/forge/work-tree.ts";

describe("I13: links, submodules, kinds and modes", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench({
      "a.txt": "a\n",
      "d/b.txt": "b\n",
      "run.sh": { mode: "100755", content: "#!/bin/sh\n" },
      l: { mode: "120000", content: "a.txt" },
    });
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  const codes = (verdict: Verdict): string[] => verdict.findings.map(({ code, path }) => `${code} ${path ?? ""}`);
  const judge = async (entries: Parameters<typeof entry>[], allowedPaths: string[] = []): Promise<Verdict> =>
    bench.judge(await bench.readPatch(entries.map((args) => entry(...args))), { settings: { allowedPaths } });

  test("X2: the gate holds links, also harmless ones, unless their exact path is allowed", async () => {
    expect(await judge([["n", "120000", "a.txt"]])).toMatchObject({ decision: "hold" });
    expect(await judge([["n", "120000", "a.txt"]], ["**"])).toMatchObject({ decision: "hold" });
    expect(await judge([["n", "120000", "a.txt"]], ["n"])).toMatchObject({ decision: "publish" });
  });

  test("X2: the gate holds links out of the tree and into git's directory even when their path is allowed", async () => {
    for (const target of [
      "/etc/passwd",
      "../..",
      "../x",
      "d/../../x",
      ".git/config",
      "d/../.git/config",
      ".GIT/hooks",
      "C:\\x",
      "\\\\host\\share",
      "..\\..\\x",
      "",
    ]) {
      const verdict = await judge([["n", "120000", target]], ["n"]);
      expect(verdict.decision, target).toBe("hold");
    }
  });

  test("X2: the gate holds a file that becomes a link, and counts it as what it is", async () => {
    const verdict = await judge([["a.txt", "120000", "/etc/passwd"]]);
    expect(verdict.decision).toBe("hold");
    expect(codes(verdict)).toEqual(expect.arrayContaining(["type-change a.txt", "link-escape a.txt"]));
  });

  test("X2: a write through a link is refused: a path is a link or a directory, never both", async () => {
    await expect(bench.readPatch([entry("out", "120000", "/tmp"), entry("out/x", "100644", "x")])).rejects.toMatchObject({
      code: "harvest.unreadable",
    });
    await expect(bench.readPatch([entry("out/x", "100644", "x"), entry("out", "120000", "/tmp")])).rejects.toMatchObject({
      code: "harvest.unreadable",
    });
    await expect(bench.readPatch([entry("l/x", "100644", "x")])).rejects.toMatchObject({ code: "harvest.unreadable" });
  });

  test("X3: the gate holds submodules that are added, moved, or take a file's place", async () => {
    const commit = "1".repeat(40);
    expect(await judge([["sub", "160000", commit]])).toMatchObject({ decision: "hold" });
    expect(codes(await judge([["a.txt", "160000", commit]]))).toEqual(expect.arrayContaining(["submodule a.txt", "type-change a.txt"]));
    expect(await judge([["sub", "160000", commit]], ["sub"])).toMatchObject({ decision: "publish" });
    expect(await judge([[".gitmodules", "100644", '[submodule "x"]\n\turl = ext::sh -c id\n\tpath = x\n']])).toMatchObject({
      decision: "hold",
    });
  });

  test("X3: the gate holds a bare repository inside the tree", async () => {
    const verdict = await judge([
      ["fixtures/r/HEAD", "100644", "ref: refs/heads/main\n"],
      ["fixtures/r/config", "100644", "[core]\n\tfsmonitor = id\n"],
      ["fixtures/r/objects/x", "100644", ""],
      ["fixtures/r/refs/x", "100644", ""],
    ]);
    expect(verdict.decision).toBe("hold");
    expect(codes(verdict)).toContain("nested-repository fixtures/r/HEAD");
  });

  test("X6: the gate lists executable bits that come and go, also without any other change", async () => {
    const verdict = await judge([
      ["a.txt", "100755", "a\n"],
      ["run.sh", "100644", "#!/bin/sh\n"],
      ["new.sh", "100755", "x\n"],
    ]);
    expect(verdict.decision).toBe("publish");
    expect(codes(verdict)).toEqual(["mode a.txt", "mode new.sh", "mode run.sh"]);
  });

  test("X6: a mode that git does not have, such as setuid, is refused", async () => {
    for (const mode of ["104755", "100777", "040000", "100600", "0", "", "100644\n"]) {
      await expect(bench.readPatch([entry("x", mode, "x")]), mode).rejects.toMatchObject({ code: "harvest.unreadable" });
    }
  });

  test("X4: a list of changes that contradicts itself is refused", async () => {
    const lists: Parameters<typeof entry>[][] = [
      [
        ["x", "100644", "1"],
        ["x", "100644", "2"],
      ],
      [
        ["x", "100644", "1"],
        ["x", "000000"],
      ],
      [["x", "000000", "content"]],
      [["x", "100644"]],
      [["x", "160000", "not a commit"]],
      [["x", "160000", "0".repeat(40)]],
      [["x", "120000", "a".repeat(5000)]],
      [["a.txt/x", "100644", "1"]],
      [["d", "100644", "1"]],
    ];
    for (const list of lists)
      await expect(bench.readPatch(list.map((args) => entry(...args))), JSON.stringify(list)).rejects.toMatchObject({
        code: "harvest.unreadable",
      });
  });

  test("a file that becomes a directory, and the other way round, is read when every path is named", async () => {
    const patch = await bench.readPatch([
      entry("a.txt/x", "100644", "1"),
      entry("a.txt", "000000"),
      entry("d", "100644", "1"),
      entry("d/b.txt", "000000"),
    ]);
    expect(patch.changes.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      "deleted a.txt",
      "added a.txt/x",
      "added d",
      "deleted d/b.txt",
    ]);
  });
});
