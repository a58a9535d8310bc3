import { codeSpan, inertInline, inertMarkdown } from "../inert.ts";
import { concludes, type Outcome } from "../outcome.ts";
import type { RunNotes } from "../record/notes.ts";
import type { StageRun } from "../record/record.ts";
import { renderAllow } from "./allow-lines.ts";
import { headline } from "./comment.ts";
import { formatCount, formatMoney } from "./format.ts";
import {
  folded,
  keepWhole,
  paragraphs,
  renderEcosystems,
  renderFacts,
  renderFiles,
  renderFindings,
  renderHosts,
  suggestions,
  summariseChanges,
  summariseEgress,
  unsearchedNotice,
} from "./markdown.ts";
import { renderReviewNote } from "./review-note.ts";
import { renderVerificationDetails, tellVerification } from "./verification.ts";

/** GitHub keeps 1 MiB of a step's summary; this leaves room for its neighbours. */
const MAX_SUMMARY_CHARS = 200_000;

export interface StepSummaryOptions {
  readonly outcome: Outcome;
  readonly notes: RunNotes;
  readonly stageRuns: readonly StageRun[];
  readonly durationMs: number;
  readonly url: string;
}

const MARKS = { success: "✅", failure: "❌", neutral: "⚪" } as const;

/** The run on one page: outcome, timeline of the stages, boundary, network, money. */
export function renderStepSummary(options: StepSummaryOptions): string {
  const { outcome, notes } = options;
  const link = outcome.publication?.pullRequestUrl;
  return keepWhole(
    [
      `## ${MARKS[concludes(outcome.word)]} ${headline(outcome.word)}`,
      `${inertInline(outcome.reason, 1000)}${link === undefined ? "" : ` [Open it](${link})`} Outcome: ${codeSpan(outcome.word)}.`,
      notes.error?.remedy === undefined
        ? undefined
        : `**What to do:** ${inertInline(notes.error.remedy, 1000)} (${inertInline(notes.error.id ?? "", 20)})`,
      renderTimeline(options.stageRuns),
      renderBoundary(notes),
      renderUsage(notes),
      renderNetwork(notes),
      renderVerification(notes),
      renderReviewNote(notes.review),
      renderGate(notes),
      renderPatch(notes),
      renderCleaning(notes),
      renderWords(notes),
      `<sub>${renderFacts(options)}</sub>`,
    ],
    MAX_SUMMARY_CHARS,
  );
}

/** Stages as bars over seconds since the start. It contains only our own words. */
export function renderTimeline(stageRuns: readonly StageRun[]): string | undefined {
  const start = stageRuns[0]?.startedAtMs;
  if (start === undefined) return undefined;
  const bars = stageRuns.slice(0, 60).flatMap((stageRun) => {
    const from = Math.max(0, stageRun.startedAtMs - start);
    const to = from + Math.max(stageRun.durationMs, 1);
    return [
      `    section ${stageRun.stage}`,
      `    ${(stageRun.durationMs / 1000).toFixed(1)} s :${stageRun.result === "failed" ? "crit, " : ""}${from}, ${to}`,
    ];
  });
  return ["```mermaid", "gantt", "    title Stages of the run", "    dateFormat x", "    axisFormat %M:%S", ...bars, "```"].join("\n");
}

function renderBoundary(notes: RunNotes): string | undefined {
  const attempts = notes.boundary?.attempts ?? [];
  if (attempts.length === 0) return undefined;
  const rows = attempts
    .slice(0, 30)
    .map((attempt) => `| ${codeSpan(attempt.name)} | ${inertInline(attempt.result, 20)} | ${codeSpan(attempt.detail)} |`);
  const word = notes.boundary?.proved === true ? "proved before the agent started" : "**not proved**";
  return folded(`Boundary: ${word}`, ["| Way out | Result | Met |", "|---|---|---|", ...rows].join("\n"));
}

function renderUsage(notes: RunNotes): string | undefined {
  const { usage } = notes;
  if (usage === undefined) return undefined;
  const cells = [usage.turns, usage.requests, usage.inputTokens, usage.outputTokens, usage.cacheReadTokens, usage.cacheWriteTokens].map(
    (value) => formatCount(value ?? 0),
  );
  const table = [
    "| Cost | Turns | Requests | Input tokens | Output tokens | Cache read | Cache write |",
    "|---|---|---|---|---|---|---|",
    `| ${formatMoney(usage.costUsd ?? 0)} | ${cells.join(" | ")} |`,
  ].join("\n");
  return paragraphs(table, renderUnpriced(usage.unpricedModels ?? []));
}

/** The names are the guest's words. */
function renderUnpriced(models: readonly string[]): string | undefined {
  if (models.length === 0) return undefined;
  const names = models.slice(0, 20).map((name) => codeSpan(name.slice(0, 100)));
  return `Counted at the dearest known price, because their own is not known: ${names.join(", ")}. State it below \`prices\` in the repository's file.`;
}

function renderNetwork(notes: RunNotes): string | undefined {
  const hosts = notes.egress?.hosts ?? [];
  if (notes.egress === undefined) return undefined;
  const lines = suggestions(notes);
  const proposed = notes.egress.proposedAllow ?? [];
  const table = hosts.length === 0 ? "The sandbox asked for no host." : renderHosts(hosts);
  const paste =
    lines.length === 0 ? undefined : paragraphs("To let the refused hosts through, add to `allow`:", renderAllow({ rules: lines }));
  const audit =
    proposed.length === 0
      ? undefined
      : paragraphs("Shortest list that would have sufficed:", renderAllow({ rules: proposed, network: "allowlist" }));
  return paragraphs(`### Network: ${summariseEgress(notes.egress)}`, table, paste, audit, renderUnlisted(notes), renderEcosystems(notes));
}

function renderUnlisted(notes: RunNotes): string | undefined {
  const hosts = notes.policy?.unlisted ?? [];
  if (hosts.length === 0) return undefined;
  return `Lockfiles name hosts that no rule allows: ${hosts
    .slice(0, 20)
    .map((host) => codeSpan(host))
    .join(", ")}. They are not added; where a mirror stands for them, nothing is missing.`;
}

function renderVerification({ verification, patch }: RunNotes): string | undefined {
  if (verification === undefined || (patch?.changes ?? []).length === 0) return undefined;
  return paragraphs("### Verification", tellVerification(verification), renderVerificationDetails(verification));
}

function renderGate(notes: RunNotes): string | undefined {
  const findings = notes.gate?.findings ?? [];
  const unsearched = unsearchedNotice(notes);
  return paragraphs(
    findings.length === 0 ? undefined : paragraphs("### Findings of the gate", renderFindings(findings)),
    unsearched === undefined ? undefined : inertInline(unsearched, 2000),
  );
}

function renderPatch(notes: RunNotes): string | undefined {
  const changes = notes.patch?.changes ?? [];
  return changes.length === 0 ? undefined : folded(`Patch: ${summariseChanges(changes)}`, renderFiles(changes));
}

function renderCleaning(notes: RunNotes): string | undefined {
  const told = (notes.task?.notes ?? []).map((note) => `- ${inertInline(note)}`).join("\n");
  return paragraphs(renderRemoved(notes), told === "" ? undefined : told);
}

function renderRemoved(notes: RunNotes): string | undefined {
  const removed = Object.entries(notes.task?.removed ?? {}).filter(([, count]) => count > 0);
  if (removed.length === 0) return undefined;
  return `Taken out of the task's text before the agent read it: ${removed.map(([kind, count]) => `${formatCount(count)} ${codeSpan(kind)}`).join(", ")}.`;
}

function renderWords(notes: RunNotes): string | undefined {
  const message = notes.agent?.ending?.message ?? "";
  return message.trim() === "" ? undefined : folded("The agent's closing words", inertMarkdown(message, 8000));
}
