import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { findTests } from "../tooling/generate/invariants.ts";

const ROOT = join(import.meta.dirname, "..");

/** Folders below `cwd` with a file of this pattern right in them; `.` is `cwd` itself. */
function foldersOf(cwd: string, pattern: string, counts: (text: string) => boolean = () => true): ReadonlySet<string> {
  const folder = join(ROOT, cwd);
  return new Set(
    globSync(pattern, { cwd: folder })
      .filter((file) => counts(readFileSync(join(folder, file), "utf8")))
      .map(dirname),
  );
}

const hasFunction = (text: string): boolean => /^(?:export )?(?:async )?function\b/m.test(text);

const source = foldersOf("src", "**/*.ts");
const code = foldersOf("src", "**/*.ts", hasFunction);
const tests = foldersOf("test/unit", "**/*.test.ts");

describe("test/unit mirrors the folders of src", () => {
  test.each([...code].sort())("src/%s has functions, and a unit test in the folder of the same name", (folder) => {
    expect([...tests]).toContain(folder);
  });

  test("every folder of test/unit is one of src, or `tooling`", () => {
    expect([...tests].filter((folder) => folder !== "tooling" && !source.has(folder))).toEqual([]);
  });
});

describe("test/attack/README.md", () => {
  const rows = new Set(
    [...readFileSync(join(ROOT, "test/attack/README.md"), "utf8").matchAll(/^\| ([A-Z]\d+) \|/gm)].map(([, name]) => name),
  );
  const named = [...findTests().keys()].filter((name) => !/^I\d/.test(name));

  test.each(named)("says what the case %s is, which a test's title names", (name) => {
    expect([...rows]).toContain(name);
  });

  test("lists no case that no test names", () => {
    expect([...rows].filter((name) => name === undefined || !named.includes(name))).toEqual([]);
  });
});
