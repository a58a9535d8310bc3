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

export type Answer = readonly [status: number, body: unknown];
export type Route = readonly [method: string, path: RegExp, act: (match: RegExpExecArray, body: Json) => Answer];

/** What every route reads and changes. */
export interface ReviewWorld {
  readonly options: ReviewGithubOptions;
  readonly state: Omit<ReviewGithub, "url" | typeof Symbol.asyncDispose>;
  readonly nextId: () => number;
}

export function openWorld(options: ReviewGithubOptions): ReviewWorld {
  let id = 100;
  const nextId = (): number => {
    id += 1;
    return id;
  };
  const state: ReviewWorld["state"] = {
    reviews: [],
    comments: [],
    checks: [],
    issueComments: [],
    complaints: [],
    writes: [],
    head: options.head,
    title: options.title,
    body: options.body,
    labels: ["airlock"],
    refusesVerdicts: false,
    refusesPlaces: false,
    graphql: true,
    addComment(login, comment) {
      const own = nextId();
      const fresh = { startLine: undefined, commit: state.head, resolved: false, minimised: false } as const;
      state.comments.push({ ...comment, id: own, login, side: "RIGHT", ...fresh });
      return own;
    },
  };
  return { options, state, nextId };
}

export function showUser(login: string): Json {
  return { login, type: login.endsWith("[bot]") ? "Bot" : "User" };
}
