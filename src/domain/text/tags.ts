import { skipContinuation } from "./lines.ts";
import type { Tag } from "./markup.ts";

const NAME = /<(\/?[A-Za-z][A-Za-z0-9-]*)/y;
/** A browser's parser reads everything up to white space, a slash or the end as the name. */
const LAX_NAME = /<(\/?[A-Za-z][^\s/>]*)/y;
const ATTRIBUTE_NAME = /[A-Za-z_:][A-Za-z0-9_.:-]*/y;
const UNQUOTED = /[^\s"'=<>`]+/y;

/** Skips white space, and the quote marks of a line that begins in it. */
function skipSpace(text: string, at: number, limit: number): number {
  let position = at;
  while (position < limit) {
    const character = text[position];
    if (character === "\n") position = skipContinuation(text, position + 1);
    else if (character === " " || character === "\t") position += 1;
    else break;
  }
  return Math.min(position, limit);
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}

/** A tag as CommonMark reads it in a paragraph; undefined if the text is not a tag and is shown literally. */
export function parseTag(text: string, at: number, limit: number): Tag | undefined {
  const head = match(NAME, text, at);
  if (head === "") return undefined;
  const name = head.slice(1).toLowerCase();
  const start = at + head.length;
  let position = start;
  for (;;) {
    const spaced = skipSpace(text, position, limit);
    if (text[spaced] === ">") return { name, end: spaced + 1, attributes: text.slice(start, spaced) };
    if (text.startsWith("/>", spaced) && !name.startsWith("/")) return { name, end: spaced + 2, attributes: text.slice(start, spaced) };
    if (spaced === position || spaced >= limit || name.startsWith("/")) return undefined;
    const end = skipAttribute(text, spaced, limit);
    if (end === undefined) return undefined;
    position = end;
  }
}

function skipAttribute(text: string, at: number, limit: number): number | undefined {
  const name = match(ATTRIBUTE_NAME, text, at);
  if (name === "") return undefined;
  const end = at + name.length;
  const equals = skipSpace(text, end, limit);
  if (text[equals] !== "=") return end;
  const value = skipSpace(text, equals + 1, limit);
  const quote = text[value];
  if (quote !== '"' && quote !== "'") {
    const bare = match(UNQUOTED, text, value);
    return bare === "" ? undefined : value + bare.length;
  }
  const close = text.indexOf(quote, value + 1);
  return close === -1 || close >= limit ? undefined : close + 1;
}

/** Names that open an HTML block even in the middle of a paragraph (CommonMark 0.31, HTML blocks, condition 6). */
const BLOCK_NAMES = new RegExp(
  `^</?(?:${"address article aside base basefont blockquote body caption center col colgroup dd details dialog dir div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link main menu menuitem nav noframes ol optgroup option p param search section source summary table tbody td tfoot th thead title tr track ul".replaceAll(" ", "|")})(?=[\\s>]|/>|$)`,
  "i",
);
/** True where an HTML block may begin: one of those names, or a whole tag alone on its line (condition 7). */
export function startsHtml(body: string): boolean {
  if (BLOCK_NAMES.test(body) || /^<[!?]/.test(body)) return true;
  const tag = parseTag(body, 0, body.length);
  return tag !== undefined && body.slice(tag.end).trim() === "";
}

/** How a browser's parser ends a tag that it has begun; `open-quote`: a value that never ends takes everything with it. */
export type LaxTag = Tag | "unclosed" | "open-quote";

/**
 * A tag as a browser's parser reads it inside an HTML block. Always ends, so that the scan can continue after it. `quoted`: the block is in
 * a quote, so that a `>` at the start of a line belongs to the quote.
 */
export function parseLaxTag(text: string, at: number, limit: number, quoted: boolean): LaxTag | undefined {
  const head = match(LAX_NAME, text, at).slice(0, limit - at);
  if (head.length < 2) return undefined;
  const start = at + head.length;
  const reader = openTagReader();
  for (let position = start; position < limit; position += 1) {
    const character = text[position] ?? "";
    if (character === "\n" && quoted) position = Math.min(skipContinuation(text, position + 1), limit) - 1;
    if (reader.ends(character)) return { name: head.slice(1).toLowerCase(), end: position + 1, attributes: text.slice(start, position) };
  }
  return reader.isQuoted() ? "open-quote" : "unclosed";
}

/** Follows a tag character by character, as a browser's tokenizer does: quotes count only after `=`. */
function openTagReader(): { ends(character: string): boolean; isQuoted(): boolean } {
  let quote = "";
  let afterEquals = false;
  const outside = (character: string): boolean => {
    if (afterEquals && "\"'".includes(character)) quote = character;
    if (character.trim() !== "") afterEquals = character === "=";
    return character === ">";
  };
  return {
    ends(character) {
      if (quote === "") return outside(character);
      if (character === quote) quote = "";
      return false;
    },
    isQuoted: () => quote !== "",
  };
}

/** Elements whose content a reader never sees as text, or may not see. */
const DROPPED = new Set(
  "script style template noscript textarea title head iframe noembed noframes object select datalist audio video canvas svg math xmp plaintext rp".split(
    " ",
  ),
);
const BREAKING = new Set(
  "address article aside blockquote br caption center dd details dir div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section summary table tbody td tfoot th thead tr ul".split(
    " ",
  ),
);
const VOID = new Set("area base br col embed hr img input link meta param source track wbr".split(" "));
const STYLED_AWAY = /display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?![.\d]*[1-9])|font-size\s*:\s*0/i;

/** True for an opening tag whose content is removed with it. */
export function hidesContent(tag: Tag): boolean {
  if (tag.name.startsWith("/") || VOID.has(tag.name)) return false;
  if (DROPPED.has(tag.name)) return true;
  return /(?:^|[\s"'])hidden(?=[\s=/]|$)/i.test(tag.attributes) || STYLED_AWAY.test(tag.attributes);
}

/** The replacement of a tag: nothing, a space where it separates words, or a label for a collapsed section. */
export function renderTag(tag: Tag): string {
  if (tag.name === "details") return " [collapsed section] ";
  if (tag.name === "/details") return " [end of collapsed section] ";
  return BREAKING.has(tag.name.replace("/", "")) ? " " : "";
}
