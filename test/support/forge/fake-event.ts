import type { Settings } from "../../../src/domain/settings.ts";
import type { Trigger } from "../../../src/domain/task.ts";
import type { Runner, RunnerFacts } from "../../../src/ports/runner.ts";

/** When the events of these tests happened. */
export const AT = "2026-11-23T12:00:00Z";
export const AT_MS = Date.parse(AT);
/** The clock of these tests: ten seconds later. */
export const NOW_MS = AT_MS + 10_000;

type Overrides<T> = { readonly [K in keyof T]?: T[K] extends readonly unknown[] ? T[K] : T[K] extends object ? Overrides<T[K]> : T[K] };

/** Settings as an empty `with:` block gives them. */
export function settingsOf(given: Overrides<Settings> = {}): Settings {
  const base: Settings = {
    mode: "auto",
    prompt: "",
    dryRun: false,
    agent: { version: "", args: [], command: [], model: "" },
    sandbox: { template: "", cpus: 0, memoryMib: 0, setup: "" },
    network: { mode: "allowlist", allow: "", deny: "" },
    limits: { maxTurns: 0, maxCostUsd: 5, timeoutMs: 1_800_000 },
    trigger: { label: "airlock", phrase: "/airlock", allowedBots: [] },
    verification: { commands: "", verifyAttempts: 2 },
    gate: { allowedPaths: [], protectedPaths: [], maxFiles: 100, maxPatchBytes: 1_048_576, onProtected: "refuse" },
    publication: {
      kind: "auto",
      base: "",
      branchPrefix: "airlock/",
      title: "",
      labels: [],
      reviewers: [],
      teamReviewers: [],
      assignees: [],
      draft: false,
    },
  };
  const merged = Object.entries(given).map(([key, value]) => {
    const before: unknown = base[key as keyof Settings];
    const nested = typeof before === "object" && before !== null && typeof value === "object";
    return [key, nested ? { ...before, ...value } : value];
  });
  return { ...base, ...Object.fromEntries(merged) };
}

/** An issue without a word, to which somebody gave the label. */
export const LABELLED: Trigger = {
  event: "issues",
  action: "labeled",
  target: { kind: "issue", number: 7 },
  actor: "maria",
  mode: "fix",
  triggeredAtMs: 0,
  title: "",
  body: "",
  instruction: "",
};

export function runFactsOf(given: Partial<RunnerFacts> = {}): RunnerFacts {
  return {
    repository: "acme/rocket",
    runId: "7001",
    attempt: 1,
    url: "https://github.example/acme/rocket/actions/runs/7001",
    actor: "maria",
    triggeringActor: "maria",
    sha: "1".repeat(40),
    ref: "refs/heads/main",
    workflow: "airlock",
    ...given,
  };
}

export interface FakeRunner extends Runner {
  readonly warnings: string[];
}

/** A runner whose event and facts are given and whose log is kept; everything else is refused. */
export function openFakeRunner(event: { readonly name: string; readonly payload: unknown }, run: Partial<RunnerFacts> = {}): FakeRunner {
  const warnings: string[] = [];
  const refuse = (): never => {
    throw new Error("this fake does not do that");
  };
  return {
    event,
    run: runFactsOf(run),
    directory: "/nonexistent",
    cacheDirectory: "/nonexistent",
    cancelled: new AbortController().signal,
    log: { info: () => undefined, notice: () => undefined, warning: (line) => void warnings.push(line), group: (_title, body) => body() },
    warnings,
    mask: () => undefined,
    fail: refuse,
    setOutputs: refuse,
    writeSummary: refuse,
    saveState: () => undefined,
    openSink: refuse,
    writeFile: refuse,
    readFile: refuse,
    uploadArtifact: refuse,
  };
}

const REPOSITORY = { id: 1, full_name: "acme/rocket" };

export function user(login: string, type = "User") {
  return { login, type };
}

export function issueOf(given: Readonly<Record<string, unknown>> = {}) {
  return {
    number: 7,
    title: "The flag is wrong",
    body: "Please mend it.",
    state: "open",
    updated_at: AT,
    labels: [{ name: "airlock" }],
    user: user("eve"),
    comments: 0,
    ...given,
  };
}

/** `issues: labeled` by `maria` on an issue of `eve`. */
export function labeled(
  given: { readonly label?: string; readonly sender?: unknown; readonly issue?: Readonly<Record<string, unknown>> } = {},
) {
  const payload = {
    action: "labeled",
    label: { name: given.label ?? "airlock" },
    issue: issueOf(given.issue),
    repository: REPOSITORY,
    sender: given.sender ?? user("maria"),
  };
  return { name: "issues", payload };
}

/** `issue_comment: created` on the issue, or on a pull request when `pull` is set. */
export function commented(body: string, given: { readonly by?: unknown; readonly pull?: boolean; readonly id?: number } = {}) {
  const by = given.by ?? user("maria");
  const issue = issueOf(given.pull === true ? { pull_request: { url: "x" } } : {});
  return {
    name: "issue_comment",
    payload: {
      action: "created",
      issue,
      comment: { id: given.id ?? 900, body, created_at: AT, user: by },
      repository: REPOSITORY,
      sender: by,
    },
  };
}

/** `pull_request` with an action, from this repository unless `fork`. */
export function pullRequest(
  action: string,
  given: { readonly fork?: boolean; readonly label?: string; readonly event?: string; readonly sender?: unknown } = {},
) {
  const head = { sha: "2".repeat(40), ref: "topic", repo: { id: given.fork === true ? 2 : 1 } };
  const pull = {
    number: 8,
    title: "A change",
    body: "Why.",
    state: "open",
    updated_at: AT,
    labels: [],
    head,
    base: { ref: "main", repo: { id: 1 } },
  };
  const label = given.label === undefined ? {} : { label: { name: given.label } };
  return {
    name: given.event ?? "pull_request",
    payload: { action, ...label, pull_request: pull, repository: REPOSITORY, sender: given.sender ?? user("maria") },
  };
}

/** `workflow_run: completed` with failed jobs, on a branch of this repository unless `fork`. */
export function workflowRun(
  given: { readonly fork?: boolean; readonly actor?: unknown; readonly conclusion?: string; readonly branch?: string } = {},
) {
  const actor = given.actor ?? user("maria");
  const run = {
    id: 555,
    name: "CI",
    conclusion: given.conclusion ?? "failure",
    head_sha: "2".repeat(40),
    head_branch: given.branch ?? "topic",
    head_repository: { id: given.fork === true ? 2 : 1 },
    actor,
    triggering_actor: actor,
    updated_at: AT,
    pull_requests: [],
  };
  return { name: "workflow_run", payload: { action: "completed", workflow_run: run, repository: REPOSITORY, sender: user("maria") } };
}
