import type { CommentHistory } from "./conversation.ts";

/** Reviews of pull requests on the forge. Repeatable like the rest of the forge: done twice is done once (I17). */
export interface Reviews {
  /** The commit two commits have in common, which the forge compares a pull request with; undefined when it cannot be told. */
  readMergeBase(base: string, head: string): Promise<string | undefined>;
  /** Reviews and inline comments of the token's own account, oldest first. What others wrote is left out, whatever it claims to be. */
  readEarlier(number: number): Promise<EarlierReviews>;
  /** The thread that an inline comment belongs to: its first comment and the newest others, oldest first, at most `max`; undefined when there is none. */
  readThread(number: number, commentId: number, max: number): Promise<ReviewThread | undefined>;
  /** What CI says of a commit. */
  readChecks(sha: string): Promise<readonly CheckFacts[]>;
  /** One review with its inline comments; found again by its body's first line. A verdict that the forge refuses becomes a comment. @throws AirlockError `publish.*` */
  createReview(review: NewReview): Promise<CreatedReview>;
  /** Resolves the threads of these inline comments, or hides the comments as outdated. Returns how many; what the forge refuses is left. */
  resolve(number: number, commentIds: readonly number[]): Promise<number>;
  /** One check run per name and commit, created or updated, with all its annotations. @throws AirlockError `publish.*` */
  putCheckRun(run: NewCheckRun): Promise<{ readonly url: string }>;
}

export interface EarlierReviews {
  readonly reviews: readonly { readonly id: number; readonly url: string; readonly body: string }[];
  readonly comments: readonly EarlierComment[];
  /** False: there are more reviews or comments than are read, by whomever, and ours may be among them. */
  readonly whole: boolean;
}

export interface EarlierComment {
  readonly id: number;
  readonly path: string;
  readonly body: string;
  /** Its lines are not in the diff any more. */
  readonly outdated: boolean;
  /** False also when the forge does not tell. */
  readonly resolved: boolean;
  /** Who resolved it, without the `[bot]` of an app; undefined when the forge does not tell, and for the token's own account. */
  readonly resolvedBy?: string | undefined;
}

/** A discussion on lines of a diff. Texts are raw. */
export interface ReviewThread {
  readonly path: string;
  /** Line of the new file; undefined when the thread is outdated. */
  readonly line: number | undefined;
  /** The end of the hunk it stands under. */
  readonly hunk: string;
  readonly comments: readonly ThreadComment[];
  /** All comments of the thread. */
  readonly commentCount: number;
  /** Which of `comments` are hidden or edited, asked after the texts were read; one that is missing was deleted. `unknown`: the forge does not tell. */
  readonly history: ReadonlyMap<number, CommentHistory> | "unknown";
}

export interface ThreadComment {
  readonly id: number;
  readonly author: string;
  readonly body: string;
  /** Milliseconds since the epoch. */
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface CheckFacts {
  /** Raw. */
  readonly name: string;
  /** For example `success`, `failure`, or `in_progress` while it runs. */
  readonly conclusion: string;
}

export interface NewReview {
  readonly number: number;
  /** The commit that was read. */
  readonly head: string;
  readonly event: "COMMENT" | "REQUEST_CHANGES" | "APPROVE";
  /** Its first line is a marker that no other review has. */
  readonly body: string;
  readonly comments: readonly NewReviewComment[];
  /** Stands in for body and comments where the forge does not take the places. */
  readonly bodyWithoutPlaces: string;
}

export interface NewReviewComment {
  readonly path: string;
  readonly side: "LEFT" | "RIGHT";
  readonly line: number;
  readonly endLine: number;
  readonly body: string;
}

export interface CreatedReview {
  readonly id: number;
  readonly url: string;
  /** False: the forge did not take the places, and the body holds the comments. */
  readonly inline: boolean;
  /** What the forge took. */
  readonly event: NewReview["event"];
}

export interface NewCheckRun {
  readonly name: string;
  readonly head: string;
  readonly conclusion: "success" | "neutral" | "failure";
  readonly title: string;
  readonly summary: string;
  readonly annotations: readonly Annotation[];
  /** Page of the run. */
  readonly url: string;
}

export interface Annotation {
  readonly path: string;
  readonly line: number;
  readonly endLine: number;
  readonly level: "notice" | "warning" | "failure";
  readonly title: string;
  readonly message: string;
}
