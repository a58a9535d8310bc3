import { clean } from "../text/clean.ts";
import type { NameImage } from "../text/tally.ts";

/** Caps on each kind of text from outside that the agent gets. UTF-16 units, unless the name says bytes. */
export interface TextLimits {
  readonly maxTitleChars: number;
  readonly maxBodyChars: number;
  readonly maxInstructionChars: number;
  readonly maxCommentChars: number;
  /** All comments together. */
  readonly maxCommentsChars: number;
  /** Maximum number of comments that are requested from the forge: the newest. */
  readonly maxComments: number;
  readonly maxGuideBytes: number;
  /** The repository's instructions and all that they import together. */
  readonly maxRepositoryInstructionsBytes: number;
  readonly maxLogBytes: number;
  readonly maxDiffBytes: number;
}

export const TEXT_LIMITS: TextLimits = {
  maxTitleChars: 300,
  maxBodyChars: 65_536,
  maxInstructionChars: 16_384,
  maxCommentChars: 16_384,
  maxCommentsChars: 131_072,
  maxComments: 300,
  maxGuideBytes: 32_768,
  maxRepositoryInstructionsBytes: 65_536,
  maxLogBytes: 131_072,
  maxDiffBytes: 1_048_576,
};

/** Cleaned text within its cap; a note at its end says what was cut. */
export interface Excerpt {
  readonly text: string;
  readonly removed: Readonly<Record<string, number>>;
  readonly cutChars: number;
}

/** At most this multiple of the cap is read before cleaning: hidden text may push the visible text back. */
const RAW_FACTOR = 4;

/** Cuts, cleans, cuts again. A cut never splits a character, and states how much is missing. */
export function excerpt(raw: string, maxChars: number, nameImage?: NameImage): Excerpt {
  const read = cutAt(raw, maxChars * RAW_FACTOR);
  const { text, removed } = clean(read, nameImage);
  const trimmed = text.trim();
  const kept = cutAt(trimmed, maxChars);
  const cutChars = raw.length - read.length + (trimmed.length - kept.length);
  const note = cutChars === 0 ? "" : `\n[cut here: ${cutChars} more characters, over the limit of ${maxChars}]`;
  return { text: kept + note, removed, cutChars };
}

/** One line of at most `maxChars`, for titles. */
export function excerptLine(raw: string, maxChars: number): Excerpt {
  const { text, removed } = clean(cutAt(raw, maxChars * RAW_FACTOR));
  const line = text.replace(/\s+/g, " ").trim();
  const kept = cutAt(line, maxChars);
  return { text: kept.length < line.length ? `${kept}…` : kept, removed, cutChars: line.length - kept.length };
}

/** Sums the counts of several excerpts. */
export function addRemoved(...counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const count of counts) {
    for (const [kind, amount] of Object.entries(count)) sum[kind] = (sum[kind] ?? 0) + amount;
  }
  return sum;
}

function cutAt(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const code = text.charCodeAt(maxChars - 1);
  const splits = code >= 0xd800 && code <= 0xdbff;
  return text.slice(0, splits ? maxChars - 1 : maxChars);
}
