import { FENCE, isInlineRun, splitBlocks } from "./blocks.ts";
import { type Formulas, trimDrawing, trimFormulas } from "./drawings.ts";
import { findLineEnd, readLine } from "./lines.ts";
import type { Tally } from "./tally.ts";

/** Language names that may stay after a fence; nobody sees any other word there. */
const LANGUAGES = new Set(
  "bash bat c clojure cmake conf console cpp cs csharp css csv dart diff dockerfile elixir erlang fish fsharp go graphql groovy haskell hcl html http ini java javascript js json json5 jsonc jsx julia kotlin less log lua make makefile markdown math md mermaid nginx nix objc ocaml patch perl php plaintext powershell proto ps1 py python r rb rs ruby rust scala scss sh shell sql svelte swift terraform tex text toml ts tsx txt typescript vue xml yaml yml zig zsh".split(
    " ",
  ),
);

const OPEN_DRAWING = /(?:```|~~~)[ \t]*(mermaid|math|geojson|topojson|stl)\b[^\n]*\n/i;
const DELIMITER = /^\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

/** Cuts the text after a fence, and the cells of a table's row beyond those of its head: neither is shown. */
export function trimLayout(text: string, tally: Tally): string {
  const { segments, htmlLines } = splitBlocks(text);
  const out: string[] = [];
  for (const segment of segments) {
    const part = text.slice(segment.start, segment.end);
    const isHtml = (offset: number): boolean => isRest(text, segment.start + offset) || htmlLines.has(segment.start + offset);
    if (segment.kind === "hidden") out.push(part);
    else if (segment.kind === "code") out.push(trimCode(part, tally));
    else {
      const formulas = trimParagraphs(part, tally);
      // The removal moved the lines: another round trims them.
      const trimmed = formulas.text === part ? trimText(part, isHtml, tally) : formulas;
      out.push(trimmed.text);
      if (trimmed.unsure) break;
    }
  }
  return out.join("");
}

/** The rest of a line after a comment belongs to the comment's block. */
function isRest(text: string, at: number): boolean {
  return at > 0 && text[at - 1] !== "\n";
}

function trimCode(part: string, tally: Tally): string {
  const end = findLineEnd(part, 0);
  const close = part.trimEnd().lastIndexOf("\n");
  const language = /[a-z]+/.exec(part.slice(0, end).toLowerCase())?.[0] ?? "";
  const body = close > end ? trimDrawing(language, part.slice(end + 1, close), tally) : undefined;
  return trimFence(part.slice(0, end), tally) + (body === undefined ? part.slice(end) : `\n${body}${part.slice(close)}`);
}

/** Removes formulas paragraph by paragraph, and everything after a fence that may be open and would be drawn. */
function trimParagraphs(part: string, tally: Tally): Formulas {
  const { text, unsure } = part.includes("$") ? trimAll(part, tally) : { text: part, unsure: false };
  const open = OPEN_DRAWING.exec(text);
  if (open === null) return { text, unsure };
  const end = open.index + open[0].length;
  const drawing = trimDrawing(open[1]?.toLowerCase() ?? "", text.slice(end), tally);
  return { text: text.slice(0, end) + (drawing ?? text.slice(end)), unsure };
}

function trimAll(part: string, tally: Tally): Formulas {
  const out: string[] = [];
  for (const paragraph of part.split(/(\n[ \t>]*\n)/)) {
    const { text, unsure } = trimFormulas(paragraph, tally);
    out.push(text);
    if (unsure) return { text: out.join(""), unsure };
  }
  return { text: out.join(""), unsure: false };
}

/** The first line of a fence without its info string, except for a known language; `otherwise` replaces any other. */
function trimFence(line: string, tally: Tally, otherwise = ""): string {
  const { content } = readLine(line, 0);
  const match = FENCE.exec(line.slice(content));
  if (match === null || isInlineRun(match)) return line;
  const info = (match[2] ?? "").trim();
  const language = info.toLowerCase();
  if (info === "" || (LANGUAGES.has(language) && info === match[2])) return line;
  const kept = LANGUAGES.has(language) ? language : keepFirst(info) || otherwise;
  if (kept !== info) tally.count("fence-info");
  return `${line.slice(0, content)}${match[1]}${kept}`;
}

function keepFirst(info: string): string {
  const first = info.split(/[\s{,]/, 1)[0]?.toLowerCase() ?? "";
  return LANGUAGES.has(first) ? first : "";
}

interface Table {
  /** Number of cells in the head; 0: not in a table. */
  cells: number;
  /** Number of cells in the previous line. */
  before: number;
}

/** Inside an HTML block nothing is a fence. `unsure`: a cut cell may be HTML that hides what follows. */
function trimText(part: string, isHtml: (offset: number) => boolean, tally: Tally): { readonly text: string; readonly unsure: boolean } {
  if (!part.includes("|") && !part.includes("```") && !part.includes("~~~")) return { text: part, unsure: false };
  const table: Table = { cells: 0, before: 0 };
  const out: string[] = [];
  let offset = 0;
  for (const line of part.split("\n")) {
    // A run followed by words inside another fence must not become the end of that fence.
    const whole = isHtml(offset) ? line : trimFence(line, tally, "text");
    const trimmed = trimCells(whole, table, tally);
    // It may not be a row, and a comment in it may end in what was cut.
    if (trimmed.length < whole.length && /<[!?]/.test(whole)) return { text: out.join("\n"), unsure: true };
    out.push(trimmed);
    // In HTML it is not a row, and what was cut may begin or end a tag or a value.
    if (isHtml(offset) && /[<>"'=]/.test(whole.slice(trimmed.length))) return { text: out.join("\n"), unsure: true };
    offset += line.length + 1;
  }
  return { text: out.join("\n"), unsure: false };
}

function trimCells(line: string, table: Table, tally: Tally): string {
  const { content } = readLine(line, 0);
  const body = line.slice(content);
  const before = table.before;
  const bounds = findCells(body);
  table.before = body.trim() === "" ? 0 : bounds.length;
  if (body.trim() === "") table.cells = 0;
  else if (table.cells === 0 && DELIMITER.test(body) && before > 0 && before === bounds.length) table.cells = before;
  else if (table.cells > 0 && bounds.length > table.cells) {
    tally.count("table-cell", bounds.length - table.cells);
    return line.slice(0, content) + body.slice(0, bounds[table.cells - 1]);
  }
  return line;
}

/** Where each cell of a row ends, after its bar. A bar after a backslash is text. */
function findCells(body: string): readonly number[] {
  const ends: number[] = [];
  const start = body.startsWith("|") ? 1 : 0;
  let cell = start;
  for (let position = start; position < body.length; position += 1) {
    const character = body[position];
    if (character === "\\") position += 1;
    else if (character === "|") {
      ends.push(position + 1);
      cell = position + 1;
    }
  }
  if (body.slice(cell).trim() !== "") ends.push(body.length);
  return ends;
}
