/** The placeholder for an image, by its address as written; undefined: the address is not known, or nobody can see the image. */
export type NameImage = (address: string | undefined) => string;

/** Counts what was removed, by kind. */
export interface Tally {
  count(kind: Removal, amount?: number): void;
  readonly nameImage: NameImage;
  readonly counts: Readonly<Record<string, number>>;
}

/** Kinds of things that a reader of the rendered page does not see. */
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
