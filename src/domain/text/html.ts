import { findImageAddress } from "./attributes.ts";
import { findLineEnd } from "./lines.ts";
import { AUTOLINK, findMarkupEnd, type Tag } from "./markup.ts";
import { type Chunk, emit, lineAt, literalAngle, passFootnote, type Scan, swallow } from "./scan.ts";
import { hidesContent, parseLaxTag, parseTag, renderTag } from "./tags.ts";

/** A block of raw text ends on the line of its closing tag: what was open there is never closed. */
const LEAVES_RAW = /<\/(?:pre|script|style|textarea)[^\n]*\n/i;

/** What begins with `<`: a comment, a tag, an autolink or itself. Returns where to go on. */
export function takeAngle(scan: Scan, chunk: Chunk, at: number): number {
  const { text } = scan;
  const inHtml = at >= chunk.htmlFrom;
  const markup = findMarkupEnd(text, at, scan.seek);
  if (markup !== undefined) {
    const closes = markup !== -1 && markup <= chunk.end && !(inHtml && LEAVES_RAW.test(text.slice(at, markup)));
    if (closes || inHtml) {
      scan.tally.count("html-comment");
      return closes ? passFootnote(scan, chunk, at, markup) : swallow(scan);
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
  if (typeof tag !== "string") return passFootnote(scan, chunk, at, replaceTag(scan, tag));
  scan.tally.count("html-tag");
  return tag === "open-quote" ? swallow(scan) : endUnclosed(scan, chunk.end);
}

/** Where the block goes on behind a blank line, the tag does too; else the next paragraph's own tag ends it. */
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
  if (hidesContent(tag)) {
    scan.tally.count("hidden-element");
    return findElementEnd(scan, tag.name, tag.end);
  }
  if (tag.name === "source" || tag.name === "/picture") scan.sourced = tag.name === "source";
  emit(scan, tag.name === "img" ? scan.tally.nameImage(scan.sourced ? undefined : findImageAddress(tag)) : renderTag(tag));
  return tag.end;
}

/** Behind the closing tag, nested ones of the same name counted; the end of the text when there is none. */
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
