import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { excludedFrom, TEST_KINDS } from "../../../tooling/test-kinds.ts";

const ROOT = join(import.meta.dirname, "../../..");
const find = (patterns: readonly string[]): readonly string[] => globSync([...patterns], { cwd: ROOT });
const QUICK = find(TEST_KINDS[0]?.include ?? []);

/** What starts a sandbox or a GitHub stand-in to publish to, needs `dist/`, or bundles the guest. */
const SLOW =
  /^test\/support\/(?:cloud\/(?!unsteady-link)|sandbox\/(?:namespace-provider|contained|guest-bundle|hold-sandbox)|runner\/run-job|forge\/(?:publish-bench|publication))/;

describe("The kinds of tests", () => {
  test.each(TEST_KINDS)("have files of their own: $name", (kind) => {
    const earlier = new Set(find(excludedFrom(kind)));
    expect(find(kind.include).filter((file) => !earlier.has(file)).length).toBeGreaterThan(3);
  });

  test("take every test file, the last one what the others leave", () => {
    expect(TEST_KINDS.at(-1)?.include).toEqual(["test/**/*.test.ts"]);
    expect(new Set(TEST_KINDS.map(({ name }) => name)).size).toBe(TEST_KINDS.length);
  });

  test.each(QUICK)("keep `quick` free of sandboxes and of dist/: %s", (file) => {
    expect([...reach(file)].filter((reached) => SLOW.test(reached))).toEqual([]);
  });

  test("would see a sandbox behind an import", () => {
    expect([...reach("test/unit/runs/contain.test.ts")].filter((reached) => SLOW.test(reached))).not.toEqual([]);
  });
});

/** The file and all it imports, of this repository's own. */
function reach(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file) || !existsSync(join(ROOT, file))) return seen;
  seen.add(file);
  for (const [, target = ""] of readFileSync(join(ROOT, file), "utf8").matchAll(/^(?:import|\} from).*?"(\.[^"]+)";$/gm)) {
    reach(join(dirname(file), target), seen);
  }
  return seen;
}
