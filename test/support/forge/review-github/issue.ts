import { type Answer, type Json, type ReviewGithub, type ReviewWorld, type Route, showUser, WHEN } from "./state.ts";

type IssueComment = ReviewGithub["issueComments"][number];

/** What a pull request has as an issue: the thread's own comments, labels, reactions. */
export function issueRoutes(world: ReviewWorld): readonly Route[] {
  const { state } = world;
  return [
    ["GET", /^\/issues\/8\/comments$/, () => [200, state.issueComments.map(showComment)]],
    ["POST", /^\/issues\/8\/comments$/, (_match, body) => putComment(world, String(body["body"]))],
    ["PATCH", /^\/issues\/comments\/(\d+)$/, ([, id], body) => putComment(world, String(body["body"]), Number(id))],
    ["POST", /\/reactions$/, () => [200, { id: 1, content: "eyes" }]],
    ["POST", /^\/issues\/8\/labels$/, (_match, body) => setLabels(world, [...state.labels, ...(body["labels"] as string[])])],
    [
      "DELETE",
      /^\/issues\/8\/labels\/([^/]+)$/,
      ([, name = ""]) =>
        setLabels(
          world,
          state.labels.filter((label) => label !== decodeURIComponent(name)),
        ),
    ],
  ];
}

function showComment({ id, body, login }: IssueComment): Json {
  return { id, body, user: showUser(login), created_at: WHEN, updated_at: WHEN, html_url: "https://github.example/c" };
}

function putComment({ options, state, nextId }: ReviewWorld, body: string, id?: number): Answer {
  const existing = state.issueComments.find((comment) => comment.id === id);
  const comment = existing ?? { id: nextId(), body, login: options.identity };
  if (existing === undefined) state.issueComments.push(comment);
  comment.body = body;
  return [200, showComment(comment)];
}

function setLabels({ state }: ReviewWorld, labels: readonly string[]): Answer {
  state.labels = [...new Set(labels)];
  return [200, state.labels.map((name) => ({ name }))];
}
