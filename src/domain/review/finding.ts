export const SEVERITIES = ["critical", "high", "medium", "low"] as const;
export type ReviewSeverity = (typeof SEVERITIES)[number];

export const CATEGORIES = [
  "bug",
  "security",
  "data-loss",
  "tests",
  "performance",
  "compatibility",
  "concurrency",
  "documentation",
  "maintainability",
] as const;
export type ReviewCategory = (typeof CATEGORIES)[number];

export const SIDES = ["LEFT", "RIGHT"] as const;
export type DiffSide = (typeof SIDES)[number];

/** A shell line and what it must print for the claim to hold. */
export interface Evidence {
  readonly command: string;
  /** Must be in the command's output, ignoring white space. Never empty: otherwise a command that cannot run would prove anything. */
  readonly output: string;
  /** Exit code of the whole shell line. */
  readonly exitCode: number;
}

/** One claim of the agent about the change. Its texts are raw guest text. */
export interface ReviewFinding {
  /** As in the diff: the new path, or the old one of a deleted file. */
  readonly path: string;
  /** First line, from 1, in the file of `side`. */
  readonly line: number;
  /** Last line; the same as `line` for a single line. */
  readonly endLine: number;
  /** `RIGHT`: the new file. `LEFT`: the old one. */
  readonly side: DiffSide;
  readonly severity: ReviewSeverity;
  readonly category: ReviewCategory;
  readonly claim: string;
  readonly evidence?: Evidence;
  /** Replaces exactly the lines `line` to `endLine` of the new file. Empty: removes them. */
  readonly suggestion?: string;
}

/** What the agent left in `.airlock/review.json`. Nothing in it decides what may be published. */
export interface Review {
  readonly summary: string;
  readonly findings: readonly ReviewFinding[];
  /** What it says it ran. */
  readonly ran: readonly string[];
  /** What it says it could not check. */
  readonly unchecked: readonly string[];
}

export const REVIEW_LIMITS = {
  maxBytes: 262_144,
  maxFindings: 50,
  maxClaimChars: 4_000,
  maxSuggestionChars: 8_000,
  maxSummaryChars: 8_000,
  maxCommandChars: 2_000,
  maxOutputChars: 4_000,
  maxNotes: 50,
  maxNoteChars: 500,
  maxPathChars: 4_096,
} as const;

/** File the agent writes, below `/work`. */
export const REVIEW_FILE = ".airlock/review.json";
