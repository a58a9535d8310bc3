/** A comment of an issue or a pull request, as it stands. */
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

/** What became of a text since it was written. Times in milliseconds since the epoch. */
export interface Edit {
  readonly atMs: number;
  /** Login; undefined for an account that is gone. */
  readonly editor: string | undefined;
}

/** Edits of an issue or a pull request and of its comments, as they stand when asked. */
export interface History {
  /** Last edit of the description; absent: never edited. */
  readonly body?: Edit;
  /** Last change of the title; absent: never changed. */
  readonly title?: Edit;
  /** By comment id. A comment that is missing was deleted, or lies beyond what was asked for. */
  readonly comments: ReadonlyMap<number, CommentHistory>;
}

export interface CommentHistory {
  readonly minimised: boolean;
  /** Absent: never edited. */
  readonly edit?: Edit;
}
