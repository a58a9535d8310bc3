import type { Finding, Severity } from "../patch.ts";
import { showText } from "../paths/show.ts";

const MAX_NAME = 120;

export interface FindingText {
  readonly code: string;
  readonly severity: Severity;
  readonly path?: string;
  readonly reason: string;
  readonly remedy: string;
}

/** A finding with its path made visible: escaped, uncut, so that it names one path only. */
export function finding({ path, ...rest }: FindingText): Finding {
  return path === undefined ? rest : { ...rest, path: showText(path) };
}

/** A guest's name or value inside a sentence: escaped, cut, quoted. */
export function quoteName(text: string): string {
  const shown = showText(text.slice(0, MAX_NAME));
  return `“${shown}${text.length > MAX_NAME ? "…" : ""}”`;
}
