/** A comment on an issue or a pull request, as it is now. */
export interface CommentFacts {
  readonly id: number;
  readonly author: string;
  readonly body: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly url: string;
  /** Hidden by a maintainer. Absent: not known. */
  readonly minimised?: boolean;
}

/** The last edit of a text. Times in milliseconds since the epoch. */
export interface Edit {
  readonly atMs: number;
  /** Login; undefined for a deleted account. */
  readonly editor: string | undefined;
}

/** Edits of an issue or a pull request and of its comments, as they are when asked for. */
export interface History {
  /** Last edit of the description; absent: never edited. */
  readonly body?: Edit;
  /** Last change of the title; absent: never changed. */
  readonly title?: Edit;
  /** By comment id. A missing comment was deleted, or is beyond what was asked for. */
  readonly comments: ReadonlyMap<number, CommentHistory>;
}

export interface CommentHistory {
  readonly minimised: boolean;
  /** Absent: never edited. */
  readonly edit?: Edit;
}
