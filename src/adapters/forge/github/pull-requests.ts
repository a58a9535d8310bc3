import { AirlockError } from "../../../domain/errors.ts";
import type { NewPullRequest, PutPullRequest } from "../../../ports/forge.ts";
import type { Client } from "./client.ts";
import { addLabels } from "./comments.ts";
import type { Purpose } from "./explain.ts";
import * as shapes from "./shapes.ts";

const SETTING =
  'switch on "Allow GitHub Actions to create and approve pull requests" (Settings, Actions, General, of the repository and of its organisation)';
const OPENING: Purpose = { doing: "open the pull request", permission: "pull-requests: write", setting: SETTING };
const EDITING: Purpose = { doing: "update the pull request", permission: "pull-requests: write" };

/** The open pull request of a branch: created once, then updated in place (I17). */
export async function putPullRequest(client: Client, request: NewPullRequest): Promise<PutPullRequest> {
  const { value, found } = await client.createOnce({
    find: () => findOpen(client, request),
    create: {
      route: "POST /repos/{owner}/{repo}/pulls",
      parameters: { title: request.title, body: request.body, head: request.branch, base: request.base, draft: request.draft },
      shape: shapes.pullRequest,
      purpose: OPENING,
    },
  });
  const notes: string[] = [];
  if (found) notes.push(...(await update(client, value, request)));
  notes.push(...(await decorate(client, value.number, request)));
  if (value.user.login === "github-actions[bot]") {
    notes.push(
      "Workflows do not start on a pull request that the job's default token opened. Close and reopen it, or give `github-token` an app's token.",
    );
  }
  return { number: value.number, url: value.html_url, operation: found ? "updated" : "created", notes };
}

async function findOpen(client: Client, request: NewPullRequest): Promise<shapes.PullRequest | undefined> {
  const parameters = { state: "open", head: `${client.owner}:${request.branch}`, base: request.base, per_page: 10 };
  const open = await client.call({ route: "GET /repos/{owner}/{repo}/pulls", parameters, shape: shapes.pullRequests, purpose: EDITING });
  return open
    .filter((entry) => entry.head.ref === request.branch && entry.base.ref === request.base)
    .sort((a, b) => a.number - b.number)[0];
}

async function update(client: Client, existing: shapes.PullRequest, request: NewPullRequest): Promise<readonly string[]> {
  if (existing.title !== request.title || existing.body !== request.body) {
    const parameters = { pull_number: existing.number, title: request.title, body: request.body };
    await client.call({ route: "PATCH /repos/{owner}/{repo}/pulls/{pull_number}", parameters, shape: shapes.anything, purpose: EDITING });
  }
  if (!request.draft || existing.draft === true) return [];
  return toDraft(client, existing);
}

/**
 * Only GraphQL can turn an open pull request into a draft. What must not be merged yet has to be a draft; if that fails, a note says so.
 */
async function toDraft(client: Client, existing: shapes.PullRequest): Promise<readonly string[]> {
  const query = "mutation($id: ID!) { convertPullRequestToDraft(input: { pullRequestId: $id }) { clientMutationId } }";
  try {
    const answer = await client.call({
      route: client.graphqlRoute,
      parameters: { query, variables: { id: existing.node_id } },
      shape: shapes.graphql,
      purpose: EDITING,
    });
    if ((answer.errors ?? []).length === 0) return [];
  } catch {
    // The note below says what remains to be done.
  }
  return ["The pull request was open already and could not be made a draft. Convert it by hand before anybody merges it."];
}

type Step = readonly [label: string, asked: boolean, run: () => Promise<unknown>];

/** Sets labels, reviewers and assignees. A failure is reported but not fatal, because the pull request exists. */
async function decorate(client: Client, number: number, request: NewPullRequest): Promise<readonly string[]> {
  const { labels, reviewers, teamReviewers, assignees } = request;
  const review = { pull_number: number, reviewers: [...reviewers], team_reviewers: [...teamReviewers] };
  const steps: readonly Step[] = [
    ["labels", labels.length > 0, () => addLabels(client, number, labels)],
    [
      "reviewers",
      reviewers.length + teamReviewers.length > 0,
      () =>
        client.call({
          route: "POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers",
          parameters: review,
          shape: shapes.anything,
          purpose: EDITING,
        }),
    ],
    [
      "assignees",
      assignees.length > 0,
      () =>
        client.call({
          route: "POST /repos/{owner}/{repo}/issues/{issue_number}/assignees",
          parameters: { issue_number: number, assignees: [...assignees] },
          shape: shapes.anything,
          purpose: EDITING,
        }),
    ],
  ];
  const notes: string[] = [];
  for (const [label, asked, run] of steps) {
    if (asked) notes.push(...(await attempt(label, run)));
  }
  return notes;
}

async function attempt(label: string, run: () => Promise<unknown>): Promise<readonly string[]> {
  try {
    await run();
    return [];
  } catch (error) {
    if (!(error instanceof AirlockError)) throw error;
    return [`The ${label} could not be set. ${error.message} ${error.remedy}`];
  }
}
