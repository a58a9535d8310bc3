import { createHash } from "node:crypto";
import { type ReviewCategory, type ReviewSeverity, SEVERITIES } from "./finding.ts";
import type { Place } from "./place.ts";

const LINE = /^<!-- airlock:finding ([0-9a-f]{32}) ([a-z]+) -->/;
const REVIEW = /^<!-- airlock:review head=([0-9a-f]{40}) run=[\w.-]{1,60} -->/;

/**
 * Names a finding by what it is about, not by its words or its line number: the file, the side, the category and the text of the lines.
 * Lines that moved keep it; lines that changed lose it.
 */
export function fingerprint(place: Place, category: ReviewCategory): string {
  const text = place.text.map((line) => line.replace(/\s+/g, " ").trim()).join("\n");
  return createHash("sha256").update([place.path, place.side, category, text].join("\0")).digest("hex").slice(0, 32);
}

/** What the first line of an inline comment of ours tells. */
export interface Marked {
  readonly fingerprint: string;
  readonly severity: ReviewSeverity;
}

/** First line of an inline comment; nobody sees it. */
export function renderFingerprint({ fingerprint: value, severity }: Marked): string {
  return `<!-- airlock:finding ${value} ${severity} -->`;
}

/** Only to be asked of comments that this token's own account wrote: anybody can copy the line. */
export function readFingerprint(body: string): Marked | undefined {
  const [, value, word] = LINE.exec(body) ?? [];
  const severity = SEVERITIES.find((one) => one === word);
  return value === undefined || severity === undefined ? undefined : { fingerprint: value, severity };
}

/** First line of a review: the head it was about, and the run that wrote it. */
export function renderReviewMarker({ head, runId }: { readonly head: string; readonly runId: string }): string {
  return `<!-- airlock:review head=${head} run=${runId.replace(/[^\w.-]/g, "").slice(0, 60) || "0"} -->`;
}

/** As for `readFingerprint`: only of our own reviews. */
export function readReviewedHead(body: string): string | undefined {
  return REVIEW.exec(body)?.[1];
}
