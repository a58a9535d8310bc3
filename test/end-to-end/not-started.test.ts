import { Buffer } from "node:buffer";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DemoEvent, makeEvent } from "../../demo/event.ts";
import { type DemoWorld, ROOT, runJob, startWorld } from "../../demo/job.ts";
import { parseOptions } from "../../demo/options.ts";
import { SAVED } from "../../src/domain/saved-state.ts";
import { type ActionResult, runAction } from "../support/runner/mini-runner.mjs";

const HOOK = join(ROOT, "test", "support", "runner", "step-traces.mjs");
const STRANGER = { login: "stranger", type: "User", id: 4242 };

let world: DemoWorld;
let labelled: DemoEvent;
const results: ActionResult[] = [];

beforeAll(async () => {
  world = await startWorld({ repo: undefined, turns: [{ text: "never asked" }] });
  labelled = await makeEvent(parseOptions([]), world.standIn, join(ROOT, "demo"));
});

afterAll(async () => {
  for (const result of results) result.dispose();
  await world[Symbol.asyncDispose]();
});

async function job(event: DemoEvent, inputs: Record<string, string> = {}, env: Record<string, string> = {}): Promise<ActionResult> {
  const result = await runJob({ world, event, inputs: { provider: "microvm", ...inputs }, env });
  results.push(result);
  return result;
}

/** A job, and what its steps loaded, started and connected to. */
async function traced(event: DemoEvent): Promise<{ readonly result: ActionResult; readonly traces: readonly string[] }> {
  const traces = join(world.folder, `traces-${results.length}`);
  const result = await job(event, {}, { NODE_OPTIONS: `--import=${HOOK}`, AIRLOCK_TRACES: traces });
  return { result, traces: readFileSync(traces, "utf8").trim().split("\n") };
}

const ISSUE = "/repos/octo/demo/issues/1";

async function comments(): Promise<readonly string[]> {
  const all = (await world.standIn.call("GET", `${ISSUE}/comments`)) as { body: string }[];
  return all.map(({ body }) => body);
}

async function labels(): Promise<readonly string[]> {
  const issue = (await world.standIn.call("GET", ISSUE)) as { labels: { name: string }[] };
  return issue.labels.map(({ name }) => name).toSorted();
}

/** One error on the run's page, and not a sandbox. Returns it. */
function expectOneError(result: ActionResult): string {
  expect(result.outputs, result.stdout).toMatchObject({ outcome: "error", conclusion: "failure", "sandbox-id": "" });
  expect(result.code).toBe(1);
  const errors = result.commands.filter((command) => command.name === "error").map(({ value }) => value);
  expect(errors).toHaveLength(1);
  expect(existsSync(join(result.temp, "airlock", "egress.jsonl"))).toBe(false);
  return errors[0] ?? "";
}

/** The issue says what the page says, and is free again. */
async function expectTold(result: ActionResult, told: readonly string[]): Promise<void> {
  const error = expectOneError(result);
  const [comment, ...others] = (await comments()).filter((body) => body.startsWith("<!-- airlock:tracking -->"));
  expect(others).toEqual([]);
  for (const words of told) {
    expect(error).toContain(words);
    expect(comment?.replaceAll("\\", "")).toContain(words);
  }
  expect(comment).toContain("What to do: ");
  expect(comment).toMatch(/\[run and record\]\(\S+\/actions\/runs\/1234567890/);
  expect(comment).not.toContain("airlock:lock");
  expect(await labels()).toEqual(["airlock:held"]);
}

const relabel = () => world.standIn.call("POST", `${ISSUE}/labels`, { labels: ["airlock"] });

describe("I20: a runner that cannot be used", () => {
  const other = () => ({ ...labelled, payload: { ...labelled.payload, label: { name: "question" } } });
  test.each([
    ["a work folder that cannot be made", { RUNNER_TEMP: "/dev/null/x" }, "/dev/null/x"],
    ["a state file on a full disk", { GITHUB_STATE: "/dev/full" }, "GITHUB_STATE"],
  ])("ends the run with one line and its outcome, for %s", async (_what, env: Record<string, string>, told) => {
    const options = { entry: join(ROOT, "dist", "index.js"), inputs: { "github-token": world.standIn.token }, apiUrl: world.apiUrl, env };
    const { name: eventName, payload } = other();
    const result = await runAction({ ...options, eventName, event: payload });
    results.push(result);
    expect(result.outputs).toMatchObject({ outcome: "error", conclusion: "failure" });
    expect(result.code).toBe(1);
    expect(result.stderr).toBe("");
    const errors = result.commands.filter(({ name }) => name === "error").map(({ value }) => value);
    expect(errors).toEqual([expect.stringMatching(/^AL702 error: .* Give the runner's disk room/)]);
    expect(errors[0]).toContain(told);
    const post = await runAction({ ...options, state: { [SAVED.step]: "started" } });
    results.push(post);
    expect([post.code, post.stderr]).toEqual([0, ""]);
  });
});

describe("a run that does not start", () => {
  test("I8: refuses a label set by someone without write access, neutrally and without a sandbox", async () => {
    const result = await job({ ...labelled, payload: { ...labelled.payload, sender: STRANGER }, actor: "stranger" });
    expect(result.outputs).toMatchObject({ outcome: "refused", conclusion: "neutral", "sandbox-id": "" });
    expect(result.code).toBe(0);
    expect(result.outputs["summary"]).toContain("stranger");
    expect(world.model?.requests).toEqual([]);
  });

  test("skips an event that is not for Airlock with what it has at hand: no chunk, no process, no connection", async () => {
    const other = { ...labelled, payload: { ...labelled.payload, label: { name: "question" } } };
    const skipped = await traced(other);
    expect(skipped.result.outputs).toMatchObject({ outcome: "skipped", conclusion: "neutral" });
    expect([...new Set(skipped.traces)]).toEqual([pathToFileURL(join(ROOT, "dist", "index.js")).href]);
    const refused = await traced({ ...labelled, payload: { ...labelled.payload, sender: STRANGER }, actor: "stranger" });
    expect(refused.traces).toContain("connection");
    expect(refused.traces.some((line) => /\/dist\/\d+\.index\.js$/.test(line))).toBe(true);
    const control = join(world.folder, "traces-control");
    const start = 'const { execFileSync, spawn } = require("node:child_process"); execFileSync("true"); spawn("false")';
    const startOne = ["--import", HOOK, "--eval", start];
    execFileSync(process.execPath, startOne, { env: { ...process.env, AIRLOCK_TRACES: control } });
    expect(readFileSync(control, "utf8")).toBe("process\nprocess\n");
  });

  test("skips an event that is not for Airlock even when no credential is given", async () => {
    const other = { ...labelled, payload: { ...labelled.payload, label: { name: "question" } } };
    const result = await job(other, { "anthropic-api-key": "" });
    expect(result.outputs["outcome"]).toBe("skipped");
  });

  test.each([
    [{ agent: "claude" }, "agent", "claude-code"],
    [{ "timeout-minutes": "abc" }, "timeout-minutes", "360"],
    [{ "anthropic-api-key": "" }, "anthropic-api-key", "claude-code-oauth-token"],
    [{ provider: "hyperv" }, "provider", "microvm"],
    [{ allow: "*" }, "allow", "Line 1"],
    [{ "on-protected": "maybe" }, "on-protected", "refuse"],
  ])(
    "I20: answers bad input %j with one error that names the input and what is legal, on the issue too",
    async (inputs: Record<string, string>, name, legal) => {
      await relabel();
      await expectTold(await job(labelled, inputs), [name, legal]);
    },
  );

  test.each([
    ["a file of settings that cannot be read", "broken.yml", "max-turn: 1\n", "airlock", "broken.yml:1"],
    ["a profile that is not there", "empty.yml", "profiles: {}\n", "airlock:docs", "profile `docs`"],
  ])("I20: answers %s with one error, on the issue too", async (_what, name, text, label, told) => {
    const content = Buffer.from(text).toString("base64");
    await world.standIn.call("PUT", `/repos/octo/demo/contents/.github/${name}`, { message: "Settings", content, branch: "main" });
    await world.standIn.call("POST", `${ISSUE}/labels`, { labels: [label] });
    const event = { ...labelled, payload: { ...labelled.payload, label: { name: label } } };
    await expectTold(await job(event, { config: `.github/${name}` }), [told]);
  });

  test("tells bad input to nobody where the event is not ours, or the inputs that decide about it are wrong", async () => {
    await relabel();
    const before = await comments();
    const other = { ...labelled, payload: { ...labelled.payload, label: { name: "question" } } };
    const strange = { ...labelled, payload: { ...labelled.payload, sender: STRANGER }, actor: "stranger" };
    for (const event of [other, strange]) expect(expectOneError(await job(event, { agent: "claude" }))).toContain("agent");
    for (const name of ["github-token", "trigger-label", "allowed-bots"]) {
      const result = await job(labelled, { [name]: name === "github-token" ? "a token" : "a\u0007\nb*" });
      expect(expectOneError(result)).toContain(name);
      expect(result.summary).toContain(name);
    }
    expect(await comments()).toEqual(before);
    expect(await labels()).toEqual(["airlock", "airlock:held"]);
  });
});
