import { findImageAddress } from "./attributes.ts";
import { findLineEnd } from "./lines.ts";
import { AUTOLINK, findMarkupEnd, type Tag } from "./markup.ts";
import { type Chunk, emit, lineAt, literalAngle, passFootnote, type Scan, swallow } from "./scan.ts";
import { hidesContent, parseLaxTag, parseTag, renderTag } from "./tags.ts";

/** A block of raw text ends on the line of its closing tag: what was still open there is never closed. */
const LEAVES_RAW = /<\/(?:pre|script|style|textarea)[^\n]*\n/i;

/** Handles `<`: a comment, a tag, an autolink or a plain character. Returns where to continue. */
export function takeAngle(scan: Scan, chunk: Chunk, at: number): number {
  const { text } = scan;
  const inHtml = at >= chunk.htmlFrom;
  const markup = findMarkupEnd(text, at, scan.seek);
  if (markup !== undefined) return takeMarkup(scan, chunk, at, markup);
  if (!inHtml) return takeTag(scan, chunk, at);
  return /^<(?:[!?]|\/[^A-Za-z])/.test(text.slice(at, at + 3)) ? takeBogus(scan, chunk, at) : takeLaxTag(scan, chunk, at);
}

/** A comment or similar markup; `end` is -1 if it has none. */
function takeMarkup(scan: Scan, chunk: Chunk, at: number, end: number): number {
  const inHtml = at >= chunk.htmlFrom;
  const closes = end !== -1 && end <= chunk.end && !(inHtml && leavesRaw(scan, at, end));
  const hides = hidesMore(scan, at, end, inHtml);
  if (!hides && !closes && !inHtml) {
    emit(scan, "&lt;");
    return at + 1;
  }
  scan.tally.count("html-comment");
  return closes && !hides ? passFootnote(scan, chunk, at, end) : swallow(scan);
}

/** Whether a line ends in between. */
function hasLineEnd({ seek }: Scan, at: number, end: number): boolean {
  const lineEnd = seek.next("\n", at);
  return lineEnd !== -1 && lineEnd < end;
}

/** Called only for what spans lines, so that no line is examined twice. */
function leavesRaw(scan: Scan, at: number, end: number): boolean {
  return hasLineEnd(scan, at, end) && LEAVES_RAW.test(scan.text.slice(lineAt(scan, at).start, end));
}

/**
 * Whether CommonMark and a browser may see different ends, so that what follows is not certain to be shown. A browser ends everything but
 * comments at the first `>`, and comments also at `--!>`. In a container the `>` at the start of a line belongs to the container, and what
 * is still open at its end is never closed.
 */
function hidesMore(scan: Scan, at: number, end: number, inHtml: boolean): boolean {
  const { text, seek } = scan;
  const spansLines = end === -1 || hasLineEnd(scan, at, end);
  if (!text.startsWith("<!--", at)) return spansLines || text.slice(at, end).includes("<", text.indexOf(">", at) - at);
  if (end === -1) return false;
  const line = lineAt(scan, at);
  if (inHtml && spansLines && line.content > line.start) return true;
  const later = text.startsWith("--!>", end - 4) ? seek.next("-->", end) : -1;
  const open = later === -1 ? -1 : seek.next("<", end);
  return open !== -1 && open < later;
}

/** What a browser's parser treats as a comment although it is not one: it ends at the next `>`. */
function takeBogus(scan: Scan, chunk: Chunk, at: number): number {
  const end = scan.seek.next(">", at);
  scan.tally.count("html-comment");
  const other = scan.seek.next("<", at + 1);
  if (other !== -1 && other < end) return swallow(scan);
  return end === -1 || end >= chunk.end ? endUnclosed(scan, chunk.end) : end + 1;
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

function takeLaxTag(scan: Scan, chunk: Chunk, at: number): number {
  const line = lineAt(scan, at);
  const quoted = scan.text.slice(line.start, line.content).includes(">");
  const tag = parseLaxTag(scan.text, at, chunk.end, quoted);
  if (tag === undefined) {
    emit(scan, literalAngle(scan, at));
    return at + 1;
  }
  // If the container ends the tag earlier, the comment that seems to be inside it is not.
  const holdsComment = /<[!?]/.test(scan.text.slice(at, typeof tag === "string" ? chunk.end : tag.end));
  if (typeof tag !== "string" && !holdsComment) return passFootnote(scan, chunk, at, replaceTag(scan, tag));
  scan.tally.count("html-tag");
  if (holdsComment) return swallow(scan);
  return tag === "open-quote" ? swallow(scan) : endUnclosed(scan, chunk.end);
}

/** If the block continues after a blank line, so does the tag; else the next paragraph's own tag ends it. */
function endUnclosed(scan: Scan, chunkEnd: number): number {
  const { text, htmlLines, seek } = scan;
  let line = chunkEnd;
  while (line < text.length && text.slice(line, findLineEnd(text, line)).trim() === "") line = findLineEnd(text, line) + 1;
  if (!htmlLines.has(line)) return chunkEnd;
  const end = seek.next(">", chunkEnd);
  return end === -1 ? swallow(scan) : end + 1;
}

function replaceTag(scan: Scan, tag: Tag): number {
  scan.tally.count(tag.name === "details" ? "collapsed-section" : tag.name === "img" ? "image" : "html-tag");
  if (hidesContent(tag) || isTooSmall(scan, tag)) {
    scan.tally.count("hidden-element");
    const end = findElementEnd(scan, tag.name, tag.end);
    // GitHub shows some of these tags as text, so that the content between them is markup and may hide what follows.
    return /<[!?]/.test(scan.text.slice(tag.end, end)) ? swallow(scan) : end;
  }
  if (tag.name === "source" || tag.name === "/picture") scan.sourced = tag.name === "source";
  emit(scan, tag.name === "img" ? scan.tally.nameImage(scan.sourced ? undefined : findImageAddress(tag)) : renderTag(tag));
  return tag.end;
}

/** A browser shows each of these at three quarters of the size around it: what more of them hold cannot be read. */
const SHRINKING = /^\/?(?:sub|sup|small)$/;
const MOST_SHRUNK = 4;

function isTooSmall(scan: Scan, { name }: Tag): boolean {
  if (!SHRINKING.test(name)) return false;
  if (name.startsWith("/")) scan.shrunk = Math.max(0, scan.shrunk - 1);
  else if (scan.shrunk === MOST_SHRUNK) return true;
  else scan.shrunk += 1;
  return false;
}

/** Position after the closing tag, counting nested ones of the same name; the end of the text if there is none. */
function findElementEnd(scan: Scan, name: string, from: number): number {
  const tags = new RegExp(`<(/?)${name}(?=[\\s/>])[^>]*>?`, "gi");
  tags.lastIndex = from;
  const { text } = scan;
  let depth = 1;
  for (let match = tags.exec(text); match !== null; match = tags.exec(text)) {
    depth += match[1] === "/" ? -1 : 1;
    if (depth === 0) return tags.lastIndex;
  }
  return swallow(scan);
}
