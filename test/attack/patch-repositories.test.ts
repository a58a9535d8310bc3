import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bench, openBench } from "../support/forge/bare-repository.ts";
import { judgeFile } from "../support/forge/judge-file.ts";
import { entry } from "../support/forge/work-tree.ts";

let directory: string;
beforeAll(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "airlock-nested-")));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Whether the git of this machine takes a directory with this HEAD for a repository. */
function isRepository(head: string): boolean {
  const place = mkdtempSync(join(directory, "r-"));
  for (const name of ["objects", "refs"]) mkdirSync(join(place, name));
  writeFileSync(join(place, "HEAD"), head);
  try {
    const env = { PATH: process.env.PATH ?? "", GIT_CEILING_DIRECTORIES: directory, GIT_CONFIG_NOSYSTEM: "1", HOME: directory };
    return execFileSync("git", ["rev-parse", "--is-inside-git-dir"], { cwd: place, env, stdio: "pipe" }).toString().trim() === "true";
  } catch {
    return false;
  }
}

const HEADS = [
  "ref: refs/heads/main\n",
  "ref:refs/heads/main",
  "ref:\trefs/heads/main\n",
  "ref: \t\r\n refs/heads/main",
  `${"a".repeat(40)}\n`,
  `${"A".repeat(40)}\n`,
  `${"a".repeat(64)}\n`,
  `${"a".repeat(40)} and words\n`,
];
const NO_HEADS = ["", "hello\n", "ref: heads/main\n", `${"a".repeat(39)}\n`, " ref: refs/heads/main\n", "# HEAD\n"];

describe("X3: a repository inside the repository", () => {
  test.each(HEADS)("git takes a directory with the HEAD %j for a repository, and the gate refuses it", (head) => {
    expect(isRepository(head)).toBe(true);
    for (const path of ["sub/HEAD", "sub/head", "HEAD"]) expect(judgeFile(path, undefined, head)).toEqual(["refuse nested-repository"]);
  });

  test.each(NO_HEADS)("neither git nor the gate takes %j for one", (head) => {
    expect(isRepository(head)).toBe(false);
    expect(judgeFile("sub/HEAD", undefined, head)).toEqual([]);
  });

  test("the gate refuses a configuration for a repository that is there already", () => {
    expect(judgeFile("sub/config", "[core]\n\tbare = true\n", "[core]\n\tbare = true\n\tfsMonitor = id\n")).toEqual([
      "refuse nested-repository",
    ]);
    expect(judgeFile("sub/config", undefined, "[core]\n\ttimeout = 5\n")).toEqual([]);
  });
});

const BASE = {
  z: "z\n",
  secret: "s\n",
  "d/e/f": "f\n",
  "a/b/c/l": { mode: "120000", content: "../../../z" },
  "a/b/c/up": { mode: "120000", content: "../../.." },
  "a/b/c/round": { mode: "120000", content: "round" },
} as const;
/** Links by whether their end is inside the tree, as the operating system finds it. */
const LINKS: readonly (readonly [target: string, inside: boolean])[] = [
  ["a/b/c/up/d/e/f", true],
  ["a/b/c/l", true],
  ["d/e/../../z", true],
  ["a/b/c/up/../secret", false],
  ["a/b/c/up/a/b/c/up/../x", false],
];

describe("X2: links that lead through links", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench(BASE);
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  const codes = async (entries: Parameters<typeof entry>[]): Promise<readonly string[]> => {
    const patch = await bench.readPatch(entries.map((args) => entry(...args)));
    const verdict = await bench.judge(patch, { settings: { allowedPaths: patch.changes.map(({ path }) => path) } });
    return verdict.findings.filter(({ severity }) => severity === "refuse").map(({ code, path }) => `${code} ${path}`);
  };

  test.each(LINKS)("a link to %s is judged by where the operating system ends up", async (target, inside) => {
    const root = mkdtempSync(join(directory, "t-"));
    const tree = join(root, "tree");
    for (const [path, file] of Object.entries(BASE)) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      if (typeof file === "string") writeFileSync(join(tree, path), file);
      else symlinkSync(file.content, join(tree, path));
    }
    for (const name of ["secret", "x"]) writeFileSync(join(root, name), "outside\n");
    symlinkSync(target, join(tree, "x"));
    expect(!relative(tree, realpathSync.native(join(tree, "x"))).startsWith("..")).toBe(inside);
    expect(await codes([["x", "120000", target]])).toEqual(inside ? [] : ["link-escape x"]);
  });

  test("a link is refused that leads through another one of the patch, round in a circle, or to an absolute target", async () => {
    expect(
      await codes([
        ["x", "120000", "y/../../q"],
        ["y", "120000", "d/e"],
      ]),
    ).toEqual(["link-escape x"]);
    expect(await codes([["x", "120000", "a/b/c/round"]])).toEqual(["link-escape x"]);
    expect(
      await codes([
        ["x", "120000", "y"],
        ["y", "120000", "/etc"],
      ]),
    ).toEqual(["link-escape x", "link-escape y"]);
  });

  test("a link is refused that serves as the HEAD of a repository", async () => {
    expect(await codes([["sub/HEAD", "120000", "refs/heads/main"]])).toEqual(["link-escape sub/HEAD"]);
  });
});
