import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { AirlockError } from "../../../src/domain/errors.ts";
import { type Clock, openClock } from "../../support/clock.ts";
import { openTarget, type Target } from "../../support/forge/triggered.ts";
import { atCommand, LONG, openEndingProvider, type Scene, whilePlanted } from "../../support/runner/ending-runs.ts";
import type { JobResult } from "../../support/runner/run-job.ts";

const TEST_MS = 60_000;
const LOOK_MS = 30_000;
const LIMIT_MS = 30 * 60_000;
const AGENT = "echo true > flag.txt; echo at work";

/** Only the looks at the target are timed by hand, and the run's own clock; everything else keeps its own time. */
beforeAll(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
afterAll(() => void vi.useRealTimers());

let target: Target;
beforeEach(() => {
  target = openTarget();
});
afterEach(() => target[Symbol.dispose]());

interface Causes {
  readonly clock: Clock;
  readonly cancel: AbortController;
}

interface Cause {
  readonly name: string;
  readonly happen: (causes: Causes) => void;
  readonly word: string;
  readonly reason: string;
  readonly told: string;
}

const CAUSES: readonly Cause[] = [
  {
    name: "the job is cancelled",
    happen: ({ cancel }) =>
      cancel.abort(new AirlockError("run.cancelled", { message: "The job was cancelled.", remedy: "Start it again." })),
    word: "cancelled",
    reason: "The job was cancelled.",
    told: "The run was cancelled",
  },
  {
    name: "a writer says stop",
    happen() {
      target.forge.addComment(7, { author: "maria", body: "/airlock stop", createdAtMs: Date.now() });
      vi.advanceTimersByTime(LOOK_MS);
    },
    word: "cancelled",
    reason: "@maria asked to stop.",
    told: "The run was cancelled",
  },
  {
    name: "the time is up",
    happen: ({ clock }) => clock.pass(LIMIT_MS),
    word: "timed-out",
    reason: "The run reached its limit of 30 minutes.",
    told: "The run ran out of time",
  },
];

interface Phase extends Scene {
  readonly name: string;
  readonly setup?: string;
  readonly commands?: string;
  /** Where the run ends, and what was done by then. */
  readonly stage: string;
  readonly kept: boolean;
}

const PHASES: readonly Phase[] = [
  { name: "while the sandbox is made", purpose: "agent", stage: "sandbox", kept: false },
  { name: "while the tree is planted", purpose: "agent", change: whilePlanted, stage: "sandbox", kept: false },
  { name: "during setup", purpose: "agent", change: atCommand, setup: LONG, stage: "sandbox", kept: false },
  { name: "during verification", purpose: "verify", change: atCommand, commands: LONG, stage: "verify", kept: true },
];

function expectTold(told: string): void {
  const { comments, issues, commits, pullRequests, branches } = target.forge.state;
  expect([commits, pullRequests, [...branches.keys()]]).toEqual([[], [], ["main"]]);
  expect(issues.get(7)?.labels).not.toContain("airlock:working");
  const tracking = comments.get(7)?.filter(({ author }) => author === target.forge.state.identity) ?? [];
  expect(tracking).toHaveLength(1);
  expect(tracking[0]?.body).toContain(told);
}

function expectKept(result: JobResult, kept: boolean): void {
  expect(result.read("patch.diff").includes("+true")).toBe(kept);
  expect(result.read("transcript.jsonl").includes("at work")).toBe(kept);
  expect(result.record.notes.patch !== undefined).toBe(kept);
}

describe("B2: a job that is cancelled when its sandbox is gone", { timeout: TEST_MS }, () => {
  test.each(["gate", "last look"])("I20: a job that is cancelled publishes nothing: at the %s", async (moment) => {
    const cancel = new AbortController();
    const end = (): void =>
      cancel.abort(new AirlockError("run.cancelled", { message: "The job was cancelled.", remedy: "Start it again." }));
    const look = vi.spyOn(target.forge, "readIssue");
    const atGate = (): void => {
      if (moment === "gate") end();
      else look.mockImplementationOnce((number) => Promise.resolve(end()).then(() => target.forge.readIssue(number)));
    };
    const result = await target.run({ agent: AGENT, cancelled: cancel.signal, at: { gate: atGate } });
    expect(result.outcome, result.warnings.join()).toMatchObject({ word: "cancelled", reason: "The job was cancelled." });
    expect(result.record.stageRuns.at(-1)).toMatchObject({ stage: "gate", result: moment === "gate" ? "failed" : "ok" });
    expectKept(result, true);
    expectTold("The run was cancelled");
  });
});

describe.each(CAUSES)("B2: $name", { timeout: TEST_MS }, ({ happen, word, reason, told }) => {
  test.each(PHASES)("I7, I20: $name: ends the run at once, keeps what is done, and says why", async (phase) => {
    const causes = { clock: openClock(), cancel: new AbortController() };
    const provider = openEndingProvider(phase, () => happen(causes));
    const result = await target.run({
      agent: AGENT,
      settings: {
        limits: { timeoutMs: LIMIT_MS },
        sandbox: { setup: phase.setup ?? "" },
        verification: { commands: phase.commands ?? "" },
      },
      provider,
      cancelled: causes.cancel.signal,
      clock: causes.clock,
      run: { runId: "41" },
    });
    expect(result.outcome, result.warnings.join()).toMatchObject({ word, reason: expect.stringContaining(reason) });
    expect(result.record.stageRuns.find((stageRun) => stageRun.result === "failed")).toMatchObject({ stage: phase.stage });
    expect(await provider.findByRun({ repository: "acme/rocket", runId: "41", attempt: 1 })).toEqual([]);
    expectKept(result, phase.kept);
    expectTold(told);
  });
});
