import type { FileDiff } from "./diff.ts";
import { holds, type Rerun } from "./evidence.ts";
import { type Review, type ReviewFinding, SEVERITIES } from "./finding.ts";
import { fingerprint, type Marked } from "./fingerprint.ts";
import { openMemory, type Remembered } from "./memory.ts";
import { type Place, placeSpot, touchesChange } from "./place.ts";
import { checkSuggestion } from "./suggestion.ts";
import type { Trace } from "./trace.ts";

/** The text of a finding's lines in the files. */
export interface Quote {
  /** Text of lines that are not in the diff; undefined if there are none. */
  readonly text?: readonly string[] | undefined;
  readonly trace?: Trace | undefined;
}

export interface AssembleOptions {
  readonly review: Review;
  /** The whole pull request. */
  readonly files: readonly FileDiff[];
  /** What changed since the last review; undefined: there was none, so everything is new. */
  readonly since: readonly FileDiff[] | undefined;
  readonly reruns: readonly Rerun[];
  /** Every finding of our own earlier reviews, dismissed or not. */
  readonly remembered: readonly Remembered[];
  /** By finding of `review`. */
  readonly quotes: ReadonlyMap<ReviewFinding, Quote>;
  readonly protectedPaths: readonly string[];
}

/** A finding that is shown, with what a later run recognises it by. */
export interface ListedFinding extends Omit<Marked, "severity"> {
  readonly finding: ReviewFinding;
}

/** A finding on lines of the diff. */
export interface InlineFinding extends ListedFinding {
  readonly place: Place;
  /** A suggestion that was checked to apply. */
  readonly suggestion?: string;
}

/** Which parts of the agent's review are shown, and where. */
export interface Assembled {
  readonly inline: readonly InlineFinding[];
  /** None of their lines is in the diff, or they were reviewed before. */
  readonly summary: readonly ListedFinding[];
  /**
   * Findings of earlier reviews that still count: nobody with write permission dismissed them, and they are still there or were found
   * again.
   */
  readonly standing: readonly Marked[];
  readonly dropped: Dropped;
}

export interface Dropped {
  /** Their evidence did not hold. */
  readonly unproved: number;
  /** Said in an earlier review. */
  readonly repeated: number;
  /** Said twice in this one. */
  readonly doubled: number;
}

/**
 * Sorts the findings, most severe first: those whose evidence does not hold are dropped, and each other one is shown once, on its lines or
 * in the summary.
 */
export function assembleReview(options: AssembleOptions): Assembled {
  const memory = openMemory(options.remembered);
  const inline = new Map<string, InlineFinding>();
  const summary = new Map<string, ListedFinding>();
  const repeated: Marked[] = [];
  let [unproved, doubled] = [0, 0];
  for (const finding of bySeverity(options.review.findings)) {
    const candidate = identify(options, finding);
    const { fingerprint: id, trace } = candidate;
    const mark = { fingerprint: id, severity: finding.severity };
    if (!isProved(finding, options.reruns)) unproved += 1;
    else if (memory.knows(mark)) repeated.push(mark);
    else if (inline.has(id) || summary.has(id)) doubled += 1;
    else if (isPlaced(candidate, options.since)) inline.set(id, toInline(candidate, options.protectedPaths));
    else summary.set(id, { finding, fingerprint: id, trace });
  }
  const dropped = { unproved, repeated: repeated.length, doubled };
  return { inline: [...inline.values()], summary: [...summary.values()], standing: memory.standing(repeated), dropped };
}

interface Candidate extends ListedFinding {
  readonly place: Place | undefined;
}

interface Placed extends Candidate {
  readonly place: Place;
}

function isProved({ evidence }: ReviewFinding, reruns: readonly Rerun[]): boolean {
  return evidence === undefined || holds(evidence, reruns);
}

function isPlaced(candidate: Candidate, since: AssembleOptions["since"]): candidate is Placed {
  return candidate.place !== undefined && isNew(since, candidate.finding, candidate.place);
}

/** By the lines in the diff, else by the lines in the file, else by the claim. */
function identify({ files, quotes }: AssembleOptions, finding: ReviewFinding): Candidate {
  const place = placeSpot(files, finding);
  const { text, trace } = quotes.get(finding) ?? {};
  const named = place ?? { path: finding.path, side: finding.side, text: text ?? ["claim", finding.claim] };
  return { finding, place, fingerprint: fingerprint(named, finding.category), trace };
}

function bySeverity(findings: readonly ReviewFinding[]): readonly ReviewFinding[] {
  return findings.toSorted((left, right) => SEVERITIES.indexOf(left.severity) - SEVERITIES.indexOf(right.severity));
}

/** After a later push only lines that it changed get a comment. Old lines are compared by the pull request's own diff. */
function isNew(since: readonly FileDiff[] | undefined, finding: ReviewFinding, place: Place): boolean {
  if (since === undefined) return true;
  if (finding.side === "RIGHT") return touchesChange(since, { ...place, side: "RIGHT" });
  return since.some((file) => file.path === place.path || file.oldPath === place.path);
}

function toInline({ finding, place, ...told }: Placed, protectedPaths: readonly string[]): InlineFinding {
  const text = finding.suggestion;
  const suggestion = text === undefined ? undefined : checkSuggestion({ place, text, protectedPaths });
  return { ...told, finding, place, ...(suggestion === undefined ? {} : { suggestion }) };
}
