import { inertLine } from "../inert.ts";
import { concludes, type Outcome } from "../outcome.ts";
import type { RunNotes } from "../record/notes.ts";
import { countLines } from "../render/markdown.ts";

/** Absolute paths of the run's files; empty if a file does not exist. */
export interface OutputPaths {
  readonly "record-path": string;
  readonly "patch-path": string;
  readonly "transcript-path": string;
  readonly "egress-log-path": string;
  readonly "report-path": string;
}

export interface OutputOptions {
  readonly outcome: Outcome;
  readonly notes: RunNotes;
  readonly commentUrl: string | undefined;
  readonly durationMs: number;
  readonly paths: OutputPaths;
}

const MAX_DENIED_HOSTS = 100;

/** Every output of the action, each a short text; the names are fixed (I16). */
export function renderOutputs(options: OutputOptions): Readonly<Record<string, string>> {
  return {
    ...renderPublication(options),
    ...renderFigures(options),
    ...renderRetry(options),
    ...renderIdentity(options),
    ...options.paths,
  };
}

function renderPublication({ outcome, commentUrl }: OutputOptions) {
  const { publication } = outcome;
  return {
    outcome: outcome.word,
    conclusion: concludes(outcome.word),
    summary: inertLine(outcome.reason, 1000),
    "pull-request-number": String(publication?.pullRequestNumber ?? ""),
    "pull-request-url": publication?.pullRequestUrl ?? "",
    "comment-url": publication?.commentUrl ?? commentUrl ?? "",
    branch: publication?.branch ?? "",
    "head-sha": publication?.headSha ?? "",
    "tree-sha": publication?.treeSha ?? "",
  };
}

function renderRetry({ outcome, notes }: OutputOptions) {
  return { "retry-at": outcome.word === "rate-limited" ? (notes.usage?.retryAt ?? "") : "" };
}

function renderFigures({ notes, durationMs }: OutputOptions) {
  const { usage, egress } = notes;
  const changes = notes.patch?.changes ?? [];
  const { additions, deletions } = countLines(changes);
  const denied = (egress?.hosts ?? [])
    .filter(({ verdict, during }) => verdict === "deny" && during === undefined)
    .slice(0, MAX_DENIED_HOSTS);
  return {
    "changed-files": String(changes.length),
    additions: String(additions),
    deletions: String(deletions),
    "cost-usd": (usage?.costUsd ?? 0).toFixed(6),
    "input-tokens": String(usage?.inputTokens ?? 0),
    "output-tokens": String(usage?.outputTokens ?? 0),
    turns: String(usage?.turns ?? 0),
    "duration-ms": String(Math.round(durationMs)),
    "egress-allowed": String(egress?.allowed ?? 0),
    "egress-denied": String(egress?.denied ?? 0),
    "denied-hosts": [...new Set(denied.map((host) => inertLine(host.host, 255)))].join("\n"),
  };
}

function renderIdentity({ notes }: OutputOptions) {
  return {
    verification: notes.verification?.outcome ?? "none",
    provider: inertLine(notes.sandbox?.provider ?? ""),
    "sandbox-id": inertLine(notes.sandbox?.id ?? ""),
    agent: inertLine(notes.agent?.name ?? ""),
    "agent-version": inertLine(notes.agent?.version ?? ""),
  };
}
