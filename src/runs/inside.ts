import type { Deadline } from "../domain/deadline.ts";
import type { RunRecord } from "../domain/record/record.ts";
import type { Settings } from "../domain/settings.ts";
import type { Task } from "../domain/task.ts";
import type { Agent } from "../ports/agent.ts";
import type { Gateway, InjectionRule } from "../ports/gateway.ts";
import type { Repository } from "../ports/repository.ts";
import type { Sink } from "../ports/runner.ts";
import type { SandboxProvider, SandboxSpec } from "../ports/sandbox.ts";
import type { World } from "../ports/world.ts";
import type { ResolvedPolicy } from "../stages/policy.ts";
import type { OpenedSandbox } from "../stages/sandbox.ts";

/** The provider destroys a sandbox by itself this long after the run's own limit. */
const LIFETIME_SLACK_MS = 5 * 60_000;

export interface ContainOptions {
  readonly world: World;
  readonly settings: Settings;
  readonly task: Task;
  readonly policy: ResolvedPolicy;
  /** Secrets that the gateway puts into requests; the sandbox gets their surrogates. None by default. */
  readonly secrets?: readonly InjectionRule[];
  readonly repository: Repository;
  readonly record: RunRecord;
  /** Aborted when the run is no longer wanted. */
  readonly stop: AbortSignal;
}

/** What is available inside the brackets. */
export type Inside = Parts & OpenedSandbox & Beside & Sinks;

export interface Parts {
  readonly agent: Agent;
  readonly provider: SandboxProvider;
  readonly gateway: Gateway;
  readonly deadline: Deadline;
  /** Of each sandbox of the run; 0: the provider's default. */
  readonly memoryMib: number;
}

export interface Beside {
  /** Ends the agent's sandbox, where another one finds no room beside it; undefined: there is room for both. */
  readonly endAlone: (() => Promise<void>) | undefined;
}

export interface Sinks {
  readonly transcript: Sink;
  readonly rawLog: Sink;
}

export function describeSandbox(
  options: ContainOptions,
  { deadline, memoryMib }: Pick<Parts, "deadline" | "memoryMib">,
  { purpose, layers }: Pick<SandboxSpec, "purpose" | "layers">,
): SandboxSpec {
  const { run, log } = options.world.runner;
  const { template, cpus } = options.settings.sandbox;
  return {
    run: { repository: run.repository, runId: run.runId, attempt: run.attempt },
    template,
    cpus,
    memoryMib,
    lifetimeMs: options.settings.limits.timeoutMs + LIFETIME_SLACK_MS,
    notify: (line) => log.notice(line),
    purpose,
    layers,
    signal: deadline.signal,
  };
}

/** A sandbox beside the agent's, without its layers. */
export function describeFresh(
  options: ContainOptions,
  parts: Pick<Parts, "deadline" | "memoryMib">,
  purpose: SandboxSpec["purpose"],
): SandboxSpec {
  return describeSandbox(options, parts, { purpose, layers: [] });
}
