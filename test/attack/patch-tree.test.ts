import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findAirlockError } from "../../src/domain/errors.ts";
import { parseGitPath } from "../../src/domain/paths/git-path.ts";
import { showBytes } from "../../src/domain/paths/show.ts";
import { type Bench, openBench } from "../support/forge/bare-repository.ts";
import { anEdit, applyEdits } from "../support/forge/random-edits.ts";
import { entry } from "../support/forge/work-tree.ts";
import { PROPERTY_TIMEOUT_MS, rounds } from "../support/fuzz.ts";

const bareDirectory = (bench: Bench): string =>
  join(bench.parent, readdirSync(bench.parent).find((name) => name.startsWith("repository-")) ?? "");

function inBare(bench: Bench, args: readonly string[]): string {
  return execFileSync("git", ["--git-dir", bareDirectory(bench), ...args], {
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", GIT_CONFIG_GLOBAL: "/dev/null" },
    stdio: ["ignore", "pipe", "pipe"],
  }).toString();
}

describe("I12: the tree that is judged is the tree that the agent left", { timeout: PROPERTY_TIMEOUT_MS }, () => {
  test("the judged tree is the agent's for random trees and random edits, and the same each time it is read", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anEdit, { minLength: 1, maxLength: 12 }),
        fc.array(fc.array(anEdit, { minLength: 1, maxLength: 10 }), { minLength: 3, maxLength: 3 }),
        async (first, later) => {
          await using bench = await openBench({ "a/one.txt": "one\n", "a/two.txt": "two\n", "b.txt": "b\r\n" });
          applyEdits(bench.work.directory, first);
          const base = bench.work.commit("random base");
          await bench.repository.fetch({ url: bench.work.url, token: bench.noToken }, [base]);
          for (const edits of later) {
            applyEdits(bench.work.directory, edits);
            const entries = bench.work.entries(base);
            const patch = await bench.readPatch(entries, undefined, base);
            expect(patch.unrepresentable).toEqual([]);
            expect(patch.tree).toBe(bench.work.tree());
            expect(patch.changes.map(({ path }) => path).sort()).toEqual(entries.map(({ path }) => Buffer.from(path).toString()).sort());
            expect(await bench.repository.hashTree(patch.tree)).toBe(patch.tree);
            expect((await bench.readPatch(entries.toReversed(), undefined, base)).tree).toBe(patch.tree);
          }
        },
      ),
      { numRuns: rounds(12) },
    );
  });

  test("the judged tree is that of a written diff and git apply, for random edits", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anEdit, { minLength: 1, maxLength: 10 }), async (edits) => {
        await using bench = await openBench({ "a/one.txt": "one\n", "b.txt": "b\r\n" });
        applyEdits(bench.work.directory, edits);
        const patch = await bench.readPatch(bench.work.entries(bench.base));
        const file = join(bench.parent, "p.diff");
        if ((await bench.repository.writeDiff(patch, file)) === 0) return expect(patch.changes).toEqual([]);
        bench.work.git(["read-tree", bench.base]);
        bench.work.git(["apply", "--cached", "--whitespace=nowarn", file]);
        expect(bench.work.git(["write-tree"])).toBe(patch.tree);
      }),
      { numRuns: rounds(8) },
    );
  });

  test("the gate holds a tree with names that are not UTF-8, and names each of them", async () => {
    await using bench = await openBench({ "a.txt": "a\n" });
    const bytes = (...parts: (string | number)[]): Buffer =>
      Buffer.concat(parts.map((part) => (typeof part === "number" ? Buffer.from([part]) : Buffer.from(part))));
    mkdirSync(Buffer.concat([Buffer.from(`${bench.work.directory}/`), bytes("d", 0xe9)]));
    for (const name of [bytes("caf", 0xe9), bytes("d", 0xe9, "/x"), bytes(0xc0, 0xaf), bytes(0xed, 0xa0, 0x80)])
      writeFileSync(Buffer.concat([Buffer.from(`${bench.work.directory}/`), name]), "x");
    const patch = await bench.readPatch(bench.work.entries(bench.base));
    const verdict = await bench.judge(patch);
    expect(verdict.decision).toBe("hold");
    expect(verdict.findings.map(({ code, path }) => `${code} ${path}`).sort()).toEqual([
      "unrepresentable-path \\xc0\\xaf (its name is not UTF-8)",
      "unrepresentable-path \\xed\\xa0\\x80 (its name is not UTF-8)",
      "unrepresentable-path caf\\xe9 (its name is not UTF-8)",
      "unrepresentable-path d\\xe9/x (its name is not UTF-8)",
    ]);
  });

  test("what the base has under names that are not UTF-8 stays as long as nobody touches it", async () => {
    await using bench = await openBench({ "a.txt": "a\n" });
    writeFileSync(Buffer.concat([Buffer.from(`${bench.work.directory}/`), Buffer.from([0x66, 0xe9])]), "old");
    const base = bench.work.commit();
    await bench.repository.fetch({ url: bench.work.url, token: bench.noToken }, [base]);
    bench.work.write({ "a.txt": "b\n" });
    const patch = await bench.readPatch(bench.work.entries(base), undefined, base);
    expect(patch.tree).toBe(bench.work.tree());
    expect(await bench.judge(patch)).toMatchObject({ decision: "publish" });
  });

  test.each([".gitmodules", ".gitattributes"])(
    "the gate holds a directory, a link and a submodule named %s, at any depth",
    async (name) => {
      await using bench = await openBench({ "a.txt": "a\n" });
      for (const parent of ["", "d/"]) {
        const uses = [
          entry(`${parent}${name}/x`, "100644", "x"),
          entry(`${parent}${name}/\u200c`, "100644", "x"),
          entry(`${parent}${name}/\\`, "100755", "x"),
          entry(parent + name, "120000", "x"),
          entry(parent + name, "160000", "1".repeat(40)),
        ];
        for (const use of uses) {
          const patch = await bench.readPatch([use]);
          expect(patch.unrepresentable).toEqual([`${showBytes(Buffer.from(use.path))} (git reads ${name} only from a file)`]);
          expect((await bench.judge(patch)).decision).toBe("hold");
        }
        expect((await bench.readPatch([entry(parent + name, "100644", "x")])).unrepresentable).toEqual([]);
      }
      expect(inBare(bench, ["fsck", "--strict", "--no-dangling"])).toBe("");
    },
  );

  test("no tree is written that git's own checker refuses, whatever bytes come as names", async () => {
    await using bench = await openBench({ "a.txt": "a\n", "d/b": "b\n" });
    const part = fc.constantFrom(
      "a",
      "d",
      "b",
      ".",
      "..",
      "",
      "/",
      ".git",
      ".GIT",
      "git~1",
      ".git ",
      "\u200c",
      ".g\u200cit",
      "\\",
      ":",
      "x",
      "\0",
      "é",
      "\n",
      ".gitmodules",
      ".gitattributes",
      "GITMOD~1",
    );
    const path = fc.oneof(
      fc.array(part, { maxLength: 6 }).map((parts) => Buffer.from(parts.join(""))),
      fc.array(part, { maxLength: 4 }).map((parts) => Buffer.from(parts.join("/"))),
      fc.uint8Array({ maxLength: 8 }),
    );
    const mode = fc.constantFrom("100644", "100755", "120000", "160000", "000000");
    const entries = fc.array(fc.tuple(path, mode), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(entries, async (list) => {
        const made = list.map(([bytes, kind]) =>
          entry(bytes, kind, kind === "000000" ? undefined : kind === "160000" ? "1".repeat(40) : "content"),
        );
        const refused = list.filter(([bytes]) => parseGitPath(bytes).path === undefined);
        try {
          const patch = await bench.readPatch(made);
          expect(patch.unrepresentable.length).toBeGreaterThanOrEqual(refused.length);
          if (patch.unrepresentable.length > 0) expect((await bench.judge(patch)).decision).toBe("hold");
        } catch (error) {
          expect(findAirlockError(error)?.code).toBe("harvest.unreadable");
        }
      }),
      { numRuns: rounds(40) },
    );
    expect(inBare(bench, ["fsck", "--strict", "--no-dangling"])).toBe("");
  });
});
