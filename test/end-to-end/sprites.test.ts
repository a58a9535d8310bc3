import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  atWork,
  type CloudJob,
  type CloudJobs,
  COUNTING,
  commandAgent,
  expectEndedEarly,
  expectKept,
  expectProof,
  expectUnknownCredential,
  expectUnseen,
  expectWentOn,
  expectWritten,
  openCloudJobs,
} from "../support/cloud/cloud-jobs.ts";
import { type SpritesServer, startSprites } from "../support/cloud/sprites-server.ts";

const JOB_TIMEOUT_MS = 5 * 60_000;

let server: SpritesServer;
let jobs: CloudJobs;

beforeAll(async () => {
  server = await startSprites();
  jobs = openCloudJobs({ env: server.env, inputs: { "sprites-token": server.token } });
});

afterAll(async () => {
  await jobs[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const left = () => [...server.state.sprites.keys()];

describe("a labelled issue, with a token for Sprites and no provider named", () => {
  let job: CloudJob;
  let overdue: string;

  beforeAll(async () => {
    overdue = server.state.create({ name: "airlock-0123456789ab-aaaaaa-0123456789", labels: ["airlock"], auth: "sprite" })?.name ?? "";
    job = await jobs.run({});
  }, JOB_TIMEOUT_MS);

  test("becomes a pull request, written by the real Claude Code in a sprite", async () => {
    const { outputs, stdout } = job.result;
    expect(outputs, stdout).toMatchObject({ outcome: "published", provider: "sprites", conclusion: "success" });
    expect(server.state.created).toContain(outputs["sandbox-id"]);
    await expectWritten(job);
  });

  test("I3: has the boundary's proof in its record: every way out closed, the gateway reached", () => {
    const { attempts, sandbox } = expectProof(job.result);
    expect(attempts.find((attempt) => attempt["name"] === "gateway")).toMatchObject({ result: "open" });
    expect(sandbox).toMatchObject({ provider: "sprites" });
  });

  test("I7: leaves no sprite, and has swept at its start what a lost run left", () => {
    expect(overdue).not.toBe("");
    expect(left()).toEqual([]);
    const swept = server.requests.indexOf(`DELETE /v1/sprites/${overdue}`);
    expect(swept).toBeGreaterThanOrEqual(0);
    expect(swept).toBeLessThan(server.requests.indexOf("POST /v1/sprites"));
    expect(server.complaints).toEqual([]);
  });

  test("I2: shows the keys of Sprites, GitHub and the model neither to the sandbox nor in what the run leaves", () => {
    const { standIn, model } = job.world;
    expectUnseen(job.result, [server.asked, server.commands, server.requests], [server.token, standIn.token, model?.key ?? "none"]);
  });
});

describe("a token that Sprites does not know", () => {
  test("ends the run with one error that names the input, and nothing is left", { timeout: JOB_TIMEOUT_MS }, async () => {
    await expectUnknownCredential(await jobs.run({ "sprites-token": "wrong-token" }), "sprites-token");
  });
});

describe("a fault at Sprites while the agent works", () => {
  test("I7: a sprite that somebody deletes: one named outcome, no pull request, and what was heard is kept", {
    timeout: JOB_TIMEOUT_MS,
  }, async () => {
    const end = atWork(() => void Promise.all(left().map((name) => server.state.remove(name))));
    await expectEndedEarly(await jobs.run(commandAgent("sleep 600"), end));
    expect(left()).toEqual([]);
  });

  test("cut connections: the run goes on and publishes once", { timeout: JOB_TIMEOUT_MS }, async () => {
    let cuts = 0;
    const cut = atWork(() => {
      for (const afterMs of [0, 300, 600, 900]) {
        setTimeout(() => {
          cuts += server.cutProxies();
        }, afterMs);
      }
    });
    await expectWentOn(await jobs.run(commandAgent(COUNTING), cut));
    expect(cuts).toBeGreaterThan(2);
    expect(left()).toEqual([]);
  });

  test("I7: a cancelled job: the partial patch is kept and no sprite is left", { timeout: JOB_TIMEOUT_MS }, async () => {
    const cancel = new AbortController();
    const job = await jobs.run(commandAgent("sleep 600"), { cancel: cancel.signal, ...atWork(() => cancel.abort()) });
    await expectKept(job, "cancelled");
    expect(left()).toEqual([]);
  });

  test("I7: a killed main step: the post step finds its sprite by the run's name and deletes it", { timeout: JOB_TIMEOUT_MS }, async () => {
    const pids: number[] = [];
    const kill = atWork(() => process.kill(pids[0] ?? 0, "SIGKILL"));
    const { result } = await jobs.run(commandAgent("sleep 600"), { ...kill, onStart: (pid) => void pids.push(pid) });
    expect(result.signal).toBe("SIGKILL");
    expect(left()).toEqual([]);
  });
});
