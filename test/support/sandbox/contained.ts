import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCommandAgent } from "../../../src/adapters/agent/command.ts";
import { openGitRepositories } from "../../../src/adapters/repository/git.ts";
import { openSink } from "../../../src/adapters/runner/shared/sink.ts";
import { modelsFor } from "../../../src/config/agents.ts";
import { parsePolicy } from "../../../src/domain/egress/policy.ts";
import { openRecord, type RunRecord } from "../../../src/domain/record/record.ts";
import { Secret } from "../../../src/domain/secret.ts";
import type { Task } from "../../../src/domain/task.ts";
import { openGateway } from "../../../src/gateway/gateway.ts";
import type { ModelUpstream } from "../../../src/ports/gateway.ts";
import type { SandboxProvider } from "../../../src/ports/sandbox.ts";
import type { World } from "../../../src/ports/world.ts";
import { type Contained, contain } from "../../../src/runs/contain.ts";
import type { Clock } from "../clock.ts";
import { openFakeRunner, settingsOf } from "../forge/fake-event.ts";
import { openFakeForge } from "../forge/fake-forge.ts";
import { makeWorkTree, type TreeSpec } from "../forge/work-tree.ts";
import { openNamespaceProvider } from "./namespace-provider.ts";

export interface ContainedOptions {
  /** Shell lines that stand for the agent. */
  readonly agent: string;
  readonly files?: TreeSpec;
  readonly settings?: Parameters<typeof settingsOf>[0];
  readonly model?: { readonly url: string; readonly key: string };
  readonly provider?: SandboxProvider;
  readonly cancelled?: AbortSignal;
  readonly stop?: AbortSignal;
  readonly onLine?: (line: string) => void;
  /** Default: the real time. */
  readonly clock?: Clock;
}

export interface ContainedRun {
  readonly contained: Contained | undefined;
  readonly failure: unknown;
  readonly record: RunRecord;
  /** The run's files by name, read before the folder went away. */
  readonly read: (name: string) => string;
  /** Sandboxes that are left of this run. */
  readonly left: readonly string[];
}

/** Runs everything untrusted once: the real guest in namespaces, the real gateway, a bare repository, a shell script as the agent. */
export async function runContained(options: ContainedOptions): Promise<ContainedRun> {
  const directory = mkdtempSync(join(tmpdir(), "airlock-contained-"));
  const work = makeWorkTree(options.files ?? { "a.txt": "one\n" });
  const base = work.commit("base");
  const provider = options.provider ?? openNamespaceProvider();
  const world = openWorld(options, { directory, url: work.url, provider });
  const record = openRecord({ now: Date.now, group: (_title, body) => body(), errorId: () => undefined });
  const settings = settingsOf(options.settings);
  const repository = await world.repositories.open();
  try {
    const policy = { egress: parsePolicy(settings.network), mode: settings.network.mode };
    const stop = options.stop ?? new AbortController().signal;
    const run = contain({ world, settings, task: taskOf(base), policy, repository, record, stop });
    const [contained, failure] = await run.then(
      (value) => [value, undefined] as const,
      (error: unknown) => [undefined, error] as const,
    );
    if (contained !== undefined) await repository.writeDiff(contained.patch, join(directory, "patch.diff"));
    const files = new Map(
      ["transcript.jsonl", "agent.log", "egress.jsonl", "patch.diff"].map((name) => [name, readIfThere(join(directory, name))]),
    );
    const left = await provider.findByRun({ repository: world.runner.run.repository, runId: world.runner.run.runId, attempt: 1 });
    return { contained, failure, record, read: (name) => files.get(name) ?? "", left };
  } finally {
    await repository[Symbol.asyncDispose]();
    work[Symbol.dispose]();
    rmSync(directory, { recursive: true, force: true });
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

interface Places {
  readonly directory: string;
  readonly url: string;
  readonly provider: SandboxProvider;
}

function openWorld(options: ContainedOptions, { directory, url, provider }: Places): World {
  const fake = openFakeRunner({ name: "issues", payload: {} }, { runId: String(process.pid) });
  const { model } = options;
  const upstream: ModelUpstream | undefined =
    model === undefined
      ? undefined
      : {
          api: "anthropic",
          baseUrl: model.url,
          credential: { kind: "api-key", value: new Secret(model.key, "anthropic-api-key") },
          allowedModels: [],
        };
  return {
    runner: {
      ...fake,
      directory,
      cacheDirectory: directory,
      cancelled: options.cancelled ?? fake.cancelled,
      log: { ...fake.log, info: (line) => options.onLine?.(line) },
      openSink: (name, maxBytes) => openSink(join(directory, name), maxBytes),
    },
    forge: { ...openFakeForge(), remote: { url, token: new Secret("") } },
    repositories: openGitRepositories({ temporaryDirectory: directory, allowFileRemotes: true }),
    gateways: { open: (given) => openGateway(given), reap: async () => [] },
    provider: () => Promise.resolve(provider),
    agent: () => Promise.resolve(openCommandAgent({ argv: ["/bin/bash", "-c", options.agent] })),
    model: (settings) => upstream && { ...upstream, allowedModels: modelsFor("command", settings) },
    requireCredentials: () => undefined,
    narrow: (settings) => Promise.resolve(settings),
    readRegistries: () => Promise.resolve({}),
    now: Date.now,
    ...options.clock,
    secrets: model === undefined ? [] : [new Secret(model.key, "anthropic-api-key")],
  };
}

function taskOf(baseSha: string): Task {
  const target = { kind: "repository" } as const;
  const trigger = {
    event: "workflow_dispatch",
    action: "",
    target,
    actor: "maria",
    mode: "task",
    triggeredAtMs: Date.now(),
    title: "",
    body: "",
    instruction: "",
  } as const;
  return { trigger, target, title: "A task", prompt: "Do it.", baseRef: "main", baseSha, removed: {}, attachments: [] };
}
