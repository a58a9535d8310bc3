import { Buffer } from "node:buffer";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DemoEvent, makeEvent } from "../../demo/event.ts";
import { type DemoWorld, ROOT, runJob, startWorld } from "../../demo/job.ts";
import { parseOptions } from "../../demo/options.ts";
import { type Holdings, readHoldings } from "../../demo/show.ts";
import type { ActionResult } from "../support/runner/mini-runner.mjs";
import { plantSearch, searchFor } from "../support/sandbox/secret-search.ts";

type Json = Record<string, unknown>;

const VM_TIMEOUT_MS = 8 * 60_000;
const TURNS = (JSON.parse(readFileSync(join(ROOT, "demo", "turns.json"), "utf8")) as { turns: object[] }).turns;

const worlds: DemoWorld[] = [];
const results: ActionResult[] = [];

async function openWorld(turns: readonly object[] = TURNS): Promise<{ world: DemoWorld; event: DemoEvent }> {
  const world = await startWorld({ repo: undefined, turns });
  worlds.push(world);
  return { world, event: await makeEvent(parseOptions([]), world.standIn, join(ROOT, "demo")) };
}

async function job(options: Parameters<typeof runJob>[0]): Promise<ActionResult> {
  const result = await runJob(options);
  results.push(result);
  return result;
}

function readRunFile(result: ActionResult, name: string): string {
  return readFileSync(join(result.temp, "airlock", name), "utf8");
}

/** Command lines of running processes that speak of this job's folder. */
function processesOf(result: ActionResult): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      } catch {
        return "";
      }
    })
    .filter((line) => line.includes(result.temp));
}

function secretsOf({ standIn, model }: DemoWorld): readonly string[] {
  return [standIn.token, model?.key ?? ""];
}

function searchTurn(secrets: readonly string[]): object {
  const command = `${plantSearch()}\n${searchFor(secrets)
    .map((word) => `'${word}'`)
    .join(" ")} 2>&1`;
  return { text: "A look around.", tool: "Bash", input: { command, description: "Look around", timeout: 600_000 } };
}

/** What Claude Code's tools answered, by its own log. */
function toolResults(result: ActionResult): readonly string[] {
  type Line = { type?: string; message?: { content?: readonly { type: string; content?: unknown }[] } };
  const lines = readRunFile(result, "agent.log")
    .split("\n")
    .filter((line) => line.startsWith('{"type":"user"'))
    .map((line) => JSON.parse(line) as Line);
  return lines.flatMap(({ message }) => (message?.content ?? []).map(({ content }) => (typeof content === "string" ? content : "")));
}

/** A search that was made to its end, found what it had planted, and nothing else. */
function expectNothingFound(report: string): void {
  const lines = report.split("\n");
  expect(lines).toEqual(expect.arrayContaining(["control file", "control environ", "control mem", "search done"]));
  for (const place of ["/etc", "/home", "/lib", "/opt", "/run", "/tmp", "/usr", "/var", "/work"])
    expect(lines).toContain(`searched ${place}`);
  expect(report).toMatch(/^searched [1-9]\d* processes$/m);
  expect(report).not.toContain("FOUND");
}

afterAll(async () => {
  for (const result of results) result.dispose();
  for (const world of worlds) await world[Symbol.asyncDispose]();
});

describe("a labelled issue", () => {
  let world: DemoWorld;
  let event: DemoEvent;
  let first: ActionResult;
  let holdings: Holdings;

  beforeAll(async () => {
    const turns = [...TURNS];
    ({ world, event } = await openWorld(turns));
    turns.splice(1, 0, searchTurn(secretsOf(world)));
    first = await job({ world, event, inputs: { provider: "microvm" } });
    turns.splice(1, 1);
    holdings = await readHoldings(world.standIn, first);
  }, VM_TIMEOUT_MS);

  test("a labelled issue becomes a pull request whose tree is what the real Claude Code left", async () => {
    expect(first.outputs, first.stdout).toMatchObject({ outcome: "published", conclusion: "success", agent: "claude-code", turns: "5" });
    const pull = holdings.pullRequest as { head: { ref: string; sha: string }; base: { ref: string } };
    expect(pull.base.ref).toBe("main");
    expect(pull.head).toMatchObject({ ref: first.outputs["branch"], sha: first.outputs["head-sha"] });
    const commit = (await world.standIn.call("GET", `/repos/octo/demo/git/commits/${pull.head.sha}`)) as { tree: { sha: string } };
    expect(commit.tree.sha).toBe(first.outputs["tree-sha"]);
    const file = (await world.standIn.call("GET", `/repos/octo/demo/contents/src/convert.js?ref=${pull.head.ref}`)) as { content: string };
    expect(Buffer.from(file.content, "base64").toString()).toContain("/ 5 + 32;");
  });

  test("I3: a run has the boundary's proof in its record: every way out closed, the gateway reached", () => {
    const record = JSON.parse(readRunFile(first, "record.json")) as { boundary: { proved: boolean; attempts: Json[] } };
    expect(record.boundary.proved).toBe(true);
    const closed = record.boundary.attempts.filter((attempt) => attempt["result"] === "closed").map((attempt) => String(attempt["name"]));
    for (const way of ["tcp", "udp", "dns", "ipv6", "metadata", "denied-host"])
      expect(
        closed.some((name) => name.startsWith(way)),
        way,
      ).toBe(true);
    expect(record.boundary.attempts.find((attempt) => attempt["name"] === "gateway")).toMatchObject({ result: "open" });
  });

  test("a run names the host that was refused, and counts cost and tokens at the gateway", () => {
    expect(first.outputs).toMatchObject({ "denied-hosts": "collector.example", "input-tokens": "5000", "output-tokens": "250" });
    expect(Number(first.outputs["cost-usd"])).toBeGreaterThan(0);
    expect(first.summary).toContain("collector.example");
  });

  test("I2: gave the model the real key, and the agent a surrogate", () => {
    const shown = world.model?.requests.map((request) => String(request["auth"])) ?? [];
    expect(shown.length).toBeGreaterThanOrEqual(4);
    const everything = ["record.json", "agent.log", "transcript.jsonl", "egress.jsonl", "patch.diff"]
      .map((name) => readRunFile(first, name))
      .join("\n");
    expect(everything).not.toContain(world.model?.key);
    expect(everything).not.toContain(world.standIn.token);
  });

  test("I2: the agent, with its surrogate at hand, sees neither the token nor the key: in no file, environment or memory it can read", () => {
    const found = toolResults(first).find((text) => text.includes("control")) ?? "";
    expectNothingFound(found);
    expect(found).toMatch(/^searched memory of claude$/m);
  });

  test("a run has one comment on the issue that links the pull request", () => {
    expect(holdings.comments).toHaveLength(1);
    expect(String(holdings.comments[0]?.["body"])).toContain(`#${first.outputs["pull-request-number"]}`);
  });

  test("I17: a run that is run again gives the same branch and the same pull request", { timeout: VM_TIMEOUT_MS }, async () => {
    await world.standIn.call("POST", "/repos/octo/demo/issues/1/labels", { labels: ["airlock"] });
    const second = await job({ world, event, inputs: { provider: "microvm" }, runId: "2234567890" });
    expect(second.outputs, second.stdout).toMatchObject({ outcome: "updated", branch: first.outputs["branch"] });
    expect(second.outputs["pull-request-number"]).toBe(first.outputs["pull-request-number"]);
    const pulls = (await world.standIn.call("GET", "/repos/octo/demo/pulls?state=all")) as unknown[];
    expect(pulls).toHaveLength(1);
    expect((await readHoldings(world.standIn, second)).comments).toHaveLength(1);
  });
});

describe("an agent that changes nothing", () => {
  let result: ActionResult;
  let world: DemoWorld;

  beforeAll(async () => {
    const opened = await openWorld();
    world = opened.world;
    const inputs = { provider: "microvm", agent: "command", "agent-command": ["/bin/bash", "-c", "git status"].join("\n") };
    result = await job({ world, event: opened.event, inputs });
  }, VM_TIMEOUT_MS);

  test("an agent that changes nothing ends as no-changes: neutral, with a comment and without a pull request", async () => {
    expect(result.outputs, result.stdout).toMatchObject({ outcome: "no-changes", conclusion: "neutral", "pull-request-number": "" });
    const { comments, pullRequest } = await readHoldings(world.standIn, result);
    expect(pullRequest).toBeUndefined();
    expect(comments).toHaveLength(1);
    expect(String(comments[0]?.["body"])).toMatch(/left no change/);
  });
});

describe("a run that is cancelled while the agent works", () => {
  test("a cancelled run keeps the partial patch, leaves no sandbox, and says so on the issue", { timeout: VM_TIMEOUT_MS }, async () => {
    const { world, event } = await openWorld();
    const cancel = new AbortController();
    const command = ["/bin/bash", "-c", "echo partial > partial.txt; echo at-work; sleep 600"].join("\n");
    const onLine = (line: string): void => {
      if (line.includes("at-work")) cancel.abort();
    };
    const inputs = { provider: "microvm", agent: "command", "agent-command": command };
    const result = await job({ world, event, inputs, cancel: cancel.signal, onLine });
    expect(result.outputs, result.stdout).toMatchObject({ outcome: "cancelled", "pull-request-number": "" });
    expect(readRunFile(result, "patch.diff")).toContain("+partial");
    expect(processesOf(result)).toEqual([]);
    const { comments, pullRequest } = await readHoldings(world.standIn, result);
    expect(pullRequest).toBeUndefined();
    expect(String(comments[0]?.["body"]).toLowerCase()).toContain("cancelled");
  });
});

describe("a run whose main step is killed", () => {
  test("I7: a run whose main step is killed is cleaned up by the post step: no process left, the issue says so and is free again", {
    timeout: VM_TIMEOUT_MS,
  }, async () => {
    const { world, event } = await openWorld();
    const pids: number[] = [];
    const onLine = (line: string): void => {
      if (line === "::group::sandbox") process.kill(pids[0] ?? 0, "SIGKILL");
    };
    const result = await job({ world, event, inputs: { provider: "microvm" }, onStart: (pid) => void pids.push(pid), onLine });
    expect(result.signal).toBe("SIGKILL");
    expect(pids).toHaveLength(2);
    expect(processesOf(result)).toEqual([]);
    const { comments } = await readHoldings(world.standIn, result);
    expect(comments).toHaveLength(1);
    expect(String(comments[0]?.["body"])).toContain("killed");
    expect(String(comments[0]?.["body"])).not.toContain("airlock:lock");
    const issue = (await world.standIn.call("GET", "/repos/octo/demo/issues/1")) as { labels: { name: string }[] };
    expect(issue.labels.map((label) => label.name)).not.toContain("airlock:working");
  });
});
