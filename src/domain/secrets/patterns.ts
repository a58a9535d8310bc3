import { Buffer } from "node:buffer";
import type { Secret } from "../secret.ts";
import { squeezeText } from "./normalise.ts";
import { listSpellings, SHORTEST_IN_TEXT, type SpellingTag } from "./spellings.ts";

/** A piece of a secret, in some spelling, that must not be found. */
export interface Needle {
  readonly name: string;
  readonly form: string;
}

/** All pieces of all spellings of a run's secrets, ready for one pass over a content. */
export interface Needles {
  /** By squeezed piece. */
  readonly pieces: ReadonlyMap<string, Needle>;
  /** Lengths that occur among the pieces. */
  readonly lengths: readonly number[];
  /** Marks the first four characters of each piece, as a number in base 36. */
  readonly grams: Uint8Array;
  /** Values too short or too odd to be squeezed: searched as they are. */
  readonly literals: readonly Literal[];
}

export interface Literal extends Needle {
  readonly expression: RegExp;
}

/** This many characters in a row of any spelling are a leak: what is left of a key when its start or its end is cut off. */
const PIECE = 12;
/** Of a value too short for that, this share of its characters. */
const SHORT_SHARE = 0.55;
/** The same for a value that counts through an alphabet: twelve of its characters stand in innocent files too. */
const ORDERED_PIECE = 18;
/** A squeezed value or body shorter than this is not searched in pieces. */
const SHORTEST = SHORTEST_IN_TEXT;
const SHORTEST_LITERAL = 6;
/** Different characters in a piece; a run of zeros is no find. */
const LEAST_VARIETY = 5;
const GRAM = 4;
export const GRAMS = 36 ** GRAM;

/** What is escaped is undone before the search (decode.ts). */
const SEARCHED: readonly SpellingTag[] = ["usual", "disguised"];

export function makeNeedles(secrets: readonly Secret[]): Needles {
  const pieces = new Map<string, Needle>();
  const literals: Literal[] = [];
  for (const secret of secrets) {
    const value = secret.reveal();
    const body = bodyOf(value);
    if (body === undefined) {
      literals.push(...literalOf(value, secret.name));
      addEncodings(pieces, value.trim(), secret.name);
    }
    if (body !== undefined) addPieces(pieces, body, secret.name);
  }
  return { pieces, literals, lengths: [...new Set([...pieces.keys()].map(({ length }) => length))], grams: gramsOf(pieces.keys()) };
}

function addPieces(pieces: Map<string, Needle>, body: string, name: string): void {
  const length = isOrdered(body) ? ORDERED_PIECE : Math.min(PIECE, Math.max(SHORTEST, Math.ceil(squeezeText(body).length * SHORT_SHARE)));
  for (const { form, bytes } of listSpellings(body, SEARCHED)) {
    for (const piece of piecesOf(squeezeText(bytes.toString("latin1")), length)) if (!pieces.has(piece)) pieces.set(piece, { name, form });
  }
}

/** Of a value that is mostly signs, the spellings that are letters and digits, whole. */
function addEncodings(pieces: Map<string, Needle>, value: string, name: string): void {
  if (value.length < SHORTEST) return;
  for (const { form, bytes } of listSpellings(value, SEARCHED)) {
    const squeezed = squeezeText(bytes.toString("latin1"));
    if (/^(?:hex|base)/.test(form) && squeezed.length >= SHORTEST) pieces.set(squeezed, { name, form });
  }
}

/** The part of a value that is secret: without a prefix such as `sk-ant-api03-`, without a JWT's header. */
function bodyOf(value: string): string | undefined {
  const trimmed = value.trim();
  const body =
    trimmed.startsWith("eyJ") && trimmed.includes(".")
      ? trimmed.slice(trimmed.indexOf(".") + 1)
      : trimmed.replace(/^(?:[A-Za-z]{1,10}\d{0,2}[-_]){1,3}/, "");
  if (squeezeText(body).length >= PIECE && new Set(body).size >= LEAST_VARIETY && !isOrdered(body)) return body;
  return squeezeText(trimmed).length >= SHORTEST ? trimmed : undefined;
}

/** Six and seven characters only as a whole word with letters and digits; less is no secret, and would hold every patch. */
function literalOf(value: string, name: string): readonly Literal[] {
  const trimmed = value.trim();
  const mixed = /[a-z]/i.test(trimmed) && /\d/.test(trimmed);
  if (trimmed.length < SHORTEST_LITERAL || (trimmed.length < SHORTEST && !mixed)) return [];
  const source = Buffer.from(trimmed)
    .toString("latin1")
    .replaceAll(/[^A-Za-z0-9\x80-\xff]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return [{ name, form: "raw", expression: new RegExp(`(?<![A-Za-z0-9])${source}(?![A-Za-z0-9])`, "g") }];
}

/** Every run of `length` characters that says something; the whole where none does. */
function piecesOf(squeezed: string, length: number): readonly string[] {
  if (squeezed.length < SHORTEST) return [];
  if (squeezed.length <= length) return [squeezed];
  const starts = Array.from({ length: squeezed.length - length + 1 }, (_, start) => start);
  const runs = starts.map((start) => squeezed.slice(start, start + length)).filter((run) => new Set(run).size >= LEAST_VARIETY);
  return runs.length === 0 ? [squeezed] : runs;
}

/** True when at least half of the characters are next to their neighbour in the alphabet. */
function isOrdered(body: string): boolean {
  const squeezed = squeezeText(body);
  const steps = Array.from(squeezed.slice(1), (char, index) => Math.abs(char.charCodeAt(0) - squeezed.charCodeAt(index)));
  return steps.filter((step) => step <= 1).length >= steps.length / 2;
}

function gramsOf(pieces: Iterable<string>): Uint8Array {
  const grams = new Uint8Array(GRAMS);
  for (const piece of pieces) grams[Number.parseInt(piece.slice(0, GRAM), 36)] = 1;
  return grams;
}
