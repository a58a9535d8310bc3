import { type ReviewSeverity, SEVERITIES } from "./finding.ts";
import type { Marked } from "./fingerprint.ts";

/** A finding of one of our earlier reviews. */
export interface Remembered extends Marked {
  /** Somebody with write permission resolved its thread. */
  readonly dismissed: boolean;
  /** Its lines are unchanged; also true if that cannot be found out. */
  readonly stands: boolean;
}

/** The state of one defect over all earlier reviews. */
interface Known {
  readonly severity: ReviewSeverity;
  readonly dismissed: boolean;
  readonly stands: boolean;
}

export interface Memory {
  /** Whether it was reported before. A dismissed finding may be reported again if it is more severe now. */
  knows(said: Marked): boolean;
  /** What still counts for the verdict, most severe first: not dismissed, and still there or reported again. */
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
