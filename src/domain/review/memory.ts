import { type ReviewSeverity, SEVERITIES } from "./finding.ts";
import type { Marked } from "./fingerprint.ts";

/** A finding of an earlier review of ours. */
export interface Remembered extends Marked {
  /** Somebody who may write resolved its thread. */
  readonly dismissed: boolean;
  /** Its lines are as they were; true also when that cannot be told. */
  readonly stands: boolean;
}

/** What one defect came to over all earlier reviews. */
interface Known {
  readonly severity: ReviewSeverity;
  readonly dismissed: boolean;
  readonly stands: boolean;
}

export interface Memory {
  /** It was said before. One that was dismissed may be said again when it has become graver. */
  knows(said: Marked): boolean;
  /** What still counts for the verdict, the gravest first: not dismissed, and still there or said again. */
  standing(saidAgain: readonly Marked[]): readonly Marked[];
}

export function openMemory(remembered: readonly Remembered[]): Memory {
  const known = new Map<string, Known>();
  for (const { fingerprint, severity, dismissed, stands } of remembered) {
    const other = known.get(fingerprint);
    known.set(fingerprint, {
      severity: other === undefined ? severity : graver(severity, other.severity),
      dismissed: dismissed && other?.dismissed !== false,
      stands: (stands && !dismissed) || other?.stands === true,
    });
  }
  return {
    knows({ fingerprint, severity }) {
      const found = known.get(fingerprint);
      return found !== undefined && !(found.dismissed && isGraver(severity, found.severity));
    },
    standing(saidAgain) {
      const counted = new Map<string, ReviewSeverity>();
      for (const [fingerprint, { severity, dismissed, stands }] of known) {
        if (!dismissed && stands) counted.set(fingerprint, severity);
      }
      for (const { fingerprint, severity } of saidAgain) {
        const found = known.get(fingerprint);
        if (found === undefined || found.dismissed) continue;
        counted.set(fingerprint, graver(severity, found.severity));
      }
      return [...counted]
        .map(([fingerprint, severity]) => ({ fingerprint, severity }))
        .toSorted((left, right) => rank(left.severity) - rank(right.severity));
    },
  };
}

function graver(left: ReviewSeverity, right: ReviewSeverity): ReviewSeverity {
  return isGraver(left, right) ? left : right;
}

function isGraver(left: ReviewSeverity, right: ReviewSeverity): boolean {
  return rank(left) < rank(right);
}

function rank(severity: ReviewSeverity): number {
  return SEVERITIES.indexOf(severity);
}
