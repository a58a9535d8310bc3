import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCommandAgent } from "../../../src/adapters/agent/command.ts";
import { openGitRepositories } from "../../../src/adapters/repository/git.ts";
import { readRunFile, writeRunFile } from "../../../src/adapters/runner/files.ts";
import { openSink } from "../../../src/adapters/runner/shared/sink.ts";
import type { Outcome } from "../../../src/domain/outcome.ts";
import type { RunRecord } from "../../../src/domain/record/record.ts";
import { type RunResult, toOutcome } from "../../../src/domain/record/result.ts";
import { Secret } from "../../../src/domain/secret.ts";
import { openGateway } from "../../../src/gateway/gateway.ts";
import type { Forge } from "../../../src/ports/forge.ts";
import type { Runner, RunnerFacts } from "../../../src/ports/runner.ts";
import type { SandboxProvider } from "../../../src/ports/sandbox.ts";
import type { World } from "../../../src/ports/world.ts";
import { run } from "../../../src/runs/run.ts";
import { openStep } from "../../../src/runs/step.ts";
import type { Clock } from "../clock.ts";
import { openFakeRunner, settingsOf } from "../forge/fake-event.ts";
import { openNamespaceProvider } from "../sandbox/namespace-provider.ts";

export const TOKEN = "ghs_canaryTokenOfTheRunner000000000000";

export interface JobOptions {
  /** Its remote is a repository that git can fetch from. */
  readonly forge: Forge;
  readonly event: { readonly name: string; readonly payload: unknown };
  /** Shell lines that stand for the agent. */
  readonly agent: string;
  readonly settings?: Parameters<typeof settingsOf>[0];
  readonly run?: Partial<RunnerFacts>;
  /** What happens in the world in the moment the run comes to a stage. */
  readonly at?: Readonly<Record<string, () => Promise<void> | void>>;
  /** Called with what is left for the post step. */
  readonly onState?: (name: string, value: string) => void;
  /** Called with each line of the log. */
  readonly onLine?: (line: string) => void;
  readonly cancelled?: AbortSignal;
  /** Default: the real time. */
  readonly clock?: Clock;
  /** Default: namespaces. */
  readonly provider?: SandboxProvider;
  /** What the world has in place of its own. */
  readonly world?: Partial<World>;
}

export interface JobResult {
  readonly outcome: Outcome;
  readonly record: RunRecord;
  readonly warnings: readonly string[];
  /** The run's files by name, as they were before the report. */
  readonly read: (name: string) => string;
  /** Purposes of the sandboxes that were made. */
  readonly sandboxes: readonly string[];
  /** Whatever lay in the runner's folders when the run was over, relative. */
  readonly left: readonly string[];
}

/** The line and its report as the main step runs them: the real guest in namespaces, a bare repository, a shell script as the agent. */
export async function runJob(options: JobOptions): Promise<JobResult> {
  const directory = mkdtempSync(join(tmpdir(), "airlock-job-"));
  const sandboxes: string[] = [];
  const warnings: string[] = [];
  const runner = openRunner(options, { directory, warnings });
  const { record, report } = openStep(runner);
  const world = openWorld(options, { runner, sandboxes });
  const settings = settingsOf({ network: { mode: "none" }, ...options.settings });
  try {
    const ending = await run(world, settings, record).then(
      (outcome): RunResult => ({ outcome }),
      (failure: unknown): RunResult => ({ failure }),
    );
    const left = readdirSync(directory, { recursive: true }).map(String).toSorted();
    const files = new Map(left.filter((name) => /^[a-z.]+$/.test(name)).map((name) => [name, readFileSync(join(directory, name), "utf8")]));
    await report(ending, { forge: options.forge, target: record.notes.trigger?.target, secrets: world.secrets });
    return { outcome: toOutcome(ending).outcome, record, warnings, read: (name) => files.get(name) ?? "", sandboxes, left };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Places {
  readonly directory: string;
  readonly warnings: string[];
}

function openRunner({ event, run: facts, at = {}, onLine, onState, cancelled }: JobOptions, { directory, warnings }: Places): Runner {
  const fake = openFakeRunner(event, { runId: String(process.pid), ...facts });
  return {
    ...fake,
    directory,
    cacheDirectory: directory,
    cancelled: cancelled ?? fake.cancelled,
    log: {
      info: (line) => onLine?.(line),
      notice: (line) => onLine?.(line),
      warning: (line) => void warnings.push(line),
      async group(title, body) {
        await at[title]?.();
        return await body();
      },
    },
    openSink: (name, maxBytes) => openSink(join(directory, name), maxBytes),
    writeFile: (name, content) => writeRunFile(directory, name, content),
    readFile: (name) => readRunFile(directory, name),
    setOutputs: () => undefined,
    saveState: (name, value) => onState?.(name, value),
    writeSummary: () => Promise.resolve(),
    uploadArtifact: () => Promise.resolve(undefined),
  };
}

function openWorld(options: JobOptions, { runner, sandboxes }: { readonly runner: Runner; readonly sandboxes: string[] }): World {
  const inner = options.provider ?? openNamespaceProvider();
  const provider: SandboxProvider = {
    ...inner,
    create: (spec) => {
      sandboxes.push(spec.purpose);
      return inner.create(spec);
    },
  };
  return {
    runner,
    forge: options.forge,
    repositories: openGitRepositories({ temporaryDirectory: runner.directory, allowFileRemotes: true }),
    gateways: { open: (given) => openGateway(given), reap: async () => [] },
    provider: () => Promise.resolve(provider),
    agent: () => Promise.resolve(openCommandAgent({ argv: ["/bin/bash", "-c", options.agent] })),
    model: () => undefined,
    requireCredentials: () => undefined,
    narrow: (settings) => Promise.resolve(settings),
    readRegistries: () => Promise.resolve({}),
    now: Date.now,
    ...options.clock,
    ...options.world,
    secrets: [new Secret(TOKEN, "github-token")],
  };
}
