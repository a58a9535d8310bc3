import type { Authorship } from "../guard/agents.ts";
import { codeSpan, fence, inertInline, inertLine, inertMarkdown, visible } from "../inert.ts";
import type { Finding } from "../patch.ts";
import type { RunNotes } from "../record/notes.ts";
import type { Assembled, InlineFinding, ListedFinding } from "../review/assemble.ts";
import type { Rerun } from "../review/evidence.ts";
import type { Review, ReviewFinding } from "../review/finding.ts";
import { renderMark, renderReviewMarker } from "../review/fingerprint.ts";
import type { ReviewVerdict } from "../review/verdict.ts";
import { plural } from "./format.ts";
import { folded, keepWhole, paragraphs, renderFacts, renderFindings } from "./markdown.ts";
import { countFindings, renderPlace } from "./review-note.ts";

/** Everything a published review says. Guest text is made inert here (I15). */
export interface ReviewReport {
  readonly head: string;
  readonly runId: string;
  readonly url: string;
  /** Undefined: the agent left nothing that could be used. */
  readonly review: Review | undefined;
  readonly assembled: Assembled;
  readonly verdict: ReviewVerdict;
  readonly author: Authorship | undefined;
  readonly flags: readonly Finding[];
  readonly reruns: readonly Rerun[];
  /** What was not looked at, in our own words, one sentence each. */
  readonly limits: readonly string[];
  /** The head that was reviewed before, when only what came after it was reviewed. */
  readonly since: string | undefined;
  readonly notes: RunNotes;
  readonly durationMs: number;
}

const MAX_BODY_CHARS = 60_000;
const MAX_LISTED = 20;
const MAX_ANNOTATION_CHARS = 2_000;

export function renderInline(inline: InlineFinding): string {
  const { finding, suggestion } = inline;
  return paragraphs(`${toMark(inline)}\n${renderClaim(finding)}`, suggestion === undefined ? undefined : renderSuggestion(suggestion));
}

function toMark({ finding: { severity }, fingerprint, trace }: ListedFinding): string {
  return renderMark({ fingerprint, severity, trace });
}

function renderClaim(finding: ReviewFinding): string {
  const { evidence } = finding;
  const shown =
    evidence === undefined
      ? undefined
      : folded(
          "Evidence, run again by Airlock",
          paragraphs(fence(evidence.command, { language: "sh" }), fence(evidence.output, { maxChars: 2000 })),
        );
  return paragraphs(`**${finding.severity} · ${finding.category}**`, inertMarkdown(finding.claim, 4000), shown);
}

/** The block that GitHub applies with one click. Its fence is longer than any run of backticks inside. */
function renderSuggestion(text: string): string {
  const longest = (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2);
  const marks = "`".repeat(longest + 1);
  return `${marks}suggestion\n${text === "" ? "" : `${text}\n`}${marks}`;
}

/**
 * The review's own text, with a mark for every finding in it. With `inline` it also has the comments that the forge did not accept on their
 * lines.
 */
export function renderReviewBody(report: ReviewReport, inline: readonly InlineFinding[] = []): string {
  const { assembled } = report;
  const listed = [...inline, ...assembled.summary];
  return keepWhole(
    [
      [renderReviewMarker(report), ...listed.map(toMark), renderHeadline(report)].join("\n"),
      report.review === undefined ? "The agent left no review that could be used, so only the checks below were made." : undefined,
      renderAuthor(report.author),
      report.flags.length === 0 ? undefined : paragraphs("### Flags, without a model", renderFindings(report.flags)),
      ...listed.slice(0, MAX_LISTED).map(({ finding }) => renderListed(finding)),
      listed.length > MAX_LISTED ? `… and ${plural(listed.length - MAX_LISTED, "finding")} more, in the run's record.` : undefined,
      report.review === undefined ? undefined : folded("The agent's summary", inertMarkdown(report.review.summary, 6000)),
      renderRan(report),
      renderUnchecked(report),
      `<sub>Written by an agent and checked by Airlock; nothing here is a person's judgement. ${renderFacts(report)}</sub>`,
    ],
    MAX_BODY_CHARS,
  );
}

const EVENTS = { COMMENT: "", REQUEST_CHANGES: " Changes are needed before this is merged.", APPROVE: " Nothing was found." } as const;

function renderHeadline({ assembled, verdict, head, since }: ReviewReport): string {
  const { inline, summary, standing, dropped } = assembled;
  const about =
    since === undefined
      ? codeSpan(head.slice(0, 12))
      : `what changed from ${codeSpan(since.slice(0, 12))} to ${codeSpan(head.slice(0, 12))}`;
  const counts = countFindings({ inline: inline.length, listed: summary.length, where: "below", dropped });
  return `**Risk: ${verdict.risk}.** Reviewed ${about}: ${counts}.${renderStanding(standing.length)}${EVENTS[verdict.event]}`;
}

function renderStanding(count: number): string {
  return count === 0 ? "" : ` ${plural(count, "finding")} of earlier reviews still ${count === 1 ? "counts" : "count"}.`;
}

function renderAuthor(author: Authorship | undefined): string | undefined {
  if (author === undefined) return undefined;
  const by = { author: "its account", branch: "its branch", trailer: "what it says of itself" }[author.by];
  return `This pull request is the work of ${author.kind === "bot" ? "a bot" : "an agent"}, ${inertInline(author.name, 60)}, by ${by}.`;
}

function renderListed(finding: ReviewFinding): string {
  return paragraphs(renderPlace(finding), renderClaim(finding));
}

function renderRan({ review, reruns }: ReviewReport): string | undefined {
  const said = new Set(review?.ran.map(showCommand));
  const own = new Map(reruns.map((rerun) => [showCommand(rerun.command), rerun]));
  const lines = [
    ...[...own].map(([command, rerun]) => `- ${command}: ${said.has(command) ? "by the agent, " : ""}${renderRerun(rerun)}`),
    ...[...said]
      .filter((command) => !own.has(command))
      .slice(0, MAX_LISTED)
      .map((command) => `- ${command}: by the agent`),
  ];
  return lines.length === 0 ? undefined : folded("What was run", lines.join("\n"));
}

function showCommand(command: string): string {
  return codeSpan(inertLine(command, 180));
}

function renderRerun({ exitCode }: Rerun): string {
  return `run again, ${exitCode === null ? "did not end" : `exit code ${exitCode}`}`;
}

function renderUnchecked({ review, limits }: ReviewReport): string | undefined {
  const said = (review?.unchecked ?? []).slice(0, MAX_LISTED).map((note) => inertInline(note, 300));
  const all = [...limits.map((limit) => inertInline(limit, 300)), ...said];
  return all.length === 0 ? undefined : folded("What could not be checked", all.map((note) => `- ${note}`).join("\n"));
}

export function renderCheck(report: ReviewReport): { readonly title: string; readonly summary: string } {
  const { assembled, flags, verdict } = report;
  const count = assembled.inline.length + assembled.summary.length;
  const grave = flags.filter(({ severity }) => severity !== "notice").length;
  return { title: `Risk ${verdict.risk}: ${plural(count, "finding")}, ${plural(grave, "flag")}`, summary: renderReviewBody(report) };
}

/** GitHub shows an annotation's text literally, so it is only made visible. */
export function renderAnnotation(text: string): string {
  return visible(text).slice(0, MAX_ANNOTATION_CHARS);
}
