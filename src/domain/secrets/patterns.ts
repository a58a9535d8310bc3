import { Buffer } from "node:buffer";
import type { Secret } from "../secret.ts";
import { normaliseText } from "./normalise.ts";
import { listSpellings, SHORTEST_IN_TEXT, type SpellingTag } from "./spellings.ts";

/** A piece of a secret, in some spelling, that must not be found. */
export interface SecretPattern {
  readonly name: string;
  readonly form: string;
}

/** All pieces of every spelling of a run's secrets, prepared for one pass over a content. */
export interface SecretPatterns {
  /** By normalised piece. */
  readonly pieces: ReadonlyMap<string, SecretPattern>;
  /** Lengths that occur among the pieces. */
  readonly lengths: readonly number[];
  /** Marks the first four characters of each piece, as a number in base 36. */
  readonly grams: Uint8Array;
  /** Values too short or too odd to be normalised: searched as they are. */
  readonly literals: readonly Literal[];
}

export interface Literal extends SecretPattern {
  readonly expression: RegExp;
}

/** This many consecutive characters of any spelling are a leak: what is left of a key when its start or end is cut off. */
const PIECE = 12;
/** For a value that is too short for that: this share of its characters. */
const SHORT_SHARE = 0.55;
/** The same for a value that runs through an alphabet: twelve of its characters also occur in innocent files. */
const ORDERED_PIECE = 18;
/** A normalised value or body shorter than this is not searched in pieces. */
const SHORTEST = SHORTEST_IN_TEXT;
const SHORTEST_LITERAL = 6;
/** Least number of different characters in a piece; a run of zeros is not a leak. */
const LEAST_VARIETY = 5;
const GRAM = 4;
export const GRAMS = 36 ** GRAM;

/** Escapes are undone before the search (decode.ts). */
const SEARCHED: readonly SpellingTag[] = ["usual", "disguised"];

export function makePatterns(secrets: readonly Secret[]): SecretPatterns {
  const pieces = new Map<string, SecretPattern>();
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

function addPieces(pieces: Map<string, SecretPattern>, body: string, name: string): void {
  const length = isOrdered(body) ? ORDERED_PIECE : Math.min(PIECE, Math.max(SHORTEST, Math.ceil(normaliseText(body).length * SHORT_SHARE)));
  for (const { form, bytes } of listSpellings(body, SEARCHED)) {
    for (const piece of piecesOf(normaliseText(bytes.toString("latin1")), length))
      if (!pieces.has(piece)) pieces.set(piece, { name, form });
  }
}

/** For a value that is mostly signs: its spellings in letters and digits, whole. */
function addEncodings(pieces: Map<string, SecretPattern>, value: string, name: string): void {
  if (value.length < SHORTEST) return;
  for (const { form, bytes } of listSpellings(value, SEARCHED)) {
    const normalised = normaliseText(bytes.toString("latin1"));
    if (/^(?:hex|base)/.test(form) && normalised.length >= SHORTEST) pieces.set(normalised, { name, form });
  }
}

/** The part of a value that is secret: without a prefix such as `sk-ant-api03-`, without a JWT's header. */
function bodyOf(value: string): string | undefined {
  const trimmed = value.trim();
  const body =
    trimmed.startsWith("eyJ") && trimmed.includes(".")
      ? trimmed.slice(trimmed.indexOf(".") + 1)
      : trimmed.replace(/^(?:[A-Za-z]{1,10}\d{0,2}[-_]){1,3}/, "");
  if (normaliseText(body).length >= PIECE && new Set(body).size >= LEAST_VARIETY && !isOrdered(body)) return body;
  return normaliseText(trimmed).length >= SHORTEST ? trimmed : undefined;
}

/** Six or seven characters count only as a whole word with letters and digits. Anything shorter is not a secret and would stop every patch. */
function literalOf(value: string, name: string): readonly Literal[] {
  const trimmed = value.trim();
  const mixed = /[a-z]/i.test(trimmed) && /\d/.test(trimmed);
  if (trimmed.length < SHORTEST_LITERAL || (trimmed.length < SHORTEST && !mixed)) return [];
  const source = Buffer.from(trimmed)
    .toString("latin1")
    .replaceAll(/[^A-Za-z0-9\x80-\xff]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return [{ name, form: "raw", expression: new RegExp(`(?<![A-Za-z0-9])${source}(?![A-Za-z0-9])`, "g") }];
}

/** Every run of `length` characters with enough variety; the whole value when there is none. */
function piecesOf(normalised: string, length: number): readonly string[] {
  if (normalised.length < SHORTEST) return [];
  if (normalised.length <= length) return [normalised];
  const starts = Array.from({ length: normalised.length - length + 1 }, (_, start) => start);
  const runs = starts.map((start) => normalised.slice(start, start + length)).filter((run) => new Set(run).size >= LEAST_VARIETY);
  return runs.length === 0 ? [normalised] : runs;
}

/** True when at least half of the characters are next to their neighbour in the alphabet. */
function isOrdered(body: string): boolean {
  const normalised = normaliseText(body);
  const steps = Array.from(normalised.slice(1), (char, index) => Math.abs(char.charCodeAt(0) - normalised.charCodeAt(index)));
  return steps.filter((step) => step <= 1).length >= steps.length / 2;
}

function gramsOf(pieces: Iterable<string>): Uint8Array {
  const grams = new Uint8Array(GRAMS);
  for (const piece of pieces) grams[Number.parseInt(piece.slice(0, GRAM), 36)] = 1;
  return grams;
}
