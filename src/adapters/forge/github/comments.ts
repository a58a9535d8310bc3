import { AirlockError } from "../../../domain/errors.ts";
import type { ReactionTarget } from "../../../ports/forge.ts";
import type { Client } from "./client.ts";
import type { Purpose } from "./explain.ts";
import * as shapes from "./shapes.ts";
import { readOldest } from "./thread.ts";

const MAX_BODY_CHARS = 65_536;
/** Account that writes for every job's default token. */
const DEFAULT_BOT = "github-actions[bot]";
const MARKER = /^[a-z0-9:-]{1,100}$/;

/**
 * One comment per marker and thread (I17). Only comments that this token wrote are edited: anybody can copy a marker, and an edit would put
 * our words under their name.
 */
export function openComments(client: Client, identify: () => Promise<string | undefined>) {
  // A longer thread is not searched to its end: the tracking comment is written early.
  const findOwn = async (number: number, line: string): Promise<readonly shapes.Comment[]> => {
    const candidates = (await readOldest(client, number)).filter((entry) => firstLine(entry.body) === line);
    if (candidates.length === 0) return [];
    const login = (await identify()) ?? DEFAULT_BOT;
    return candidates.filter((entry) => entry.user.login.toLowerCase() === login.toLowerCase()).sort((a, b) => a.id - b.id);
  };
  return {
    async put(number: number, marker: string, body: string): Promise<{ readonly id: number; readonly url: string }> {
      const line = toLine(marker);
      const full = `${line}\n${body}`;
      checkLength(full);
      const purpose = commenting(number);
      let own: readonly shapes.Comment[] = [];
      const first = async () => {
        own = await findOwn(number, line);
        return own[0];
      };
      const { value, found } = await client.createOnce({
        find: first,
        create: {
          route: "POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
          parameters: { issue_number: number, body: full },
          shape: shapes.comment,
          purpose,
        },
      });
      if (found) {
        // Left by an earlier run that could not delete its own.
        for (const { id } of own.slice(1)) await remove(client, id, purpose);
        return edit(client, value, full, purpose);
      }
      return settle(client, { created: value, full, purpose, own: await findOwn(number, line) });
    },
  };
}

interface Settling {
  readonly created: shapes.Comment;
  readonly full: string;
  readonly purpose: Purpose;
  readonly own: readonly shapes.Comment[];
}

/** Two runs may have created a comment at the same time: the oldest stays, and ours is deleted. */
async function settle(client: Client, settling: Settling) {
  const oldest = settling.own[0];
  if (oldest === undefined || oldest.id >= settling.created.id) return { id: settling.created.id, url: settling.created.html_url };
  await remove(client, settling.created.id, settling.purpose);
  return edit(client, oldest, settling.full, settling.purpose);
}

async function remove(client: Client, id: number, purpose: Purpose): Promise<void> {
  await client.find({
    route: "DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}",
    parameters: { comment_id: id },
    shape: shapes.anything,
    purpose,
  });
}

async function edit(client: Client, comment: shapes.Comment, full: string, purpose: Purpose) {
  if (comment.body === full) return { id: comment.id, url: comment.html_url };
  const answer = await client.call({
    route: "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}",
    parameters: { comment_id: comment.id, body: full },
    shape: shapes.comment,
    purpose,
  });
  return { id: answer.id, url: answer.html_url };
}

/** Login that the token writes as, looked up once. */
export function openIdentity(client: Client): () => Promise<string | undefined> {
  let identity: Promise<string | undefined> | undefined;
  return () => {
    identity ??= readViewer(client);
    return identity;
  };
}

/** A job's default token may not call `GET /user`, but GraphQL answers. */
async function readViewer(client: Client): Promise<string | undefined> {
  const purpose: Purpose = { doing: "tell whose token this is", permission: "metadata: read" };
  const user = await client.call({ route: "GET /user", shape: shapes.viewer, purpose }).catch(() => undefined);
  if (user !== undefined) return user.login;
  const query = "query { viewer { login } }";
  const answer = await client
    .call({ route: client.graphqlRoute, parameters: { query }, shape: shapes.viewerAnswer, purpose })
    .catch(() => undefined);
  return answer?.data.viewer.login;
}

export async function react(client: Client, target: ReactionTarget, reaction: string): Promise<void> {
  const routes = {
    issue: "POST /repos/{owner}/{repo}/issues/{id}/reactions",
    "issue-comment": "POST /repos/{owner}/{repo}/issues/comments/{id}/reactions",
    "review-comment": "POST /repos/{owner}/{repo}/pulls/comments/{id}/reactions",
  };
  const purpose = { doing: "add a reaction", permission: "issues: write" };
  await client.call({ route: routes[target.kind], parameters: { id: target.id, content: reaction }, shape: shapes.anything, purpose });
}

export async function addLabels(client: Client, number: number, labels: readonly string[]): Promise<void> {
  if (labels.length === 0) return;
  const purpose = { doing: `label #${number}`, permission: "issues: write" };
  await client.call({
    route: "POST /repos/{owner}/{repo}/issues/{issue_number}/labels",
    parameters: { issue_number: number, labels: [...labels] },
    shape: shapes.anything,
    purpose,
  });
}

export async function removeLabel(client: Client, number: number, label: string): Promise<void> {
  const purpose = { doing: `remove a label of #${number}`, permission: "issues: write" };
  await client.find({
    route: "DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}",
    parameters: { issue_number: number, name: label },
    shape: shapes.anything,
    purpose,
  });
}

function commenting(number: number): Purpose {
  return { doing: `comment on #${number}`, permission: "issues: write", setting: "`pull-requests: write` when it is a pull request" };
}

/** A person's edit in the browser leaves carriage returns. */
function firstLine(body: string): string {
  return /^[^\r\n]*/.exec(body)?.[0] ?? "";
}

function toLine(marker: string): string {
  if (MARKER.test(marker)) return `<!-- ${marker} -->`;
  throw new AirlockError("internal", { message: `"${marker}" is not a comment marker.`, remedy: "Report this as a defect of Airlock." });
}

function checkLength(body: string): void {
  if (body.length <= MAX_BODY_CHARS) return;
  throw new AirlockError("internal", {
    message: `A comment has ${body.length} characters; GitHub takes ${MAX_BODY_CHARS}.`,
    remedy: "Report this as a defect of Airlock.",
  });
}
