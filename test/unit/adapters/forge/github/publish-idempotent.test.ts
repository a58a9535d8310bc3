import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Patch } from "../../../../../src/domain/patch.ts";
import type { FaultKind } from "../../../../support/forge/github-faults.ts";
import { openPublishing, PUBLICATION, type Publishing } from "../../../../support/forge/publication.ts";

let world: Publishing;
let patch: Patch;
beforeAll(async () => {
  world = await openPublishing({ "sum.js": "export const sum = (a, b) => a - b;\n", "data.bin": new Uint8Array([0, 1, 2, 255]) });
  patch = await world.bench.edit({ "sum.js": "export const sum = (a, b) => a + b;\n", "data.bin": new Uint8Array([0, 255, 254]) });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const CALLS = [
  { call: "base branch read", method: "GET", path: /\/git\/ref\/heads\/main$/ },
  { call: "own branch read", method: "GET", path: /\/git\/ref\/heads\/airlock/ },
  { call: "blob", method: "POST", path: /\/git\/blobs$/ },
  { call: "tree", method: "POST", path: /\/git\/trees$/ },
  { call: "commit", method: "POST", path: /\/git\/commits$/ },
  { call: "ref", method: "POST", path: /\/git\/refs$/ },
  { call: "pull request search", method: "GET", path: /\/pulls$/ },
  { call: "pull request", method: "POST", path: /\/pulls$/ },
  { call: "labels", method: "POST", path: /\/labels$/ },
  { call: "comment search", method: "GET", path: /\/comments$/ },
  { call: "comment", method: "POST", path: /\/comments$/ },
] as const;

/** Cured by the client itself: the run does not notice. The others may end the run, and the next one has to put it right. */
const CURED: readonly FaultKind[] = ["timeout", "secondary-limit", "server-error", "dropped-after-success"];
const KINDS: readonly FaultKind[] = [...CURED, "conflict", "unprocessable"];

async function runOnce(issue: number, patch: Patch): Promise<string> {
  try {
    const outcome = await world.publish(patch, { task: world.task({}, issue), settings: { ...PUBLICATION, labels: ["bot"] } });
    await world.forge.putComment(issue, "airlock:tracking", `ended: ${outcome.word}`);
    return outcome.word;
  } catch (error) {
    return `failed: ${(error as Error).message}`;
  }
}

describe("I17: one branch, one pull request, one comment", () => {
  const cases = CALLS.flatMap((call) => KINDS.map((kind) => ({ ...call, kind })));
  test.each(cases)(
    "one branch, one pull request and one comment are left although the $call call meets $kind",
    async ({ method, path, kind }) => {
      const issue = await world.openIssue();
      const own = `airlock/issue-${issue}`;
      const earlier = (await world.pulls()).length;
      world.github.inject({ method, path, kind });
      const first = await runOnce(issue, patch);
      if (CURED.includes(kind)) expect(first).toBe("published");
      expect(["published", "updated"]).toContain(await runOnce(issue, patch));
      const pulls = await world.pulls();
      expect(pulls.length - earlier).toBe(1);
      expect(pulls.filter(({ head }) => head.ref === own)).toHaveLength(1);
      expect((await world.branches()).filter((name) => name === own)).toHaveLength(1);
      expect(await world.comments(issue)).toHaveLength(1);
    },
  );

  test("publishing asks nothing that GitHub's own description of its API forbids", () => {
    expect(world.github.calls.flatMap(({ requestErrors }) => requestErrors)).toEqual([]);
  });
});
