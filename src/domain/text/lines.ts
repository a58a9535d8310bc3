/** A line without its line end. */
export interface Line {
  readonly start: number;
  readonly end: number;
  /** Where the block on this line begins, after quotes, list markers, a footnote's label and white space. */
  readonly content: number;
}

export function readLine(text: string, start: number): Line {
  const end = findLineEnd(text, start);
  return { start, end, content: skipPrefix(text, start, end) };
}

export function findLineEnd(text: string, from: number): number {
  const found = text.indexOf("\n", from);
  return found === -1 ? text.length : found;
}

/** Markers of lists, task boxes and footnotes, with a bounded length. */
const MARKERS = [/[-+*](?=[ \t])/y, /\d{1,9}[.)](?=[ \t])/y, /\[[ xX]\](?=[ \t])/y, /\[\^[^\]\n]{1,200}\]:/y];

/** Skips everything that may come before a block on its line. */
export function skipPrefix(text: string, start: number, end: number): number {
  let position = start;
  while (position < end) {
    const character = text[position];
    if (character === " " || character === "\t" || character === ">") position += 1;
    else {
      const length = isMarker(character) ? matchMarker(text, position) : 0;
      if (length === 0) return position;
      position += length;
    }
  }
  return Math.min(position, end);
}

function isMarker(character: string | undefined): boolean {
  return character !== undefined && "-+*[0123456789".includes(character);
}

function matchMarker(text: string, at: number): number {
  for (const marker of MARKERS) {
    marker.lastIndex = at;
    const match = marker.exec(text);
    if (match !== null) return match[0].length;
  }
  return 0;
}

/** After a line end inside a construct: the white space and quote marks of the next line are not part of it. */
export function skipContinuation(text: string, at: number): number {
  let position = at;
  let indent = 0;
  for (; position < text.length; position += 1) {
    const character = text[position];
    if (character === ">" && indent <= 3) indent = -1;
    else if (character === "\t") indent += 4;
    else if (character !== " ") return position;
    else indent += 1;
  }
  return position;
}

/** Searches for a text from a position on. The result is cached for each text, so that repeated searches stay linear. */
export interface Seek {
  next(needle: string, from: number): number;
}

export function openSeek(text: string): Seek {
  const known = new Map<string, { readonly from: number; readonly at: number }>();
  return {
    next(needle, from) {
      const last = known.get(needle);
      if (last !== undefined && last.from <= from && (last.at === -1 || last.at >= from)) return last.at;
      const at = text.indexOf(needle, from);
      known.set(needle, { from, at });
      return at;
    },
  };
}
