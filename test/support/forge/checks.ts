import { afterAll, beforeAll } from "vitest";
import type { Verdict } from "../../../src/domain/patch.ts";
import { type Bench, openBench } from "./bare-repository.ts";
import { entry, type TreeSpec } from "./work-tree.ts";

/** Files with their whole new content; `null` deletes. */
export type Edits = Readonly<Record<string, string | Uint8Array | null>>;

/** Judges edits of one base, which is made before the tests of a file and removed after them. */
export function useChecks(base: TreeSpec): (edits: Edits) => Promise<Verdict> {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench(base);
  });
  afterAll(() => bench[Symbol.asyncDispose]());
  return async (edits) => {
    const entries = Object.entries(edits).map(([path, content]) =>
      content === null ? entry(path, "000000") : entry(path, "100644", content),
    );
    return await bench.judge(await bench.readPatch(entries));
  };
}

/** Severity and code of each kind of finding, once. */
export function codesOf(verdict: Verdict): readonly string[] {
  return [...new Set(verdict.findings.map(({ code, severity }) => `${severity} ${code}`))];
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
