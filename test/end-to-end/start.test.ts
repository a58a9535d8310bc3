import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Github, startGithub } from "../support/forge/github.ts";
import { type ActionOptions, type ActionResult, runAction } from "../support/runner/mini-runner.mjs";

const DIST = join(import.meta.dirname, "../../dist");
const LOADED = join(import.meta.dirname, "../support/runner/loaded.mjs");
const done: ActionResult[] = [];
let github: Github;
let issue: Record<string, unknown> = {};

beforeAll(async () => {
  github = await startGithub({ contract: false });
  issue = await github.ask("POST", "/repos/octo/demo/issues", { title: "Broken", body: "It is." });
});

afterAll(() => github[Symbol.asyncDispose]());

afterEach(() => {
  for (const result of done.splice(0)) result.dispose();
});

/** A label set just now on an issue of the stand-in. */
function label(name: string): { readonly eventName: string; readonly event: unknown } {
  const changed = { ...issue, labels: [{ name }], updated_at: new Date().toISOString() };
  const repository = { full_name: "octo/demo", name: "demo", owner: { login: "octo" }, default_branch: "main", private: false };
  return { eventName: "issues", event: { action: "labeled", issue: changed, label: { name }, repository, sender: issue["user"] } };
}

/** Writes to anything but an issue. */
function writtenElsewhere(): readonly string[] {
  const writes = github.calls.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
  return writes.filter((write) => !/^[A-Z]+ \/repos\/octo\/demo\/issues\//.test(write));
}

async function start(inputs: Record<string, string>, options: Partial<ActionOptions> = {}): Promise<ActionResult> {
  github.calls.length = 0;
  const entry = join(DIST, "index.js");
  const result = await runAction({ entry, apiUrl: github.url, ...label("airlock"), ...options, inputs });
  done.push(result);
  return result;
}

const TOKEN = { "github-token": "ghs_test" };
const KEY = { "anthropic-api-key": "sk-test-000" };

describe("I20: A wrong input", () => {
  test.each([
    [{ agent: "copilot" }, "AL101", 'Input `agent` is "copilot"; set it to one of `claude-code`, `command`'],
    [{ provider: "vercel" }, "AL101", 'Input `provider` is "vercel"; set it to one of `auto`, `microvm`, `e2b`, `sprites`.'],
    [{ "timeout-minutes": "abc" }, "AL101", 'Input `timeout-minutes` is "abc"; set it to a whole number of minutes from 1 to 360.'],
    [{ "anthropic-base-url": "http://models.example" }, "AL101", "Input `anthropic-base-url` is"],
  ])("%o ends the run with one error before anything is started", async (inputs, id, message) => {
    const { code, outputs, commands, temp } = await start({ ...TOKEN, ...KEY, ...inputs });
    expect({ code, outcome: outputs.outcome, conclusion: outputs.conclusion }).toEqual({
      code: 1,
      outcome: "error",
      conclusion: "failure",
    });
    const errors = commands.filter(({ name }) => name === "error").map(({ value }) => value);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(id);
    expect(errors[0]).toContain(message);
    expect(writtenElsewhere()).toEqual([]);
    expect(readdirSync(join(temp, "airlock"))).not.toContain("egress.jsonl");
  });
});

describe("I20: A missing credential", () => {
  test("a missing credential is one error with the input's name, once the event was admitted, and nothing is started or published", async () => {
    await github.ask("POST", `/repos/octo/demo/issues/${issue["number"]}/labels`, { labels: ["airlock"] });
    const { code, outputs, commands } = await start({ "github-token": github.tokens.octo ?? "" });
    expect({ code, outcome: outputs.outcome }).toEqual({ code: 1, outcome: "error" });
    const errors = commands.filter(({ name }) => name === "error").map(({ value }) => value);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain("AL102");
    expect(errors[0]).toContain("Input `anthropic-api-key` is empty");
    expect(errors[0]).toContain("Set `anthropic-api-key` or `claude-code-oauth-token` from a repository secret.");
    expect(outputs["sandbox-id"]).toBe("");
    expect(writtenElsewhere()).toEqual([]);
  });

  test("a missing credential does not matter to an event that is not for Airlock", async () => {
    const { code, outputs } = await start(TOKEN, label("question"));
    expect({ code, outcome: outputs.outcome, conclusion: outputs.conclusion }).toEqual({
      code: 0,
      outcome: "skipped",
      conclusion: "neutral",
    });
  });
});

describe("An event that is not for Airlock", () => {
  test("an event that is not for Airlock is skipped without a call, and without reading any other part of the action than its entry", async () => {
    const folder = mkdtempSync(join(tmpdir(), "airlock-loaded-"));
    const log = join(folder, "loaded");
    const result = await start(
      { ...TOKEN, ...KEY, "e2b-api-key": "e2b-test" },
      { ...label("question"), nodeArgs: ["--import", LOADED], env: { LOADED_LOG: log } },
    );
    const loaded = readFileSync(log, "utf8")
      .trim()
      .split("\n")
      .map((url) => fileURLToPath(url));
    rmSync(folder, { recursive: true });
    expect(result.outputs.outcome).toBe("skipped");
    expect(github.calls).toEqual([]);
    expect(loaded.filter((file) => file.startsWith(DIST)).map((file) => basename(file))).toEqual(["index.js"]);
  });
});

describe("The bundle", () => {
  test("the bundle works from any folder and holds no path of the machine that built it", async () => {
    const root = join(import.meta.dirname, "../..");
    const files = readdirSync(DIST, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
    for (const file of files) expect(readFileSync(join(file.parentPath, file.name), "utf8")).not.toContain(`${root}/`);
    expect(files.map(({ name }) => name)).toContain("licenses.txt");
  });

  test("the bundle keeps providers out of its entry", () => {
    const entry = readFileSync(join(DIST, "index.js"), "utf8");
    for (const mark of ["node_modules/e2b/", "api.sprites.dev", "qemu-system"]) expect(entry).not.toContain(mark);
  });
});
