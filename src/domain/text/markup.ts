import type { Seek } from "./lines.ts";

/** Where markup that begins with `<!` or `<?` ends; -1: never; undefined: it is not markup. */
export function findMarkupEnd(text: string, at: number, seek: Seek): number | undefined {
  if (text.startsWith("<!--", at)) return findCommentEnd(text, at, seek);
  if (text.startsWith("<?", at)) return after(seek.next("?>", at + 2), 2);
  if (text.startsWith("<![CDATA[", at)) return findDataEnd(text, at, seek);
  return text.startsWith("<!", at) && /[A-Za-z]/.test(text[at + 2] ?? "") ? after(seek.next(">", at + 2), 1) : undefined;
}

/** As the HTML standard ends a comment: `-->`, `--!>`, and at once for `<!-->` and `<!--->`. */
function findCommentEnd(text: string, at: number, seek: Seek): number {
  if (text.startsWith("<!-->", at)) return at + 5;
  if (text.startsWith("<!--->", at)) return at + 6;
  const plain = after(seek.next("-->", at + 4), 3);
  const odd = after(seek.next("--!>", at + 4), 4);
  return plain === -1 || odd === -1 ? Math.max(plain, odd) : Math.min(plain, odd);
}

/** Renderers disagree about a third bracket (`]]]>`): with it no end is certain. */
function findDataEnd(text: string, at: number, seek: Seek): number {
  const found = seek.next("]]>", at + 9);
  return found > at + 9 && text[found - 1] === "]" ? -1 : after(found, 3);
}

function after(found: number, length: number): number {
  return found === -1 ? -1 : found + length;
}

/** `<scheme:…>` or `<name@host>`, as CommonMark writes them. */
export const AUTOLINK = /^<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]{0,2000}|[\w.+-]{1,64}@[\w.-]{1,250})>/;

/** A tag: its name in lower case, with a leading `/` for a closing one, and where it ends. */
export interface Tag {
  readonly name: string;
  readonly end: number;
  /** Everything between the name and the end, raw. */
  readonly attributes: string;
}
