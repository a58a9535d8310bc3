import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cloud, CloudServer } from "../../support/cloud/cloud.ts";
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
} from "../../support/cloud/cloud-jobs.ts";

export const JOB_TIMEOUT_MS = 5 * 60_000;

/** A stand-in and the jobs that run at it. */
export interface AtCloud<Server> {
  readonly server: Server;
  readonly jobs: CloudJobs;
}

export interface JobsSubject<Server extends CloudServer> {
  readonly cloud: Cloud<Server, string>;
  /** What the post step finds a sandbox by, such as "the run's tags". */
  readonly foundBy: string;
  /** What the record says of the sandbox. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Before the first job. */
  readonly prepare?: (server: Server) => void;
  /** Ends "I7: leaves no sandbox, and": what the service must have seen after the first job. */
  readonly seen: { readonly title: string; readonly expect: (server: Server) => void };
  /** Tests of this cloud alone. */
  readonly more?: (at: () => AtCloud<Server>) => void;
}

/** The action itself, whole, at any cloud: from the labelled issue to the pull request, and what a fault makes of it. */
export function describeCloudJobs<Server extends CloudServer>(subject: JobsSubject<Server>): void {
  const { cloud } = subject;
  const { name, credential } = cloud;
  let opened: AtCloud<Server>;
  beforeAll(async () => {
    const server = await cloud.start();
    opened = { server, jobs: openCloudJobs({ env: server.env, inputs: { [credential.input]: credential.of(server) } }) };
  });
  afterAll(async () => {
    await opened?.jobs[Symbol.asyncDispose]();
    await opened?.server[Symbol.asyncDispose]();
  });
  const at = (): AtCloud<Server> => opened;

  describe(`a labelled issue, with a ${credential.noun} for ${name} and no provider named`, () => describeLabelled(subject, at));

  describe(`a ${credential.noun} that ${name} does not know`, () => {
    test("ends the run with one error that names the input, and nothing is left", { timeout: JOB_TIMEOUT_MS }, async () => {
      await expectUnknownCredential(await at().jobs.run({ [credential.input]: credential.wrong }), credential.input);
      expect(cloud.left(at().server)).toEqual([]);
    });
  });

  describe(`a fault at ${name} while the agent works`, () => describeFaults(subject, at));
  subject.more?.(at);
}

function describeLabelled<Server extends CloudServer>(subject: JobsSubject<Server>, at: () => AtCloud<Server>): void {
  const { cloud, facts, prepare, seen } = subject;
  let job: CloudJob;
  beforeAll(async () => {
    prepare?.(at().server);
    job = await at().jobs.run({});
  }, JOB_TIMEOUT_MS);

  test(`becomes a pull request, written by the real Claude Code in a ${cloud.sandbox}`, async () => {
    const { outputs, stdout } = job.result;
    expect(outputs, stdout).toMatchObject({ outcome: "published", provider: cloud.provider, conclusion: "success" });
    expect(cloud.created(at().server)).toContain(outputs["sandbox-id"]);
    await expectWritten(job);
  });

  test("I3: has the boundary's proof in its record: every way out closed, the gateway reached", () => {
    const { attempts, sandbox } = expectProof(job.result);
    expect(attempts.find((attempt) => attempt["name"] === "gateway")).toMatchObject({ result: "open" });
    expect(sandbox).toMatchObject({ provider: cloud.provider, ...facts });
  });

  test(`I7: leaves no sandbox, and ${seen.title}`, () => {
    const { server } = at();
    expect(cloud.left(server)).toEqual([]);
    expect(server.complaints).toEqual([]);
    seen.expect(server);
  });

  test(`I2: shows the keys of ${cloud.name}, GitHub and the model neither to the sandbox nor in what the run leaves`, () => {
    const { standIn, model } = job.world;
    const { server } = at();
    expectUnseen(job.result, [cloud.sent(server)], [cloud.credential.of(server), standIn.token, model?.key ?? "none"]);
  });
}

function describeFaults<Server extends CloudServer>({ cloud, foundBy }: JobsSubject<Server>, at: () => AtCloud<Server>): void {
  const left = (): readonly string[] => cloud.left(at().server);

  test("I7: a sandbox that goes away: one named outcome, no pull request, and what was heard is kept", {
    timeout: JOB_TIMEOUT_MS,
  }, async () => {
    const end = atWork(() => void Promise.all(left().map((id) => cloud.end(at().server, id))));
    await expectEndedEarly(await at().jobs.run(commandAgent("sleep 600"), end));
    expect(left()).toEqual([]);
  });

  test("cut connections: the run goes on and publishes once", { timeout: JOB_TIMEOUT_MS }, async () => {
    let cuts = 0;
    const cut = atWork(() => {
      for (const afterMs of [0, 300, 600, 900]) {
        setTimeout(() => {
          cuts += cloud.cut(at().server);
        }, afterMs);
      }
    });
    await expectWentOn(await at().jobs.run(commandAgent(COUNTING), cut));
    expect(cuts).toBeGreaterThan(2);
    expect(left()).toEqual([]);
  });

  test("I7: a cancelled job: the partial patch is kept and no sandbox is left", { timeout: JOB_TIMEOUT_MS }, async () => {
    const cancel = new AbortController();
    const job = await at().jobs.run(commandAgent("sleep 600"), { cancel: cancel.signal, ...atWork(() => cancel.abort()) });
    await expectKept(job, "cancelled");
    expect(left()).toEqual([]);
  });

  test(`I7: a killed main step: the post step finds its sandbox by ${foundBy} and destroys it`, { timeout: JOB_TIMEOUT_MS }, async () => {
    const pids: number[] = [];
    const kill = atWork(() => process.kill(pids[0] ?? 0, "SIGKILL"));
    const { result } = await at().jobs.run(commandAgent("sleep 600"), { ...kill, onStart: (pid) => void pids.push(pid) });
    expect(result.signal).toBe("SIGKILL");
    expect(result.outputs["outcome"] ?? "").toBe("");
    expect(left()).toEqual([]);
  });
}
