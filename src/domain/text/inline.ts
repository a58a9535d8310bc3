import { splitBlocks } from "./blocks.ts";
import { takeClosing, takeOpening } from "./brackets.ts";
import { readEntity } from "./entities.ts";
import { takeAngle } from "./html.ts";
import { findLineEnd, type Line, openSeek, readLine } from "./lines.ts";
import { type Chunk, emit, findChunk, lineAt, literalAngle, type Scan } from "./scan.ts";
import type { Tally } from "./tally.ts";

/** Text after all inline markup was shown or removed, and the footnotes that it references. */
export interface Shown {
  readonly text: string;
  readonly footnotes: ReadonlySet<string>;
}

const SPECIAL = /[\\`<&![\]]/g;

/** Shows links without titles, images and HTML without attributes, and drops what HTML hides. One pass over each stretch. */
export function showInline(text: string, definitions: ReadonlyMap<string, string>, tally: Tally): Shown {
  const { segments, htmlLines, uncertainFrom } = splitBlocks(text);
  const own = {
    footnotes: new Set<string>(),
    out: [],
    seen: 0,
    room: text.length,
    swallowed: false,
    sourced: false,
    shrunk: 0,
    line: readLine(text, 0),
    runs: new Map<number, number[]>(),
    runsOf: -1,
    special: -1,
  };
  const scan: Scan = { text, htmlLines, uncertainFrom, seek: openSeek(text), tally, definitions, ...own };
  let position = 0;
  for (const { kind, start, end } of segments) {
    const from = Math.max(start, position);
    if (from >= end) continue;
    if (kind === "code") emit(scan, text.slice(from, end).replaceAll("<!--", "&lt;!--"));
    else if (kind === "hidden") dropHidden(scan, end);
    else position = scanText(scan, from, end);
  }
  return { text: scan.out.join(""), footnotes: scan.swallowed ? new Set() : scan.footnotes };
}

function dropHidden(scan: Scan, end: number): void {
  scan.tally.count("html-comment");
  if (end === scan.text.length && !scan.text.endsWith(">")) scan.swallowed = true;
}

/** Returns where to continue, which may be far after the stretch if an element was dropped. */
function scanText(scan: Scan, start: number, end: number): number {
  let position = start;
  while (position < end) {
    const isWhole = position === 0 || scan.text[position - 1] === "\n";
    const bounds = isWhole ? findChunk(scan, position, end) : { end: Math.min(findLineEnd(scan.text, position), end), htmlFrom: position };
    if (bounds.end === position) {
      emit(scan, scan.text.slice(position, position + 1));
      position += 1;
    } else position = scanChunk(scan, { ...bounds, openers: [], codeSpans: true }, position);
  }
  return position;
}

function scanChunk(scan: Scan, chunk: Chunk, start: number): number {
  let position = start;
  while (position < chunk.end) {
    const next = Math.min(findSpecial(scan, position), chunk.end);
    emit(scan, scan.text.slice(position, next));
    position = next < chunk.end ? takeSpecial(scan, chunk, next) : chunk.end;
  }
  return position;
}

/** Searched once, however many chunks are before it. */
function findSpecial(scan: Scan, from: number): number {
  if (scan.special >= from) return scan.special;
  SPECIAL.lastIndex = from;
  scan.special = SPECIAL.exec(scan.text)?.index ?? scan.text.length;
  return scan.special;
}

function takeSpecial(scan: Scan, chunk: Chunk, at: number): number {
  switch (scan.text[at]) {
    case "\\":
      return takeEscape(scan, chunk, at);
    case "`":
      return takeBackticks(scan, chunk, at);
    case "<":
      return takeAngle(scan, chunk, at);
    case "&":
      return takeEntity(scan, at);
    case "]":
      return takeClosing(scan, chunk, at);
    default:
      return takeOpening(scan, chunk, at);
  }
}

function takeEscape(scan: Scan, chunk: Chunk, at: number): number {
  const next = scan.text[at + 1] ?? "";
  if (at >= chunk.htmlFrom || at + 1 >= chunk.end || !/[!-/:-@[-`{-~]/.test(next)) {
    emit(scan, "\\");
    return at + 1;
  }
  emit(scan, next === "<" ? literalAngle(scan, at + 1) : `\\${next}`);
  return at + 2;
}

function takeBackticks(scan: Scan, chunk: Chunk, at: number): number {
  const { text } = scan;
  const end = endOfRun(text, at);
  if (!chunk.codeSpans || at >= chunk.htmlFrom) {
    emit(scan, text.slice(at, end));
    return end;
  }
  const close = findRun(scan, end - at, end);
  if (close !== undefined && !text.slice(end, close).includes("|")) {
    emit(scan, text.slice(at, close).replaceAll("<!--", "&lt;!--"));
    return close;
  }
  const later = scan.seek.next("`", findLineEnd(text, end));
  if (close !== undefined || (later !== -1 && later < chunk.end)) {
    chunk.codeSpans = false;
    scan.uncertainFrom = Math.min(scan.uncertainFrom, at);
  }
  emit(scan, text.slice(at, end));
  return end;
}

function endOfRun(text: string, at: number): number {
  let end = at;
  while (text[end] === "`") end += 1;
  return end;
}

/** End of the next run of exactly this length on the line. The runs of a line are measured once. */
function findRun(scan: Scan, length: number, from: number): number | undefined {
  const line = lineAt(scan, from - 1);
  if (scan.runsOf !== line.start) {
    scan.runs = measureRuns(scan.text, line);
    scan.runsOf = line.start;
  }
  const ends = scan.runs.get(length) ?? [];
  while ((ends.at(-1) ?? Number.POSITIVE_INFINITY) <= from) ends.pop();
  return ends.at(-1);
}

function measureRuns(text: string, line: Line): Map<number, number[]> {
  const runs = new Map<number, number[]>();
  for (let at = text.indexOf("`", line.start); at !== -1 && at < line.end; ) {
    const end = endOfRun(text, at);
    const ends = runs.get(end - at);
    if (ends === undefined) runs.set(end - at, [end]);
    else ends.push(end);
    at = text.indexOf("`", end);
  }
  for (const ends of runs.values()) ends.reverse();
  return runs;
}

function takeEntity(scan: Scan, at: number): number {
  const entity = readEntity(scan.text, at);
  if (entity === undefined) {
    emit(scan, "&");
    return at + 1;
  }
  if (entity.shown === undefined) emit(scan, scan.text.slice(at, entity.end));
  else {
    if (entity.shown === "") scan.tally.count("entity");
    emit(scan, entity.shown);
  }
  return entity.end;
}
