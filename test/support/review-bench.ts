import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCommandAgent } from "../../src/adapters/agent/command.ts";
import { openGithubForge } from "../../src/adapters/forge/github.ts";
import { openGitRepositories } from "../../src/adapters/repository/git.ts";
import { openSink } from "../../src/adapters/runner/shared/sink.ts";
import { nameEnding } from "../../src/domain/ending.ts";
import type { Outcome } from "../../src/domain/outcome.ts";
import { openRecord, type RunRecord } from "../../src/domain/record.ts";
import { Secret } from "../../src/domain/secret.ts";
import { openGateway } from "../../src/gateway/gateway.ts";
import type { SandboxProvider } from "../../src/ports/sandbox.ts";
import type { World } from "../../src/ports/world.ts";
import { run } from "../../src/run.ts";
import { openFakeRunner, settingsOf, user } from "./fake-event.ts";
import { openNamespaceProvider } from "./namespace-provider.ts";
import { BASE_FILES, type PlantedPull } from "./pull-requests.ts";
import { NUMBER, type ReviewGithub } from "./review-github/state.ts";
import { startReviewGithub } from "./review-github.ts";
import { makeWorkTree, type TreeSpec, type WorkTree } from "./work-tree.ts";

export const TOKEN = "ghs_canaryTokenOfTheRunner000000000000";

export interface ReviewBenchOptions {
  readonly base?: TreeSpec;
  readonly pull: Pick<PlantedPull, "edits" | "title" | "description" | "author">;
  readonly headRepository?: string;
  readonly identity?: string;
}

export interface ReviewJob {
  /** Shell lines that stand for the agent. */
  readonly agent: string;
  readonly settings?: Parameters<typeof settingsOf>[0];
  readonly event?: { readonly name: string; readonly payload: unknown };
  readonly runId?: string;
  readonly actor?: string;
  readonly triggeringActor?: string;
}

export interface ReviewRunResult {
  readonly outcome: Outcome;
  readonly record: RunRecord;
  readonly warnings: readonly string[];
  /** The run's files by name. */
  readonly read: (name: string) => string;
  /** Purposes of the sandboxes that were made. */
  readonly sandboxes: readonly string[];
  /** Whatever lies in the runner's folders when the run is over, relative. */
  readonly left: readonly string[];
}

/** A pull request over a real repository, the real forge adapter, the real guest in namespaces. */
export interface ReviewBench extends AsyncDisposable {
  readonly github: ReviewGithub;
  readonly work: WorkTree;
  readonly base: string;
  /** Commits on top of the head and moves the pull request there. */
  push(edits: Readonly<Record<string, TreeSpec[string] | null>>): string;
  run(job: ReviewJob): Promise<ReviewRunResult>;
  /** `pull_request_target: labeled` by `maria`, with the text as it stands. */
  labeled(): { readonly name: string; readonly payload: Record<string, unknown> };
}

export async function openReviewBench(options: ReviewBenchOptions): Promise<ReviewBench> {
  const work = makeWorkTree(options.base ?? BASE_FILES);
  const base = work.commit("base");
  const edit = (edits: Readonly<Record<string, TreeSpec[string] | null>>): void => {
    for (const [path, spec] of Object.entries(edits)) if (spec === null) work.remove(path);
    for (const [path, spec] of Object.entries(edits)) if (spec !== null) work.write({ [path]: spec });
  };
  edit(options.pull.edits);
  const head = work.commit("head");
  const author = options.pull.author ?? "eve";
  const headRepository = options.headRepository ?? "eve/rocket";
  const github = await startReviewGithub({
    directory: work.directory,
    base,
    head,
    title: options.pull.title,
    body: options.pull.description ?? "",
    author,
    headRepository,
    headRef: "topic",
    identity: options.identity ?? "github-actions[bot]",
    permissions: { maria: "write", eve: "read" },
  });
  const labeled = () => {
    const repo = { id: headRepository === "acme/rocket" ? 1 : 2 };
    const pull = {
      number: NUMBER,
      title: github.title,
      body: github.body,
      state: "open",
      updated_at: new Date().toISOString(),
      labels: [{ name: "airlock" }],
      head: { sha: github.head, ref: "topic", repo },
      base: { ref: "main", repo: { id: 1 } },
    };
    const payload = {
      action: "labeled",
      label: { name: "airlock" },
      pull_request: pull,
      repository: { id: 1, full_name: "acme/rocket" },
      sender: user("maria"),
    };
    return { name: "pull_request_target", payload };
  };
  return {
    github,
    work,
    base,
    labeled,
    push(edits) {
      edit(edits);
      github.head = work.commit("more");
      return github.head;
    },
    run(job) {
      github.labels = ["airlock"];
      return runJob({ github, work, job: { event: labeled(), ...job } });
    },
    async [Symbol.asyncDispose]() {
      await github[Symbol.asyncDispose]();
      work[Symbol.dispose]();
    },
  };
}

interface JobOptions {
  readonly github: ReviewGithub;
  readonly work: WorkTree;
  readonly job: ReviewJob & Required<Pick<ReviewJob, "event">>;
}

async function runJob({ github, work, job }: JobOptions): Promise<ReviewRunResult> {
  const directory = mkdtempSync(join(tmpdir(), "airlock-review-"));
  const sandboxes: string[] = [];
  const inner = openNamespaceProvider();
  const provider: SandboxProvider = {
    ...inner,
    create: (spec) => {
      sandboxes.push(spec.purpose);
      return inner.create(spec);
    },
  };
  const { actor = "maria", triggeringActor = actor, runId = String(process.pid) } = job;
  const fake = openFakeRunner(job.event, { runId, actor, triggeringActor });
  const world: World = {
    runner: { ...fake, directory, cacheDirectory: directory, openSink: (name, maxBytes) => openSink(join(directory, name), maxBytes) },
    forge: {
      ...openGithubForge({
        repository: "acme/rocket",
        apiUrl: github.url,
        serverUrl: "https://github.com",
        token: new Secret(TOKEN, "github-token"),
        pacing: { secondMs: 1, requestTimeoutMs: 20_000 },
      }),
      remote: { url: work.url, token: new Secret("") },
    },
    repositories: openGitRepositories({ temporaryDirectory: directory, allowFileRemotes: true }),
    gateways: { open: (given) => openGateway(given) },
    provider: () => Promise.resolve(provider),
    agent: () => Promise.resolve(openCommandAgent({ argv: ["/bin/bash", "-c", job.agent] })),
    model: () => undefined,
    requireCredentials: () => undefined,
    narrow: (settings) => Promise.resolve(settings),
    readRegistries: () => Promise.resolve({}),
    now: Date.now,
    secrets: [new Secret(TOKEN, "github-token")],
  };
  const record = openRecord({ now: Date.now, group: (_title, body) => body(), errorId: () => undefined });
  const settings = settingsOf({ agent: { name: "command" }, network: { mode: "none" }, ...job.settings });
  try {
    const ending = await run(world, settings, record).then(
      (outcome) => ({ outcome }),
      (failure: unknown) => ({ failure }),
    );
    // The report's part: it ends the tracking comment, and with it the lock.
    github.issueComments.splice(0);
    const left = readdirSync(directory, { recursive: true }).map(String).toSorted();
    const files = new Map(left.filter((name) => /^[a-z.]+$/.test(name)).map((name) => [name, readFileSync(join(directory, name), "utf8")]));
    return { outcome: nameEnding(ending).outcome, record, warnings: fake.warnings, read: (name) => files.get(name) ?? "", sandboxes, left };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Shell lines of an agent that leaves this review and does nothing else. */
export function leave(review: unknown): string {
  return `cat > /work/.airlock/review.json <<'AIRLOCK_END'\n${JSON.stringify(review)}\nAIRLOCK_END\necho reviewed`;
}
