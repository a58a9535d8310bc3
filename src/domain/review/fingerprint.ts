import { createHash } from "node:crypto";
import { type DiffSide, type ReviewCategory, type ReviewSeverity, SEVERITIES } from "./finding.ts";
import { squeezeLine, type Trace } from "./trace.ts";

const MARK = /^<!-- airlock:finding ([0-9a-f]{32}) ([a-z]+)(?: (present|absent) ([0-8]) ([0-9a-f]{16}) (\S{1,400}))? -->(?:\r?\n|\r?$)/;
const REVIEW = /^<!-- airlock:review head=([0-9a-f]{40}) run=[\w.-]{1,60} -->(?:\r?\n|$)/;
const MAX_PATH_CHARS = 400;
/** Maximum number of findings in a review. */
const MAX_MARKS = 100;

/** What a fingerprint is made of, besides the category. */
export interface Named {
  readonly path: string;
  readonly side: DiffSide;
  /** The lines' own text, or the claim if there are no lines. */
  readonly text: readonly string[];
}

/**
 * Names a finding by what it is about, not by its words or its line number: the file, the side, the category and the text of the lines.
 * Lines that moved keep it; lines that changed lose it.
 */
export function fingerprint({ path, side, text }: Named, category: ReviewCategory): string {
  const lines = text.map(squeezeLine).join("\n");
  return createHash("sha256").update([path, side, category, lines].join("\0")).digest("hex").slice(0, 32);
}

/** What the mark of one of our findings says. */
export interface Marked {
  readonly fingerprint: string;
  readonly severity: ReviewSeverity;
  /** Undefined: its lines cannot be searched for. */
  readonly trace?: Trace | undefined;
}

/** First line of an inline comment, and one line for each finding in a review's own text; invisible to readers. */
export function renderMark({ fingerprint: value, severity, trace }: Marked): string {
  const path = trace === undefined ? "" : encodePath(trace.path);
  if (trace === undefined || path.length > MAX_PATH_CHARS) return `<!-- airlock:finding ${value} ${severity} -->`;
  const { count, digest, present } = trace;
  return `<!-- airlock:finding ${value} ${severity} ${present ? "present" : "absent"} ${count} ${digest} ${path} -->`;
}

/** Encoded so that it cannot end the HTML comment around it. */
function encodePath(path: string): string {
  return encodeURIComponent(path.toWellFormed()).replaceAll("-", "%2D");
}

/** Call it only for comments by this token's own account: anybody can copy the line. */
export function readMark(body: string): Marked | undefined {
  const [, value, word, presence, count, digest, path] = MARK.exec(body) ?? [];
  const severity = SEVERITIES.find((one) => one === word);
  if (value === undefined || severity === undefined) return undefined;
  if (presence === undefined || digest === undefined) return { fingerprint: value, severity };
  const trace = { path: decodePath(path), count: Number(count), digest, present: presence === "present" };
  return { fingerprint: value, severity, trace };
}

function decodePath(path = ""): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** First line of a review: the reviewed head, and the run that wrote it. */
export function renderReviewMarker({ head, runId }: { readonly head: string; readonly runId: string }): string {
  return `<!-- airlock:review head=${head} run=${runId.replace(/[^\w.-]/g, "").slice(0, 60) || "0"} -->`;
}

/** As for `readMark`: only of our own reviews. */
export function readReviewedHead(body: string): string | undefined {
  return REVIEW.exec(body)?.[1];
}

/**
 * The marks of the findings in a review's own text: the lines right below its first one, where no guest text can stand.
 * As for `readMark`: only of our own reviews.
 */
export function readListedMarks(body: string): readonly Marked[] {
  if (readReviewedHead(body) === undefined) return [];
  const marks: Marked[] = [];
  for (const line of body.split("\n", MAX_MARKS + 1).slice(1)) {
    const mark = readMark(line);
    if (mark === undefined) break;
    marks.push(mark);
  }
  return marks;
}
