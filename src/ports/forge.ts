import type { Mode } from "../domain/patch.ts";
import type { ImageLimits } from "../domain/prompt/image-placeholders.ts";
import type { Permission } from "../domain/trigger/permission.ts";
import type { CommentFacts, History } from "./conversation.ts";
import type { GitRemote } from "./repository.ts";
import type { Reviews } from "./reviews.ts";

/** Where issues and pull requests live. Calls that change something can be repeated without further effect (I17). */
export interface Forge {
  /** `owner/name`. */
  readonly repository: string;
  readonly remote: GitRemote;
  /** Absent: the forge has no reviews, so a review is one comment. */
  readonly reviews?: Reviews;
  /**
   * The actor's real permission, custom roles by what they grant; `none` for whom the forge does not know.
   * @throws AirlockError `publish.permission` when the token may not know it, `forge.credential`, `forge.unreadable`
   */
  readPermission(login: string): Promise<Permission>;
  readRepository(): Promise<RepositoryFacts>;
  /** Commit that a branch points at, or undefined. */
  readBranch(name: string): Promise<string | undefined>;
  /** @throws AirlockError `forge.unreadable`, `publish.permission` */
  readCommit(sha: string): Promise<CommitFacts>;
  readIssue(number: number): Promise<IssueFacts>;
  /** The newest `max` comments, oldest first. With `sinceMs` only those written or edited at that time or later. */
  readComments(number: number, max: number, sinceMs?: number): Promise<readonly CommentFacts[]>;
  /** @throws AirlockError as `readPermission` */
  readPullRequest(number: number): Promise<PullRequestFacts>;
  /**
   * Who edited the target last and when, and which of its newest `maxComments` comments are hidden or edited; `unknown` if the forge does
   * not say. Call it after reading the texts, so that an edit in between shows.
   */
  readHistory?(number: number, maxComments: number): Promise<History | "unknown">;
  /**
   * Images by their addresses in the target's text, only from the forge's own hosts, decoded and encoded again. One answer per address, in
   * order. Never throws because of an image.
   */
  readImages?(number: number, addresses: readonly string[], limits: ImageLimits): Promise<readonly ImageAnswer[]>;
  /** A file on a ref, or undefined. */
  readFile(ref: string, path: string, maxBytes: number): Promise<string | undefined>;

  /** Login that the token writes as, for example `my-app[bot]`; undefined if it cannot be found out. */
  readIdentity?(): Promise<string | undefined>;
  /** Runs of this workflow that a person started since then, this one included. @throws AirlockError as `readPermission` */
  countRuns?(options: { readonly actor: string; readonly workflow: string; readonly sinceMs: number }): Promise<number>;
  /** Logs of the failed jobs of a run, or the findings of the failed checks of a suite; the ends of long ones. */
  readFailure?(
    upstream: { readonly kind: "workflow-run" | "check-suite"; readonly id: number },
    maxBytes: number,
  ): Promise<readonly FailureFacts[]>;
  /** Unified diff from the merge base of two commits to `head`, cut at `maxBytes`. */
  readDiff?(options: { readonly base: string; readonly head: string; readonly maxBytes: number }): Promise<string>;

  /** One comment per marker and target: created or edited in place. Returns its URL. */
  putComment(number: number, marker: string, body: string): Promise<{ readonly id: number; readonly url: string }>;
  react(target: ReactionTarget, reaction: "eyes" | "rocket" | "confused"): Promise<void>;
  addLabels(number: number, labels: readonly string[]): Promise<void>;
  removeLabel(number: number, label: string): Promise<void>;

  /** Blobs, tree and commit through the Git Data API. @throws AirlockError `gate.mismatch` if the tree is not `expectedTree`. */
  createCommit(commit: NewCommit): Promise<CreatedCommit>;
  /**
   * Creates the branch or moves it to `sha`. With `expected`, for branches that are not Airlock's own, the branch must exist and point
   * there, and it only moves forward.
   * @throws AirlockError `publish.conflict`
   */
  putBranch(name: string, sha: string, options?: { readonly expected?: string }): Promise<"created" | "updated" | "unchanged">;
  deleteBranch(name: string): Promise<void>;
  /** The open pull request from `branch` to `base`: created or updated in place. */
  putPullRequest(request: NewPullRequest): Promise<PutPullRequest>;
  /** Page where a person can open the pull request by hand. */
  compareUrl(base: string, branch: string): string;
}

export interface RepositoryFacts {
  readonly defaultBranch: string;
  readonly private: boolean;
}

export interface IssueFacts {
  readonly number: number;
  readonly state: "open" | "closed";
  readonly title: string;
  readonly body: string;
  readonly author: string;
  readonly labels: readonly string[];
  /** Milliseconds since the epoch. */
  readonly updatedAtMs: number;
  readonly isPullRequest: boolean;
  /** Number of comments in the thread, without those on lines of a diff. Absent: not known. */
  readonly commentCount?: number;
}

/** An image as a PNG that we encoded, or one sentence without a full stop that says why there is none. */
export type ImageAnswer = { readonly png: Uint8Array; readonly width: number; readonly height: number } | { readonly dropped: string };

/** One failed job or check of a CI run. Its text is guest text: raw. */
export interface FailureFacts {
  readonly name: string;
  readonly text: string;
}

export interface PullRequestFacts {
  readonly number: number;
  readonly state: "open" | "closed";
  readonly title: string;
  readonly body: string;
  readonly author: string;
  readonly baseRef: string;
  readonly baseSha: string;
  readonly headRef: string;
  readonly headSha: string;
  /** `owner/name` of the head, or undefined when it was deleted. */
  readonly headRepository: string | undefined;
  readonly labels: readonly string[];
  /** Its page. Absent: not known. */
  readonly url?: string;
  /** The same as for an issue. */
  readonly commentCount?: number;
}

export interface ReactionTarget {
  readonly kind: "issue" | "issue-comment" | "review-comment";
  readonly id: number;
}

export interface CommitFacts {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
}

export interface CreatedCommit {
  readonly sha: string;
  readonly tree: string;
  /** GitHub signed it. */
  readonly verified: boolean;
}

export interface PutPullRequest {
  readonly number: number;
  readonly url: string;
  readonly operation: "created" | "updated";
  /** What could not be done in addition, one sentence each: a label, a reviewer, workflows that will not start. */
  readonly notes: readonly string[];
}

export interface NewCommit {
  readonly baseSha: string;
  readonly baseTree: string;
  readonly expectedTree: string;
  readonly message: string;
  readonly changes: readonly NewCommitChange[];
}

export interface NewCommitChange {
  readonly path: string;
  /** undefined: the path is removed. */
  readonly content?: { readonly mode: Mode; readonly oid: string; readonly read: () => Promise<Uint8Array> };
}

export interface NewPullRequest {
  readonly branch: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly draft: boolean;
  readonly labels: readonly string[];
  readonly reviewers: readonly string[];
  readonly teamReviewers: readonly string[];
  readonly assignees: readonly string[];
}
