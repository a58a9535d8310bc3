/** A text to look for, whatever the case of its ASCII letters. */
export interface SearchedText {
  readonly text: string;
  /** Name of the secret that it gives away. */
  readonly name: string;
}

/** Where a searched text was found. */
export interface Occurrence {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

export interface TextSearch {
  /** Every occurrence, in the order of their starts; they may overlap. One pass, however many texts are searched for. */
  find(text: string): readonly Occurrence[];
  /** Where a searched text may begin that is cut off by the end; the length of the text when there is none. */
  findCutOff(text: string): number;
}

interface Entry {
  readonly name: string;
  readonly codes: Uint16Array;
}

/** A block of a searched text. */
interface Block {
  readonly entry: Entry;
  readonly offset: number;
}

const BLOCK = 4;
const HASH_BITS = 16;

/** Prepares a search once for many texts. */
export function openSearch(searched: readonly SearchedText[]): TextSearch {
  const entries = searched.filter(({ text }) => text !== "").map(({ text, name }): Entry => ({ name, codes: foldAll(text) }));
  return { find: entries.length === 0 ? () => [] : openBlockSearch(entries), findCutOff: openCutOffSearch(entries) };
}

/**
 * Reads a text in blocks at a fixed distance. The distance is short enough for every searched text to have one of the blocks among
 * its first characters, so the others need not be read.
 */
function openBlockSearch(entries: readonly Entry[]): TextSearch["find"] {
  const shortest = Math.min(...entries.map(({ codes }) => codes.length));
  const size = Math.min(BLOCK, shortest);
  const stride = shortest - size + 1;
  const offsets = Array.from({ length: stride }, (_, offset) => offset);
  const blocks = entries.flatMap((entry) => offsets.map((offset): Block => ({ entry, offset })));
  const byHash = Map.groupBy(blocks, ({ entry, offset }) => hashAt((at) => entry.codes[at] ?? 0, offset, size));
  const marked = new Uint8Array(1 << HASH_BITS);
  for (const hash of byHash.keys()) marked[hash] = 1;
  return (text) => {
    const occurrences: Occurrence[] = [];
    for (let at = 0; at + size <= text.length; at += stride) {
      const hash = hashAt((index) => text.charCodeAt(index), at, size);
      if (marked[hash] === 1) occurrences.push(...occurrencesAround(text, at, byHash.get(hash) ?? []));
    }
    return occurrences.toSorted((one, other) => one.start - other.start);
  };
}

/** The searched texts that have one of these blocks at `at`. */
function occurrencesAround(text: string, at: number, blocks: readonly Block[]): readonly Occurrence[] {
  return blocks
    .filter(({ entry, offset }) => standsAt(text, at - offset, entry.codes))
    .map(({ entry, offset }) => ({ start: at - offset, end: at - offset + entry.codes.length, name: entry.name }));
}

function openCutOffSearch(entries: readonly Entry[]): TextSearch["findCutOff"] {
  const longest = Math.max(0, ...entries.map(({ codes }) => codes.length));
  const byStart = Map.groupBy(entries, ({ codes }) => codes[0]);
  return (text) => {
    for (let start = Math.max(0, text.length - longest + 1); start < text.length; start += 1) {
      const left = text.length - start;
      const candidates = byStart.get(fold(text.charCodeAt(start))) ?? [];
      if (candidates.some(({ codes }) => codes.length > left && standsAt(text, start, codes.subarray(0, left)))) return start;
    }
    return text.length;
  };
}

/** Both cases of a letter give the same hash. So do a few pairs of signs, which the comparison tells apart. */
function hashAt(codeAt: (index: number) => number, start: number, size: number): number {
  let block = 0;
  for (let index = start; index < start + size; index += 1) block = (block << 8) | ((codeAt(index) | 0x20) & 0xff);
  return Math.imul(block, 0x9e3779b1) >>> (32 - HASH_BITS);
}

function standsAt(text: string, start: number, codes: Uint16Array): boolean {
  if (start < 0 || start + codes.length > text.length) return false;
  for (let index = 0; index < codes.length; index += 1) {
    if (fold(text.charCodeAt(start + index)) !== codes[index]) return false;
  }
  return true;
}

function foldAll(text: string): Uint16Array {
  return Uint16Array.from({ length: text.length }, (_, index) => fold(text.charCodeAt(index)));
}

/** ASCII letters in lower case. */
function fold(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
}
