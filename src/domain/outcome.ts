/** Every way a run can end. The set is closed; see docs/inputs.md, output `outcome`. */
export const OUTCOMES = [
  "published",
  "updated",
  "reviewed",
  "commented",
  "patch-only",
  "no-changes",
  "skipped",
  "refused",
  "held",
  "verify-failed",
  "agent-failed",
  "budget-exceeded",
  "timed-out",
  "rate-limited",
  "cancelled",
  "egress-unproved",
  "provider-failed",
  "error",
] as const;

export type OutcomeWord = (typeof OUTCOMES)[number];
export type Conclusion = "success" | "failure" | "neutral";

const CONCLUSIONS: Record<OutcomeWord, Conclusion> = {
  published: "success",
  updated: "success",
  reviewed: "success",
  commented: "success",
  "patch-only": "success",
  "no-changes": "neutral",
  skipped: "neutral",
  refused: "neutral",
  held: "failure",
  "verify-failed": "failure",
  "agent-failed": "failure",
  "budget-exceeded": "failure",
  "timed-out": "failure",
  "rate-limited": "failure",
  cancelled: "neutral",
  "egress-unproved": "failure",
  "provider-failed": "failure",
  error: "failure",
};

/** How a run ended: the word, a sentence for people, and what was published, if anything was. */
export interface Outcome {
  readonly word: OutcomeWord;
  /** One sentence a maintainer can act on. Already inert: guest text in it has been cleaned. */
  readonly reason: string;
  readonly publication?: Publication;
}

/** What the forge has after publication. */
export interface Publication {
  readonly branch?: string;
  readonly headSha?: string;
  readonly treeSha?: string;
  readonly pullRequestNumber?: number;
  readonly pullRequestUrl?: string;
  readonly commentUrl?: string;
  /** Newer base commit that the judged patch was merged onto; the merged tree was judged again. */
  readonly rebasedOnto?: string;
}

/** The conclusion that GitHub shows for a word: never success for a run that did nothing it was asked to (I20). */
export function concludes(word: OutcomeWord): Conclusion {
  return CONCLUSIONS[word];
}
