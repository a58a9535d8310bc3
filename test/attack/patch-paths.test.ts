import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Finding, Verdict } from "../../src/domain/patch.ts";
import { type Bench, openBench } from "../support/forge/bare-repository.ts";
import { entry } from "../support/forge/work-tree.ts";

describe("I13: the gate on a real repository", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench({
      ".github/workflows/ci.yml": "on: push\n",
      "src/a.ts": "export {};\n",
      "Docs/Guide.md": "x\n",
      "café.txt": "1\n",
    });
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  const of = (verdict: Verdict, code: string): readonly Finding[] => verdict.findings.filter((finding) => finding.code === code);
  const judge = async (...entries: Parameters<typeof entry>[]): Promise<Verdict> =>
    bench.judge(await bench.readPatch(entries.map((args) => entry(...args))));

  test("X1: the gate holds a change, an addition and a deletion below .github, and both ends of a rename", async () => {
    const verdict = await judge(
      [".github/workflows/ci.yml", "000000"],
      ["ci.yml", "100644", "on: push\n"],
      ["src/a.ts", "000000"],
      [".github/a.ts", "100644", "export {};\n"],
    );
    expect(verdict.decision).toBe("hold");
    expect(of(verdict, "protected-path").map(({ path }) => path)).toEqual([".github/a.ts", ".github/workflows/ci.yml"]);
  });

  test("X1: a protected path is published as a draft, or with a notice, where the workflow says so", async () => {
    const patch = await bench.readPatch([entry(".github/workflows/ci.yml", "100644", "on: pull_request\n")]);
    const decisions = await Promise.all(
      (["refuse", "draft", "allow"] as const).map((onProtected) => bench.judge(patch, { settings: { onProtected } })),
    );
    expect(decisions.map(({ decision }) => decision)).toEqual(["hold", "draft", "publish"]);
    expect(decisions.map(({ findings }) => findings[0]?.severity)).toEqual(["refuse", "draft", "notice"]);
  });

  test("the gate holds paths outside the allowed ones, compared byte by byte", async () => {
    const patch = await bench.readPatch([
      entry("src/b.ts", "100644", ""),
      entry("SRC/c.ts", "100644", ""),
      entry("docs.md", "100644", "x"),
    ]);
    const verdict = await bench.judge(patch, { settings: { allowedPaths: ["src/**", "docs.md"] } });
    expect(of(verdict, "path-not-allowed").map(({ path }) => path)).toEqual(["SRC/c.ts"]);
  });

  const GIT_NAMES = [
    ".git/hooks/pre-commit",
    ".git",
    ".Git/config",
    "a/.GIT/config",
    ".git::$INDEX_ALLOCATION/config",
    ".git:x",
    "GIT~1/config",
    "git~2",
    ".g\u200cit/config",
    ".g\u200dit",
    "\ufeff.git/x",
    ".git /config",
    ".git./config",
    ".git...",
    "a\\.git\\config",
    "sub/.git\\config",
    "\uff0egit/config",
  ];

  test("X3: the gate holds every name that some file system takes for .git, and names it", async () => {
    for (const path of GIT_NAMES) {
      const patch = await bench.readPatch([entry(path, "100644", "#!/bin/sh\n"), entry("ok.txt", "100644", "ok")]);
      expect(
        patch.changes.map((change) => change.path),
        path,
      ).toEqual(["ok.txt"]);
      const verdict = await bench.judge(patch);
      expect(verdict.decision, path).toBe("hold");
      expect(of(verdict, "unrepresentable-path"), path).toHaveLength(1);
    }
  });

  test("X3: git itself agrees with each of its own names", () => {
    const own = [".git/x", ".Git/x", "git~1", ".git::$INDEX_ALLOCATION/x", ".g\u200cit/x", ".git ./x"];
    for (const path of own) {
      const config = ["-c", "core.protectNTFS=true", "-c", "core.protectHFS=true"];
      const oid = bench.work.git(["hash-object", "-w", "--stdin"], "x");
      expect(() => bench.work.git([...config, "update-index", "--add", "--cacheinfo", `100644,${oid},${path}`]), path).toThrow();
    }
  });

  test("X4: the gate holds paths that leave the tree or are no path, each by its name", async () => {
    const hostile: [string | Uint8Array, string][] = [
      ["../x", "../x"],
      ["a/../../x", "a/../../x"],
      ["/etc/passwd", "/etc/passwd"],
      ["a//b", "a//b"],
      ["a/./b", "a/./b"],
      ["a/", "a/"],
      ["", ""],
      ["nul\0byte", "nul\\u{0}byte"],
      [Uint8Array.from([0x61, 0xff, 0xfe]), "a\\xff\\xfe"],
      ["x/".repeat(3000), "x/x/"],
      ["y".repeat(300), "yyyy"],
    ];
    for (const [path, shown] of hostile) {
      const patch = await bench.readPatch([entry(path, "100644", "x")]);
      expect(patch.changes).toEqual([]);
      const verdict = await bench.judge(patch);
      expect(verdict.decision, shown).toBe("hold");
      expect(verdict.findings[0]?.path?.startsWith(shown), `${shown} is in ${verdict.findings[0]?.path}`).toBe(true);
    }
  });

  test("X4: odd but legal names are read exactly, as the real git does", async () => {
    const odd = [
      "new\nline",
      'quo"te',
      "tab\there",
      "back\\slash",
      "-rf",
      "--upload-pack=x",
      "a/b/x",
      "b/a",
      ":(top)x",
      ":x",
      " lead",
      "trail ",
      "*",
      "[x]",
      "é",
      "\u{1f600}",
      "diff --git a/ok b/ok",
      "$(id)",
      "`id`",
      "'",
    ];
    const patch = await bench.readPatch(odd.map((path) => entry(path, "100644", path)));
    expect(patch.changes.map(({ path }) => path).sort()).toEqual([...odd].sort());
    bench.work.git(["read-tree", bench.base]);
    for (const path of odd) {
      const oid = bench.work.git(["hash-object", "-w", "--stdin"], path);
      bench.work.git(["update-index", "-z", "--index-info"], `100644 ${oid}\t${path}\0`);
    }
    expect(patch.tree).toBe(bench.work.git(["write-tree"]));
    const verdict = await bench.judge(patch);
    expect(verdict.decision).toBe("draft");
    expect(of(verdict, "odd-path").map(({ path }) => path)).toEqual(["new\\u{a}line", "tab\\u{9}here"]);
  });

  test("the gate holds names that lead out of the tree on Windows", async () => {
    const verdict = await judge(["a\\..\\..\\b", "100644", "x"]);
    expect(verdict.decision).toBe("hold");
    expect(of(verdict, "path-traversal")).toHaveLength(1);
  });

  test("the gate holds names that collide by case or normal form, with a file of the base or among themselves", async () => {
    for (const paths of [
      ["SRC/A.ts"],
      ["docs/guide.md"],
      ["cafe\u0301.txt"],
      ["x/ß", "x/ss"],
      ["k", "\u212a"],
      ["n", "n."],
      ["z/\u200dq", "z/q"],
      ["Src"],
    ]) {
      const verdict = await judge(...paths.map((path): Parameters<typeof entry> => [path, "100644", "x"]));
      expect(verdict.decision, paths.join(" ")).toBe("hold");
      expect(of(verdict, "path-collision").length, paths.join(" ")).toBeGreaterThan(0);
    }
  });

  test("a collision that the base has already is left alone", async () => {
    await using old = await openBench({ "Docs/a.md": "1\n", "docs/b.md": "2\n" });
    const patch = await old.readPatch([entry("docs/c.md", "100644", "x")]);
    expect(await old.judge(patch)).toMatchObject({ decision: "publish", findings: [] });
    expect((await old.judge(await old.readPatch([entry("DOCS/c.md", "100644", "x")]))).decision).toBe("hold");
  });

  test("a rename by case is no collision", async () => {
    const verdict = await judge(["Docs/Guide.md", "000000"], ["docs/guide.md", "100644", "x\n"]);
    expect(verdict.decision).toBe("publish");
  });
});
