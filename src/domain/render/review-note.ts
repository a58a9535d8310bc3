import { codeSpan, inertInline } from "../inert.ts";
import type { ReviewFindingNote, ReviewNote } from "../record/notes.ts";
import type { Dropped } from "../review/assemble.ts";
import type { Spot } from "../review/place.ts";
import { formatLines, plural } from "./format.ts";
import { paragraphs, renderFindings } from "./markdown.ts";

const MAX_FINDINGS = 50;
const NONE: Dropped = { unproved: 0, repeated: 0, doubled: 0 };

/** The result of a review in one sentence of our own, without guest text. */
export function renderReviewSentence({ risk, inline = [], listed = [], dropped = NONE }: Partial<ReviewNote>): string {
  return `Risk: ${risk ?? "unknown"}. ${countFindings({ inline: inline.length, listed: listed.length, where: "in the review's text", dropped })}.`;
}

export interface FindingCounts {
  readonly inline: number;
  /** Not on lines of the diff. */
  readonly listed: number;
  /** Where the listed ones are, as the end of the sentence. */
  readonly where: string;
  readonly dropped: Dropped;
}

/** `2 findings on lines of the diff, 1 more below`, without guest text. */
export function countFindings({ inline, listed, where, dropped }: FindingCounts): string {
  const counts = [
    `${plural(inline, "finding")} on lines of the diff`,
    listed > 0 ? `${listed} more ${where}` : "",
    dropped.unproved > 0 ? `${dropped.unproved} dropped because their evidence did not hold` : "",
    dropped.repeated > 0 ? `${dropped.repeated} said before` : "",
  ];
  return counts.filter((part) => part !== "").join(", ");
}

/** Path and lines of a finding, inert. */
export function renderPlace(spot: Spot): string {
  return `${codeSpan(`${spot.path}:${formatLines(spot)}`)}${spot.side === "LEFT" ? ", before the change" : ""}`;
}

/** A review's findings and the guard's flags, for the step summary. */
export function renderReviewNote(review: Partial<ReviewNote> | undefined): string | undefined {
  if (review?.risk === undefined) return undefined;
  const findings = [...(review.inline ?? []), ...(review.listed ?? [])];
  const flags = review.flags ?? [];
  return paragraphs(
    "### Findings of the review",
    renderReviewSentence(review),
    findings.length === 0 ? undefined : renderReviewFindings(findings),
    flags.length === 0 ? undefined : paragraphs("### Flags of the guard", renderFindings(flags)),
  );
}

function renderReviewFindings(findings: readonly ReviewFindingNote[]): string {
  const rows = findings
    .slice(0, MAX_FINDINGS)
    .map((finding) => `| ${finding.severity} | ${finding.category} | ${renderPlace(finding)} | ${inertInline(finding.claim, 500)} |`);
  const rest = findings.length - MAX_FINDINGS;
  return [
    "| Severity | About | Where | What it says |",
    "|---|---|---|---|",
    ...rows,
    ...(rest > 0 ? [`| … | | | ${plural(rest, "finding")} more, in the run's record |`] : []),
  ].join("\n");
}
