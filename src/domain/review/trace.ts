import { createHash } from "node:crypto";

/** Lines by their text, so that a later run can tell whether they are still there. */
export interface Trace {
  readonly path: string;
  /** Number of lines in the digest: the first ones of the finding. */
  readonly count: number;
  /** 16 hex digits. */
  readonly digest: string;
  /** Whether the head's file had these lines when the trace was taken; false for lines that the pull request removes. */
  readonly present: boolean;
}

const MAX_TRACED_LINES = 8;
const DIGEST_CHARS = 16;

/** A file's lines, searched by digest. */
export interface FileLines {
  /** The text of these lines, counted from 1; at least one line: the last one if the range is beyond the end. */
  take(first: number, last: number): readonly string[];
  has(trace: Pick<Trace, "count" | "digest">): boolean;
}

/** Linear in the text for each requested count, and there are few counts. */
export function openLines(text: string): FileLines {
  const lines = text.split(/\r?\n/);
  const known = new Map<number, ReadonlySet<string>>();
  return {
    take(first, last) {
      const start = Math.min(Math.max(first, 1), lines.length) - 1;
      return lines.slice(start, Math.max(last, start + 1));
    },
    has({ count, digest }) {
      const digests = known.get(count) ?? digestAll(lines.map(squeezeLine), count);
      known.set(count, digests);
      return digests.has(digest);
    },
  };
}

/** What a later run searches for: the first lines, ignoring white space. */
export function digestLines(lines: readonly string[]): Pick<Trace, "count" | "digest"> {
  const kept = lines.slice(0, MAX_TRACED_LINES).map(squeezeLine);
  return { count: kept.length, digest: digest(kept) };
}

/** Lines that differ only in white space are the same. */
export function squeezeLine(line: string): string {
  return line.replace(/\s+/g, " ").trim();
}

function digestAll(lines: readonly string[], count: number): ReadonlySet<string> {
  const found = new Set<string>();
  for (let start = 0; start + count <= lines.length; start += 1) found.add(digest(lines.slice(start, start + count)));
  return found;
}

function digest(lines: readonly string[]): string {
  return createHash("sha256").update(lines.join("\n")).digest("hex").slice(0, DIGEST_CHARS);
}
