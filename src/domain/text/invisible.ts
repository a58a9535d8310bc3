import type { Tally } from "./tally.ts";

/**
 * Characters that show nothing: Unicode's Default_Ignorable_Code_Point (tags, variation selectors, zero-width,
 * bidi, soft hyphen, fillers, invisible mathematics), the interlinear marks, controls, private use, lone surrogates.
 */
const SUSPECT = /[\p{DI}\p{Cc}\p{Cs}\p{Co}\u2028\u2029\uFFF9-\uFFFB\u2800\p{Zs}\p{M}\u{FFFE}\u{FFFF}＜＞﹤﹥]/u;

const IGNORABLE = /^\p{DI}$/u;
const MARK = /^\p{M}$/u;
const PICTOGRAPH = /^\p{Extended_Pictographic}$/u;
const EMOJI_END = /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\uFE0F)$/u;
/** Scripts in which a joiner or non-joiner changes what is shown: Arabic and related scripts, and the Indic scripts. */
const JOINING_SCRIPTS =
  "\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Devanagari}\\p{Script=Bengali}\\p{Script=Gurmukhi}\\p{Script=Gujarati}\\p{Script=Oriya}\\p{Script=Tamil}\\p{Script=Telugu}\\p{Script=Kannada}\\p{Script=Malayalam}\\p{Script=Sinhala}\\p{Script=Khmer}\\p{Script=Myanmar}";
/** Vowel marks of Arabic belong to no script of their own, so they may stand before a joiner. */
const JOINS_AFTER = new RegExp(`^(?=[\\p{L}\\p{M}])[${JOINING_SCRIPTS}\\p{Script=Inherited}]$`, "u");
const JOINS_BEFORE = new RegExp(`^(?=[\\p{L}\\p{M}])[${JOINING_SCRIPTS}]$`, "u");

const ZWNJ = 0x200c;
const ZWJ = 0x200d;
const EMOJI_SELECTOR = 0xfe0f;
const KEYCAP = 0x20e3;
const MAX_MARKS = 8;
const NEWLINES = new Set([0x2028, 0x2029, 0x85]);

const LOOKALIKES: ReadonlyMap<number, string> = new Map([
  [0xff1c, "&lt;"],
  [0xfe64, "&lt;"],
  [0xff1e, "&gt;"],
  [0xfe65, "&gt;"],
]);

/**
 * Drops what a reader cannot see and folds odd spaces, line ends and look-alikes of angle brackets.
 * Joiners stay where a script or an emoji needs them. One pass, one character of context.
 */
export function dropInvisible(text: string, tally: Tally): string {
  const unified = text.replace(/\r\n?/g, "\n");
  if (!SUSPECT.test(unified)) return unified;
  const out: string[] = [];
  const state = { previous: "", marks: 0 };
  for (let index = 0; index < unified.length; ) {
    const point = unified.codePointAt(index) ?? 0;
    const character = String.fromCodePoint(point);
    index += character.length;
    const kept = isPlain(point) ? plain(character, state) : decide({ point, character, next: peek(unified, index), state, tally });
    if (kept === "") continue;
    out.push(kept);
    state.previous = kept;
  }
  return out.join("");
}

interface State {
  /** The last character that was kept. */
  previous: string;
  /** Number of combining marks in a row. */
  marks: number;
}

interface Candidate {
  readonly point: number;
  readonly character: string;
  readonly next: string;
  readonly state: State;
  readonly tally: Tally;
}

function isPlain(point: number): boolean {
  return (point >= 0x20 && point < 0x7f) || point === 0x0a || point === 0x09;
}

function plain(character: string, state: State): string {
  state.marks = 0;
  return character;
}

function peek(text: string, index: number): string {
  const point = text.codePointAt(index);
  return point === undefined ? "" : String.fromCodePoint(point);
}

function decide(candidate: Candidate): string {
  const { point, character, state, tally } = candidate;
  if (IGNORABLE.test(character)) return decideIgnorable(candidate);
  if (MARK.test(character)) {
    state.marks += 1;
    if (state.marks <= MAX_MARKS) return character;
    tally.count("invisible");
    return "";
  }
  state.marks = 0;
  if (NEWLINES.has(point)) return "\n";
  const folded = fold(point, character);
  if (folded !== undefined) return folded;
  if (!SUSPECT.test(character)) return character;
  tally.count("invisible");
  return "";
}

/** The replacement of a character: a plain space, or an escaped bracket. undefined: none. */
function fold(point: number, character: string): string | undefined {
  if (point === 0x0b || point === 0x0c || point === 0x2800) return " ";
  if (point === 0x3000) return character;
  return LOOKALIKES.get(point) ?? (/^\p{Zs}$/u.test(character) ? " " : undefined);
}

function decideIgnorable({ point, character, next, state, tally }: Candidate): string {
  if (isWanted(point, state.previous, next)) return character;
  tally.count("invisible");
  return "";
}

function isWanted(point: number, previous: string, next: string): boolean {
  if (point === EMOJI_SELECTOR) {
    return PICTOGRAPH.test(previous) || (/^[0-9#*]$/.test(previous) && next.codePointAt(0) === KEYCAP);
  }
  if (point === ZWJ && EMOJI_END.test(previous) && PICTOGRAPH.test(next)) return true;
  return (point === ZWJ || point === ZWNJ) && JOINS_AFTER.test(previous) && JOINS_BEFORE.test(next);
}

/** True for a character that `dropInvisible` never keeps; used for entities that stand for one. */
export function isInvisible(point: number): boolean {
  if (point === 0x0a || point === 0x09 || point === 0x0d) return false;
  if (point < 0x20 || (point >= 0xd800 && point <= 0xdfff) || point > 0x10ffff) return true;
  const character = String.fromCodePoint(point);
  return IGNORABLE.test(character) || /^[\p{Cc}\p{Co}\uFFF9-\uFFFB\u2800]$/u.test(character);
}
