import type { Severity } from "./patch.ts";

/** What the list of findings says of one. */
export interface FindingEntry {
  /** Who finds it: the gate in a patch, or the guard of a review in somebody else's pull request. */
  readonly by: "gate" | "guard";
  /** What it may come as, gravest first. */
  readonly severities: readonly [Severity, ...Severity[]];
  /** When it is which, for docs/how-to/the-gate.md. */
  readonly shownAs?: string;
  /** For docs/how-to/the-gate.md: no capital, no full stop. */
  readonly meaning: string;
  /** What to do, in the imperative. */
  readonly remedy: string;
  /** The same for who decides on somebody else's pull request, where `remedy` speaks to the author of the workflow. */
  readonly forReaders?: string;
}
