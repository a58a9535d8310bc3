/** A parsed allow and deny list. Make it with `parsePolicy`. */
export interface EgressPolicy {
  readonly allow: readonly HostRule[];
  readonly deny: readonly HostRule[];
}

/** One line of a policy. */
export interface HostRule {
  /** The line as written. */
  readonly text: string;
}

/** What a policy says of one host and port. */
export interface Decision {
  readonly verdict: "allow" | "deny";
  /** From a closed list, for example `default-deny`, `deny-rule`, `allow-rule`. */
  readonly reason: string;
  /** The line that decided. */
  readonly rule?: string;
}
