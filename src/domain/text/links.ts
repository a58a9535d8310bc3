import { findLineEnd, skipContinuation } from "./lines.ts";

const MAX_LABEL = 999;
const MAX_PARENTHESES = 32;
const MAX_DESTINATION = 500;

/** Skips white space with at most one line end; -1 if there are more. */
function skipSpace(text: string, at: number, limit: number): number {
  let position = at;
  let lineEnds = 0;
  while (position < limit) {
    const character = text[position];
    if (character === "\n") {
      lineEnds += 1;
      if (lineEnds > 1) return -1;
      position = skipContinuation(text, position + 1);
    } else if (character === " " || character === "\t") position += 1;
    else break;
  }
  return Math.min(position, limit);
}

interface Part {
  readonly value: string;
  readonly end: number;
}

function parseDestination(text: string, at: number, limit: number): Part | undefined {
  return text[at] === "<" ? parseAngled(text, at, limit) : parseBare(text, at, limit);
}

function parseAngled(text: string, at: number, limit: number): Part | undefined {
  for (let position = at + 1; position < limit; position += 1) {
    const character = text[position];
    if (character === "\\") position += 1;
    else if (character === ">") return { value: text.slice(at + 1, position), end: position + 1 };
    else if (character === "<" || character === "\n") return undefined;
  }
  return undefined;
}

function parseBare(text: string, at: number, limit: number): Part | undefined {
  let depth = 0;
  let position = at;
  while (position < limit) {
    const character = text[position] ?? "";
    if (" \t\n".includes(character) || (character === ")" && depth === 0)) break;
    depth += nesting(character);
    if (depth > MAX_PARENTHESES) return undefined;
    position += character === "\\" ? 2 : 1;
  }
  const end = Math.min(position, limit);
  return depth === 0 ? { value: text.slice(at, end), end } : undefined;
}

function nesting(character: string): number {
  if (character === "(") return 1;
  return character === ")" ? -1 : 0;
}

const CLOSERS: Readonly<Record<string, string>> = { '"': '"', "'": "'", "(": ")" };

/** End of a quoted title; undefined if there is none here. */
function parseTitle(text: string, at: number, limit: number): number | undefined {
  const open = text[at] ?? "";
  const close = CLOSERS[open];
  if (close === undefined) return undefined;
  for (let position = at + 1; position < limit; position += 1) {
    const character = text[position];
    if (character === "\\") position += 1;
    else if (character === close) return position + 1;
    else if (character === "(" && open === "(") return undefined;
  }
  return undefined;
}

/** What follows `]`: a destination and perhaps a title in parentheses. */
export interface Tail {
  readonly destination: string;
  readonly hasTitle: boolean;
  readonly end: number;
}

export function parseTail(text: string, at: number, limit: number): Tail | undefined {
  if (text[at] !== "(") return undefined;
  const start = skipSpace(text, at + 1, limit);
  if (start === -1) return undefined;
  if (text[start] === ")") return { destination: "", hasTitle: false, end: start + 1 };
  const destination = parseDestination(text, start, limit);
  if (destination === undefined) return undefined;
  const spaced = skipSpace(text, destination.end, limit);
  if (spaced === -1) return undefined;
  if (text[spaced] === ")") return { destination: destination.value, hasTitle: false, end: spaced + 1 };
  const title = spaced === destination.end ? undefined : parseTitle(text, spaced, limit);
  if (title === undefined) return undefined;
  const end = skipSpace(text, title, limit);
  return text[end] === ")" ? { destination: destination.value, hasTitle: true, end: end + 1 } : undefined;
}

/** A label in brackets: its text and the position after the bracket. */
export function parseLabel(text: string, at: number, limit: number): Part | undefined {
  if (text[at] !== "[") return undefined;
  const last = Math.min(limit, at + MAX_LABEL + 2);
  for (let position = at + 1; position < last; position += 1) {
    const character = text[position];
    if (character === "\\") position += 1;
    else if (character === "]") return { value: text.slice(at + 1, position), end: position + 1 };
    else if (character === "[") return undefined;
  }
  return undefined;
}

/** Labels are equal if they are after folding case and white space. Quote marks at the start of a line are not part of a label. */
export function normalizeLabel(label: string): string {
  return label
    .replace(/\n[ \t>]*/g, " ")
    .replace(/[ \t]+/g, " ")
    .trim()
    .toLowerCase()
    .toUpperCase();
}

/** A link reference definition that starts at a label; `end` is the end of its last line. */
export interface Definition {
  readonly label: string;
  readonly destination: string;
  readonly end: number;
}

export function parseDefinition(text: string, at: number, limit: number): Definition | undefined {
  const label = parseLabel(text, at, limit);
  if (label === undefined || label.value.trim() === "" || /^\^\S+$/.test(label.value) || text[label.end] !== ":") return undefined;
  const start = skipSpace(text, label.end + 1, limit);
  if (start === -1 || start >= limit) return undefined;
  const destination = parseDestination(text, start, limit);
  if (destination === undefined || (destination.value === "" && text[start] !== "<")) return undefined;
  const end = endOfDefinition(text, destination.end, limit);
  return end === undefined ? undefined : { label: normalizeLabel(label.value), destination: destination.value, end };
}

/** Includes a title that follows alone on the rest of the line or on the next line; without a title the line must end here. */
function endOfDefinition(text: string, at: number, limit: number): number | undefined {
  const spaced = skipSpace(text, at, limit);
  const title = spaced > at ? parseTitle(text, spaced, limit) : undefined;
  if (title !== undefined && isBlankToLineEnd(text, title)) return findLineEnd(text, title);
  return isBlankToLineEnd(text, at) ? findLineEnd(text, at) : undefined;
}

function isBlankToLineEnd(text: string, at: number): boolean {
  for (let position = at; position < text.length; position += 1) {
    const character = text[position];
    if (character === "\n") return true;
    if (character !== " " && character !== "\t") return false;
  }
  return true;
}

const SAFE = /^[A-Za-z0-9\-._~:/?#@!$&*+,;=%]$/;

/** A destination that can only be an address: http, mailto or relative, no spaces, bounded; else undefined. */
export function safeDestination(raw: string): string | undefined {
  if (raw === "" || raw.length > MAX_DESTINATION || /[\s\p{C}]/u.test(raw)) return undefined;
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(raw)?.[1]?.toLowerCase();
  if (scheme !== undefined && !["http", "https", "mailto"].includes(scheme)) return undefined;
  const encoded = [...raw].map((character) => (SAFE.test(character) ? character : encode(character))).join("");
  return encoded.length > MAX_DESTINATION * 2 ? undefined : encoded;
}

function encode(character: string): string {
  const plain = encodeURIComponent(character);
  return plain === character ? `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}` : plain;
}
