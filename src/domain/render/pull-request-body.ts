import { codeSpan, inertInline, inertMarkdown } from "../inert.ts";
import type { Change, Finding } from "../patch.ts";
import type { RunNotes } from "../record/notes.ts";
import type { Target } from "../task.ts";
import { renderAllow } from "./allow-lines.ts";
import {
  folded,
  keepWhole,
  paragraphs,
  renderFacts,
  renderFiles,
  renderFindings,
  renderHosts,
  suggestions,
  summariseChanges,
  summariseEgress,
} from "./markdown.ts";
import { renderVerificationDetails, tellVerification } from "./verification.ts";

/** GitHub refuses a longer body. */
export const MAX_BODY_CHARS = 65_535;
const MAX_WORDS = 8_000;
const MAX_TEMPLATE = 8_000;

export interface PullRequestBodyOptions {
  readonly target: Target;
  /** Login of who asked. Empty: nobody, a schedule. */
  readonly actor: string;
  readonly changes: readonly Change[];
  readonly findings: readonly Finding[];
  readonly notes: RunNotes;
  readonly durationMs: number;
  /** Page of the run. */
  readonly url: string;
  /** Set if the patch was moved to a newer base after it was verified. */
  readonly rebasedOnto?: string;
  /** The repository's own template, from the base branch; empty when it has none. */
  readonly template: string;
}

/** The text of the pull request: short, long parts folded, and no guest text that could take effect. */
export function renderPullRequestBody(options: PullRequestBodyOptions): string {
  const parts = [
    renderDraftReason(options.findings),
    paragraphs(renderAsked(options), tellVerification(options.notes.verification)),
    paragraphs("### What was done", renderWords(options.notes)),
    paragraphs("### How it was checked", renderChecks(options)),
    renderNotices(options.findings),
    folded(`Files: ${summariseChanges(options.changes)}`, renderFiles(options.changes)),
    renderNetwork(options.notes),
    `<sub>${renderFacts(options)}</sub>`,
    renderTemplate(options.template),
  ];
  return keepWhole(parts, MAX_BODY_CHARS);
}

function renderDraftReason(findings: readonly Finding[]): string | undefined {
  const grave = findings.filter((finding) => finding.severity !== "notice");
  if (grave.length === 0) return undefined;
  return paragraphs(
    "> [!CAUTION]\n> This is a draft: a person has to look at the findings below before it may be merged.",
    renderFindings(grave),
  );
}

/** The merge closes only the issue that started the run. */
function renderAsked({ target, actor }: PullRequestBodyOptions): string {
  const by = actor === "" ? "on its schedule" : `asked by ${codeSpan(actor, 60)}`;
  if (target.number === undefined) return `A task of this repository's workflow, ${by}.`;
  return target.kind === "issue" ? `Fixes #${target.number}, ${by}.` : `For #${target.number}, ${by}.`;
}

function renderWords(notes: RunNotes): string {
  const message = notes.agent?.ending?.message ?? "";
  if (message.trim() === "") return "The agent left no closing words.";
  return paragraphs(inertMarkdown(message, MAX_WORDS), "<sub>The agent's own words, shown without links and mentions.</sub>");
}

function renderChecks({ notes, rebasedOnto }: PullRequestBodyOptions): string {
  return paragraphs(
    notes.verification?.passed === undefined
      ? "Nothing was run on the result."
      : "By commands in a fresh sandbox that the agent was never in, without keys, its way out closed and proved closed.",
    renderVerificationDetails(notes.verification),
    rebasedOnto === undefined
      ? undefined
      : `The base branch had moved on: the patch was merged three-way onto ${codeSpan(rebasedOnto)} and judged again. It was not verified again.`,
  );
}

function renderNotices(findings: readonly Finding[]): string | undefined {
  const notices = findings.filter((finding) => finding.severity === "notice");
  return notices.length === 0 ? undefined : paragraphs("### Worth a look", renderFindings(notices));
}

function renderNetwork(notes: RunNotes): string {
  const hosts = notes.egress?.hosts ?? [];
  if (hosts.length === 0) return folded("Network: nothing but the model", "The sandbox asked for no host.");
  const lines = suggestions(notes);
  const paste =
    lines.length === 0
      ? undefined
      : paragraphs("To let the refused hosts through next time, add to the input `allow`:", renderAllow({ rules: lines }));
  return folded(`Network: ${summariseEgress(notes.egress)}`, paragraphs(renderHosts(hosts), paste));
}

function renderTemplate(template: string): string {
  const text = template.trim();
  return text === "" || text.length > MAX_TEMPLATE ? "" : `---\n\n${text}`;
}

/** A line for people in logs: what was published where. */
export function summarisePublication(options: {
  readonly number: number;
  readonly operation: "created" | "updated";
  readonly changes: readonly Change[];
  readonly draft: boolean;
}): string {
  const what = options.operation === "created" ? "Opened" : "Updated";
  return inertInline(`${what} ${options.draft ? "draft " : ""}pull request ${options.number} with ${summariseChanges(options.changes)}.`);
}
