import { isInvisible } from "./invisible.ts";

const ENTITY = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));?/y;

/** Names of characters that show nothing or only a space (HTML standard, "Named character references"). */
const SPACES = new Set(
  "Tab NewLine nbsp NonBreakingSpace ensp emsp emsp13 emsp14 numsp puncsp thinsp ThinSpace hairsp VeryThinSpace MediumSpace ThickSpace".split(
    " ",
  ),
);
const NOTHING = new Set(
  "ZeroWidthSpace NegativeVeryThinSpace NegativeThinSpace NegativeMediumSpace NegativeThickSpace zwj zwnj lrm rlm shy NoBreak ApplyFunction af InvisibleTimes it InvisibleComma ic".split(
    " ",
  ),
);

/** How a character reference is shown to a reader. */
export interface Entity {
  readonly end: number;
  /** Undefined: the reference stays as written. */
  readonly shown: string | undefined;
}

/** Undefined if no reference begins here. Letters and digits are decoded; characters with a meaning in Markdown stay as references. */
export function readEntity(text: string, at: number): Entity | undefined {
  ENTITY.lastIndex = at;
  const match = ENTITY.exec(text);
  if (match === null) return undefined;
  const end = at + match[0].length;
  const name = match[3];
  if (name !== undefined) return { end, shown: NOTHING.has(name) ? "" : SPACES.has(name) ? " " : undefined };
  const point = match[1] === undefined ? Number.parseInt(match[2] ?? "0", 16) : Number(match[1]);
  return { end, shown: show(point, match[0].endsWith(";")) };
}

function show(point: number, closed: boolean): string | undefined {
  if (point === 9 || point === 10 || point === 13) return " ";
  if (isInvisible(point)) return "";
  const character = String.fromCodePoint(point);
  if (/^\p{Zs}$/u.test(character)) return " ";
  return closed && /^[\p{L}\p{N}]$/u.test(character) ? character : undefined;
}
