import type { Buffer } from "node:buffer";
import { normalise } from "./normalise.ts";
import { GRAMS, type SecretPattern, type SecretPatterns } from "./patterns.ts";

export interface Hit extends SecretPattern {
  /** Index among the normalised characters. */
  readonly index: number;
}

/** Finds pieces of secrets in one pass: a table of four-character prefixes says where to compare. */
export function scan(bytes: Uint8Array, patterns: SecretPatterns): readonly Hit[] {
  if (patterns.pieces.size === 0) return [];
  const { text, codes } = normalise(bytes);
  const hits: Hit[] = [];
  let gram = 0;
  for (let end = 0; end < codes.length; end += 1) {
    gram = (gram % (GRAMS / 36)) * 36 + (codes[end] ?? 0);
    if (end < 3 || patterns.grams[gram] === 0) continue;
    const hit = pieceAt(text, end - 3, patterns);
    if (hit !== undefined) hits.push(hit);
  }
  return hits;
}

function pieceAt(text: Buffer, start: number, patterns: SecretPatterns): Hit | undefined {
  for (const length of patterns.lengths) {
    const pattern = patterns.pieces.get(text.toString("latin1", start, start + length));
    if (pattern !== undefined) return { ...pattern, index: start };
  }
  return undefined;
}
