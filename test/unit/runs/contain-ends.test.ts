import { describe, expect, test } from "vitest";
import { AirlockError } from "../../../src/domain/errors.ts";
import type { GuestProcess, Sandbox, SandboxProvider } from "../../../src/ports/sandbox.ts";
import { type Clock, openClock } from "../../support/clock.ts";
import {
  altered,
  atCommand,
  type Change,
  LONG,
  openEndingProvider,
  type Scene,
  stuckHarvest,
  whilePlanted,
  whileReplanted,
} from "../../support/runner/ending-runs.ts";
import { type ContainedRun, runContained } from "../../support/sandbox/contained.ts";
import { openNamespaceProvider } from "../../support/sandbox/namespace-provider.ts";

const TEST_MS = 60_000;
const LIMIT_MS = 30 * 60_000;
/** The sandbox of the verification is made when the agent's work is over. */
const ROOM_FOR_ONE = { memoryMib: 1_900, freeMib: 3_200, usualMib: 2_048 };
const AGENT = "echo partial > p.txt; echo at work";

const CANCELLED = new AirlockError("run.cancelled", { message: "The job was cancelled.", remedy: "Start it again." });
const UNWANTED = new AirlockError("run.cancelled", { message: "@maria asked to stop.", remedy: "Start it again." });

interface Causes {
  readonly clock: Clock;
  readonly cancel: AbortController;
  readonly stop: AbortController;
}

interface Cause {
  readonly name: string;
  readonly happen: (causes: Causes) => void;
  readonly reason: object;
}

const CANCEL: Cause = { name: "the job is cancelled", happen: ({ cancel }) => cancel.abort(CANCELLED), reason: CANCELLED };
const STOP: Cause = { name: "somebody says stop", happen: ({ stop }) => stop.abort(UNWANTED), reason: UNWANTED };
const DEADLINE: Cause = {
  name: "the time is up",
  happen: ({ clock }) => clock.pass(LIMIT_MS),
  reason: { code: "agent.timeout", outcome: "timed-out" },
};

interface Play extends Scene {
  readonly cause: Cause;
  readonly agent?: string;
  readonly verify?: string;
  readonly afterwards?: (clock: Clock) => void;
}

async function play({ cause, agent = AGENT, verify = "", afterwards, ...scene }: Play): Promise<ContainedRun> {
  const causes: Causes = { clock: openClock(), cancel: new AbortController(), stop: new AbortController() };
  const happen = (): void => {
    cause.happen(causes);
    afterwards?.(causes.clock);
  };
  const run = await runContained({
    agent,
    settings: { limits: { timeoutMs: LIMIT_MS }, verification: { commands: verify } },
    provider: openEndingProvider(scene, happen, scene.purpose === "verify" ? ROOM_FOR_ONE : undefined),
    cancelled: causes.cancel.signal,
    stop: causes.stop.signal,
    clock: causes.clock,
  });
  expect(run.left).toEqual([]);
  return run;
}

function expectReason(found: unknown, { reason }: Cause): void {
  if (reason instanceof AirlockError) expect(found).toBe(reason);
  else expect(found).toMatchObject(reason);
}

const slowHarvest: Change = (sandbox, end) => ({
  async *harvest(limits) {
    end();
    await new Promise((settle) => setTimeout(settle, 50));
    yield* sandbox.harvest(limits);
  },
});

const unstoppable: Change = (sandbox, end) => ({
  async start(command): Promise<GuestProcess> {
    const process = await sandbox.start(command);
    end();
    return { ...process, stop: () => new Promise(() => undefined) };
  },
});

const VERIFYING: readonly (Scene & { readonly name: string })[] = [
  { name: "while its sandbox is made", purpose: "verify" },
  { name: "while the base is planted", purpose: "verify", change: whilePlanted },
  { name: "while the commands judge the base", purpose: "verify", change: atCommand },
  { name: "while the patch takes the base's place", purpose: "verify", change: whileReplanted },
];

describe.each([CANCEL, STOP, DEADLINE])("when $name", { timeout: TEST_MS }, (cause) => {
  test.each(VERIFYING)("I20: a verification ends $name, and patch and transcript are kept", async (scene) => {
    const run = await play({ ...scene, cause, verify: scene.change === atCommand ? LONG : "true" });
    expectReason(run.contained?.stopped, cause);
    expect(run.contained?.verification).toBeUndefined();
    expect(run.contained?.patch.changes.map(({ path }) => path)).toEqual(["p.txt"]);
    expect(run.read("patch.diff")).toContain("+partial");
    expect(run.read("transcript.jsonl")).toContain("at work");
    expect(run.record.stageRuns.at(-1)).toMatchObject({ stage: "verify", result: "failed" });
  });

  test("I20: a harvest may end, but the work does not count as complete", async () => {
    const run = await play({ purpose: "agent", change: slowHarvest, cause, verify: "true" });
    expectReason(run.contained?.stopped, cause);
    expect(run.read("patch.diff")).toContain("+partial");
    expect(run.record.stageRuns.map(({ stage }) => stage)).toEqual(["sandbox", "agent", "harvest"]);
  });

  test("I18: a harvest that does not end is given up", async () => {
    const run = await play({ purpose: "agent", change: stuckHarvest, cause, afterwards: (clock) => clock.pass(120_000) });
    expectReason(run.failure, cause);
    expect(run.read("transcript.jsonl")).toContain("at work");
  });

  test("I18: an agent that cannot be stopped is given up", async () => {
    const run = await play({ purpose: "agent", change: unstoppable, cause, agent: LONG, afterwards: (clock) => clock.pass(120_000) });
    expectReason(run.failure, cause);
  });
});

/** Every command of every sandbox goes through `change`. */
function withCommands(change: (exec: Sandbox["exec"]) => Sandbox["exec"], onCreate: () => void = () => undefined): SandboxProvider {
  const inner = openNamespaceProvider();
  return {
    ...inner,
    async create(spec) {
      const sandbox = await inner.create(spec);
      onCreate();
      return altered(sandbox, { exec: change((command) => sandbox.exec(command)) });
    },
  };
}

describe("the time of a run", { timeout: TEST_MS }, () => {
  test("I18: what does not end is given up sooner after a cancel than after other ends, since the runner kills a cancelled job", async () => {
    const both: Cause = {
      name: "both",
      happen(causes) {
        DEADLINE.happen(causes);
        causes.clock.pass(60_000);
        CANCEL.happen(causes);
        causes.clock.pass(6_000);
      },
      reason: DEADLINE.reason,
    };
    const run = await play({ purpose: "agent", change: stuckHarvest, cause: both });
    expectReason(run.failure, both);
  });

  test("I18: setup and verification have one time limit, and get what is left of it", async () => {
    const clock = openClock();
    const asked: number[] = [];
    const provider = withCommands(
      (exec) => (command) => {
        asked.push(command.timeoutMs);
        return exec(command);
      },
      () => clock.pass(10 * 60_000),
    );
    const settings = { limits: { timeoutMs: LIMIT_MS }, sandbox: { setup: "true" }, verification: { commands: "true" } };
    const run = await runContained({ agent: AGENT, settings, provider, clock });
    expect(run.contained?.verification).toMatchObject({ outcome: "passed" });
    // A minute is for the look at what the image has.
    expect(asked.filter((ms) => ms !== 60_000)).toEqual([20, 10, 10, 10, 10, 10].map((minutes) => minutes * 60_000));
  });

  test.each(["setup", "verify"])("I20: a run is told as timed-out when the guest's own clock says so first: %s", async (phase) => {
    const provider = withCommands((exec) => (command) => exec({ ...command, timeoutMs: 100 }));
    const settings = phase === "setup" ? { sandbox: { setup: LONG } } : { verification: { commands: LONG } };
    const run = await runContained({ agent: AGENT, settings, provider });
    expect(phase === "setup" ? run.failure : run.contained?.stopped).toMatchObject({ code: "agent.timeout", outcome: "timed-out" });
    expect(run.left).toEqual([]);
  });
});
