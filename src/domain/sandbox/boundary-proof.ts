/** Ways out that must be closed, and the one way that must be open (I3). */
const MUST_BE_CLOSED = ["tcp", "udp", "dns", "ipv6", "metadata", "denied-host"] as const;
const MUST_BE_OPEN = "gateway";

/** What the attempts from inside the sandbox say about its boundary. */
export interface BoundaryProof {
  readonly proved: boolean;
  /** One line for each attempt that is missing or had the wrong result. */
  readonly failures: readonly string[];
}

export interface BoundaryAttempt {
  readonly name: string;
  readonly result: "closed" | "open" | "unknown";
  readonly detail: string;
}

/** Judges a probe: every way out was tried and is closed, and the gateway was reached. What was not tried counts as open. */
export function judgeBoundary(attempts: readonly BoundaryAttempt[]): BoundaryProof {
  const missing = [...MUST_BE_CLOSED, MUST_BE_OPEN].filter((name) => !attempts.some((attempt) => covers(attempt, name)));
  const wrong = attempts.filter((attempt) => attempt.result !== wanted(attempt));
  const failures = [
    ...missing.map((name) => `${name}: not tried`),
    ...wrong.map((attempt) => `${attempt.name}: ${attempt.result} (${attempt.detail})`),
  ];
  return { proved: failures.length === 0, failures };
}

/** `tcp` covers `tcp` and `tcp 203.0.113.7:443`. */
function covers(attempt: BoundaryAttempt, name: string): boolean {
  return attempt.name === name || attempt.name.startsWith(`${name} `) || attempt.name.startsWith(`${name}:`);
}

function wanted(attempt: BoundaryAttempt): "closed" | "open" {
  return covers(attempt, MUST_BE_OPEN) ? "open" : "closed";
}
