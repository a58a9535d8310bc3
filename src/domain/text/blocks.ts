import { findLineEnd, type Line, openSeek, readLine, type Seek } from "./lines.ts";
import { findMarkupEnd } from "./markup.ts";
import { startsHtml } from "./tags.ts";

/**
 * A stretch of Markdown: code, an HTML comment (or similar markup) that starts a line, or text. A stretch counts as code only if every
 * reading agrees; everything else is text and is cleaned.
 */
export interface Segment {
  readonly kind: "code" | "hidden" | "text";
  readonly start: number;
  readonly end: number;
}

/** The stretches in order, without gaps, and the starts of the lines that are inside HTML blocks. */
export interface Blocks {
  readonly segments: readonly Segment[];
  readonly htmlLines: ReadonlySet<number>;
  /** From here on it is uncertain what is a fence: what looks like text may be code. */
  readonly uncertainFrom: number;
}

export const FENCE = /^(`{3,}|~{3,})(.*)$/;
const MAX_INDENT = 3;

interface Splitter {
  readonly text: string;
  readonly seek: Seek;
  readonly segments: Segment[];
  readonly htmlLines: Set<number>;
  textStart: number;
  /** Start of the first line that may open or close a fence but is not certain to: from there on nothing counts as code. */
  uncertainFrom: number;
  /** undefined: not in an HTML block; "": in one that a blank line ends; otherwise the text that ends it. */
  html: string | undefined;
}

/** Splits in one pass, linear in the length. */
export function splitBlocks(text: string): Blocks {
  const splitter: Splitter = {
    text,
    seek: openSeek(text),
    segments: [],
    htmlLines: new Set(),
    textStart: 0,
    uncertainFrom: Number.POSITIVE_INFINITY,
    html: undefined,
  };
  for (let position = 0; position < text.length; ) position = takeLine(splitter, readLine(text, position));
  if (splitter.textStart < text.length) splitter.segments.push({ kind: "text", start: splitter.textStart, end: text.length });
  return { segments: splitter.segments, htmlLines: splitter.htmlLines, uncertainFrom: splitter.uncertainFrom };
}

/** Returns where to continue. */
function takeLine(splitter: Splitter, line: Line): number {
  const { text } = splitter;
  const body = text.slice(line.content, line.end);
  if (isRawHtml(splitter)) return takeRawHtml(splitter, line, body);
  const hidden = body.trim() !== "" && splitter.html !== undefined ? undefined : findHidden(splitter, line);
  if (hidden !== undefined) return takeHidden(splitter, line, hidden);
  const isQuoteMark = body.trim() === "" && text.slice(line.start, line.end).trim() !== "";
  splitter.html = isQuoteMark ? splitter.html : nextHtml(splitter.html, body);
  if (splitter.html !== undefined) splitter.htmlLines.add(line.start);
  const fence = FENCE.exec(body);
  if (fence === null || isInlineRun(fence) || isQuoted(text, line)) return line.end + 1;
  return takeFence(splitter, line, fence[1] ?? "");
}

function takeFence(splitter: Splitter, line: Line, run: string): number {
  const certain = splitter.uncertainFrom > line.start && splitter.html === undefined;
  const end = certain ? findFenceEnd(splitter.text, line, run) : undefined;
  if (end === undefined) {
    doubt(splitter, line);
    return line.end + 1;
  }
  push(splitter, { kind: "code", start: line.start, end });
  return end;
}

function push(splitter: Splitter, segment: Segment): void {
  if (segment.start > splitter.textStart) splitter.segments.push({ kind: "text", start: splitter.textStart, end: segment.start });
  splitter.segments.push(segment);
  splitter.textStart = segment.end;
}

function doubt(splitter: Splitter, line: Line): void {
  splitter.uncertainFrom = Math.min(splitter.uncertainFrom, line.start);
}

function isRawHtml({ html }: Splitter): boolean {
  return html !== undefined && html !== "";
}

function takeRawHtml(splitter: Splitter, line: Line, body: string): number {
  if (FENCE.test(body)) doubt(splitter, line);
  splitter.htmlLines.add(line.start);
  if (body.toLowerCase().includes(splitter.html ?? "")) splitter.html = "";
  return line.end + 1;
}

function takeHidden(splitter: Splitter, line: Line, end: number): number {
  const { text } = splitter;
  push(splitter, { kind: "hidden", start: line.content, end });
  if (line.content > line.start && /^[ \t>]*(?:```|~~~)/m.test(text.slice(line.content, end))) doubt(splitter, line);
  const rest = findLineEnd(text, end);
  if (line.content > line.start && end > line.end) splitter.html = "";
  // A browser ends a comment at `--!>`. CommonMark does not, so the block continues.
  if (text.slice(end - 4, end) === "--!>" && !text.slice(end, rest).includes("-->")) splitter.html = "-->";
  return rest + 1;
}

/** A run of backticks with another backtick after it on the line is not a fence. */
export function isInlineRun(fence: RegExpExecArray): boolean {
  return (fence[1] ?? "").startsWith("`") && (fence[2] ?? "").includes("`");
}

/** A fence in a quote ends with the quote and cannot be mistaken for one outside: it is treated as text, which is harmless. */
function isQuoted(text: string, line: Line): boolean {
  return /^ {0,3}>[> ]*$/.test(text.slice(line.start, line.content));
}

function nextHtml(html: string | undefined, body: string): string | undefined {
  if (body.trim() === "") return undefined;
  const raw = /^<(pre|script|style|textarea)(?=[\s>]|$)/i.exec(body);
  if (raw === null) return startsHtml(body) ? "" : html;
  const closing = `</${raw[1]?.toLowerCase()}`;
  return body.toLowerCase().includes(closing) ? "" : closing;
}

/**
 * End of a comment, declaration, instruction or CDATA section that starts a line. One that is never closed, or whose container ends before
 * it does, hides everything after it: the browser's parser finds no end.
 */
function findHidden({ text, seek }: Splitter, line: Line): number | undefined {
  const end = findMarkupEnd(text, line.content, seek);
  if (end === undefined || end === -1) return end === -1 ? text.length : undefined;
  // A browser ends everything but comments at the first `>`: what follows could open something that is never closed.
  if (!text.startsWith("<!--", line.content) && text.slice(text.indexOf(">", line.content), end).includes("<")) return text.length;
  if (line.content === line.start || end <= line.end) return end;
  const isDeclaration = /^<![A-Za-z]/.test(text.slice(line.content, line.content + 3));
  return !isDeclaration && staysInside(text, line, end) ? end : text.length;
}

/** Whether each line up to the end certainly continues the quotes and the indentation of the first line. */
function staysInside(text: string, line: Line, end: number): boolean {
  const prefix = text.slice(line.start, line.content);
  if (prefix.includes("\t")) return false;
  const isQuote = /^[ >]*$/.test(prefix);
  const quotes = new RegExp(`^(?: {0,3}>){${prefix.split(">").length - 1}}`);
  const indent = prefix.replaceAll(/[^>]/g, " ");
  for (let position = line.end + 1; position < end; ) {
    const lineEnd = findLineEnd(text, position);
    const own = text.slice(position, lineEnd);
    const isBlank = own.trim() === "" && !prefix.includes(">");
    if (!isBlank && !(isQuote ? quotes.test(own) : own.startsWith(indent))) return false;
    position = lineEnd + 1;
  }
  return true;
}

/**
 * End of a fence that is code in every reading: closed, not on a list marker's line, and without a line that could have
 * ended the list item it may stand in.
 */
function findFenceEnd(text: string, line: Line, run: string): number | undefined {
  const indent = line.content - line.start;
  if (indent > MAX_INDENT || text.slice(line.start, line.content).trim() !== "") return undefined;
  for (let position = line.end + 1; position < text.length; ) {
    const end = findLineEnd(text, position);
    const step = judgeFenceLine(text.slice(position, end), run, indent);
    if (step === "closes") return Math.min(end + 1, text.length);
    if (step === "unsure") return undefined;
    position = end + 1;
  }
  return undefined;
}

function judgeFenceLine(raw: string, run: string, indent: number): "inside" | "closes" | "unsure" {
  const body = raw.trimStart();
  if (body === "") return "inside";
  const white = raw.slice(0, raw.length - body.length);
  if (white.length < indent || (indent > 0 && white.includes("\t"))) return "unsure";
  if (!isClosing(body, run) || (indent === 0 && white.includes("\t"))) return "inside";
  if (white.length <= MAX_INDENT) return "closes";
  return white.length <= indent + MAX_INDENT ? "unsure" : "inside";
}

function isClosing(body: string, run: string): boolean {
  if (!body.startsWith(run)) return false;
  const mark = run[0];
  return [...body.trimEnd()].every((character) => character === mark);
}
