import { dropInvisible } from "./text/invisible.ts";
import { openTally } from "./text/tally.ts";

/** Text that a reader of the rendered page sees, and how much was taken out, by kind. */
export interface Cleaned {
  readonly text: string;
  readonly removed: Record<string, number>;
}

/**
 * Takes out of GitHub-flavoured markdown whatever GitHub's rendering hides from a reader, and shows the rest.
 * `clean(clean(x))` is `clean(x)`; the time is linear in the length.
 */
export function clean(markdown: string): Cleaned {
  const tally = openTally();
  let text = dropInvisible(markdown, tally);
  for (let found = text.indexOf("<!--"); found !== -1; found = text.indexOf("<!--")) {
    const end = text.indexOf("-->", found + 2);
    text = text.slice(0, found) + (end === -1 ? "" : text.slice(end + 3));
    tally.count("html-comment");
  }
  return { text, removed: { ...tally.counts } };
}
