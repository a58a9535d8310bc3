import { splitBlocks } from "./blocks.ts";
import { readEntity } from "./entities.ts";
import { findLineEnd, openSeek, readLine, type Seek } from "./lines.ts";
import { normalizeLabel, parseLabel, parseTail, safeDestination } from "./links.ts";
import { AUTOLINK, findMarkupEnd, type Tag } from "./markup.ts";
import { hidesContent, parseLaxTag, parseTag, renderTag } from "./tags.ts";
import type { Tally } from "./tally.ts";

/** Text with everything inline shown or gone, and the footnotes that it points at. */
export interface Shown {
  readonly text: string;
  readonly footnotes: ReadonlySet<string>;
}

interface Opener {
  readonly image: boolean;
  /** Length of the output, and of what a reader saw of it, when the bracket came. */
  readonly out: number;
  readonly seen: number;
  readonly at: number;
  nested: boolean;
}

interface Scan {
  readonly text: string;
  readonly htmlLines: ReadonlySet<number>;
  readonly uncertainFrom: number;
  readonly seek: Seek;
  readonly tally: Tally;
  readonly definitions: ReadonlyMap<string, string>;
  readonly footnotes: Set<string>;
  readonly out: string[];
  /** Pieces of output that hold something visible. */
  seen: number;
  /** Characters of destinations that may still be written into the text; keeps the output bounded. */
  room: number;
}

/** A run of lines without a blank one. */
interface Chunk {
  readonly end: number;
  /** From here on it is inside an HTML block. */
  readonly htmlFrom: number;
  readonly openers: Opener[];
  /** Backtick runs that close on a line of their own are code until one was met that may close further on. */
  codeSpans: boolean;
}

/** A block of raw text ends on the line of its closing tag: what was open there is never closed. */
const LEAVES_RAW = /<\/(?:pre|script|style|textarea)[^\n]*\n/i;

const SPECIAL = /[\\`<&![\]]/g;

/** Shows links without titles, images and HTML without attributes, and drops what HTML hides. One pass over each stretch. */
export function showInline(text: string, definitions: ReadonlyMap<string, string>, tally: Tally): Shown {
  const { segments, htmlLines, uncertainFrom } = splitBlocks(text);
  const scan: Scan = {
    text,
    htmlLines,
    uncertainFrom,
    seek: openSeek(text),
    tally,
    definitions,
    footnotes: new Set(),
    out: [],
    seen: 0,
    room: text.length,
  };
  let position = 0;
  for (const { kind, start, end } of segments) {
    const from = Math.max(start, position);
    if (from >= end) continue;
    if (kind === "code") emit(scan, text.slice(from, end).replaceAll("<!--", "&lt;!--"));
    else if (kind === "hidden") tally.count("html-comment");
    else position = scanText(scan, from, end);
  }
  return { text: scan.out.join(""), footnotes: scan.footnotes };
}

/** Returns where to go on, which may be far behind the stretch when an element was dropped. */
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

function findChunk({ text, htmlLines }: Scan, from: number, limit: number): { readonly end: number; readonly htmlFrom: number } {
  let htmlFrom = Number.POSITIVE_INFINITY;
  for (let position = from; position < limit; ) {
    const end = findLineEnd(text, position);
    if (text.slice(position, end).trim() === "") return { end: position === from ? Math.min(end, limit) : position, htmlFrom };
    if (htmlLines.has(position)) htmlFrom = Math.min(htmlFrom, position);
    position = end + 1;
  }
  return { end: limit, htmlFrom };
}

function scanChunk(scan: Scan, chunk: Chunk, start: number): number {
  let position = start;
  while (position < chunk.end) {
    SPECIAL.lastIndex = position;
    const found = SPECIAL.exec(scan.text)?.index ?? chunk.end;
    const next = Math.min(found, chunk.end);
    if (next > position) emit(scan, scan.text.slice(position, next));
    position = next < chunk.end ? takeSpecial(scan, chunk, next) : chunk.end;
  }
  return position;
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

function emit(scan: Scan, piece: string): void {
  if (piece === "") return;
  scan.out.push(piece);
  if (piece.trim() !== "") scan.seen += 1;
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

/** A `<` that is shown as such: written out where it could be read as markup. */
function literalAngle(scan: Scan, at: number): string {
  return /[A-Za-z/!?]/.test(scan.text[at + 1] ?? "") ? "&lt;" : "<";
}

function takeBackticks(scan: Scan, chunk: Chunk, at: number): number {
  const { text } = scan;
  let end = at;
  while (text[end] === "`") end += 1;
  const run = text.slice(at, end);
  if (chunk.codeSpans && at < chunk.htmlFrom) {
    const close = findRun(scan, run.length, end, Math.min(findLineEnd(text, end), chunk.end));
    if (close !== undefined && !text.slice(end, close).includes("|")) {
      emit(scan, text.slice(at, close).replaceAll("<!--", "&lt;!--"));
      return close;
    }
    if (close !== undefined || findLineEnd(text, end) < chunk.end)
      chunk.codeSpans = close === undefined && !mayClose(scan, run, end, chunk.end);
  }
  emit(scan, run);
  return end;
}

/** End of the next run of exactly this length on the line. */
function findRun(scan: Scan, length: number, from: number, limit: number): number | undefined {
  const { text } = scan;
  for (let position = scan.seek.next("`", from); position !== -1 && position < limit; ) {
    let end = position;
    while (text[end] === "`") end += 1;
    if (end - position === length) return end;
    position = text.indexOf("`", end);
  }
  return undefined;
}

function mayClose(scan: Scan, run: string, from: number, limit: number): boolean {
  const found = scan.text.indexOf(run, findLineEnd(scan.text, from));
  return found !== -1 && found < limit;
}

function takeAngle(scan: Scan, chunk: Chunk, at: number): number {
  const { text } = scan;
  const inHtml = at >= chunk.htmlFrom;
  const markup = findMarkupEnd(text, at, scan.seek);
  if (markup !== undefined) {
    const closes = markup !== -1 && markup <= chunk.end && !(inHtml && LEAVES_RAW.test(text.slice(at, markup)));
    if (closes || inHtml) {
      scan.tally.count("html-comment");
      return closes ? passFootnote(scan, chunk, at, markup) : text.length;
    }
    emit(scan, "&lt;");
    return at + 1;
  }
  if (!inHtml) return takeTag(scan, chunk, at);
  return /^<(?:[!?]|\/[^A-Za-z])/.test(text.slice(at, at + 3)) ? takeBogus(scan, chunk, at) : takeLaxTag(scan, chunk, at);
}

/** What a browser's parser takes for a comment although it is none: it ends at the next `>`. */
function takeBogus(scan: Scan, chunk: Chunk, at: number): number {
  const end = scan.seek.next(">", at);
  scan.tally.count("html-comment");
  return end === -1 || end >= chunk.end ? chunk.end : end + 1;
}

function takeTag(scan: Scan, chunk: Chunk, at: number): number {
  const autolink = AUTOLINK.exec(scan.text.slice(at, Math.min(at + 2_100, chunk.end)));
  if (autolink !== null) {
    emit(scan, autolink[1] ?? "");
    return at + autolink[0].length;
  }
  const tag = parseTag(scan.text, at, chunk.end);
  if (tag !== undefined) return passFootnote(scan, chunk, at, replaceTag(scan, tag));
  emit(scan, literalAngle(scan, at));
  return at + 1;
}

/** What was taken over the start of a footnote takes the rest with it: the footnote may be one that is not shown. */
function passFootnote(scan: Scan, chunk: Chunk, from: number, to: number): number {
  const inside = scan.text.slice(from, to);
  return inside.includes("\n") && /\n[ \t>]*\[\^/.test(inside) ? Math.max(to, chunk.end) : to;
}

function takeLaxTag(scan: Scan, chunk: Chunk, at: number): number {
  const lineStart = scan.text.lastIndexOf("\n", at) + 1;
  const quoted = scan.text.slice(lineStart, readLine(scan.text, lineStart).content).includes(">");
  const tag = parseLaxTag(scan.text, at, chunk.end, quoted);
  if (tag === undefined) {
    emit(scan, literalAngle(scan, at));
    return at + 1;
  }
  if (typeof tag !== "string") return replaceTag(scan, tag);
  scan.tally.count("html-tag");
  return tag === "open-quote" ? scan.text.length : endUnclosed(scan, chunk.end);
}

/** Where the block goes on behind a blank line, the tag does too; else the next paragraph's own tag ends it. */
function endUnclosed({ text, htmlLines, seek }: Scan, chunkEnd: number): number {
  let line = chunkEnd;
  while (line < text.length && text.slice(line, findLineEnd(text, line)).trim() === "") line = findLineEnd(text, line) + 1;
  if (!htmlLines.has(line)) return chunkEnd;
  const end = seek.next(">", chunkEnd);
  return end === -1 ? text.length : end + 1;
}

function replaceTag(scan: Scan, tag: Tag): number {
  scan.tally.count(tag.name === "details" ? "collapsed-section" : tag.name === "img" ? "image" : "html-tag");
  if (hidesContent(tag)) {
    scan.tally.count("hidden-element");
    return findElementEnd(scan.text, tag.name, tag.end);
  }
  emit(scan, renderTag(tag));
  return tag.end;
}

/** Behind the closing tag, nested ones of the same name counted; the end of the text when there is none. */
function findElementEnd(text: string, name: string, from: number): number {
  const tags = new RegExp(`<(/?)${name}(?=[\\s/>])[^>]*>?`, "gi");
  tags.lastIndex = from;
  let depth = 1;
  for (let match = tags.exec(text); match !== null; match = tags.exec(text)) {
    depth += match[1] === "/" ? -1 : 1;
    if (depth === 0) return tags.lastIndex;
  }
  return text.length;
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

function takeOpening(scan: Scan, chunk: Chunk, at: number): number {
  const { text } = scan;
  const image = text[at] === "!";
  if (image && text[at + 1] !== "[") {
    emit(scan, "!");
    return at + 1;
  }
  const last = chunk.openers.at(-1);
  if (last !== undefined) last.nested = true;
  const bracket = image ? at + 1 : at;
  chunk.openers.push({ image, out: scan.out.length, seen: scan.seen, at: bracket, nested: false });
  scan.out.push(image ? "![" : "[");
  if (!image && text[at + 1] === "^" && at < Math.min(chunk.htmlFrom, scan.uncertainFrom)) noteFootnote(scan, at, chunk.end);
  return bracket + 1;
}

function noteFootnote(scan: Scan, at: number, limit: number): void {
  const label = parseLabel(scan.text, at, limit);
  if (label === undefined) return;
  const lineStart = scan.text.lastIndexOf("\n", at) + 1;
  if (/^(?: {4}| {0,3}\t)/.test(scan.text.slice(lineStart, lineStart + 5))) return;
  const isDefinition = scan.text[label.end] === ":" && readLine(scan.text, lineStart).content >= label.end;
  if (!isDefinition) scan.footnotes.add(normalizeLabel(label.value.slice(1)));
}

function takeClosing(scan: Scan, chunk: Chunk, at: number): number {
  const opener = chunk.openers.pop();
  const link = opener === undefined ? undefined : readLink(scan, chunk, opener, at);
  if (opener === undefined || link === undefined) {
    emit(scan, "]");
    return at + 1;
  }
  if (link.hasTitle) scan.tally.count("link-title");
  if (opener.image) replaceImage(scan, opener);
  else closeLink(scan, opener, link);
  return passFootnote(scan, chunk, at, link.end);
}

interface Link {
  readonly destination: string;
  readonly hasTitle: boolean;
  readonly end: number;
  /** The destination stands elsewhere, in a definition. */
  readonly referred: boolean;
}

function readLink(scan: Scan, chunk: Chunk, opener: Opener, at: number): Link | undefined {
  const tail = parseTail(scan.text, at + 1, chunk.end);
  if (tail !== undefined) return { ...tail, referred: false };
  if (scan.definitions.size === 0) return undefined;
  const label = parseLabel(scan.text, at + 1, chunk.end);
  const own = opener.nested || at - opener.at > 1_000 ? "" : scan.text.slice(opener.at + 1, at);
  const wanted = label === undefined || label.value === "" ? own : label.value;
  const destination = scan.definitions.get(normalizeLabel(wanted));
  if (destination !== undefined) {
    if (label !== undefined && label.value !== "") scan.tally.count("link-label");
    return { destination, hasTitle: false, end: label?.end ?? at + 1, referred: true };
  }
  return undefined;
}

function replaceImage(scan: Scan, opener: Opener): void {
  scan.out.length = opener.out;
  scan.seen = opener.seen;
  scan.tally.count("image");
  emit(scan, "[image]");
}

function closeLink(scan: Scan, opener: Opener, link: Link): void {
  if (scan.seen === opener.seen) {
    scan.out.length = opener.out;
    scan.tally.count("empty-link");
    return;
  }
  const destination = safeDestination(link.destination);
  if (destination === undefined && link.destination !== "") scan.tally.count("link-destination");
  const length = destination?.length ?? 0;
  if (destination === undefined || (link.referred && length > scan.room)) {
    scan.out.push("]");
    return;
  }
  if (link.referred) scan.room -= length;
  scan.out.push(`](${destination})`);
}
