import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Patch, Verdict } from "../../../../../src/domain/patch.ts";
import type { FaultKind } from "../../../../support/forge/github-faults.ts";
import { openPublishing, PUBLICATION, type Publishing } from "../../../../support/forge/publication.ts";

const PACKAGE = { name: "demo", scripts: { test: "node --test" } };
/** Cured by the client itself: the run does not notice. The others may end the run, and the next one has to put it right. */
const CURED: readonly FaultKind[] = ["timeout", "secondary-limit", "server-error", "dropped-after-success"];
const KINDS: readonly FaultKind[] = [...CURED, "conflict", "unprocessable"];

let world: Publishing;
let first: Patch;
let second: Patch;
let verdict: Verdict;
beforeAll(async () => {
  world = await openPublishing({ "sum.js": "export const sum = (a, b) => a - b;\n", "package.json": JSON.stringify(PACKAGE) });
  first = await world.bench.edit({ "sum.js": "export const sum = (a, b) => a + b;\n" });
  second = await world.bench.edit({ "package.json": JSON.stringify({ ...PACKAGE, scripts: { postinstall: "node setup.js" } }) });
  verdict = await world.bench.judge(second);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const settings = { ...PUBLICATION, reviewers: ["bot"], assignees: ["octo"] };

async function attempt(body: () => Promise<{ readonly word: string }>): Promise<string> {
  try {
    return (await body()).word;
  } catch (error) {
    return `failed: ${(error as Error).message}`;
  }
}

/** One run on an issue, and the end of its tracking comment. */
async function run(issue: number, patch: Patch, given: { readonly verdict?: Verdict } = {}): Promise<string> {
  const word = await attempt(() => world.publish(patch, { task: world.task({}, issue), settings, ...given }));
  const told = await attempt(async () => {
    await world.forge.putComment(issue, "airlock:tracking", `ended: ${word} with ${patch.tree}`);
    return { word: "told" };
  });
  return told === "told" ? word : told;
}

const CALLS = [
  { call: "own commit read", method: "GET", path: /\/git\/commits\/[0-9a-f]{40}$/ },
  { call: "ref", method: "PATCH", path: /\/git\/refs\/heads\/airlock/ },
  { call: "pull request", method: "PATCH", path: /\/pulls\/\d+$/ },
  { call: "conversion to a draft", method: "POST", path: /\/graphql$/ },
  { call: "reviewers", method: "POST", path: /\/requested_reviewers$/ },
  { call: "assignees", method: "POST", path: /\/assignees$/ },
  { call: "comment", method: "PATCH", path: /\/issues\/comments\/\d+$/ },
] as const;

describe("I17: a second run with another patch keeps one branch, one pull request, one comment", () => {
  const cases = CALLS.flatMap((call) => KINDS.map((kind) => ({ ...call, kind })));
  test.each(cases)("although the $call call meets $kind", async ({ method, path, kind }) => {
    const issue = await world.openIssue();
    const own = `airlock/issue-${issue}`;
    expect(await run(issue, first)).toBe("published");
    world.github.inject({ method, path, kind });
    const met = await run(issue, second, { verdict });
    expect(world.github.pending()).toBe(0);
    if (CURED.includes(kind)) expect(met).toBe("updated");
    else expect(await run(issue, second, { verdict })).toBe("updated");
    const pulls = (await world.pulls()).filter(({ head }) => head.ref === own);
    expect(pulls).toMatchObject([{ draft: true, state: "open", requested_reviewers: [{ login: "bot" }] }]);
    // The stand-in knows no assignees of pull requests: what it was asked last, after the fault, has to do.
    const assigned = world.github.calls.filter(({ path: asked }) => asked.endsWith(`/issues/${pulls[0]?.number}/assignees`));
    expect(assigned.at(-1)).toMatchObject({ body: { assignees: ["octo"] }, requestErrors: [], status: 404 });
    expect(pulls[0]?.body).toContain("install-script");
    const head = (await world.forge.readBranch(own)) ?? "";
    expect(await world.forge.readCommit(head)).toMatchObject({ tree: second.tree, parents: [world.bench.base] });
    expect(await world.comments(issue)).toMatchObject([{ body: expect.stringContaining(second.tree) }]);
  });
});

describe("I17: of two comments of runs that began at one time, one stays", () => {
  test.each(KINDS)("one of two comments stays although the call that deletes the other meets %s", async (kind) => {
    const issue = await world.openIssue();
    const put = (text: string) => attempt(async () => ({ word: (await world.forge.putComment(issue, "airlock:tracking", text)).url }));
    const oldest = await put("at work");
    world.github.inject({ method: "GET", path: /\/comments$/, kind: "stale-list" });
    world.github.inject({ method: "DELETE", path: /\/issues\/comments\/\d+$/, kind });
    const met = await put("ended");
    expect(world.github.pending()).toBe(0);
    if (CURED.includes(kind)) expect(met).toBe(oldest);
    else expect(await put("ended")).toBe(oldest);
    expect(await world.comments(issue)).toMatchObject([{ body: expect.stringMatching(/ended$/) }]);
  });
});

describe("I17: a push to the pull request's own branch is one commit", () => {
  const calls = [
    { call: "head read", method: "GET", path: /\/git\/ref\/heads\/topic/ },
    { call: "commit", method: "POST", path: /\/git\/commits$/ },
    { call: "ref", method: "PATCH", path: /\/git\/refs\/heads\/topic/ },
  ] as const;
  const cases = calls.flatMap((call) => KINDS.map((kind) => ({ ...call, kind })));
  test.each(cases)("although the $call call meets $kind", async ({ method, path, kind }) => {
    const number = await world.openIssue();
    const { bench, github } = world;
    const topic = `topic-${number}`;
    await github.ask("POST", `/repos/${github.repository}/git/refs`, { ref: `refs/heads/${topic}`, sha: bench.base });
    const target = { kind: "pull-request", number } as const;
    const task = world.task({ target, baseRef: topic });
    const trigger = { ...task.trigger, target, headRef: topic, headSha: bench.base, fromFork: false };
    const push = () => attempt(() => world.publish(first, { task: { ...task, trigger }, settings: { ...PUBLICATION, kind: "push" } }));
    const earlier = (await world.branches()).length;
    github.inject({ method, path, kind });
    const met = await push();
    expect(github.pending()).toBe(0);
    if (CURED.includes(kind)) expect(met).toBe("updated");
    expect(await push()).toBe("updated");
    const head = (await world.forge.readBranch(topic)) ?? "";
    expect(await world.forge.readCommit(head)).toMatchObject({ tree: first.tree, parents: [bench.base] });
    expect((await world.branches()).length).toBe(earlier);
  });
});
