import { splitBlocks } from "./blocks.ts";
import { findLineEnd, type Line, readLine } from "./lines.ts";
import { type Definition, normalizeLabel, parseDefinition } from "./links.ts";
import type { Tally } from "./tally.ts";

/** A text without its link reference definitions, and what they defined. */
export interface Defined {
  readonly text: string;
  /** Destination by normalized label. */
  readonly definitions: ReadonlyMap<string, string>;
}

/** A line that can only belong to a paragraph: a definition right below it is part of that paragraph, and so it is shown. */
const PARAGRAPH = /^ {0,3}(?:[\p{L}"'()@$%&<\\!.,:;?/{}^]|_(?=[^\s_])|\*(?=[^\s*])|\d(?!\d{0,8}[.)]))(?!.*\|)/u;

/** Removes link reference definitions. A line that may be one counts as one, unless it clearly continues a paragraph. */
export function takeDefinitions(text: string, tally: Tally): Defined {
  const definitions = new Map<string, string>();
  if (!text.includes("]:")) return { text, definitions };
  const out: string[] = [];
  const { segments, htmlLines } = splitBlocks(text);
  let position = 0;
  for (const segment of segments) {
    if (segment.end <= position) continue;
    if (segment.kind === "text") position = takeFrom({ text, htmlLines, start: segment.start, end: segment.end, out, definitions, tally });
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

/** Returns where to continue: far after the stretch if what follows can no longer be known. */
function takeFrom(stretch: Stretch): number {
  const { text } = stretch;
  let paragraph = false;
  let limit = -1;
  let position = stretch.start;
  while (position < stretch.end) {
    const line = readLine(text, position);
    if (line.end > limit) limit = findChunkEnd(text, position, stretch.end);
    const definition = text[line.content] === "[" ? parseDefinition(text, line.content, limit) : undefined;
    if (definition !== undefined && !(paragraph && isBare(text, line))) {
      paragraph = false;
      position = takeDefinition(stretch, line, definition);
      continue;
    }
    if (definition !== undefined) remember(stretch.definitions, { ...definition, destination: "" });
    paragraph = isParagraph(stretch, line);
    stretch.out.push(text.slice(position, Math.min(line.end + 1, stretch.end)));
    position = Math.min(line.end + 1, stretch.end);
  }
  return position;
}

function isParagraph({ text, htmlLines, end }: Stretch, line: Line): boolean {
  const isWhole = line.start === 0 || text[line.start - 1] === "\n";
  return isWhole && !htmlLines.has(line.start) && PARAGRAPH.test(text.slice(line.start, Math.min(line.end, end)));
}

/** A definition in what may be an HTML block can take half a tag with it: then what follows can no longer be known. */
function takeDefinition({ text, end, htmlLines, definitions, tally }: Stretch, line: Line, definition: Definition): number {
  remember(definitions, definition);
  tally.count("link-definition");
  const cutsTag = htmlLines.has(line.start) && text.slice(line.start, definition.end).includes("<");
  return cutsTag ? text.length : Math.min(definition.end + 1, end);
}

function remember(definitions: Map<string, string>, definition: Definition): void {
  if (!definitions.has(definition.label)) definitions.set(definition.label, definition.destination);
}

function isBare(text: string, { start, content }: Line): boolean {
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

const INDENTED = /^[ \t>]*(?: {4}|\t)/;
const FOOTNOTE = /\[\^([^\]\n]{1,200})\]:/g;

/** The labels of the footnotes that begin on a line, in any container: a footnote may begin inside another. */
function readFootnoteLabels(line: string): readonly string[] {
  const prefix = line.slice(0, readLine(line, 0).content);
  return [...prefix.matchAll(FOOTNOTE)].map(([, label = ""]) => normalizeLabel(label));
}

/**
 * Removes footnotes that nothing references, and repeated ones of one name, with their lines. If HTML may begin or end inside one, or if
 * the whole may be HTML instead, what follows can no longer be known and is removed too.
 */
export function takeFootnotes(text: string, referenced: ReadonlySet<string>, tally: Tally): string {
  const out: string[] = [];
  const twins = findNestedTwins(text);
  const reader = openFootnotes(new Set([...referenced].filter((label) => !twins.has(label))), tally);
  const { htmlLines } = splitBlocks(text);
  let start = 0;
  for (const line of text.split("\n")) {
    const step = reader(line);
    if (step === "drop" && (line.includes("<") || htmlLines.has(start) || isBareFence(line))) break;
    if (step === "keep") out.push(line);
    start += line.length + 1;
  }
  return out.join("\n");
}

/**
 * For some renderers a fence that is not indented ends the footnote: without that fence the next one would turn code into text, or text
 * into code.
 */
function isBareFence(line: string): boolean {
  return /^[ \t>]*(?:```|~~~)/.test(line) && !INDENTED.test(line);
}

/** Labels that are defined again inside a footnote: it is uncertain which of the two is shown. */
function findNestedTwins(text: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const twins = new Set<string>();
  for (const line of text.split("\n")) {
    readFootnoteLabels(line).forEach((label, at) => {
      if (seen.has(label) && (at > 0 || INDENTED.test(line))) twins.add(label);
      seen.add(label);
    });
  }
  return twins;
}

function openFootnotes(referenced: ReadonlySet<string>, tally: Tally): (line: string) => "keep" | "drop" {
  const seen = new Set<string>();
  let inside = false;
  let blank = false;
  const begin = (labels: readonly string[]): void => {
    inside = labels.some((label) => !referenced.has(label) || seen.has(label));
    for (const label of labels) seen.add(label);
    if (inside) tally.count("footnote");
  };
  return (line) => {
    const labels = readFootnoteLabels(line);
    if (labels.length > 0) begin(labels);
    else if (blank && line.trim() !== "" && !INDENTED.test(line)) inside = false;
    blank = line.trim() === "";
    return inside && !blank ? "drop" : "keep";
  };
}
