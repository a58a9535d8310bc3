import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { AirlockError } from "../../src/domain/errors.ts";
import type { GuestProcess, Sandbox, SandboxProvider, SandboxSpec } from "../../src/ports/sandbox.ts";
import { type Clock, openClock } from "../support/clock.ts";
import { type ContainedRun, runContained } from "../support/contained.ts";
import { openNamespaceProvider } from "../support/namespace-provider.ts";

const TEST_MS = 60_000;
const LIMIT_MS = 30 * 60_000;
/** Far longer than a test may take: who waits for it has not heeded the end. */
const LONG = "sleep 600";
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

const CAUSES: readonly Cause[] = [
  { name: "the job is cancelled", happen: ({ cancel }) => cancel.abort(CANCELLED), reason: CANCELLED },
  { name: "somebody says stop", happen: ({ stop }) => stop.abort(UNWANTED), reason: UNWANTED },
  { name: "the time is up", happen: ({ clock }) => clock.pass(LIMIT_MS), reason: { code: "agent.timeout", outcome: "timed-out" } },
];

/** Changes a sandbox; `end` makes the cause happen, once the call that asked for it is under way. */
type Change = (sandbox: Sandbox, end: () => void) => Partial<Sandbox>;

interface Scene {
  readonly purpose: string;
  /** Undefined: the end comes while the sandbox is made. */
  readonly change?: Change;
}

const neverPlanted: Change = (sandbox, end) => ({
  plant: (pack, commit) => {
    pack.on("error", () => undefined).destroy();
    end();
    return sandbox.plant(new PassThrough(), commit);
  },
});
const endAtCommand: Change = (sandbox, end) => ({
  exec: (command) => {
    end();
    return sandbox.exec(command);
  },
});

function wrap(inner: SandboxProvider, { purpose, change }: Scene, end: () => void): SandboxProvider {
  const create = async (spec: SandboxSpec): Promise<Sandbox> => {
    if (spec.purpose !== purpose) return await inner.create(spec);
    if (change === undefined) {
      end();
      return await inner.create(spec);
    }
    const sandbox = await inner.create(spec);
    return { ...sandbox, ...change(sandbox, end), [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose]() };
  };
  return { ...inner, create };
}

interface Play extends Scene {
  readonly cause: Cause;
  readonly agent?: string;
  readonly setup?: string;
  readonly verify?: string;
  /** What happens after the end, with the clock at hand. */
  readonly afterwards?: (clock: Clock) => void;
}

async function play({ cause, agent = AGENT, setup = "", verify = "", afterwards, ...scene }: Play): Promise<ContainedRun> {
  const causes: Causes = { clock: openClock(), cancel: new AbortController(), stop: new AbortController() };
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    setImmediate(() => {
      cause.happen(causes);
      afterwards?.(causes.clock);
    });
  };
  const run = await runContained({
    agent,
    settings: { limits: { timeoutMs: LIMIT_MS }, sandbox: { setup }, verification: { commands: verify } },
    provider: wrap(openNamespaceProvider(), scene, end),
    cancelled: causes.cancel.signal,
    stop: causes.stop.signal,
    clock: causes.clock,
  });
  expect(ended).toBe(true);
  expect(run.left).toEqual([]);
  return run;
}

function expectReason(found: unknown, { reason }: Cause): void {
  if (reason instanceof AirlockError) expect(found).toBe(reason);
  else expect(found).toMatchObject(reason);
}

const BEFORE: readonly (readonly [phase: string, scene: Scene & Pick<Play, "setup">])[] = [
  ["while the sandbox is made", { purpose: "agent" }],
  ["while the tree is planted", { purpose: "agent", change: neverPlanted }],
  ["during setup", { purpose: "agent", change: endAtCommand, setup: LONG }],
];
const VERIFYING: readonly (readonly [phase: string, scene: Scene])[] = [
  ["while the second sandbox is made", { purpose: "verify" }],
  ["while the patch is planted", { purpose: "verify", change: neverPlanted }],
  ["while the commands run", { purpose: "verify", change: endAtCommand }],
];

describe.each(CAUSES)("B2: $name", { timeout: TEST_MS }, (cause) => {
  it.each(BEFORE)("I7, I20: ends the run at once %s, for that reason and with no sandbox left", async (_phase, scene) => {
    const run = await play({ ...scene, cause });
    expectReason(run.failure, cause);
    expect(run.record.passages.map(({ station, result }) => [station, result])).toEqual([["sandbox", "failed"]]);
  });

  it.each(VERIFYING)("I7, I20: ends a verification at once %s, and keeps patch and transcript", async (_phase, scene) => {
    const run = await play({ ...scene, cause, verify: LONG });
    expectReason(run.contained?.stopped, cause);
    expect(run.contained?.verification).toBeUndefined();
    expect(run.contained?.patch.changes.map(({ path }) => path)).toEqual(["p.txt"]);
    expect(run.read("patch.diff")).toContain("+partial");
    expect(run.read("transcript.jsonl")).toContain("at work");
    expect(run.record.passages.at(-1)).toMatchObject({ station: "verify", result: "failed" });
  });

  it("I20: lets the harvest end, and does not take the work for complete", async () => {
    const change: Change = (sandbox, end) => ({
      async *harvest(limits) {
        end();
        await new Promise((settle) => setTimeout(settle, 50));
        yield* sandbox.harvest(limits);
      },
    });
    const run = await play({ purpose: "agent", change, cause, verify: "true" });
    expectReason(run.contained?.stopped, cause);
    expect(run.read("patch.diff")).toContain("+partial");
    expect(run.record.passages.map(({ station }) => station)).toEqual(["sandbox", "agent", "harvest"]);
  });

  it("I18: waits only so long for a harvest that does not end", async () => {
    const change: Change = (_sandbox, end) => ({
      async *harvest() {
        end();
        await new Promise(() => undefined);
      },
    });
    const run = await play({ purpose: "agent", change, cause, afterwards: (clock) => clock.pass(120_000) });
    expectReason(run.failure, cause);
    expect(run.read("transcript.jsonl")).toContain("at work");
  });

  it("I18: waits only so long for an agent that cannot be stopped", async () => {
    const change: Change = (sandbox, end) => ({
      async start(command): Promise<GuestProcess> {
        const process = await sandbox.start(command);
        end();
        return { ...process, stop: () => new Promise(() => undefined) };
      },
    });
    const run = await play({ purpose: "agent", change, cause, agent: LONG, afterwards: (clock) => clock.pass(120_000) });
    expectReason(run.failure, cause);
  });
});

describe("B2: the end of a run", { timeout: TEST_MS }, () => {
  const [cancel, , deadline] = CAUSES as readonly [Cause, Cause, Cause];

  it("I18: comes sooner for a cancelled job than for others, since the runner kills it soon", async () => {
    const change: Change = (_sandbox, end) => ({
      async *harvest() {
        end();
        await new Promise(() => undefined);
      },
    });
    const both: Cause = {
      name: "both",
      happen(causes) {
        deadline.happen(causes);
        causes.clock.pass(60_000);
        cancel.happen(causes);
        causes.clock.pass(6_000);
      },
      reason: deadline.reason,
    };
    const run = await play({ purpose: "agent", change, cause: both });
    expectReason(run.failure, both);
  });

  it("I18: leaves to setup and verification what is left of the time, and no more", async () => {
    const clock = openClock();
    const asked: number[] = [];
    const inner = openNamespaceProvider();
    const provider: SandboxProvider = {
      ...inner,
      async create(spec) {
        const sandbox = await inner.create(spec);
        clock.pass(10 * 60_000);
        const exec: Sandbox["exec"] = (command) => {
          asked.push(command.timeoutMs);
          return sandbox.exec(command);
        };
        return { ...sandbox, exec, [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose]() };
      },
    };
    const settings = { limits: { timeoutMs: LIMIT_MS }, sandbox: { setup: "true" }, verification: { commands: "true" } };
    const run = await runContained({ agent: AGENT, settings, provider, clock });
    expect(run.contained?.verification).toMatchObject({ passed: true });
    expect(asked).toEqual([20 * 60_000, 10 * 60_000]);
  });

  it.each(["setup", "verify"])("I20: is named timed-out when the guest's own clock says so first: %s", async (phase) => {
    const inner = openNamespaceProvider();
    const provider: SandboxProvider = {
      ...inner,
      async create(spec) {
        const sandbox = await inner.create(spec);
        const exec: Sandbox["exec"] = (command) => sandbox.exec({ ...command, timeoutMs: 100 });
        return { ...sandbox, exec, [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose]() };
      },
    };
    const settings = phase === "setup" ? { sandbox: { setup: LONG } } : { verification: { commands: LONG } };
    const run = await runContained({ agent: AGENT, settings, provider });
    expect(phase === "setup" ? run.failure : run.contained?.stopped).toMatchObject({ code: "agent.timeout", outcome: "timed-out" });
    expect(run.left).toEqual([]);
  });
});
