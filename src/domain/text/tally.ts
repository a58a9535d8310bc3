/** What stands for an image in the text, by its address as written; undefined: of an image whose address is not known, or that nobody can see. */
export type NameImage = (address: string | undefined) => string;

/** Counts what was taken out, by kind. */
export interface Tally {
  count(kind: Removal, amount?: number): void;
  readonly nameImage: NameImage;
  readonly counts: Readonly<Record<string, number>>;
}

/** Kinds of things a reader of the rendered page does not see. */
export type Removal =
  | "invisible"
  | "html-comment"
  | "html-tag"
  | "hidden-element"
  | "collapsed-section"
  | "link-definition"
  | "link-title"
  | "link-destination"
  | "link-label"
  | "empty-link"
  | "image"
  | "footnote"
  | "fence-info"
  | "table-cell"
  | "drawing"
  | "formula"
  | "entity"
  | "blank-lines";

export function openTally(nameImage: NameImage = () => "[image]"): Tally {
  const counts: Record<string, number> = {};
  return {
    counts,
    nameImage,
    count(kind, amount = 1) {
      counts[kind] = (counts[kind] ?? 0) + amount;
    },
  };
}
