import { FINDINGS, type FindingCode } from "../findings.ts";
import type { Finding } from "../patch.ts";
import { showText } from "../paths/show.ts";

const MAX_NAME = 120;

export interface FindingText<Code extends FindingCode> {
  readonly code: Code;
  /** Default: the gravest that the list of findings has for the code. */
  readonly severity?: (typeof FINDINGS)[Code]["severities"][number];
  readonly path?: string;
  readonly reason: string;
  /** Default: the list's. */
  readonly remedy?: string;
}

/** A finding of the list, with its path made visible: escaped, uncut, so that it names one path only. */
export function finding<Code extends FindingCode>(text: FindingText<Code>): Finding {
  const { code, path, reason } = text;
  const { severities, remedy } = FINDINGS[code];
  const shown = path === undefined ? {} : { path: showText(path) };
  return { code, severity: text.severity ?? severities[0], reason, remedy: text.remedy ?? remedy, ...shown };
}

/** A guest's name or value inside a sentence: escaped, cut, quoted. */
export function quoteName(text: string): string {
  const shown = showText(text.slice(0, MAX_NAME));
  return `“${shown}${text.length > MAX_NAME ? "…" : ""}”`;
}
