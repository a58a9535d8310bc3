import { Buffer, isUtf8 } from "node:buffer";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Outcome } from "../../src/domain/outcome.ts";
import type { Patch } from "../../src/domain/patch.ts";
import { showText } from "../../src/domain/paths/show.ts";
import { openPublishing, type Publishing } from "../support/forge/publication.ts";
import { anEdit, anyEdit, applyEdits, type Edit } from "../support/forge/random-edits.ts";
import { PROPERTY_TIMEOUT_MS, rounds } from "../support/fuzz.ts";

let world: Publishing;
beforeAll(async () => {
  world = await openPublishing({
    "a.txt": "a\n",
    "d/b.txt": "b\r\n",
    "d/e/c.bin": new Uint8Array([0, 1, 255]),
    "run.sh": { mode: "100755", content: "#!/bin/sh\n" },
    link: { mode: "120000", content: "a.txt" },
  });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

interface Left {
  readonly tree: string;
  readonly patch: Patch;
  /** What differs from the base, by git's word: the bytes of each path. */
  readonly paths: readonly Buffer[];
}

async function leave(edits: readonly Edit[]): Promise<Left> {
  const { bench } = world;
  bench.work.git(["reset", "--quiet", "--hard", bench.base]);
  bench.work.git(["clean", "--quiet", "-ffdx"]);
  applyEdits(bench.work.directory, edits);
  const entries = bench.work.entries(bench.base);
  return { tree: bench.work.tree(), patch: await bench.readPatch(entries), paths: entries.map(({ path }) => Buffer.from(path)) };
}

async function expectPublished(outcome: Outcome, tree: string): Promise<void> {
  const published = await world.forge.readCommit(outcome.publication?.headSha ?? "");
  expect(published).toMatchObject({ tree, parents: [world.bench.base] });
}

/** As findings name it. */
function spell(path: Buffer): string {
  if (isUtf8(path)) return showText(path.toString());
  const bytes = Array.from(path, (byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x5c ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`,
  );
  return `${bytes.join("")} (its name is not UTF-8)`;
}

describe("I12: random edits", { timeout: PROPERTY_TIMEOUT_MS }, () => {
  test("random edits are published as exactly the tree that the sandbox left, whatever the gate says of them", async () => {
    const edits = fc.array(anEdit, { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(edits, async (list) => {
        const { tree, patch } = await leave(list);
        expect(patch.unrepresentable).toEqual([]);
        if (patch.changes.length === 0) return;
        await expectPublished(await world.publish(patch, { task: world.task({}, await world.openIssue()) }), tree);
      }),
      { numRuns: rounds(12) },
    );
  });

  test("random edits, odd names among them, are published whole, or held with a finding that names the path", async () => {
    const seen = { publish: 0, draft: 0, hold: 0, empty: 0, bytes: 0 };
    const edits = fc.oneof(fc.array(anyEdit, { minLength: 1, maxLength: 3 }), fc.array(anyEdit, { minLength: 1, maxLength: 12 }));
    await fc.assert(
      fc.asyncProperty(edits, async (list) => {
        const { tree, patch, paths } = await leave(list);
        const verdict = await world.bench.judge(patch);
        const issue = await world.openIssue();
        const outcome = await world.publish(patch, { task: world.task({}, issue), verdict });
        const changed = paths.map(spell);
        const refused = verdict.findings.filter(({ severity }) => severity === "refuse").map(({ path }) => path);
        const odd = changed.filter((path) => path.endsWith("(its name is not UTF-8)"));
        seen[verdict.decision] += 1;
        seen.bytes += odd.length;
        expect(changed).toEqual(expect.arrayContaining(refused));
        expect(refused).toEqual(expect.arrayContaining(odd));
        if (verdict.decision === "hold") {
          expect(refused).not.toEqual([]);
          expect([outcome.word, await world.forge.readBranch(`airlock/issue-${issue}`)]).toEqual(["held", undefined]);
        } else if (verdict.decision === "empty") expect(outcome.word).toBe("no-changes");
        else await expectPublished(outcome, tree);
      }),
      { numRuns: rounds(32) },
    );
    expect(Math.min(seen.publish + seen.draft, seen.hold, seen.bytes), JSON.stringify(seen)).toBeGreaterThan(0);
  });
});
