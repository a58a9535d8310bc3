import { takeDefinitions, takeFootnotes } from "./definitions.ts";
import { showInline } from "./inline.ts";
import { dropInvisible } from "./invisible.ts";
import { trimLayout } from "./layout.ts";
import { type NameImage, openTally, type Tally } from "./tally.ts";

/** Text that a reader of the rendered page sees, and how much was taken out, by kind. */
export interface Cleaned {
  readonly text: string;
  readonly removed: Record<string, number>;
}

/** Texts that are still changing after this many rounds are built to do so. */
const MAX_ROUNDS = 6;

/**
 * Takes out of GitHub-flavoured markdown whatever GitHub's rendering hides from a reader, and shows the rest.
 * `clean(clean(x))` is `clean(x)`; the time is linear in the length; the result is at most five times as long.
 * What is not sure to be seen counts as hidden. `nameImage` says what stands for an image; default `[image]`.
 */
export function clean(markdown: string, nameImage?: NameImage): Cleaned {
  const tally = openTally(nameImage);
  const first = settle(markdown, tally);
  const text = first.settled ? first.text : settle(disarm(first.text), tally).text;
  return { text, removed: { ...tally.counts } };
}

/** What one round brings to light may be markup again (`<!<!-- -->-- x -->`): rounds go on until one changes nothing. */
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

/** Which footnotes are pointed at is known only when all else that is hidden is gone. */
function dropFootnotes(text: string, definitions: ReadonlyMap<string, string>, tally: Tally): string {
  if (!text.includes("[^")) return text;
  const { footnotes } = showInline(text, definitions, openTally());
  return takeFootnotes(text, footnotes, tally);
}

/** Many blank lines push what follows out of sight. */
function collapse(text: string, tally: Tally): string {
  if (!text.includes("\n\n\n\n\n")) return text;
  tally.count("blank-lines");
  return text.replace(/\n{5,}/g, "\n\n\n\n");
}

/** Takes every character away that markdown, HTML or a character reference could begin with. */
function disarm(text: string): string {
  return text.replace(/[<>&[\]`|\\~]/g, "");
}
