import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DemoEvent, makeEvent } from "../../demo/event.ts";
import { type DemoWorld, ROOT, runJob, startWorld } from "../../demo/job.ts";
import { parseOptions } from "../../demo/options.ts";
import type { ActionResult } from "../support/mini-runner.mjs";

const HOOK = join(ROOT, "test", "support", "step-traces.mjs");
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

async function comments(): Promise<unknown[]> {
  return (await world.standIn.call("GET", "/repos/octo/demo/issues/1/comments")) as unknown[];
}

describe("a run that does not start", () => {
  it("I8: refuses a label set by someone without write access, neutrally and without a sandbox", async () => {
    const result = await job({ ...labelled, payload: { ...labelled.payload, sender: STRANGER }, actor: "stranger" });
    expect(result.outputs).toMatchObject({ outcome: "refused", conclusion: "neutral", "sandbox-id": "" });
    expect(result.code).toBe(0);
    expect(result.outputs["summary"]).toContain("stranger");
    expect(world.model?.requests).toEqual([]);
  });

  it("skips an event that is not for Airlock with what it has at hand: no chunk, no process, no connection", async () => {
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

  it("skips an event that is not for Airlock even when no credential is given", async () => {
    const other = { ...labelled, payload: { ...labelled.payload, label: { name: "question" } } };
    const result = await job(other, { "anthropic-api-key": "" });
    expect(result.outputs["outcome"]).toBe("skipped");
  });

  it.each([
    [{ agent: "claude" }, "agent", "claude-code"],
    [{ "timeout-minutes": "abc" }, "timeout-minutes", "360"],
    [{ "anthropic-api-key": "" }, "anthropic-api-key", "claude-code-oauth-token"],
    [{ provider: "hyperv" }, "provider", "microvm"],
    [{ allow: "*" }, "allow", "Line 1"],
    [{ "on-protected": "maybe" }, "on-protected", "refuse"],
  ])("answers bad input %j with one error that names the input and what is legal", async (inputs: Record<string, string>, name, legal) => {
    const before = (await comments()).length;
    const result = await job(labelled, inputs);
    expect(result.outputs).toMatchObject({ outcome: "error", conclusion: "failure", "sandbox-id": "" });
    const errors = result.commands.filter((command) => command.name === "error");
    expect(errors).toHaveLength(1);
    expect(errors[0]?.value).toContain(name);
    expect(errors[0]?.value).toContain(legal);
    expect(existsSync(join(result.temp, "airlock", "egress.jsonl"))).toBe(false);
    expect((await comments()).length - before).toBe(0);
  });
});
