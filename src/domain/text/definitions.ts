import { splitBlocks } from "./blocks.ts";
import { findLineEnd, readLine } from "./lines.ts";
import { type Definition, normalizeLabel, parseDefinition } from "./links.ts";
import type { Tally } from "./tally.ts";

/** A text without its link reference definitions, and what they defined. */
export interface Defined {
  readonly text: string;
  /** Destination by normalized label. */
  readonly definitions: ReadonlyMap<string, string>;
}

/** A line that can only be a paragraph's: a definition right below it is part of that paragraph and shown. */
const PARAGRAPH = /^ {0,3}(?:[\p{L}"'()@$%&\\!.,:;?/{}^]|_(?=[^\s_])|\*(?=[^\s*])|\d(?!\d{0,8}[.)]))(?!.*\|)/u;

/**
 * Takes out link reference definitions. Where it is not sure that a line is one it counts as one, unless it plainly
 * goes on with a paragraph.
 */
export function takeDefinitions(text: string, tally: Tally): Defined {
  const definitions = new Map<string, string>();
  if (!text.includes("]:")) return { text, definitions };
  const out: string[] = [];
  const { segments, htmlLines } = splitBlocks(text);
  for (const segment of segments) {
    if (segment.kind === "text") takeFrom({ text, htmlLines, start: segment.start, end: segment.end, out, definitions, tally });
    else out.push(text.slice(segment.start, segment.end));
  }
  return { text: out.join(""), definitions };
}

interface Stretch {
  readonly text: string;
  readonly htmlLines: ReadonlySet<number>;
  readonly start: number;
  readonly end: number;
  readonly out: string[];
  readonly definitions: Map<string, string>;
  readonly tally: Tally;
}

function takeFrom(stretch: Stretch): void {
  const { text, out, definitions, tally } = stretch;
  let paragraph = false;
  let limit = -1;
  for (let position = stretch.start; position < stretch.end; ) {
    const line = readLine(text, position);
    const end = Math.min(line.end, stretch.end);
    if (line.end > limit) limit = findChunkEnd(text, position, stretch.end);
    const definition = text[line.content] === "[" ? parseDefinition(text, line.content, limit) : undefined;
    const next = definition === undefined || (paragraph && isBare(text, line.start, line.content)) ? undefined : definition;
    if (next === undefined) {
      if (definition !== undefined) remember(definitions, { ...definition, destination: "" });
      const raw = text.slice(position, end);
      paragraph = PARAGRAPH.test(raw) && (position === 0 || text[position - 1] === "\n");
      out.push(text.slice(position, Math.min(end + 1, stretch.end)));
      position = end + 1;
      continue;
    }
    remember(definitions, next);
    tally.count("link-definition");
    const cutsTag = stretch.htmlLines.has(line.start) && text.slice(position, next.end).includes("<");
    position = (cutsTag ? limit : next.end) + 1;
    paragraph = false;
  }
}

function remember(definitions: Map<string, string>, definition: Definition): void {
  if (!definitions.has(definition.label)) definitions.set(definition.label, definition.destination);
}

function isBare(text: string, start: number, content: number): boolean {
  return content - start <= 3 && text.slice(start, content).trim() === "";
}

/** The end of the run of lines that are not blank. */
function findChunkEnd(text: string, from: number, limit: number): number {
  for (let position = from; position < limit; ) {
    const end = findLineEnd(text, position);
    if (text.slice(position, end).trim() === "") return position === from ? end : position - 1;
    position = end + 1;
  }
  return limit;
}

const FOOTNOTE = /^[ \t>]*\[\^([^\]\n]{1,200})\]:/;

/** Takes out the footnotes that nothing points at, with the indented lines that belong to them. */
export function takeFootnotes(text: string, referenced: ReadonlySet<string>, tally: Tally): string {
  if (!text.includes("[^")) return text;
  const out: string[] = [];
  let inside = false;
  let blank = false;
  for (const line of text.split("\n")) {
    const label = FOOTNOTE.exec(line)?.[1];
    const isBlank = line.trim() === "";
    if (label !== undefined) {
      inside = !referenced.has(normalizeLabel(label));
      if (inside) tally.count("footnote");
    } else if (inside && blank && !isBlank && !/^[ \t>]*(?: {4}|\t)/.test(line)) inside = false;
    blank = isBlank;
    if (!inside || isBlank) out.push(line);
  }
  return out.join("\n");
}
