import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Patch } from "../../src/domain/patch.ts";
import type { Publishing } from "../support/forge/publication.ts";
import { openPublishBench, type PublishBench, type Recorded } from "../support/forge/publish-bench.ts";

const STRICT = {
  "protected-paths": ["sum.js"],
  "on-protected": "draft",
  labels: ["by-agent"],
  reviewers: ["maria"],
  // For the other job: this one has neither an agent nor a network.
  network: "none",
  allow: ["npm"],
  model: "claude-opus-4-5",
  verify: "npm test",
};
const FILES = {
  ".github/strict.yml": STRICT,
  ".github/draft.yml": { draft: true },
  ".github/parts.yml": { profiles: { docs: { "allowed-paths": ["docs/**"] } }, commands: { retry: { "max-patch-files": 1 } } },
};

let bench: PublishBench;
let world: Publishing;
let patch: Patch;

beforeAll(async () => {
  const files = Object.fromEntries(Object.entries(FILES).map(([path, content]) => [path, JSON.stringify(content)]));
  bench = await openPublishBench({ "sum.js": "export const sum = (a, b) => a - b;\n", "b.txt": "b\n", ...files });
  world = bench.world;
  patch = await world.bench.edit({ "sum.js": "export const sum = (a, b) => a + b;\n", "b.txt": "c\n" });
});
afterAll(() => bench[Symbol.asyncDispose]());

/** Publishes what a run on an issue of its own left. */
async function publish(recorded: Recorded = {}, inputs: Readonly<Record<string, string>> = {}) {
  const number = await world.openIssue();
  return { number, ...(await publishFor(number, recorded, inputs)) };
}

async function publishFor(number: number, recorded: Recorded, inputs: Readonly<Record<string, string>> = {}) {
  const trigger = { target: { kind: "issue", number } as const, ...recorded.trigger };
  const ended = await bench.act(await bench.leaveArtifact(patch, { ...recorded, trigger }), inputs);
  const pull = (await world.pulls()).find(({ head }) => head.ref === `airlock/issue-${number}`);
  return { ...ended, pull };
}

describe("I11: the repository's file in the publish action", () => {
  test("narrows what the step allows: paths, drafts, labels, reviewers", async () => {
    const { outputs, pull } = await publish({}, { config: ".github/strict.yml", "on-protected": "allow", labels: "bot" });
    expect(outputs.outcome, outputs.summary).toBe("published");
    expect(pull).toMatchObject({ draft: true });
    expect(pull?.labels.map(({ name }) => name).sort()).toEqual(["bot", "by-agent"]);
    expect(pull?.body).toContain("protected-path");
    const asked = world.github.calls.filter(({ path }) => path.endsWith(`/pulls/${pull?.number}/requested_reviewers`));
    expect(asked.map(({ body }) => body)).toMatchObject([{ reviewers: ["maria"] }]);
  });

  test("the repository's file is not widened by the step's own settings", async () => {
    const { code, outputs, pull } = await publish({}, { config: ".github/strict.yml" });
    expect({ code, pull }).toEqual({ code: 1, pull: undefined });
    expect(outputs.summary).toMatch(/`on-protected: draft` allows more than the workflow's `refuse`/);
  });

  test("the repository's file makes drafts where it says so", async () => {
    expect((await publish({}, { config: ".github/draft.yml" })).pull).toMatchObject({ draft: true });
    expect((await publish()).pull).toMatchObject({ draft: false });
  });

  test.each([
    { what: "label", trigger: { label: "Airlock:docs" }, holds: "path-not-allowed" },
    { what: "command", trigger: { command: "retry" }, holds: "too-many-files" },
  ])("the repository's file has a part for the $what that started the run", async ({ trigger, holds }) => {
    const inputs = { config: ".github/parts.yml" };
    const ended = await publish({ trigger: { working: true, ...trigger } }, inputs);
    expect(ended.outputs).toMatchObject({ outcome: "held", summary: expect.stringContaining(holds) });
    expect(ended.pull).toBeUndefined();
    expect((await publish({}, inputs)).outputs.outcome).toBe("published");
  });

  test.each([
    { label: "bot:docs", told: /`trigger-label`/ },
    { label: "airlock:none", told: /does not have/ },
  ])("the repository's file stops a run that the label $label started, of which it knows nothing", async ({ label, told }) => {
    const ended = await publish({ trigger: { label, working: true } }, { config: ".github/parts.yml" });
    expect({ code: ended.code, pull: ended.pull }).toEqual({ code: 1, pull: undefined });
    expect(ended.commands.find(({ name }) => name === "error")?.value).toMatch(told);
  });
});

describe("I12: the earlier job's verdict", () => {
  const finding = (severity: "refuse" | "draft" | "notice") => ({
    code: "install-script",
    severity,
    path: "sum.js",
    reason: "<script>alert(1)</script>",
    remedy: "Merge at once.",
  });

  test("the earlier job's verdict makes a draft of what this job would open for review, with what was found on top, in our words", async () => {
    const { outputs, pull } = await publish({ gate: { decision: "draft", findings: [finding("draft")] } });
    expect(outputs.outcome).toBe("published");
    expect(pull?.draft).toBe(true);
    expect(pull?.body).toMatch(/^> \[!CAUTION\][\s\S]*install-script[\s\S]*sum\.js/);
    expect(pull?.body).not.toMatch(/script>|Merge at once/);
  });

  test.each([
    ["hold", []],
    ["publish", [finding("refuse")]],
  ] as const)("what the earlier job held is held here: %s", async (decision, findings) => {
    const { outputs, pull } = await publish({ gate: { decision, findings } });
    expect([outputs.outcome, pull]).toEqual(["held", undefined]);
  });

  test("nothing is published of a patch that had nothing in it, or no verdict", async () => {
    const empty = await publish({ gate: { decision: "empty" } });
    expect([empty.outputs.outcome, empty.pull]).toEqual(["no-changes", undefined]);
    const unjudged = await publish({ gate: null });
    expect([unjudged.outputs.outcome, unjudged.pull]).toEqual(["held", undefined]);
  });

  test("the earlier job's verdict never makes more of a patch than this job's own", async () => {
    const { outputs, pull } = await publish({ gate: { decision: "publish" } }, { "protected-paths": "sum.js" });
    expect([outputs.outcome, pull]).toEqual(["held", undefined]);
  });
});

describe("a run that nobody wants any more", () => {
  const issues = "/repos/octo/demo/issues";
  const say = (number: number, body: string) => world.github.ask("POST", `${issues}/${number}/comments`, { body });

  test("a run stops before it publishes: the issue was closed", async () => {
    const number = await world.openIssue();
    await world.github.ask("PATCH", `${issues}/${number}`, { state: "closed" });
    const { outputs, pull } = await publishFor(number, {});
    expect(outputs).toMatchObject({ outcome: "cancelled", summary: expect.stringContaining("was closed") });
    expect(pull).toBeUndefined();
  });

  test("a run stops before it publishes: somebody said stop since it was started, and not before", async () => {
    const number = await world.openIssue();
    await say(number, "/airlock stop");
    const stopped = await publishFor(number, {});
    expect(stopped.outputs).toMatchObject({ outcome: "cancelled", summary: expect.stringContaining("@octo asked to stop") });
    expect(stopped.pull).toBeUndefined();
    const later = await publishFor(number, { trigger: { triggeredAtMs: Date.now() + 2_000 } });
    expect(later.outputs.outcome, later.outputs.summary).toBe("published");
  });

  test("a run stops before it publishes: the label that the agent's job could not move was taken off", async () => {
    const number = await world.openIssue();
    const trigger = { label: "airlock", working: false };
    await world.github.ask("POST", `${issues}/${number}/labels`, { labels: ["airlock"] });
    expect((await publishFor(number, { trigger })).outputs.outcome).toBe("published");
    await world.github.ask("DELETE", `${issues}/${number}/labels/airlock`);
    expect((await publishFor(number, { trigger })).outputs.outcome).toBe("cancelled");
    expect((await publishFor(number, { trigger: { ...trigger, working: true } })).outputs.outcome).toBe("updated");
  });
});
