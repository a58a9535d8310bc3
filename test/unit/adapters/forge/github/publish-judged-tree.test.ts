import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PublishOptions } from "../../../../../src/stages/publish.ts";
import { openPublishing, PUBLICATION, type Publishing } from "../../../../support/forge/publication.ts";

let world: Publishing;
beforeEach(async () => {
  world = await openPublishing({
    "a.txt": "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
    "b/c.txt": "c\n",
    "run.sh": { mode: "100755", content: "#!/bin/sh\n" },
  });
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

const tree = async (branch: string) => (await world.forge.readCommit((await world.forge.readBranch(branch)) ?? "")).tree;
const published = async () => (await world.branches()).filter((name) => name.startsWith("airlock/"));

describe("I12: what is judged is what is published", () => {
  test("exactly the judged tree is published: modes, links, binary, CRLF, odd names, moved and removed files", async () => {
    const patch = await world.bench.edit({
      "b/c.txt": null,
      "d/c.txt": "c\n",
      "run.sh": { mode: "100644", content: "#!/bin/sh\n" },
      link: { mode: "120000", content: "a.txt" },
      "crlf \u00e9\"'.txt": "a\r\nb\r\n\ufeff",
      "bin.dat": new Uint8Array([0, 1, 255, 254, 10]),
      "big.txt": "x".repeat(400_000),
      empty: "",
    });
    const outcome = await world.publish(patch);
    expect(outcome.publication?.treeSha).toBe(patch.tree);
    expect(await tree(outcome.publication?.branch ?? "")).toBe(patch.tree);
  });

  test("publishing makes the same commit of the same patch: twice published is once", async () => {
    const patch = await world.bench.edit({ "a.txt": "changed\n" });
    const first = await world.publish(patch);
    const second = await world.publish(patch);
    expect([first.word, second.word]).toEqual(["published", "updated"]);
    expect(second.publication).toEqual(first.publication);
  });

  test("publishing refuses a verdict on another tree", async () => {
    const patch = await world.bench.edit({ "a.txt": "changed\n" });
    await expect(world.publish(patch, { verdict: { decision: "publish", findings: [], tree: patch.baseTree } })).rejects.toMatchObject({
      code: "gate.mismatch",
    });
  });

  test("publishing notices content that changed after it was judged, inline and as a blob", async () => {
    for (const content of ["changed\n", new Uint8Array([0, 200])]) {
      const patch = await world.bench.edit({ "a.txt": content });
      const repository: PublishOptions["repository"] = { ...world.bench.repository, readBlob: async () => Buffer.from("something else") };
      await expect(world.publish(patch, { repository })).rejects.toMatchObject({ code: "gate.mismatch" });
    }
    expect(await published()).toEqual([]);
  });

  test("publishing notices a file that was left out of the list of changes", async () => {
    const patch = await world.bench.edit({ "a.txt": "changed\n", "new.txt": "new\n" });
    const fewer = { ...patch, changes: patch.changes.slice(1) };
    await expect(world.publish(fewer)).rejects.toMatchObject({ code: "gate.mismatch" });
    expect(await published()).toEqual([]);
  });
});

describe("X10: the base branch moved on", () => {
  test("a patch whose base moved on is merged three-way when both sides fit, and the result is judged again", async () => {
    const patch = await world.bench.edit({ "a.txt": "1\n2\n3\n4\n5\n6\n7\n8\nnine\n" });
    const head = await world.moveBase({ "a.txt": "one\n2\n3\n4\n5\n6\n7\n8\n9\n", "b/c.txt": "c2\n" });
    const judged: string[] = [];
    const outcome = await world.publish(patch, {
      judge: async (again) => {
        judged.push(again.tree);
        return await world.bench.judge(again);
      },
    });
    const commit = await world.forge.readCommit(outcome.publication?.headSha ?? "");
    expect(commit.parents).toEqual([head]);
    expect(judged).toEqual([commit.tree]);
    expect(await world.forge.readFile(outcome.publication?.branch ?? "", "a.txt", 100)).toBe("one\n2\n3\n4\n5\n6\n7\n8\nnine\n");
  });

  test("a patch whose base moved on is held when the gate holds the merged one", async () => {
    const patch = await world.bench.edit({ "a.txt": "changed\n" });
    await world.moveBase({ "b/c.txt": "c2\n" });
    const outcome = await world.publish(patch, {
      judge: async (again) => ({
        decision: "hold",
        tree: again.tree,
        findings: [{ code: "protected-path", severity: "refuse", reason: "r", remedy: "r" }],
      }),
    });
    expect(outcome).toMatchObject({ word: "held" });
    expect(await published()).toEqual([]);
  });

  test("a patch whose base moved on is a conflict that names the file when the sides do not fit", async () => {
    const patch = await world.bench.edit({ "a.txt": "mine\n" });
    await world.moveBase({ "a.txt": "theirs\n" });
    await expect(world.publish(patch)).rejects.toMatchObject({
      code: "publish.conflict",
      message: expect.stringContaining("a.txt") as string,
    });
    expect(await published()).toEqual([]);
  });

  test("a patch whose base moved on has nothing to publish when the base has the same change by now", async () => {
    const patch = await world.bench.edit({ "a.txt": "same\n" });
    await world.moveBase({ "a.txt": "same\n" });
    expect((await world.publish(patch)).word).toBe("no-changes");
  });
});

describe("a person's work is not overwritten", () => {
  test("publishing stops at a commit on the branch that Airlock did not make", async () => {
    const patch = await world.bench.edit({ "a.txt": "changed\n" });
    const { publication } = await world.publish(patch);
    const mine = await world.github.plant({
      branch: publication?.branch ?? "",
      files: { "a.txt": "by hand\n" },
      message: "By hand",
      parents: [publication?.headSha ?? ""],
    });
    const next = await world.bench.edit({ "a.txt": "changed again\n" });
    await expect(world.publish(next)).rejects.toMatchObject({ code: "publish.conflict" });
    expect(await world.forge.readBranch(publication?.branch ?? "")).toBe(mine.sha);
  });

  test("a pull request's own branch is moved only forward", async () => {
    const patch = await world.bench.edit({ "a.txt": "changed\n" });
    await world.github.ask("POST", `/repos/${world.github.repository}/git/refs`, { ref: "refs/heads/topic", sha: world.bench.base });
    const target = { kind: "pull-request", number: world.issue } as const;
    const task = world.task({ target });
    const given = {
      task: { ...task, trigger: { ...task.trigger, target, headRef: "topic", headSha: world.bench.base, fromFork: false } },
      settings: { ...PUBLICATION, kind: "push" as const },
    };
    const first = await world.publish(patch, given);
    const second = await world.publish(patch, given);
    expect(second.publication?.headSha).toBe(first.publication?.headSha);
    expect(await tree("topic")).toBe(patch.tree);
    const fork = { ...given, task: { ...given.task, trigger: { ...given.task.trigger, fromFork: true } } };
    await expect(world.publish(patch, fork)).rejects.toMatchObject({ code: "input.unsupported" });
  });
});

describe("what GitHub refuses is explained", () => {
  test.each([
    { kind: "forbidden" as const, path: /\/pulls$/, told: /Allow GitHub Actions to create and approve pull requests/ },
    { kind: "forbidden" as const, path: /\/git\/trees$/, told: /contents: write/ },
    { kind: "not-found" as const, path: /\/git\/refs$/, told: /contents: write/ },
    { kind: "unauthorized" as const, path: /\/git\/trees$/, told: /github-token/ },
    { kind: "not-json" as const, path: /\/git\/trees$/, told: /GITHUB_API_URL/ },
  ])("$kind on $path", async ({ kind, path, told }) => {
    const patch = await world.bench.edit({ "a.txt": "changed\n" });
    world.github.inject({ method: "POST", path, kind, times: 9 });
    const error: unknown = await world.publish(patch).catch((thrown: unknown) => thrown);
    expect((error as { remedy: string }).remedy).toMatch(told);
  });
});
