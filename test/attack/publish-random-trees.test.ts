import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROPERTY_TIMEOUT_MS, rounds } from "../support/fuzz.ts";
import { openPublishing, type Publishing } from "../support/publication.ts";
import { anEdit, applyEdits } from "../support/random-edits.ts";

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

describe("I12: random edits", () => {
  it(
    "are published as exactly the tree that the sandbox left, or held with the path",
    async () => {
      const { bench } = world;
      const edits = fc.array(anEdit, { minLength: 1, maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(edits, async (list) => {
          bench.work.git(["reset", "--quiet", "--hard", bench.base]);
          bench.work.git(["clean", "--quiet", "-ffdx"]);
          applyEdits(bench.work.directory, list);
          const tree = bench.work.tree();
          const patch = await bench.readPatch(bench.work.entries(bench.base));
          if (patch.unrepresentable.length > 0 || patch.changes.length === 0) return;
          const outcome = await world.publish(patch, { task: world.task({}, await world.openIssue()) });
          const published = await world.forge.readCommit(outcome.publication?.headSha ?? "");
          expect(published.tree).toBe(tree);
          expect(published.parents).toEqual([bench.base]);
        }),
        { numRuns: rounds(12) },
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});
