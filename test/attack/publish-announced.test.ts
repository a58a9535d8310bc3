import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Patch } from "../../src/domain/patch.ts";
import { SAVED } from "../../src/domain/saved-state.ts";
import { openPublishing, PUBLICATION, type Publishing } from "../support/forge/publication.ts";
import { leave, openReviewBench, type ReviewBench } from "../support/forge/review-bench.ts";
import { openTarget } from "../support/forge/triggered.ts";

const TIMEOUT_MS = 120_000;
const TOPIC = "topic";

describe("I20: the post step is told of a publication before its first write", () => {
  let world: Publishing;
  let patch: Patch;
  beforeAll(async () => {
    world = await openPublishing({ "a.txt": "1\n" });
    const refs = `/repos/${world.github.repository}/git/refs`;
    await world.github.ask("POST", refs, { ref: `refs/heads/${TOPIC}`, sha: world.bench.base });
    patch = await world.bench.edit({ "a.txt": "2\n" });
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const writes = (): number => world.github.calls.filter(({ method }) => method !== "GET").length;

  test.each([
    ["pull-request", { kind: "pull-request", branch: "airlock/issue-" }],
    ["push", { kind: "push", branch: TOPIC }],
    ["comment", { kind: "comment" }],
    ["review", { kind: "review" }],
  ] as const)("%s", async (kind, told) => {
    const target = kind === "push" ? ({ kind: "pull-request", number: world.issue } as const) : world.task().target;
    const task = world.task({ target, baseRef: kind === "push" ? TOPIC : "main" });
    const trigger = { ...task.trigger, target, headRef: TOPIC, headSha: world.bench.base, fromFork: false };
    const before = writes();
    const announced: unknown[] = [];
    const announce = (publication: object) => void announced.push({ ...publication, writes: writes() - before });
    await world.publish(patch, { task: { ...task, trigger }, settings: { ...PUBLICATION, kind }, announce });
    const branch = kind === "pull-request" ? { branch: expect.stringContaining(told.branch) } : {};
    expect(announced).toEqual([{ ...told, ...branch, writes: 0 }]);
    expect(writes()).toBeGreaterThan(before);
  });

  test("is told of nothing where nothing is written", async () => {
    const announced: unknown[] = [];
    const announce = (publication: object) => void announced.push(publication);
    await world.publish(patch, { dryRun: true, announce });
    await world.publish(patch, { settings: { ...PUBLICATION, kind: "patch" }, announce });
    await world.publish(patch, { verdict: { decision: "hold", findings: [], tree: patch.tree }, announce });
    expect(announced).toEqual([]);
  });
});

describe("I20: what a run leaves for its post step", { timeout: TIMEOUT_MS }, () => {
  let bench: ReviewBench | undefined;
  afterEach(async () => {
    await bench?.[Symbol.asyncDispose]();
    bench = undefined;
  });

  test("is the target before its first write there, what it publishes before it writes that, and what came of it after", async () => {
    using target = openTarget();
    const { calls } = target.forge;
    await target.run({ onState: (name, value) => void calls.push(`${name} ${value}`) });
    const at = (start: string): number => calls.findIndex((call) => call.startsWith(start));
    expect(calls[at(SAVED.target)]).toBe(`${SAVED.target} {"kind":"issue","number":7}`);
    expect(at(SAVED.target)).toBeLessThan(at("putComment"));
    const [entered, done, ...others] = calls.filter((call) => call.startsWith(SAVED.publication));
    expect(others).toEqual([]);
    expect(entered).toContain('{"stage":"entered","kind":"pull-request","branch":"airlock/issue-7');
    expect(done).toContain('{"stage":"done","word":"published","number":100,"url":"https://github.example/');
    expect(at(SAVED.publication)).toBeLessThan(at("createCommit"));
    expect(calls.indexOf(done ?? "")).toBeGreaterThan(at("putPullRequest"));
  });

  test("is a review too", async () => {
    bench = await openReviewBench({ pull: { title: "A flag", description: "Why.", edits: { "flag.txt": "wrong\n" } } });
    const { github } = bench;
    const told: unknown[] = [];
    const onState = (name: string, value: string): void => {
      if (name === SAVED.publication) told.push([JSON.parse(value), github.reviews.length]);
    };
    await bench.run({ agent: leave({ summary: "Read.", findings: [] }), onState });
    expect(told).toEqual([
      [{ stage: "entered", kind: "review" }, 0],
      [{ stage: "done", word: "reviewed", number: expect.any(Number), url: expect.stringMatching(/^https?:/) }, 1],
    ]);
  });

  test.each([
    ["the target", SAVED.target, "kind", "published"],
    ["what came of it", SAVED.publication, "done", "published"],
    ["what it is about to publish", SAVED.publication, "entered", "error"],
  ])("costs no publication, unless before it, where it cannot be left: %s", async (_what, failing, part, word) => {
    using target = openTarget();
    const onState = (name: string, value: string): void => {
      if (name === failing && value.includes(part)) throw new Error("ENOSPC");
    };
    const result = await target.run({ onState });
    expect(result.outcome.word).toBe(word);
    expect(target.forge.state.pullRequests).toHaveLength(word === "published" ? 1 : 0);
    expect([...result.warnings, result.outcome.reason].join("\n")).toContain("ENOSPC");
  });
});
