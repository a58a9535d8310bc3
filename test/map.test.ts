import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";

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
