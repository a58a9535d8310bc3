import type { Target } from "../task.ts";
import type { Actor } from "./actors.ts";
import { type Fields, fieldOf, fieldsOf, hasObject, idAt, listAt, objectAt, shaAt, textAt, timeAt } from "./payload.ts";

/** The head of a pull request or of an upstream run, as the payload pinned it. */
export interface Head {
  readonly sha: string;
  readonly ref: string;
  /** True unless the payload shows that the head lives in this repository. */
  readonly fromFork: boolean;
}

/** An issue or a pull request as the payload carried it. */
export interface EventSubject {
  readonly target: Target;
  readonly title: string;
  readonly body: string;
  readonly open: boolean;
  readonly labels: readonly string[];
  readonly head?: Head;
}

/** Text that a person wrote, in which a command may stand. */
export interface SourceComment {
  readonly kind: "issue-comment" | "review-comment" | "review";
  readonly id: number;
  readonly body: string;
}

/** A CI run (or a suite of checks) that ended. */
export interface UpstreamRun {
  readonly kind: "workflow-run" | "check-suite";
  readonly id: number;
  readonly name: string;
  readonly conclusion: string;
  readonly head: Head;
  readonly pullRequest?: number;
}

/** Everything Airlock reads of an event. Texts are raw. */
export interface EventFacts {
  readonly name: string;
  readonly action: string;
  /** Those the payload names, sender first; an empty login stands for one that was missing. A schedule has none. */
  readonly actors: readonly Actor[];
  /** When it happened, milliseconds since the epoch; undefined when the payload does not say. */
  readonly atMs: number | undefined;
  readonly subject: EventSubject | undefined;
  readonly comment: SourceComment | undefined;
  /** The label, or the login of the assignee or reviewer, that the event is about. */
  readonly label: string;
  readonly assignee: string;
  readonly upstream: UpstreamRun | undefined;
  /** The pushed ref, and whether the push removed it. */
  readonly push: { readonly ref: string; readonly deleted: boolean } | undefined;
  /** `prompt` of a dispatch event's inputs or client payload. */
  readonly prompt: string;
}

/** The one event that has no actor: GitHub causes it from a file of the default branch. */
export const SCHEDULE = "schedule";

const MAX_LABELS = 200;
/** Where the events that carry a task have it. */
const PROMPTS: Readonly<Record<string, string>> = { workflow_dispatch: "inputs", repository_dispatch: "client_payload" };

/** Reads an event's payload. Never throws: what is missing or of another type is absent, and the judge says so. */
export function readEventFacts(name: string, payload: unknown): EventFacts {
  const fields = fieldsOf(payload);
  return {
    name,
    action: textAt(fields, "action").slice(0, 100),
    actors: readActors(name, fields),
    atMs: readTime(name, fields),
    subject: readSubject(fields),
    comment: readSourceComment(name, fields),
    label: textAt(objectAt(fields, "label"), "name"),
    assignee: textAt(objectAt(fields, "assignee"), "login") || textAt(objectAt(fields, "requested_reviewer"), "login"),
    upstream: readUpstream(name, fields),
    push: name === "push" ? { ref: textAt(fields, "ref"), deleted: fieldOf(fields, "deleted") === true } : undefined,
    prompt: readPrompt(name, fields),
  };
}

function actorOf(fields: Fields, name: string, role: string): Actor {
  const account = objectAt(fields, name);
  return { login: textAt(account, "login"), type: textAt(account, "type"), role };
}

function readPrompt(name: string, fields: Fields): string {
  const place = Object.hasOwn(PROMPTS, name) ? PROMPTS[name] : undefined;
  return place === undefined ? "" : textAt(objectAt(fields, place), "prompt");
}

function readActors(name: string, fields: Fields): readonly Actor[] {
  const actors = name === SCHEDULE ? [] : [actorOf(fields, "sender", "sender")];
  const run = objectAt(fields, "workflow_run");
  if (name === "workflow_run") {
    actors.push(
      actorOf(run, "actor", "actor of the run that failed"),
      actorOf(run, "triggering_actor", "triggering actor of the run that failed"),
    );
  }
  if (name === "issue_comment" || name === "pull_request_review_comment") {
    actors.push(actorOf(objectAt(fields, "comment"), "user", "author of the comment"));
  }
  if (name === "pull_request_review") actors.push(actorOf(objectAt(fields, "review"), "user", "author of the review"));
  return actors;
}

const TIMES: Readonly<Record<string, readonly [string, string]>> = {
  issues: ["issue", "updated_at"],
  issue_comment: ["comment", "created_at"],
  pull_request: ["pull_request", "updated_at"],
  pull_request_target: ["pull_request", "updated_at"],
  pull_request_review: ["review", "submitted_at"],
  pull_request_review_comment: ["comment", "created_at"],
  workflow_run: ["workflow_run", "updated_at"],
  check_suite: ["check_suite", "updated_at"],
};

function readTime(name: string, fields: Fields): number | undefined {
  const place = Object.hasOwn(TIMES, name) ? TIMES[name] : undefined;
  return place === undefined ? undefined : timeAt(objectAt(fields, place[0]), place[1]);
}

function readSubject(fields: Fields): EventSubject | undefined {
  if (hasObject(fields, "pull_request")) return readPullRequest(fields);
  const issue = objectAt(fields, "issue");
  const number = idAt(issue, "number");
  if (number === undefined) return undefined;
  const kind = hasObject(issue, "pull_request") ? "pull-request" : "issue";
  return { target: { kind, number }, ...readText(issue) };
}

function readText(fields: Fields): Omit<EventSubject, "target" | "head"> {
  return {
    title: textAt(fields, "title"),
    body: textAt(fields, "body"),
    open: textAt(fields, "state") === "open",
    labels: listAt(fields, "labels")
      .slice(0, MAX_LABELS)
      .map((label) => textAt(fieldsOf(label), "name")),
  };
}

function readPullRequest(fields: Fields): EventSubject | undefined {
  const pull = objectAt(fields, "pull_request");
  const number = idAt(pull, "number");
  if (number === undefined) return undefined;
  const head = objectAt(pull, "head");
  const sha = shaAt(head, "sha");
  const own = idAt(objectAt(fields, "repository"), "id");
  const fromFork = own === undefined || idAt(objectAt(head, "repo"), "id") !== own;
  const pinned = sha === undefined ? {} : { head: { sha, ref: textAt(head, "ref"), fromFork } };
  return { target: { kind: "pull-request", number }, ...readText(pull), ...pinned };
}

const COMMENT_PLACES: Readonly<Record<string, readonly [string, SourceComment["kind"], string]>> = {
  issue_comment: ["comment", "issue-comment", "created"],
  pull_request_review_comment: ["comment", "review-comment", "created"],
  pull_request_review: ["review", "review", "submitted"],
};

function readSourceComment(name: string, fields: Fields): SourceComment | undefined {
  const place = Object.hasOwn(COMMENT_PLACES, name) ? COMMENT_PLACES[name] : undefined;
  if (place === undefined) return undefined;
  const comment = objectAt(fields, place[0]);
  const id = idAt(comment, "id");
  return id === undefined ? undefined : { kind: place[1], id, body: textAt(comment, "body") };
}

function readUpstream(name: string, fields: Fields): UpstreamRun | undefined {
  if (name !== "workflow_run" && name !== "check_suite") return undefined;
  const run = objectAt(fields, name);
  const id = idAt(run, "id");
  const sha = shaAt(run, "head_sha");
  if (id === undefined || sha === undefined) return undefined;
  const own = idAt(objectAt(fields, "repository"), "id");
  const pull = fieldsOf(listAt(run, "pull_requests")[0]);
  const pullRequest = idAt(pull, "number");
  return {
    kind: name === "workflow_run" ? "workflow-run" : "check-suite",
    id,
    name: textAt(run, "name") || textAt(objectAt(run, "app"), "name") || "checks",
    conclusion: textAt(run, "conclusion"),
    head: { sha, ref: textAt(run, "head_branch"), fromFork: isForeign(name, run, pull, own) },
    ...(pullRequest === undefined ? {} : { pullRequest }),
  };
}

/**
 * A suite of checks names no head repository. For a push to a fork GitHub sends neither a branch nor a pull
 * request (docs.github.com, "Webhook events and payloads", check_suite).
 */
function isForeign(name: string, run: Fields, pull: Fields, own: number | undefined): boolean {
  if (own === undefined) return true;
  if (name === "workflow_run") return idAt(objectAt(run, "head_repository"), "id") !== own;
  if (textAt(run, "head_branch") === "") return true;
  const head = objectAt(pull, "head");
  return hasObject(head, "repo") ? idAt(objectAt(head, "repo"), "id") !== own : idAt(pull, "number") !== undefined;
}
