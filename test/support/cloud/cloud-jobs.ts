import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { makeEvent } from "../../../demo/event.ts";
import { type DemoWorld, ROOT, runJob, startWorld } from "../../../demo/job.ts";
import { parseOptions } from "../../../demo/options.ts";
import { readHoldings } from "../../../demo/show.ts";
import type { ActionResult } from "../runner/mini-runner.mjs";

type Json = Record<string, unknown>;
type JobOptions = Partial<Parameters<typeof runJob>[0]>;

const TURNS = (JSON.parse(readFileSync(join(ROOT, "demo", "turns.json"), "utf8")) as { turns: object[] }).turns;

/** A job of a labelled issue that ran, and the GitHub it ran at. */
export interface CloudJob {
  readonly world: DemoWorld;
  readonly result: ActionResult;
}

/** Jobs at a stand-in for a cloud provider. Disposing ends what they left on this machine. */
export interface CloudJobs extends AsyncDisposable {
  run(inputs: Readonly<Record<string, string>>, options?: JobOptions): Promise<CloudJob>;
}

/** `inputs` and `env` lead to the stand-in; a run's own win. */
export function openCloudJobs(given: Pick<JobOptions, "env"> & { readonly inputs: Readonly<Record<string, string>> }): CloudJobs {
  const opened = new AsyncDisposableStack();
  return {
    async run(inputs, options = {}) {
      const world = opened.use(await startWorld({ repo: undefined, turns: TURNS }));
      const event = await makeEvent(parseOptions([]), world.standIn, join(ROOT, "demo"));
      const result = await runJob({ world, event, ...given, ...options, inputs: { ...given.inputs, ...inputs } });
      opened.defer(() => result.dispose());
      return { world, result };
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

export function readRunFile(result: ActionResult, name: string): string {
  return readFileSync(join(result.temp, "airlock", name), "utf8");
}

/** An agent that says when it is at work and then does `rest`. */
export function commandAgent(rest: string): Readonly<Record<string, string>> {
  return { agent: "command", "agent-command": ["/bin/bash", "-c", `echo partial > partial.txt; echo at-work; ${rest}`].join("\n") };
}

/** Acts once, when the agent says that it is at work. */
export function atWork(act: () => void): { readonly onLine: (line: string) => void } {
  let done = false;
  return {
    onLine(line) {
      if (done || !line.includes("at-work")) return;
      done = true;
      act();
    },
  };
}

/** The pull request holds what the agent wrote. */
export async function expectWritten({ world, result }: CloudJob): Promise<void> {
  const pull = (await readHoldings(world.standIn, result)).pullRequest as { head: { ref: string } };
  const file = (await world.standIn.call("GET", `/repos/octo/demo/contents/src/convert.js?ref=${pull.head.ref}`)) as { content: string };
  expect(Buffer.from(file.content, "base64").toString()).toContain("/ 5 + 32;");
}

/** The record says that every way out was closed. Returns what it says of boundary and sandbox. */
export function expectProof(result: ActionResult): { readonly attempts: readonly Json[]; readonly sandbox: Json } {
  const record = JSON.parse(readRunFile(result, "record.json")) as { boundary: { proved: boolean; attempts: Json[] }; sandbox: Json };
  expect(record.boundary.proved).toBe(true);
  const closed = record.boundary.attempts.filter((attempt) => attempt["result"] === "closed").map((attempt) => String(attempt["name"]));
  for (const way of ["tcp", "udp", "dns", "ipv6", "metadata", "denied-host"])
    expect(
      closed.some((name) => name.startsWith(way)),
      way,
    ).toBe(true);
  return { attempts: record.boundary.attempts, sandbox: record.sandbox };
}

/** Neither what the service was given nor what the run leaves shows a secret. */
export function expectUnseen(result: ActionResult, given: unknown, secrets: readonly string[]): void {
  const left = ["record.json", "agent.log", "transcript.jsonl", "egress.jsonl", "patch.diff"]
    .map((name) => readRunFile(result, name))
    .join("\n");
  for (const secret of secrets) {
    expect(JSON.stringify(given)).not.toContain(secret);
    expect(left).not.toContain(secret);
  }
}

/** A credential that the service does not know: one error, which names the input, on the issue too. */
export async function expectUnknownCredential({ world, result }: CloudJob, input: string): Promise<void> {
  expect(result.outputs, result.stdout).toMatchObject({ outcome: "provider-failed", "pull-request-number": "" });
  const errors = result.commands.filter(({ name }) => name === "error").map(({ value }) => value);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain("AL303");
  expect(errors[0]).toContain(`\`${input}\``);
  const { pullRequest, comments } = await readHoldings(world.standIn, result);
  expect(pullRequest).toBeUndefined();
  expect(comments.map((comment) => comment["body"])).toEqual([expect.stringMatching(new RegExp(`\`${input}\`[\\s\\S]*AL303`))]);
}

/** The sandbox went away while the agent worked: one named outcome, no pull request, and what was heard is kept. */
export async function expectEndedEarly({ world, result }: CloudJob): Promise<void> {
  expect(result.outputs, result.stdout).toMatchObject({ outcome: "provider-failed", conclusion: "failure", "pull-request-number": "" });
  expect(readRunFile(result, "agent.log")).toContain("at-work");
  const { pullRequest, comments } = await readHoldings(world.standIn, result);
  expect(pullRequest).toBeUndefined();
  expect(comments).toHaveLength(1);
}

/** For `expectWentOn`: an agent that is at work while connections are cut. */
export const COUNTING = "for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.3; done";

/** Nothing that the agent said was lost or came twice, and it was published once. */
export async function expectWentOn({ world, result }: CloudJob): Promise<void> {
  expect(result.outputs, result.stdout).toMatchObject({ outcome: "published" });
  expect(readRunFile(result, "agent.log").match(/^[1-8]$/gm)).toEqual(["1", "2", "3", "4", "5", "6", "7", "8"]);
  expect((await world.standIn.call("GET", "/repos/octo/demo/pulls?state=all")) as unknown[]).toHaveLength(1);
}

/** A run that ended before it could publish keeps the patch. */
export async function expectKept({ world, result }: CloudJob, outcome: string): Promise<void> {
  expect(result.outputs, result.stdout).toMatchObject({ outcome, "pull-request-number": "" });
  expect(readRunFile(result, "patch.diff")).toContain("+partial");
  expect((await readHoldings(world.standIn, result)).pullRequest).toBeUndefined();
}
