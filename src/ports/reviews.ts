import type { CommentHistory } from "./conversation.ts";

/** Reviews of pull requests on the forge. Calls can be repeated without further effect, like the rest of the forge (I17). */
export interface Reviews {
  /** The merge base of two commits, which the forge compares a pull request with; undefined if it cannot be found out. */
  readMergeBase(base: string, head: string): Promise<string | undefined>;
  /** Reviews and inline comments by the token's own account, oldest first. What others wrote is left out, whatever it claims to be. */
  readEarlier(number: number): Promise<EarlierReviews>;
  /** The thread of an inline comment: its first comment and the newest others, oldest first, at most `max`; undefined if there is none. */
  readThread(number: number, commentId: number, max: number): Promise<ReviewThread | undefined>;
  /** What CI says about a commit. */
  readChecks(sha: string): Promise<readonly CheckFacts[]>;
  /**
   * Creates one review with its inline comments; a repeated call finds it by its body's first line. A verdict that the forge refuses
   * becomes a comment.
   * @throws AirlockError `publish.*`
   */
  createReview(review: NewReview): Promise<CreatedReview>;
  /**
   * Resolves the threads of these inline comments, or hides the comments as outdated. Returns how many; those that the forge refuses stay
   * as they are.
   */
  resolve(number: number, commentIds: readonly number[]): Promise<number>;
  /** Creates or updates one check run per name and commit, with all its annotations. @throws AirlockError `publish.*` */
  putCheckRun(run: NewCheckRun): Promise<{ readonly url: string }>;
}

export interface EarlierReviews {
  readonly reviews: readonly { readonly id: number; readonly url: string; readonly body: string }[];
  readonly comments: readonly EarlierComment[];
  /** False: there are more reviews or comments than were read, and ours may be among the rest. */
  readonly whole: boolean;
}

export interface EarlierComment {
  readonly id: number;
  readonly path: string;
  readonly body: string;
  /** Its lines are no longer in the diff. */
  readonly outdated: boolean;
  /** Also false if the forge does not say. */
  readonly resolved: boolean;
  /** Who resolved it, without the `[bot]` of an app; undefined if the forge does not say, and for the token's own account. */
  readonly resolvedBy?: string | undefined;
}

/** A discussion on lines of a diff. Texts are raw. */
export interface ReviewThread {
  readonly path: string;
  /** Line of the new file; undefined if the thread is outdated. */
  readonly line: number | undefined;
  /** The end of the hunk that it is under. */
  readonly hunk: string;
  readonly comments: readonly ThreadComment[];
  /** Number of all comments in the thread. */
  readonly commentCount: number;
  /** Which of `comments` are hidden or edited, read after the texts; a missing one was deleted. `unknown`: the forge does not say. */
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
  /** The commit that was reviewed. */
  readonly head: string;
  readonly event: "COMMENT" | "REQUEST_CHANGES" | "APPROVE";
  /** The first line is a marker that no other review has. */
  readonly body: string;
  readonly comments: readonly NewReviewComment[];
  /** Replaces body and comments if the forge does not accept the places. */
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
  /** False: the forge did not accept the places, and the body has the comments. */
  readonly inline: boolean;
  /** The verdict that the forge accepted. */
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
