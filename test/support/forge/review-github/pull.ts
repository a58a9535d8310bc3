import { commentable, git } from "./places.ts";
import {
  type Answer,
  type Json,
  NUMBER,
  type ReviewWorld,
  type Route,
  type StoredComment,
  type StoredReview,
  showUser,
  WHEN,
} from "./state.ts";

interface GivenComment {
  readonly path: string;
  readonly side: string;
  readonly line: number;
  readonly start_line?: number;
  readonly body: string;
}

const PAGE = `https://github.example/acme/rocket/pull/${NUMBER}`;

/** The pull request with its reviews and the comments on its lines. */
export function pullRoutes(world: ReviewWorld): readonly Route[] {
  const { state } = world;
  return [
    ["GET", /^\/pulls\/8$/, () => [200, showPull(world)]],
    ["GET", /^\/pulls\/8\/reviews$/, () => [200, state.reviews.map(showReview)]],
    ["POST", /^\/pulls\/8\/reviews$/, (_match, body) => createReview(world, body)],
    ["GET", /^\/pulls\/8\/comments$/, () => [200, state.comments.map((comment) => showComment(world, comment))]],
  ];
}

function showPull({ options, state }: ReviewWorld): Json {
  return {
    number: NUMBER,
    node_id: "PR_1",
    state: "open",
    title: state.title,
    body: state.body,
    user: showUser(options.author),
    html_url: PAGE,
    labels: state.labels.map((name) => ({ name })),
    base: { ref: "main", sha: options.base },
    head: { ref: options.headRef, sha: state.head, repo: { full_name: options.headRepository } },
    updated_at: WHEN,
  };
}

function showReview(review: StoredReview): Json {
  return {
    id: review.id,
    body: review.body,
    user: showUser(review.login),
    html_url: `${PAGE}#pullrequestreview-${review.id}`,
    commit_id: review.commit,
    state: review.event,
  };
}

function showComment(world: ReviewWorld, comment: StoredComment): Json {
  return {
    id: comment.id,
    node_id: `RC_${comment.id}`,
    path: comment.path,
    line: isStillThere(world, comment) ? comment.line : null,
    subject_type: "line",
    diff_hunk: "@@",
    body: comment.body,
    user: showUser(comment.login),
    created_at: WHEN,
    updated_at: WHEN,
  };
}

/** GitHub keeps a comment's place while its line stands in the new head's diff with the same text. */
function isStillThere({ options, state }: ReviewWorld, comment: StoredComment): boolean {
  if (comment.commit === state.head) return true;
  const read = (sha: string): readonly string[] => git(options.directory, ["show", `${sha}:${comment.path}`]).split("\n");
  try {
    const text = read(comment.commit)[comment.line - 1];
    return text !== undefined && read(state.head).includes(text);
  } catch {
    return false;
  }
}

function createReview(world: ReviewWorld, given: Json): Answer {
  const { options, state, nextId } = world;
  const comments = (given["comments"] ?? []) as GivenComment[];
  const commit = String(given["commit_id"]);
  const astray = comments.find((comment) => state.refusesPlaces || !fits(world, comment, commit));
  if (astray !== undefined) return [422, { message: `Line could not be resolved: ${astray.path}:${astray.line}` }];
  if (given["event"] !== "COMMENT" && (state.refusesVerdicts || options.identity === options.author))
    return [422, { message: "Can not request changes on your own pull request" }];
  const login = options.identity;
  const review = { id: nextId(), login, body: String(given["body"]), event: String(given["event"]), commit };
  state.reviews.push(review);
  for (const { start_line, ...place } of comments)
    state.comments.push({ ...place, startLine: start_line, id: nextId(), login, commit, resolved: false, minimised: false });
  return [200, showReview(review)];
}

function fits({ options }: ReviewWorld, { path, side, line, start_line }: GivenComment, commit: string): boolean {
  return commentable(options, commit, path, side).some(
    ([from, to]) => line >= from && line <= to && (start_line === undefined || (start_line >= from && start_line < line)),
  );
}
