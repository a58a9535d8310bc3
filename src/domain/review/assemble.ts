import type { FileDiff } from "./diff.ts";
import { holds, type Rerun } from "./evidence.ts";
import { type Review, type ReviewFinding, SEVERITIES } from "./finding.ts";
import { fingerprint } from "./fingerprint.ts";
import { type Place, placeSpot, touchesChange } from "./place.ts";
import { checkSuggestion } from "./suggestion.ts";

export interface AssembleOptions {
  readonly review: Review;
  /** The whole pull request. */
  readonly files: readonly FileDiff[];
  /** What changed since the last review; undefined: there was none, and everything is new. */
  readonly since: readonly FileDiff[] | undefined;
  readonly reruns: readonly Rerun[];
  /** Of every earlier inline comment of our own, resolved or not. */
  readonly known: ReadonlySet<string>;
  readonly protectedPaths: readonly string[];
}

/** A finding on lines of the diff. */
export interface InlineFinding {
  readonly finding: ReviewFinding;
  readonly place: Place;
  readonly fingerprint: string;
  /** Checked to apply. */
  readonly suggestion?: string;
}

/** What of the agent's review is shown, and where. */
export interface Assembled {
  readonly inline: readonly InlineFinding[];
  /** No line of theirs is in the diff, or it was reviewed before. */
  readonly summary: readonly ReviewFinding[];
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

/** Sorts the findings: dropped without evidence that holds, said once, on their lines or in the summary. The gravest first. */
export function assemble(options: AssembleOptions): Assembled {
  const dropped = { unproved: 0, repeated: 0, doubled: 0 };
  const inline = new Map<string, InlineFinding>();
  const summary: ReviewFinding[] = [];
  for (const finding of bySeverity(options.review.findings)) {
    const place = placeSpot(options.files, finding);
    const id = place === undefined ? "" : fingerprint(place, finding.category);
    const fate = decideFate(options, { finding, place, id, doubled: inline.has(id) });
    if (fate === "inline" && place !== undefined) inline.set(id, toInline(finding, place, { id, protectedPaths: options.protectedPaths }));
    else if (fate === "inline" || fate === "summary") summary.push(finding);
    else dropped[fate] += 1;
  }
  return { inline: [...inline.values()], summary, dropped };
}

interface Candidate {
  readonly finding: ReviewFinding;
  readonly place: Place | undefined;
  readonly id: string;
  readonly doubled: boolean;
}

function decideFate(options: AssembleOptions, { finding, place, id, doubled }: Candidate): keyof Dropped | "inline" | "summary" {
  if (finding.evidence !== undefined && !holds(finding.evidence, options.reruns)) return "unproved";
  if (options.known.has(id)) return "repeated";
  if (doubled) return "doubled";
  return place === undefined || !isNew(options.since, finding, place) ? "summary" : "inline";
}

function bySeverity(findings: readonly ReviewFinding[]): readonly ReviewFinding[] {
  return findings.toSorted((left, right) => SEVERITIES.indexOf(left.severity) - SEVERITIES.indexOf(right.severity));
}

/** On a later push only lines that it changed get a comment. Old lines are compared by the pull request's own diff. */
function isNew(since: readonly FileDiff[] | undefined, finding: ReviewFinding, place: Place): boolean {
  if (since === undefined) return true;
  if (finding.side === "RIGHT") return touchesChange(since, { ...place, side: "RIGHT" });
  return since.some((file) => file.path === place.path || file.oldPath === place.path);
}

function toInline(
  finding: ReviewFinding,
  place: Place,
  { id, protectedPaths }: { readonly id: string; readonly protectedPaths: readonly string[] },
): InlineFinding {
  const text = finding.suggestion;
  const suggestion = text === undefined ? undefined : checkSuggestion({ place, text, protectedPaths });
  return { finding, place, fingerprint: id, ...(suggestion === undefined ? {} : { suggestion }) };
}
