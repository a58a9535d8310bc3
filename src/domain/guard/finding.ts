import type { Finding, Severity } from "../patch.ts";
import { showText } from "../paths/show.ts";

const REMEDY = "Look at it yourself before you trust this pull request.";

export interface FlagText {
  readonly code: string;
  readonly severity: Severity;
  readonly path?: string;
  readonly reason: string;
  readonly remedy?: string;
}

/** A flag of the guard, in the gate's own form so that both are shown alike. */
export function guardFinding({ path, remedy = REMEDY, ...rest }: FlagText): Finding {
  return { ...rest, remedy, ...(path === undefined ? {} : { path: showText(path) }) };
}
