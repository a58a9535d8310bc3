import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Patch, Verdict } from "../../../src/domain/patch.ts";
import type { FaultKind } from "../../support/forge/github-faults.ts";
import { openPublishing, PUBLICATION, type Publishing } from "../../support/forge/publication.ts";

const PACKAGE = { name: "demo", scripts: { test: "node --test" } };
const WATCHED = JSON.stringify({ ...PACKAGE, scripts: { ...PACKAGE.scripts, postinstall: "node setup.js" } });
const TOPIC = "topic";

let world: Publishing;
let patch: Patch;
let verdict: Verdict;
beforeEach(async () => {
  world = await openPublishing({ "a.txt": "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "package.json": JSON.stringify(PACKAGE) });
  await createBranch(TOPIC);
  patch = await world.bench.edit({ "package.json": WATCHED });
  verdict = await world.bench.judge(patch);
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

const refs = () => `/repos/${world.github.repository}/git/refs`;
const createBranch = (name: string) => world.github.ask("POST", refs(), { ref: `refs/heads/${name}`, sha: world.bench.base });
const head = (branch: string) => world.forge.readBranch(branch);
const own = () => `airlock/pull-${world.issue}`;

interface Asked {
  readonly headRef?: string;
  readonly fromFork?: boolean;
  readonly kind?: "push" | "pull-request";
  readonly verdict?: Verdict;
}

async function publish({ headRef = TOPIC, fromFork = false, kind = "push", verdict: given = verdict }: Asked = {}) {
  const target = { kind: "pull-request", number: world.issue } as const;
  const task = world.task({ target, baseRef: headRef });
  const trigger = { ...task.trigger, target, headRef, headSha: world.bench.base, fromFork };
  return await world.publish(patch, { task: { ...task, trigger }, settings: { ...PUBLICATION, kind }, verdict: given });
}

describe("I12: what a person has to look at first is never pushed to a pull request's own branch", () => {
  test("a push that has to be looked at becomes a draft onto that branch, from Airlock's own, with the findings on top", async () => {
    expect(verdict.decision).toBe("draft");
    const outcome = await publish();
    expect(outcome).toMatchObject({ word: "published", publication: { branch: own(), treeSha: patch.tree } });
    expect(outcome.reason).toContain("so nothing was pushed to topic. Opened draft pull request");
    expect(await head(TOPIC)).toBe(world.bench.base);
    expect((await world.forge.readCommit((await head(own())) ?? "")).tree).toBe(patch.tree);
    const [pull, ...others] = await world.pulls();
    expect(others).toEqual([]);
    expect(pull).toMatchObject({ draft: true, head: { ref: own() }, base: { ref: TOPIC } });
    expect(pull?.body).toMatch(/^> \[!CAUTION\]\n> This is a draft/);
    expect(pull?.body).toContain("`install-script`");
  });

  test("a push that has to be looked at is held as before when the gate refuses it", async () => {
    const outcome = await publish({ verdict: { ...verdict, decision: "hold" } });
    expect(outcome.word).toBe("held");
    expect(await world.pulls()).toEqual([]);
    expect(await head(own())).toBeUndefined();
    expect(await head(TOPIC)).toBe(world.bench.base);
  });

  test("a push that has to be looked at only after the branch moved on becomes a draft too, of the tree judged last", async () => {
    const moved = await world.moveBase({ "a.txt": "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n" });
    await world.github.ask("PATCH", `${refs()}/heads/${TOPIC}`, { sha: moved });
    const outcome = await publish({ verdict: { ...verdict, decision: "publish", findings: [] } });
    expect(outcome).toMatchObject({ word: "published", publication: { branch: own(), rebasedOnto: moved } });
    expect(outcome.publication?.treeSha).not.toBe(patch.tree);
    const commit = await world.forge.readCommit((await head(own())) ?? "");
    expect(commit).toMatchObject({ tree: outcome.publication?.treeSha, parents: [moved] });
    expect(await head(TOPIC)).toBe(moved);
    expect(await world.pulls()).toMatchObject([{ draft: true, base: { ref: TOPIC } }]);
  });

  test.each(["push", "pull-request"] as const)(
    "%s: a branch that has the name of Airlock's own is not pushed to by that name",
    async (kind) => {
      await createBranch(own());
      await expect(publish({ headRef: own(), kind })).rejects.toMatchObject({
        code: "publish.conflict",
        message: expect.stringContaining("own branch has the name") as string,
      });
      expect(await head(own())).toBe(world.bench.base);
      expect(await world.pulls()).toEqual([]);
    },
  );

  test("a push that has to be looked at has nothing to open when the branch has the same change by now", async () => {
    const moved = await world.moveBase({ "package.json": WATCHED });
    await world.github.ask("PATCH", `${refs()}/heads/${TOPIC}`, { sha: moved });
    expect((await publish()).word).toBe("no-changes");
    expect(await world.pulls()).toEqual([]);
  });

  test("a fork's branch gets neither", async () => {
    await expect(publish({ fromFork: true })).rejects.toMatchObject({ code: "input.unsupported" });
    expect(await world.pulls()).toEqual([]);
  });
});

describe("I17: a draft in place of a push is opened once", () => {
  const faults: readonly (readonly [FaultKind, RegExp])[] = [
    ["dropped-after-success", /\/git\/refs$/],
    ["dropped-after-success", /\/pulls$/],
    ["server-error", /\/pulls$/],
    ["unprocessable", /\/pulls$/],
  ];
  test.each(faults)("one draft is opened although GitHub answers with %s on %s", async (kind, path) => {
    world.github.inject({ method: "POST", path, kind });
    await publish().catch(() => undefined);
    const again = await publish();
    expect(["published", "updated"]).toContain(again.word);
    expect((await publish()).publication).toEqual(again.publication);
    expect(await world.pulls()).toHaveLength(1);
    expect((await world.branches()).toSorted()).toEqual([own(), "main", TOPIC]);
    expect(await head(TOPIC)).toBe(world.bench.base);
  });
});
