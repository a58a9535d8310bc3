import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeEvent } from "../../demo/event.ts";
import { cacheFolder, type DemoWorld, ROOT, runJob, startWorld } from "../../demo/job.ts";
import { parseOptions } from "../../demo/options.ts";
import { type Holdings, readHoldings } from "../../demo/show.ts";
import { type E2bServer, startE2b } from "../support/e2b-server.ts";
import type { ActionResult } from "../support/mini-runner.mjs";

type Json = Record<string, unknown>;

const JOB_TIMEOUT_MS = 5 * 60_000;
const TURNS = (JSON.parse(readFileSync(join(ROOT, "demo", "turns.json"), "utf8")) as { turns: object[] }).turns;

const opened = new AsyncDisposableStack();
let server: E2bServer;

beforeAll(async () => {
  server = opened.use(await startE2b());
});

afterAll(() => opened.disposeAsync());

interface OnE2b {
  readonly world: DemoWorld;
  readonly result: ActionResult;
}

async function runOnE2b(inputs: Readonly<Record<string, string>>, options: Partial<Parameters<typeof runJob>[0]> = {}): Promise<OnE2b> {
  const world = opened.use(await startWorld({ repo: undefined, turns: TURNS }));
  const event = await makeEvent(parseOptions([]), world.standIn, join(ROOT, "demo"));
  const result = await runJob({ world, event, env: server.env, ...options, inputs: { "e2b-api-key": server.apiKey, ...inputs } });
  opened.defer(() => result.dispose());
  return { world, result };
}

function readRunFile(result: ActionResult, name: string): string {
  return readFileSync(join(result.temp, "airlock", name), "utf8");
}

describe("a labelled issue, with a key for E2B and no provider named", () => {
  let world: DemoWorld;
  let result: ActionResult;
  let holdings: Holdings;

  beforeAll(async () => {
    ({ world, result } = await runOnE2b({}));
    holdings = await readHoldings(world.standIn, result);
  }, JOB_TIMEOUT_MS);

  it("becomes a pull request, written by the real Claude Code in a sandbox of E2B", async () => {
    expect(result.outputs, result.stdout).toMatchObject({ outcome: "published", provider: "e2b", conclusion: "success" });
    expect(server.state.created).toContain(result.outputs["sandbox-id"]);
    const pull = holdings.pullRequest as { head: { ref: string } };
    const file = (await world.standIn.call("GET", `/repos/octo/demo/contents/src/convert.js?ref=${pull.head.ref}`)) as { content: string };
    expect(Buffer.from(file.content, "base64").toString()).toContain("/ 5 + 32;");
  });

  it("I3: has the boundary's proof in its record: every way out closed, the gateway reached", () => {
    const record = JSON.parse(readRunFile(result, "record.json")) as { boundary: { proved: boolean; attempts: Json[] }; sandbox: Json };
    expect(record.boundary.proved).toBe(true);
    const closed = record.boundary.attempts.filter((attempt) => attempt["result"] === "closed").map((attempt) => String(attempt["name"]));
    for (const way of ["tcp", "udp", "dns", "ipv6", "metadata", "denied-host"])
      expect(
        closed.some((name) => name.startsWith(way)),
        way,
      ).toBe(true);
    expect(record.sandbox).toMatchObject({ provider: "e2b", isolation: "firecracker", versions: { template: "claude" } });
  });

  it("I7: leaves no sandbox, and asked for each one without network, without a public port and with an end of its own", () => {
    expect([...server.state.boxes.keys()]).toEqual([]);
    expect(server.complaints).toEqual([]);
    expect(server.asked.length).toBeGreaterThanOrEqual(1);
    for (const asked of server.asked) {
      expect(asked).toMatchObject({ allow_internet_access: false, network: { allowPublicTraffic: false }, autoPause: false });
      expect(asked.timeout).toBeGreaterThan(30 * 60);
      expect(asked.metadata).toMatchObject({ airlock: "1", repository: "octo/demo", attempt: "1" });
      expect(asked).not.toHaveProperty("envVars");
    }
  });

  it("I2: shows the keys of E2B, GitHub and the model neither to the sandbox nor in what the run leaves", () => {
    const given = JSON.stringify([server.asked, server.commands]);
    const left = ["record.json", "agent.log", "transcript.jsonl", "egress.jsonl", "patch.diff"]
      .map((name) => readRunFile(result, name))
      .join("\n");
    for (const secret of [server.apiKey, world.standIn.token, world.model?.key ?? "none"]) {
      expect(given).not.toContain(secret);
      expect(left).not.toContain(secret);
    }
  });
});

describe("an agent program that the template has already", () => {
  it("is not sent, and runs", { timeout: JOB_TIMEOUT_MS }, async () => {
    const claude = join(cacheFolder(), "airlock/agents/_anthropic-ai_claude-code-linux-x64@2.1.330/content/claude");
    await using prepared = await startE2b({ templates: { claude: { node: "current", image: { "/usr/local/bin/claude": claude } } } });
    const { result } = await runOnE2b({ "e2b-api-key": prepared.apiKey }, { env: prepared.env });
    expect(result.outputs, result.stdout).toMatchObject({ outcome: "published", provider: "e2b" });
    const record = JSON.parse(readRunFile(result, "record.json")) as { sandbox: { versions: Json } };
    expect(record.sandbox.versions).toMatchObject({ "layer claude-code": "image in part" });
  });
});

describe("a key that E2B does not know", () => {
  it("ends the run with one error that names the input, and nothing is left", { timeout: JOB_TIMEOUT_MS }, async () => {
    const { result, world } = await runOnE2b({ "e2b-api-key": "e2b_wrong" });
    expect(result.outputs, result.stdout).toMatchObject({ outcome: "provider-failed", "pull-request-number": "" });
    const errors = result.commands.filter(({ name }) => name === "error").map(({ value }) => value);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain("AL303");
    expect(errors[0]).toContain("`e2b-api-key`");
    expect((await readHoldings(world.standIn, result)).pullRequest).toBeUndefined();
  });
});

/** An agent that says when it is at work and then does `rest`. */
function commandAgent(rest: string): Readonly<Record<string, string>> {
  return { agent: "command", "agent-command": ["/bin/bash", "-c", `echo partial > partial.txt; echo at-work; ${rest}`].join("\n") };
}

/** Acts once, when the agent says that it is at work. */
function atWork(act: () => void): { readonly onLine: (line: string) => void } {
  let done = false;
  return {
    onLine(line) {
      if (done || !line.includes("at-work")) return;
      done = true;
      act();
    },
  };
}

describe("a fault while the agent works", () => {
  it("I7: a sandbox that E2B ends early: one named outcome, no pull request, and what was heard is kept", {
    timeout: JOB_TIMEOUT_MS,
  }, async () => {
    const end = atWork(() => void Promise.all([...server.state.boxes.keys()].map((id) => server.state.kill(id))));
    const { world, result } = await runOnE2b(commandAgent("sleep 600"), end);
    expect(result.outputs, result.stdout).toMatchObject({ outcome: "provider-failed", conclusion: "failure", "pull-request-number": "" });
    expect(readRunFile(result, "agent.log")).toContain("at-work");
    const { pullRequest, comments } = await readHoldings(world.standIn, result);
    expect(pullRequest).toBeUndefined();
    expect(comments).toHaveLength(1);
    expect([...server.state.boxes.keys()]).toEqual([]);
  });

  it("cut connections: the run goes on and publishes once", { timeout: JOB_TIMEOUT_MS }, async () => {
    const cut = atWork(() => {
      for (const afterMs of [0, 300, 600, 900]) setTimeout(() => server.cutTunnels(), afterMs);
    });
    const { world, result } = await runOnE2b(commandAgent("for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.3; done"), cut);
    expect(result.outputs, result.stdout).toMatchObject({ outcome: "published" });
    expect(readRunFile(result, "agent.log").match(/^[1-8]$/gm)).toEqual(["1", "2", "3", "4", "5", "6", "7", "8"]);
    expect((await world.standIn.call("GET", "/repos/octo/demo/pulls?state=all")) as unknown[]).toHaveLength(1);
    expect([...server.state.boxes.keys()]).toEqual([]);
  });

  it("I7: a cancelled job: the partial patch is kept and no sandbox is left", { timeout: JOB_TIMEOUT_MS }, async () => {
    const cancel = new AbortController();
    const { world, result } = await runOnE2b(commandAgent("sleep 600"), { cancel: cancel.signal, ...atWork(() => cancel.abort()) });
    expect(result.outputs, result.stdout).toMatchObject({ outcome: "cancelled", "pull-request-number": "" });
    expect(readRunFile(result, "patch.diff")).toContain("+partial");
    expect((await readHoldings(world.standIn, result)).pullRequest).toBeUndefined();
    expect([...server.state.boxes.keys()]).toEqual([]);
  });

  it("I7: a killed main step: the post step finds its sandbox by the run's tags and destroys it", { timeout: JOB_TIMEOUT_MS }, async () => {
    const pids: number[] = [];
    const kill = atWork(() => process.kill(pids[0] ?? 0, "SIGKILL"));
    const { result } = await runOnE2b(commandAgent("sleep 600"), { ...kill, onStart: (pid) => void pids.push(pid) });
    expect(result.outputs["outcome"] ?? "").toBe("");
    expect([...server.state.boxes.keys()]).toEqual([]);
  });

  it("I7: an end that E2B does not confirm: the run stops before it publishes, and keeps the patch", {
    timeout: JOB_TIMEOUT_MS,
  }, async () => {
    await using broken = await startE2b();
    broken.faults.inject("kill", { kind: "status", status: 500 }, { times: 99 });
    const { world, result } = await runOnE2b({ ...commandAgent("true"), "e2b-api-key": broken.apiKey }, { env: broken.env });
    expect(result.outputs, result.stdout).toMatchObject({ outcome: "provider-failed", "pull-request-number": "" });
    expect(result.stdout).toContain("AL307");
    expect(readRunFile(result, "patch.diff")).toContain("+partial");
    expect((await readHoldings(world.standIn, result)).pullRequest).toBeUndefined();
  });
});
