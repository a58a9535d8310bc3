/** How a verification came out; the output `verification`. `none`: nothing was verified. */
export const VERIFICATION_OUTCOMES = ["passed", "failed", "base-fails", "none"] as const;
export type VerificationOutcome = (typeof VERIFICATION_OUTCOMES)[number];

interface Passing {
  readonly passed: boolean;
}

/**
 * Red on the base and after the patch says nothing about the patch: it is `base-fails`, and never the agent's fault.
 * @param base undefined: the base was not judged
 */
export function compareWithBase(base: Passing | undefined, patch: Passing): Exclude<VerificationOutcome, "none"> {
  if (patch.passed) return "passed";
  return base?.passed === false ? "base-fails" : "failed";
}
