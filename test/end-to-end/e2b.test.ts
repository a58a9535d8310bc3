import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cacheFolder } from "../../demo/job.ts";
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
  readRunFile,
} from "../support/cloud/cloud-jobs.ts";
import { type E2bServer, startE2b } from "../support/cloud/e2b-server.ts";

const JOB_TIMEOUT_MS = 5 * 60_000;

let server: E2bServer;
let jobs: CloudJobs;

beforeAll(async () => {
  server = await startE2b();
  jobs = openCloudJobs({ env: server.env, inputs: { "e2b-api-key": server.apiKey } });
});

afterAll(async () => {
  await jobs[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const left = () => [...server.state.boxes.keys()];

describe("a labelled issue, with a key for E2B and no provider named", () => {
  let job: CloudJob;

  beforeAll(async () => {
    job = await jobs.run({});
  }, JOB_TIMEOUT_MS);

  test("becomes a pull request, written by the real Claude Code in a sandbox of E2B", async () => {
    const { outputs, stdout } = job.result;
    expect(outputs, stdout).toMatchObject({ outcome: "published", provider: "e2b", conclusion: "success" });
    expect(server.state.created).toContain(outputs["sandbox-id"]);
    await expectWritten(job);
  });

  test("I3: has the boundary's proof in its record: every way out closed, the gateway reached", () => {
    const { sandbox } = expectProof(job.result);
    expect(sandbox).toMatchObject({ provider: "e2b", isolation: "firecracker", versions: { template: "claude" } });
  });

  test("I7: leaves no sandbox, and asked for each one without network, without a public port and with an end of its own", () => {
    expect(left()).toEqual([]);
    expect(server.complaints).toEqual([]);
    expect(server.asked.length).toBeGreaterThanOrEqual(1);
    for (const asked of server.asked) {
      expect(asked).toMatchObject({ allow_internet_access: false, network: { allowPublicTraffic: false }, autoPause: false });
      expect(asked.timeout).toBeGreaterThan(30 * 60);
      expect(asked.metadata).toMatchObject({ airlock: "1", repository: "octo/demo", attempt: "1" });
      expect(asked).not.toHaveProperty("envVars");
    }
  });

  test("I2: shows the keys of E2B, GitHub and the model neither to the sandbox nor in what the run leaves", () => {
    const { standIn, model } = job.world;
    expectUnseen(job.result, [server.asked, server.commands], [server.apiKey, standIn.token, model?.key ?? "none"]);
  });
});

describe("an agent program that the template has already", () => {
  test("is not sent, and runs", { timeout: JOB_TIMEOUT_MS }, async () => {
    const claude = join(cacheFolder(), "airlock/agents/_anthropic-ai_claude-code-linux-x64@2.1.330/content/claude");
    await using prepared = await startE2b({ templates: { claude: { node: "current", image: { "/usr/local/bin/claude": claude } } } });
    const { result } = await jobs.run({ "e2b-api-key": prepared.apiKey }, { env: prepared.env });
    expect(result.outputs, result.stdout).toMatchObject({ outcome: "published", provider: "e2b" });
    const record = JSON.parse(readRunFile(result, "record.json")) as { sandbox: { versions: Record<string, unknown> } };
    expect(record.sandbox.versions).toMatchObject({ "layer claude-code": "image in part" });
  });
});

describe("a key that E2B does not know", () => {
  test("ends the run with one error that names the input, and nothing is left", { timeout: JOB_TIMEOUT_MS }, async () => {
    await expectUnknownCredential(await jobs.run({ "e2b-api-key": "e2b_wrong" }), "e2b-api-key");
  });
});

describe("a fault while the agent works", () => {
  test("I7: a sandbox that E2B ends early: one named outcome, no pull request, and what was heard is kept", {
    timeout: JOB_TIMEOUT_MS,
  }, async () => {
    const end = atWork(() => void Promise.all(left().map((id) => server.state.kill(id))));
    await expectEndedEarly(await jobs.run(commandAgent("sleep 600"), end));
    expect(left()).toEqual([]);
  });

  test("cut connections: the run goes on and publishes once", { timeout: JOB_TIMEOUT_MS }, async () => {
    const cut = atWork(() => {
      for (const afterMs of [0, 300, 600, 900]) setTimeout(() => server.cutTunnels(), afterMs);
    });
    await expectWentOn(await jobs.run(commandAgent(COUNTING), cut));
    expect(left()).toEqual([]);
  });

  test("I7: a cancelled job: the partial patch is kept and no sandbox is left", { timeout: JOB_TIMEOUT_MS }, async () => {
    const cancel = new AbortController();
    const job = await jobs.run(commandAgent("sleep 600"), { cancel: cancel.signal, ...atWork(() => cancel.abort()) });
    await expectKept(job, "cancelled");
    expect(left()).toEqual([]);
  });

  test("I7: a killed main step: the post step finds its sandbox by the run's tags and destroys it", {
    timeout: JOB_TIMEOUT_MS,
  }, async () => {
    const pids: number[] = [];
    const kill = atWork(() => process.kill(pids[0] ?? 0, "SIGKILL"));
    const { result } = await jobs.run(commandAgent("sleep 600"), { ...kill, onStart: (pid) => void pids.push(pid) });
    expect(result.outputs["outcome"] ?? "").toBe("");
    expect(left()).toEqual([]);
  });

  test("I7: an end that E2B does not confirm: the run stops before it publishes, and keeps the patch", {
    timeout: JOB_TIMEOUT_MS,
  }, async () => {
    await using broken = await startE2b();
    broken.faults.inject("kill", { kind: "status", status: 500 }, { times: 99 });
    const job = await jobs.run({ ...commandAgent("true"), "e2b-api-key": broken.apiKey }, { env: broken.env });
    await expectKept(job, "provider-failed");
    expect(job.result.stdout).toContain("AL307");
  });
});
