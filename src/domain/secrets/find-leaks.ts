import { Buffer } from "node:buffer";
import type { Secret } from "../secret.ts";
import { decodeLayers } from "./decode.ts";
import { SECRET_FORMATS } from "./formats.ts";
import { lineOf } from "./normalise.ts";
import { makePatterns, type SecretPatterns } from "./patterns.ts";
import { scan } from "./scan.ts";
import type { DecodeBudget } from "./unpack.ts";

/** A secret found in a content. Never contains the value or any part of it. */
export interface Leak {
  /** `own`: one of the run's own values. `shape`: something that looks like a credential of a known kind. `unsearched`: too much is packed into the content to search it all. */
  readonly kind: "own" | "shape" | "unsearched";
  /** Name of the secret or of the format. */
  readonly name: string;
  /** How it was spelled: `raw`, `base64`, `hex in compressed`, … */
  readonly form: string;
  /** Pieces found; a measure for comparing two contents, not a number of secrets. */
  readonly hits: number;
  /** Line of the first one, from 1; absent when it was found inside something encoded. */
  readonly line?: number;
}

/** Layers of encoding that are undone one after the other. */
const MAX_DEPTH = 4;
/** Bytes that may be unpacked, per byte of content and at least. */
const BUDGET_FACTOR = 16;
const LEAST_BUDGET = 16 * 1024 * 1024;

const known = new WeakMap<readonly Secret[], SecretPatterns>();

/**
 * Searches a content for the run's own secrets and for known credential shapes; `[]` when clean.
 *
 * Own values are found raw, reversed, in base64 and base64url, base32, hex, URL-encoded, escaped, as character codes,
 * in UTF-16, split by anything that is not a letter or digit, compressed, nested up to four layers deep, and with
 * either end cut off as long as twelve characters are left. Values under six characters are not searched for, those
 * under eight only as whole words. Linear in the content.
 */
export function findLeaks(content: string | Uint8Array, secrets: readonly Secret[]): readonly Leak[] {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const search: Search = {
    patterns: patternsOf(secrets),
    leaks: new Map(),
    budget: { left: Math.max(LEAST_BUDGET, bytes.length * BUDGET_FACTOR) },
  };
  searchBytes(search, bytes, []);
  if (search.budget.left < 0) add(search, { kind: "unsearched", name: "packed content", form: "raw", hits: 1 });
  return [...search.leaks.values()];
}

interface Search {
  readonly patterns: SecretPatterns;
  readonly leaks: Map<string, Leak>;
  readonly budget: DecodeBudget;
}

function patternsOf(secrets: readonly Secret[]): SecretPatterns {
  const patterns = known.get(secrets) ?? makePatterns(secrets);
  known.set(secrets, patterns);
  return patterns;
}

/** `layers`: what was undone so far, outermost first. */
function searchBytes(search: Search, bytes: Uint8Array, layers: readonly string[]): void {
  for (const { name, form, index } of scan(bytes, search.patterns)) {
    const line = layers.length === 0 && !search.leaks.has(keyOf("own", name, form)) ? lineOf(bytes, index) : undefined;
    add(search, { kind: "own", name, form: within(form, layers), hits: 1, ...(line === undefined ? {} : { line }) });
  }
  searchText(search, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1"), layers);
  if (layers.length >= MAX_DEPTH) return;
  for (const decoded of decodeLayers(bytes, layers, search.budget)) searchBytes(search, decoded.bytes, [...layers, decoded.form]);
}

function searchText(search: Search, text: string, layers: readonly string[]): void {
  for (const { name, form, expression } of search.patterns.literals) {
    const hits = Array.from(text.matchAll(expression)).length;
    if (hits > 0) add(search, { kind: "own", name, form: within(form, layers), hits });
  }
  for (const { name, hint, expression, check } of SECRET_FORMATS) {
    if (!text.includes(hint)) continue;
    const matches = Array.from(text.matchAll(expression)).filter(([match]) => check?.(match) ?? true);
    const [first] = matches;
    if (first === undefined) continue;
    const line = layers.length === 0 ? { line: text.slice(0, first.index).split("\n").length } : {};
    add(search, { kind: "shape", name, form: within("raw", layers), hits: matches.length, ...line });
  }
}

function within(form: string, layers: readonly string[]): string {
  return layers.length === 0 ? form : [...layers, form].toReversed().join(" in ");
}

function keyOf(kind: Leak["kind"], name: string, form: string): string {
  return `${kind}\n${name}\n${form}`;
}

function add({ leaks }: Search, leak: Leak): void {
  const key = keyOf(leak.kind, leak.name, leak.form);
  const earlier = leaks.get(key);
  leaks.set(key, earlier === undefined ? leak : { ...earlier, hits: earlier.hits + leak.hits });
}
