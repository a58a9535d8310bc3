import type { Tally } from "./tally.ts";

/** Fences that GitHub shows as a picture: nobody sees their source. */
const PICTURES = new Set(["geojson", "topojson", "stl"]);
/** Lines of a Mermaid diagram that are not drawn: comments, and addresses of its nodes. */
const UNDRAWN = /^[ \t>]*(?:%%(?!\{)|click[ \t]|callback[ \t]|links?[ \t]+[^:\n]*:|properties[ \t]|details[ \t])/;
/** Settings of a Mermaid diagram or of one node, comments in labels, and text only for screen readers. */
const SETTING = /^[ \t>]*(?:---|%%\{|accTitle|accDescr)|@\{|<!--/;
const STYLE = /\b(?:style|classDef|linkStyle)\b/i;
const HIDING_STYLE = /display|visibility|opacity|font-size|\bcolor/i;
/** TeX that hides, moves, shrinks or paints over text, or defines commands that do. */
const HIDING_TEX =
  /\\(?:[hv]?phantom|(?:text)?color|colorbox|fcolorbox|definecolor|math(?:[rlc]lap|phantom)|[rlc]lap|smash|raisebox|raise|lower|kern|mkern|mskip|hskip|hspace|tiny|scriptscriptstyle|scriptsize|SMALL|class|style|cssId|data|html\w*|label|mathchoice|texttip|mathtip|toggle|tooltip|bbox|moveleft|moveright|href|url|require|unicode|mmlToken|def|gdef|edef|xdef|let|newcommand|renewcommand|providecommand|DeclareMathOperator|newenvironment|begingroup|csname)(?![A-Za-z])/;
/** Start of a TeX comment: the rest of the line is not shown. */
const TEX_COMMENT = /(?:^|[^\\])%/;

/** A backslash or a percent sign as a character reference. */
const ENTITY = /&(?:#|bsol|percnt)/;

const NO_DRAWING = "[drawing, its source is not shown]";
const NO_FORMULA = "[formula]";

/** The part of a drawn fence's body that a reader sees; undefined: all of it. */
export function trimDrawing(language: string, body: string, tally: Tally): string | undefined {
  if (body === NO_DRAWING) return undefined;
  const lines = body.split("\n");
  if (PICTURES.has(language) || (language === "mermaid" && lines.some(hidesParts)) || (language === "math" && hidesFormula(body))) {
    tally.count("drawing");
    return NO_DRAWING;
  }
  if (language !== "mermaid") return undefined;
  const drawn = lines.filter((line) => !UNDRAWN.test(line));
  if (drawn.length === lines.length) return undefined;
  tally.count("drawing", lines.length - drawn.length);
  return drawn.join("\n");
}

function hidesParts(line: string): boolean {
  return SETTING.test(line) || (STYLE.test(line) && HIDING_STYLE.test(line));
}

function hidesFormula(text: string): boolean {
  return HIDING_TEX.test(text) || TEX_COMMENT.test(text);
}

/** A paragraph without the formulas that may hide something. */
export interface Formulas {
  readonly text: string;
  /** The removed text may have been the start of something that hides what follows. */
  readonly unsure: boolean;
}

/** Possible start of markup that ends further on. */
const OPENS = /<|\]:/;

/**
 * Removes formulas from a paragraph if something in it could hide a part of them. If they span lines or contain markup, everything from the
 * first dollar sign on is removed.
 */
export function trimFormulas(paragraph: string, tally: Tally): Formulas {
  const first = paragraph.indexOf("$");
  const last = paragraph.lastIndexOf("$");
  if (first === last) return { text: paragraph, unsure: false };
  const inside = paragraph.slice(first, last);
  const isBlock = inside.includes("$$") || inside.includes("$`");
  const hides = HIDING_TEX.test(inside) || ENTITY.test(inside) || (isBlock ? TEX_COMMENT.test(inside) : hidesInline(paragraph, first));
  if (!hides) return { text: paragraph, unsure: false };
  tally.count("formula");
  const end = inside.includes("\n") || OPENS.test(inside) ? paragraph.length : last + 1;
  const text = paragraph.slice(0, first) + NO_FORMULA + paragraph.slice(end);
  return { text, unsure: OPENS.test(paragraph.slice(first, end)) };
}

/** Prices have dollar and percent signs too: a formula has no white space inside its dollar signs, and no digit behind them. */
function hidesInline(paragraph: string, first: number): boolean {
  const parts = paragraph.slice(first + 1).split("$");
  return parts.slice(0, -1).some((part, index) => hidesInComment(part, parts[index + 1] ?? ""));
}

function hidesInComment(part: string, next: string): boolean {
  const at = part.search(TEX_COMMENT);
  if (at === -1) return false;
  return part.includes("\n", at) || (/^\S/.test(part) && /\S$/.test(part) && !/^\d/.test(next));
}
