import { expect } from "vitest";
import type { Sandbox, SandboxProvider } from "../../../src/ports/sandbox.ts";
import { reap } from "../../../src/runs/post-step.ts";
import { EVER, status } from "../cloud/cloud-faults.ts";
import type { Faults } from "../cloud/faults.ts";
import { openFakeRunner } from "../forge/fake-event.ts";
import { leave, openReviewBench } from "../forge/review-bench.ts";
import { openTarget, type Target } from "../forge/triggered.ts";
import { altered } from "./ending-runs.ts";
import { type EvidenceCase, MADE, type Moment, type Places, type Strike, type StruckCase } from "./struck-runs/cases.ts";

/** Called before anything of the moment has begun. */
export type OnMoment = (moment: Moment) => void;

/** Tells the first of each moment. */
export function tellingMoments(inner: SandboxProvider, tell: OnMoment): SandboxProvider {
  const told = new Set<string>();
  return {
    ...inner,
    async create(spec) {
      const once = (call: Moment["call"]): void => {
        const moment: Moment = { purpose: spec.purpose as Moment["purpose"], call };
        const name = `${moment.purpose} ${call}`;
        if (!told.has(name)) tell(moment);
        told.add(name);
      };
      once("create");
      const sandbox = await inner.create(spec);
      return altered(sandbox, telling(sandbox, once));
    },
  };
}

function telling(sandbox: Sandbox, tell: (call: Moment["call"]) => void): Partial<Sandbox> {
  return {
    plant(pack, commit) {
      tell("plant");
      return sandbox.plant(pack, commit);
    },
    exec(command) {
      tell("exec");
      return sandbox.exec(command);
    },
    harvest(limits) {
      tell("harvest");
      return sandbox.harvest(limits);
    },
  };
}

/** A service with its faults, and what can be done to its sandboxes. */
export interface StruckService<Stage extends string> {
  readonly faults: Pick<Faults<Stage>, "inject" | "heal"> & { readonly unmet: readonly string[] };
  readonly complaints: readonly string[];
  readonly provider: SandboxProvider;
  cut(): void;
  left(): readonly string[];
}

const ROOM_FOR_ONE = { memoryMib: 1_900, freeMib: 3_200, usualMib: 2_048 };
const RUN = { repository: "acme/rocket", runId: "41", attempt: 1 } as const;
const JOB = {
  agent: "echo true > flag.txt; echo at work",
  settings: { sandbox: { setup: "true" }, verification: { commands: "grep true flag.txt" } },
  run: { runId: RUN.runId },
} as const;
const PULL = { title: "A flag", description: "Why.", edits: { "flag.txt": "wrong\n" } };
const FINDING = { path: "flag.txt", line: 1, endLine: 1, severity: "high", category: "bug", claim: "The flag is wrong." };
const EVIDENCE = { command: "cat flag.txt", output: "wrong", exitCode: 0 };
const REVIEW = { summary: "One.", findings: [{ ...FINDING, evidence: EVIDENCE }], ran: ["cat"], unchecked: [] };

/** The run ends in a named outcome with one pull request or none, what was done is kept, and the post step leaves nothing. */
export async function expectNamedEnding<Stage extends string>(
  service: StruckService<Stage>,
  { strikes, ends, left = false, beside }: StruckCase<Stage>,
): Promise<void> {
  using target = openTarget();
  const result = await target.run({ ...JOB, provider: struckProvider(service, strikes, beside) });
  const unmet = ends === undefined ? [...service.faults.unmet] : [];
  service.faults.heal();
  expect(result.outcome, result.warnings.join()).toMatchObject({ word: ends === undefined ? "published" : "provider-failed" });
  expect(result.record.notes.error?.code).toBe(ends?.code);
  expect(result.record.stageRuns.find((stageRun) => stageRun.result === "failed")?.stage).toBe(ends?.stage);
  expect(result.read("patch.diff").includes("+true")).toBe(ends?.kept ?? true);
  expectWritten(target, ends === undefined ? 1 : 0);
  expect(unmet).toEqual([]);
  expect(service.left().length > 0).toBe(left);
  await expectClean(service);
}

function struckProvider<Stage extends string>(
  service: StruckService<Stage>,
  strikes: readonly Strike<Stage>[],
  beside?: true,
): SandboxProvider {
  const provider = beside === true ? service.provider : { ...service.provider, room: async () => ROOM_FOR_ONE };
  return tellingMoments(provider, ({ purpose, call }) => {
    const struck = strikes.filter(({ moment }) => moment.purpose === purpose && moment.call === call);
    for (const [at, fault, options] of struck.flatMap(({ faults }) => faults)) service.faults.inject(at, fault, options);
    if (struck.some(({ cut }) => cut === true)) service.cut();
  });
}

/** After the post step. */
async function expectClean<Stage extends string>({ provider, left, complaints }: StruckService<Stage>): Promise<void> {
  await reap({
    open: async () => provider,
    gateways: { reap: async () => [] },
    run: RUN,
    nowMs: Date.now(),
    log: openFakeRunner({ name: "issues", payload: {} }).log,
  });
  expect(left()).toEqual([]);
  expect(complaints).toEqual([]);
}

/** A run that lost its second sandbox is started again, and again: one pull request. */
export async function expectOnePullRequest<Stage extends string>(service: StruckService<Stage>, { create }: Places<Stage>): Promise<void> {
  using target = openTarget();
  const provider = struckProvider(service, [{ moment: MADE, faults: [[create, status(503), EVER]] }]);
  expect((await target.run({ ...JOB, provider })).outcome).toMatchObject({ word: "provider-failed" });
  service.faults.heal();
  for (const [attempt, word] of [
    [2, "published"],
    [3, "updated"],
  ] as const) {
    const again = await target.run({ ...JOB, provider: service.provider, run: { ...JOB.run, attempt } });
    expect(again.outcome, again.warnings.join()).toMatchObject({ word });
    expectWritten(target, 1);
  }
  await expectClean(service);
}

/** The review is published once, or the run says that the provider failed. */
export async function expectReviewOnceOrNot<Stage extends string>(
  service: StruckService<Stage>,
  { faults, survived }: EvidenceCase<Stage>,
): Promise<void> {
  await using bench = await openReviewBench({ pull: PULL });
  const provider = struckProvider(service, [{ moment: { purpose: "evidence", call: "create" }, faults }]);
  const result = await bench.run({ agent: leave(REVIEW), provider, runId: RUN.runId });
  service.faults.heal();
  expect(result.outcome, result.warnings.join()).toMatchObject({ word: survived ? "reviewed" : "provider-failed" });
  expect(result.sandboxes).toEqual(["agent", "evidence"]);
  expect(bench.github.reviews).toHaveLength(survived ? 1 : 0);
  expect(result.record.stageRuns.find((stageRun) => stageRun.result === "failed")?.stage).toBe(survived ? undefined : "verify");
  expect(result.read("transcript.jsonl")).toContain("reviewed");
  expect(service.left()).toEqual([]);
  await expectClean(service);
}

function expectWritten({ forge }: Target, pullRequests: number): void {
  const { state } = forge;
  expect(state.pullRequests).toHaveLength(pullRequests);
  expect(state.comments.get(7)).toHaveLength(1);
  expect(state.issues.get(7)?.labels).not.toContain("airlock:working");
}
