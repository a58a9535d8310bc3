/** Ways out that must be closed, and the one way that must be open as long as the relay is (I3, I21). */
const MUST_BE_CLOSED = ["tcp", "udp", "dns", "ipv6", "metadata", "denied-host"] as const;
const GATEWAY = "gateway";

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
  return judge(attempts, "open");
}

/** Judges a probe of a sandbox whose relay is closed: every way out tried and closed, the gateway's too. What was not tried counts as open. */
export function judgeClosed(attempts: readonly BoundaryAttempt[]): BoundaryProof {
  return judge(attempts, "closed");
}

function judge(attempts: readonly BoundaryAttempt[], gateway: "open" | "closed"): BoundaryProof {
  const missing = [...MUST_BE_CLOSED, GATEWAY].filter((name) => !attempts.some((attempt) => covers(attempt, name)));
  const wrong = attempts.filter((attempt) => attempt.result !== (covers(attempt, GATEWAY) ? gateway : "closed"));
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
