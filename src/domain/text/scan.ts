import { findLineEnd, type Line, readLine, type Seek } from "./lines.ts";
import type { Tally } from "./tally.ts";

/** A bracket that may begin a link. */
export interface Opener {
  readonly image: boolean;
  /** Length of the output, and of its visible part, at the bracket. */
  readonly out: number;
  readonly seen: number;
  readonly at: number;
  nested: boolean;
}

/** One pass over a text. */
export interface Scan {
  readonly text: string;
  readonly htmlLines: ReadonlySet<number>;
  readonly seek: Seek;
  readonly tally: Tally;
  readonly definitions: ReadonlyMap<string, string>;
  readonly footnotes: Set<string>;
  readonly out: string[];
  /** The next character that may have a meaning, as far as the search has gone. */
  special: number;
  /** The last line that was looked up. */
  line: Line;
  /** Ends of the backtick runs of the line `runsOf`, by their length, nearest last. */
  runs: Map<number, number[]>;
  runsOf: number;
  /** References to footnotes after this may be code. */
  uncertainFrom: number;
  /** Number of pieces of output with something visible. */
  seen: number;
  /** How many characters of destinations may still be written; keeps the output bounded. */
  room: number;
  /** Inside a `<picture>` whose sources decide what is shown. */
  sourced: boolean;
  /** Elements that are open and shrink their text; each makes it smaller still. */
  shrunk: number;
  /** Something that is never closed hides the rest of the page. */
  swallowed: boolean;
}

/** A run of lines without a blank line. */
export interface Chunk {
  readonly end: number;
  /** From here on it is inside an HTML block. */
  readonly htmlFrom: number;
  readonly openers: Opener[];
  /** Backtick runs that close on their own line are code, until one is met that may close further on. */
  codeSpans: boolean;
}

export function emit(scan: Scan, piece: string): void {
  if (piece === "") return;
  scan.out.push(piece);
  if (piece.trim() !== "") scan.seen += 1;
}

/** Nothing that follows is shown. */
export function swallow(scan: Scan): number {
  scan.swallowed = true;
  return scan.text.length;
}

export function findChunk({ text, htmlLines }: Scan, from: number, limit: number): { readonly end: number; readonly htmlFrom: number } {
  let htmlFrom = Number.POSITIVE_INFINITY;
  for (let position = from; position < limit; ) {
    const end = findLineEnd(text, position);
    if (text.slice(position, end).trim() === "") return { end: position === from ? Math.min(end, limit) : position, htmlFrom };
    if (htmlLines.has(position)) htmlFrom = Math.min(htmlFrom, position);
    position = end + 1;
  }
  return { end: limit, htmlFrom };
}

/** A literal `<`: escaped where it could be read as markup. */
export function literalAngle(scan: Scan, at: number): string {
  return /[A-Za-z/!?]/.test(scan.text[at + 1] ?? "") ? "&lt;" : "<";
}

/** If a removed part covers the start of a footnote, the rest is removed too: the footnote may be one that is not shown. */
export function passFootnote(scan: Scan, chunk: Chunk, from: number, to: number): number {
  const inside = scan.text.slice(from, to);
  if (!inside.includes("\n") || !/\n[ \t>]*\[\^/.test(inside)) return to;
  return from >= chunk.htmlFrom ? swallow(scan) : Math.max(to, chunk.end);
}

/** The line of a position. Positions must come in ascending order, so that the scan stays linear. */
export function lineAt(scan: Scan, at: number): Line {
  while (at > scan.line.end && scan.line.end < scan.text.length) scan.line = readLine(scan.text, scan.line.end + 1);
  return scan.line;
}
