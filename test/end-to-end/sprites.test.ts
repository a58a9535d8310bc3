import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeEvent } from "../../demo/event.ts";
import { type DemoWorld, ROOT, runJob, startWorld } from "../../demo/job.ts";
import { parseOptions } from "../../demo/options.ts";
import { type Holdings, readHoldings } from "../../demo/show.ts";
import type { ActionResult } from "../support/mini-runner.mjs";
import { type SpritesServer, startSprites } from "../support/sprites-server.ts";

type Json = Record<string, unknown>;

const JOB_TIMEOUT_MS = 5 * 60_000;
const TURNS = (JSON.parse(readFileSync(join(ROOT, "demo", "turns.json"), "utf8")) as { turns: object[] }).turns;

const opened = new AsyncDisposableStack();
let server: SpritesServer;

beforeAll(async () => {
  server = opened.use(await startSprites());
});

afterAll(() => opened.disposeAsync());

interface OnSprites {
  readonly world: DemoWorld;
  readonly result: ActionResult;
}

async function runOnSprites(
  inputs: Readonly<Record<string, string>>,
  options: Partial<Parameters<typeof runJob>[0]> = {},
): Promise<OnSprites> {
  const world = opened.use(await startWorld({ repo: undefined, turns: TURNS }));
  const event = await makeEvent(parseOptions([]), world.standIn, join(ROOT, "demo"));
  const result = await runJob({ world, event, env: server.env, ...options, inputs: { "sprites-token": server.token, ...inputs } });
  opened.defer(() => result.dispose());
  return { world, result };
}

function readRunFile(result: ActionResult, name: string): string {
  return readFileSync(join(result.temp, "airlock", name), "utf8");
}

describe("a labelled issue, with a token for Sprites and no provider named", () => {
  let world: DemoWorld;
  let result: ActionResult;
  let holdings: Holdings;
  let overdue: string;

  beforeAll(async () => {
    overdue = server.state.create({ name: "airlock-0123456789ab-aaaaaa-0123456789", labels: ["airlock"], auth: "sprite" })?.name ?? "";
    ({ world, result } = await runOnSprites({}));
    holdings = await readHoldings(world.standIn, result);
  }, JOB_TIMEOUT_MS);

  it("becomes a pull request, written by the real Claude Code in a sprite", async () => {
    expect(result.outputs, result.stdout).toMatchObject({ outcome: "published", provider: "sprites", conclusion: "success" });
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
    expect(record.boundary.attempts.find((attempt) => attempt["name"] === "gateway")).toMatchObject({ result: "open" });
    expect(record.sandbox).toMatchObject({ provider: "sprites" });
  });

  it("I7: leaves no sprite, and has swept at its start what a lost run left", () => {
    expect(overdue).not.toBe("");
    expect([...server.state.sprites.keys()]).toEqual([]);
    const swept = server.requests.indexOf(`DELETE /v1/sprites/${overdue}`);
    expect(swept).toBeGreaterThanOrEqual(0);
    expect(swept).toBeLessThan(server.requests.indexOf("POST /v1/sprites"));
    expect(server.complaints).toEqual([]);
  });

  it("I2: shows the keys of Sprites, GitHub and the model neither to the sandbox nor in what the run leaves", () => {
    const given = JSON.stringify([server.asked, server.commands, server.requests]);
    const left = ["record.json", "agent.log", "transcript.jsonl", "egress.jsonl", "patch.diff"]
      .map((name) => readRunFile(result, name))
      .join("\n");
    for (const secret of [server.token, world.standIn.token, world.model?.key ?? "none"]) {
      expect(given).not.toContain(secret);
      expect(left).not.toContain(secret);
    }
  });
});

describe("a token that Sprites does not know", () => {
  it("ends the run with one error that names the input, and nothing is left", { timeout: JOB_TIMEOUT_MS }, async () => {
    const { result, world } = await runOnSprites({ "sprites-token": "wrong-token" });
    expect(result.outputs, result.stdout).toMatchObject({ outcome: "provider-failed", "pull-request-number": "" });
    const errors = result.commands.filter(({ name }) => name === "error").map(({ value }) => value);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain("AL303");
    expect(errors[0]).toContain("`sprites-token`");
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

describe("a fault at Sprites while the agent works", () => {
  it("I7: a sprite that somebody deletes: one named outcome, no pull request, and what was heard is kept", {
    timeout: JOB_TIMEOUT_MS,
  }, async () => {
    const end = atWork(() => void Promise.all([...server.state.sprites.keys()].map((name) => server.state.remove(name))));
    const { world, result } = await runOnSprites(commandAgent("sleep 600"), end);
    expect(result.outputs, result.stdout).toMatchObject({ outcome: "provider-failed", conclusion: "failure", "pull-request-number": "" });
    expect(readRunFile(result, "agent.log")).toContain("at-work");
    const { pullRequest, comments } = await readHoldings(world.standIn, result);
    expect(pullRequest).toBeUndefined();
    expect(comments).toHaveLength(1);
    expect([...server.state.sprites.keys()]).toEqual([]);
  });

  it("cut connections: the run goes on and publishes once", { timeout: JOB_TIMEOUT_MS }, async () => {
    let cuts = 0;
    const cut = atWork(() => {
      for (const afterMs of [0, 300, 600, 900]) {
        setTimeout(() => {
          cuts += server.cutProxies();
        }, afterMs);
      }
    });
    const { world, result } = await runOnSprites(commandAgent("for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.3; done"), cut);
    expect(result.outputs, result.stdout).toMatchObject({ outcome: "published" });
    expect(cuts).toBeGreaterThan(2);
    expect(readRunFile(result, "agent.log").match(/^[1-8]$/gm)).toEqual(["1", "2", "3", "4", "5", "6", "7", "8"]);
    expect((await world.standIn.call("GET", "/repos/octo/demo/pulls?state=all")) as unknown[]).toHaveLength(1);
    expect([...server.state.sprites.keys()]).toEqual([]);
  });

  it("I7: a cancelled job: the partial patch is kept and no sprite is left", { timeout: JOB_TIMEOUT_MS }, async () => {
    const cancel = new AbortController();
    const { world, result } = await runOnSprites(commandAgent("sleep 600"), { cancel: cancel.signal, ...atWork(() => cancel.abort()) });
    expect(result.outputs, result.stdout).toMatchObject({ outcome: "cancelled", "pull-request-number": "" });
    expect(readRunFile(result, "patch.diff")).toContain("+partial");
    expect((await readHoldings(world.standIn, result)).pullRequest).toBeUndefined();
    expect([...server.state.sprites.keys()]).toEqual([]);
  });

  it("I7: a killed main step: the post step finds its sprite by the run's name and deletes it", { timeout: JOB_TIMEOUT_MS }, async () => {
    const pids: number[] = [];
    const kill = atWork(() => process.kill(pids[0] ?? 0, "SIGKILL"));
    const { result } = await runOnSprites(commandAgent("sleep 600"), { ...kill, onStart: (pid) => void pids.push(pid) });
    expect(result.signal).toBe("SIGKILL");
    expect([...server.state.sprites.keys()]).toEqual([]);
  });
});
