import { takeDefinitions, takeFootnotes } from "./definitions.ts";
import { showInline } from "./inline.ts";
import { dropInvisible } from "./invisible.ts";
import { trimLayout } from "./layout.ts";
import { type NameImage, openTally, type Tally } from "./tally.ts";

/** Text that a reader of the rendered page sees, and how much was removed, by kind. */
export interface Cleaned {
  readonly text: string;
  readonly removed: Record<string, number>;
}

/** A text that still changes after this many rounds was built to do so. */
const MAX_ROUNDS = 6;

/**
 * Removes from GitHub-flavoured Markdown everything that GitHub's rendering hides from a reader, and keeps the rest. `clean(clean(x))` is
 * `clean(x)`; The time is linear in the length, and the result is at most five times as long. What is not certain to be seen counts as
 * hidden. `nameImage` gives the placeholder of an image; default `[image]`.
 */
export function clean(markdown: string, nameImage?: NameImage): Cleaned {
  const tally = openTally(nameImage);
  const first = settle(markdown, tally);
  const text = first.settled ? first.text : settle(disarm(first.text), tally).text;
  return { text, removed: { ...tally.counts } };
}

/** What one round uncovers may be markup again (`<!<!-- -->-- x -->`), so rounds repeat until one changes nothing. */
function settle(markdown: string, tally: Tally): { readonly text: string; readonly settled: boolean } {
  let text = markdown;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const next = cleanOnce(text, tally);
    if (next === text) return { text, settled: true };
    text = next;
  }
  return { text, settled: false };
}

function cleanOnce(markdown: string, tally: Tally): string {
  const visible = trimLayout(dropInvisible(markdown, tally), tally);
  const { text, definitions } = takeDefinitions(visible, tally);
  return collapse(showInline(dropFootnotes(text, definitions, tally), definitions, tally).text, tally);
}

/** Which footnotes are referenced is known only after everything else that is hidden is gone. */
function dropFootnotes(text: string, definitions: ReadonlyMap<string, string>, tally: Tally): string {
  if (!text.includes("[^")) return text;
  const { footnotes } = showInline(text, definitions, openTally());
  return takeFootnotes(text, footnotes, tally);
}

/** Lines that show nothing, or only a rule or an empty heading. */
const BLANK = /^\s*$/;
const EMPTY = /^[\s>]*(?:(?:-{3,}|\*{3,}|_{3,}|#{1,6})\s*)?$/;
const MOST_BLANK = 3;
const MOST_EMPTY = 12;
/** Blanks within a line, as many as no page shows at once. */
const MANY_BLANKS = /[^\S\n]{200,}/g;

/** Many empty lines, or a long row of blanks, push what follows out of sight. */
function collapse(text: string, tally: Tally): string {
  const narrow = text.replace(MANY_BLANKS, (_run: string, at: number, whole: string) => {
    tally.count("blank-lines");
    return at === 0 || whole[at - 1] === "\n" ? "    " : " ";
  });
  const lines = narrow.split("\n");
  const kept = dropRuns(dropRuns(lines, BLANK, MOST_BLANK), EMPTY, MOST_EMPTY);
  if (kept.length === lines.length) return narrow;
  tally.count("blank-lines");
  return kept.join("\n");
}

/** The lines without those that are beyond `most` in a row of such. */
function dropRuns(lines: readonly string[], such: RegExp, most: number): readonly string[] {
  let run = 0;
  return lines.filter((line, index) => {
    run = such.test(line) ? run + 1 : 0;
    return run <= most || index === lines.length - 1;
  });
}

/** Removes every character that could begin Markdown, HTML or a character reference. */
function disarm(text: string): string {
  return text.replace(/[<>&[\]`|\\~]/g, "");
}
