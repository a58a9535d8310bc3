import { createHash } from "node:crypto";
import type { ReviewCategory } from "./finding.ts";
import type { Place } from "./place.ts";

const LINE = /^<!-- airlock:finding ([0-9a-f]{32}) -->/;
const REVIEW = /^<!-- airlock:review head=([0-9a-f]{40}) -->/;

/**
 * Names a finding by what it is about, not by its words or its line number: the file, the side, the category and the text of the lines.
 * Lines that moved keep it; lines that changed lose it.
 */
export function fingerprint(place: Place, category: ReviewCategory): string {
  const text = place.text.map((line) => line.replace(/\s+/g, " ").trim()).join("\n");
  return createHash("sha256").update([place.path, place.side, category, text].join("\0")).digest("hex").slice(0, 32);
}

/** First line of an inline comment; nobody sees it. */
export function renderFingerprint(value: string): string {
  return `<!-- airlock:finding ${value} -->`;
}

/** Only to be asked of comments that this token's own account wrote: anybody can copy the line. */
export function readFingerprint(body: string): string | undefined {
  return LINE.exec(body)?.[1];
}

/** First line of a review: the head it was about. */
export function renderReviewMarker(head: string): string {
  return `<!-- airlock:review head=${head} -->`;
}

/** As for `readFingerprint`: only of our own reviews. */
export function readReviewedHead(body: string): string | undefined {
  return REVIEW.exec(body)?.[1];
}
