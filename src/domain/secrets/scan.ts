import type { Buffer } from "node:buffer";
import { squeeze } from "./normalise.ts";
import { GRAMS, type Needle, type Needles } from "./patterns.ts";

export interface Hit extends Needle {
  /** Index among the squeezed characters. */
  readonly index: number;
}

/** Finds pieces of secrets in one pass: four characters pick the places, a table decides. */
export function scan(bytes: Uint8Array, needles: Needles): readonly Hit[] {
  if (needles.pieces.size === 0) return [];
  const { text, codes } = squeeze(bytes);
  const hits: Hit[] = [];
  let gram = 0;
  for (let end = 0; end < codes.length; end += 1) {
    gram = (gram % (GRAMS / 36)) * 36 + (codes[end] ?? 0);
    if (end < 3 || needles.grams[gram] === 0) continue;
    const hit = pieceAt(text, end - 3, needles);
    if (hit !== undefined) hits.push(hit);
  }
  return hits;
}

function pieceAt(text: Buffer, start: number, needles: Needles): Hit | undefined {
  for (const length of needles.lengths) {
    const needle = needles.pieces.get(text.toString("latin1", start, start + length));
    if (needle !== undefined) return { ...needle, index: start };
  }
  return undefined;
}
