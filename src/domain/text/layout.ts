import { FENCE, isInlineRun, splitBlocks } from "./blocks.ts";
import { findLineEnd, readLine } from "./lines.ts";
import type { Tally } from "./tally.ts";

/** Language names that may stay behind a fence; any other word there is shown to nobody. */
const LANGUAGES = new Set(
  "bash bat c clojure cmake conf console cpp cs csharp css csv dart diff dockerfile elixir erlang fish fsharp go graphql groovy haskell hcl html http ini java javascript js json json5 jsonc jsx julia kotlin less log lua make makefile markdown md mermaid nginx nix objc ocaml patch perl php plaintext powershell proto ps1 py python r rb rs ruby rust scala scss sh shell sql svelte swift terraform tex text toml ts tsx txt typescript vue xml yaml yml zig zsh".split(
    " ",
  ),
);

const DELIMITER = /^\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

/** Cuts what stands behind a fence, and the cells of a table's row that has more of them than its head: neither is shown. */
export function trimLayout(text: string, tally: Tally): string {
  const { segments, htmlLines } = splitBlocks(text);
  const out: string[] = [];
  for (const segment of segments) {
    const part = text.slice(segment.start, segment.end);
    const isHtml = (offset: number): boolean => htmlLines.has(segment.start + offset);
    if (segment.kind === "hidden") out.push(part);
    else if (segment.kind === "code") out.push(trimCode(part, tally));
    else {
      const trimmed = trimText(part, isHtml, tally);
      out.push(trimmed.text);
      if (trimmed.unsure) break;
    }
  }
  return out.join("");
}

function trimCode(part: string, tally: Tally): string {
  const end = findLineEnd(part, 0);
  return trimFence(part.slice(0, end), tally) + part.slice(end);
}

/** The first line of a fence without its info string, but for a known language. */
function trimFence(line: string, tally: Tally): string {
  const { content } = readLine(line, 0);
  const match = FENCE.exec(line.slice(content));
  if (match === null || isInlineRun(match)) return line;
  const info = (match[2] ?? "").trim();
  const language = info.toLowerCase();
  if (info === "" || (LANGUAGES.has(language) && info === match[2])) return line;
  const kept = LANGUAGES.has(language) ? language : keepFirst(info);
  if (kept !== info) tally.count("fence-info");
  return `${line.slice(0, content)}${match[1]}${kept}`;
}

function keepFirst(info: string): string {
  const first = info.split(/[\s{,]/, 1)[0]?.toLowerCase() ?? "";
  return LANGUAGES.has(first) ? first : "";
}

interface Table {
  /** Cells of the head; 0: not in a table. */
  cells: number;
  /** Cells of the line before. */
  before: number;
}

/** Inside an HTML block nothing is a fence. `unsure`: a cell that was cut may be HTML that hides what follows. */
function trimText(part: string, isHtml: (offset: number) => boolean, tally: Tally): { readonly text: string; readonly unsure: boolean } {
  if (!part.includes("|") && !part.includes("```") && !part.includes("~~~")) return { text: part, unsure: false };
  const table: Table = { cells: 0, before: 0 };
  const out: string[] = [];
  let offset = 0;
  for (const line of part.split("\n")) {
    const whole = isHtml(offset) ? line : trimFence(line, tally);
    const trimmed = trimCells(whole, table, tally);
    out.push(trimmed);
    if (isHtml(offset) && whole.includes("<", trimmed.length)) return { text: out.join("\n"), unsure: true };
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

/** Where each cell of a row ends, behind its bar. A bar after a backslash is text. */
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
