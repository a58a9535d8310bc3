import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DemoEvent, makeEvent } from "../../demo/event.ts";
import { type DemoWorld, ROOT, runJob, startWorld } from "../../demo/job.ts";
import { parseOptions } from "../../demo/options.ts";
import type { ActionResult } from "../support/mini-runner.mjs";

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

async function comments(): Promise<unknown[]> {
  return (await world.standIn.call("GET", "/repos/octo/demo/issues/1/comments")) as unknown[];
}

describe("a run that does not start", () => {
  it("I8: refuses a label set by someone without write access, neutrally and without a sandbox", async () => {
    const stranger = { login: "stranger", type: "User", id: 4242 };
    const result = await job({ ...labelled, payload: { ...labelled.payload, sender: stranger }, actor: "stranger" });
    expect(result.outputs).toMatchObject({ outcome: "refused", conclusion: "neutral", "sandbox-id": "" });
    expect(result.code).toBe(0);
    expect(result.outputs["summary"]).toContain("stranger");
    expect(world.model?.requests).toEqual([]);
  });

  it("skips an event that is not for Airlock without loading a provider, an agent or the forge's client", async () => {
    const loaded = join(world.folder, "loaded.txt");
    const hook = join(ROOT, "test", "support", "loaded-modules.mjs");
    const other = { ...labelled, payload: { ...labelled.payload, label: { name: "question" } } };
    const result = await job(other, {}, { NODE_OPTIONS: `--import=${hook}`, AIRLOCK_LOADED: loaded });
    expect(result.outputs).toMatchObject({ outcome: "skipped", conclusion: "neutral" });
    const files = readFileSync(loaded, "utf8").trim().split("\n");
    expect(files.some((file) => file.endsWith("/dist/index.js"))).toBe(true);
    const chunks = new Set(files.filter((file) => /\/dist\/\d+\.index\.js$/.test(file)));
    const heavy = [...chunks].filter((file) =>
      /openMicrovmProvider|openGithubForge|openClaudeCode/.test(readFileSync(new URL(file), "utf8")),
    );
    expect(heavy).toEqual([]);
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
