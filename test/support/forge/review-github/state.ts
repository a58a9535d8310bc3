export type Json = Record<string, unknown>;

export interface StoredComment {
  readonly id: number;
  readonly path: string;
  readonly body: string;
  readonly login: string;
  readonly side: string;
  readonly line: number;
  readonly startLine: number | undefined;
  readonly commit: string;
  resolved: boolean;
  /** Login as GraphQL gives it: an app's without `[bot]`. */
  resolvedBy?: string;
  minimised: boolean;
}

export interface StoredReview {
  readonly id: number;
  readonly login: string;
  readonly body: string;
  readonly event: string;
  readonly commit: string;
}

export interface StoredCheck {
  readonly id: number;
  readonly head: string;
  conclusion: string;
  readonly name: string;
  readonly externalId: string;
  readonly annotations: Json[];
}

/** A pull request on loopback, over a real git repository. */
export interface ReviewGithub extends AsyncDisposable {
  readonly url: string;
  readonly reviews: StoredReview[];
  readonly comments: StoredComment[];
  readonly checks: StoredCheck[];
  readonly issueComments: { readonly id: number; body: string; readonly login: string }[];
  /** Requests that GitHub's own description does not allow. */
  readonly complaints: string[];
  /** `METHOD path` of every request that changes something. */
  readonly writes: string[];
  head: string;
  readonly title: string;
  body: string;
  labels: string[];
  /** True: this account may comment only, as where Actions are not allowed to approve. */
  refusesVerdicts: boolean;
  /** True: no line of a comment is known, as when the head moved meanwhile. */
  refusesPlaces: boolean;
  /** False: GraphQL answers 404, as some servers do. */
  graphql: boolean;
  addComment(login: string, comment: { readonly path: string; readonly line: number; readonly body: string }): number;
}

export interface ReviewGithubOptions {
  readonly directory: string;
  readonly base: string;
  readonly head: string;
  readonly title: string;
  readonly body: string;
  readonly author: string;
  readonly headRepository: string;
  readonly headRef: string;
  /** Account of the token. */
  readonly identity: string;
  readonly permissions: Readonly<Record<string, string>>;
}

export const NUMBER = 8;
export const REPOSITORY = "/repos/acme/rocket";
export const WHEN = new Date().toISOString();
