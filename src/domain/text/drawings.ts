import type { Tally } from "./tally.ts";

/** Fences that GitHub shows as a picture: their source is seen by nobody. */
const PICTURES = new Set(["geojson", "topojson", "stl"]);
/** Lines of a Mermaid diagram that are not drawn: comments and addresses behind its nodes. */
const UNDRAWN = /^[ \t>]*(?:%%(?!\{)|click[ \t]|callback[ \t])/;
/** Settings of a Mermaid diagram, and what it says to screen readers alone. */
const SETTING = /^[ \t>]*(?:---|%%\{|accTitle|accDescr)/;
const STYLE = /\b(?:style|classDef|linkStyle)\b/i;
const HIDING_STYLE = /display|visibility|opacity|font-size|\bcolor/i;
/** TeX that hides, moves, shrinks or paints over, or that makes commands which do. */
const HIDING_TEX =
  /\\(?:[hv]?phantom|(?:text)?color|colorbox|fcolorbox|definecolor|math(?:[rlc]lap|phantom)|[rlc]lap|smash|raisebox|raise|lower|kern|mkern|mskip|hskip|hspace|tiny|scriptscriptstyle|scriptsize|SMALL|class|style|cssId|data|html\w*|href|url|require|unicode|mmlToken|def|gdef|edef|xdef|let|newcommand|renewcommand|providecommand|DeclareMathOperator|newenvironment|begingroup|csname)(?![A-Za-z])/;
/** A comment of TeX begins: the rest of its line is not shown. */
const TEX_COMMENT = /(?:^|[^\\])%/;

/** A backslash or a percent sign by another name. */
const ENTITY = /&(?:#|bsol|percnt)/;

const NO_DRAWING = "[drawing, its source is not shown]";
const NO_FORMULA = "[formula]";

/** What a reader sees of the body of a fence that GitHub draws; undefined: all of it. */
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
  /** What was taken out may have been the start of something that hides what follows. */
  readonly unsure: boolean;
}

/** What may be the start of markup that ends further on. */
const OPENS = /<|\]:/;

/** Takes formulas out of a paragraph when something in it could hide a part of them: all from its first dollar sign on when they span lines or hold markup. */
export function trimFormulas(paragraph: string, tally: Tally): Formulas {
  const first = paragraph.indexOf("$");
  const last = paragraph.lastIndexOf("$");
  if (first === last) return { text: paragraph, unsure: false };
  const inside = paragraph.slice(first, last);
  const isBlock = inside.includes("$$") || inside.includes("$`");
  const hides =
    HIDING_TEX.test(inside) || ENTITY.test(inside) || (isBlock ? TEX_COMMENT.test(inside) : inside.split("$").some(endsInComment));
  if (!hides) return { text: paragraph, unsure: false };
  tally.count("formula");
  const end = inside.includes("\n") || OPENS.test(inside) ? paragraph.length : last + 1;
  const text = paragraph.slice(0, first) + NO_FORMULA + paragraph.slice(end);
  return { text, unsure: OPENS.test(paragraph.slice(first, end)) };
}

/** Inside single dollar signs a comment hides something only when another line follows it; and prices have percent signs too. */
function endsInComment(part: string): boolean {
  const at = part.search(TEX_COMMENT);
  return at !== -1 && part.includes("\n", at);
}
