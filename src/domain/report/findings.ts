import type { Finding } from "../patch.ts";
import type { ReviewFindingNote, ReviewNote, RunNotes } from "../record/notes.ts";
import { formatLines } from "../render/format.ts";
import { unsearchedNotice } from "../render/markdown.ts";
import { renderReviewSentence } from "../render/review-note.ts";
import { type Column, code, escapeText, note, said, section, table } from "./parts.ts";

const MAX_ROWS = 200;
const MAX_CLAIM_CHARS = 4000;

/** What the review says, what the guard flagged, what the gate found. */
export function renderFindingsHtml(notes: RunNotes): string {
  const { gate, review } = notes;
  const parts = [
    review?.risk === undefined ? "" : renderReview(review),
    renderOwn("Flags of the guard", review?.flags ?? []),
    renderOwn("Findings of the gate", gate?.findings ?? []),
  ].filter((part) => part !== "");
  const found = parts.length === 0 ? note("The gate found nothing to report.") : parts.join("");
  const unsearched = unsearchedNotice(notes);
  return section("findings", "Findings", found + (unsearched === undefined ? "" : `<p>${escapeText(unsearched, 2000)}</p>`));
}

function renderReview(review: Partial<ReviewNote>): string {
  const findings = [...(review.inline ?? []), ...(review.listed ?? [])];
  const reruns = (review.reruns ?? [])
    .slice(0, MAX_ROWS)
    .map(({ command, exitCode }) => [code(command, 2000), exitCode === null ? "did not end" : escapeText(String(exitCode))]);
  return [
    `<p>${escapeText(renderReviewSentence(review))}</p>`,
    findings.length === 0 ? "" : tableOf("Findings of the review", REVIEW_COLUMNS, findings.map(renderReviewRow)),
    reruns.length === 0 ? "" : table("Evidence that was run again", [{ title: "Command" }, { title: "Exit code", number: true }], reruns),
  ].join("");
}

const REVIEW_COLUMNS: readonly Column[] = [{ title: "Where" }, { title: "Severity" }, { title: "About" }, { title: "What it says" }];

function renderReviewRow(finding: ReviewFindingNote): readonly string[] {
  const { severity, category, path, side, claim } = finding;
  const where = `${code(path)} ${formatLines(finding)}${side === "LEFT" ? ", before the change" : ""}`;
  return [where, escapeText(severity), escapeText(category), said(escapeText(claim, MAX_CLAIM_CHARS))];
}

const OWN_COLUMNS: readonly Column[] = [
  { title: "Finding" },
  { title: "Severity" },
  { title: "Where" },
  { title: "Why" },
  { title: "What to do" },
];

function renderOwn(caption: string, findings: readonly Finding[]): string {
  if (findings.length === 0) return "";
  const rows = findings.map(({ code: name, severity, path, reason, remedy }) => [
    code(name),
    escapeText(severity),
    path === undefined ? "" : code(path),
    escapeText(reason),
    escapeText(remedy),
  ]);
  return tableOf(caption, OWN_COLUMNS, rows);
}

function tableOf(caption: string, columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const left = rows.length > MAX_ROWS ? note(`${rows.length - MAX_ROWS} more are in record.json.`) : "";
  return table(caption, columns, rows.slice(0, MAX_ROWS)) + left;
}
