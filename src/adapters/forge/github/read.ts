import { Buffer } from "node:buffer";
import { AirlockError } from "../../../domain/errors.ts";
import type { Permission } from "../../../domain/trigger/permission.ts";
import type { CommitFacts, IssueFacts, PullRequestFacts, RepositoryFacts } from "../../../ports/forge.ts";
import type { Client } from "./client.ts";
import type { Purpose } from "./explain.ts";
import * as shapes from "./shapes.ts";

const LOGIN = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98})(?:\[bot\])?$/;
const LEVELS: readonly string[] = ["admin", "maintain", "write", "triage", "read", "none"];

const reading = (what: string, permission: string): Purpose => ({ doing: `read ${what}`, permission, code: "forge.unreadable" });

/** Whatever is not a clear answer is `none`, or an error (I8). */
export async function readPermission(client: Client, login: string): Promise<Permission> {
  if (!LOGIN.test(login)) return "none";
  const answer = await client.find({
    route: "GET /repos/{owner}/{repo}/collaborators/{username}/permission",
    parameters: { username: login },
    shape: shapes.permission,
    purpose: reading(`the permission of ${login}`, "metadata: read"),
  });
  return answer === undefined ? "none" : toPermission(answer.role_name, answer.permission);
}

/** A custom role has a name of its own; `permission` then tells the level it is built on (docs.github.com, "Get repository permissions for a user"). */
function toPermission(role: string | undefined, permission: string): Permission {
  const known = [role, permission === "push" ? "write" : permission === "pull" ? "read" : permission].find(
    (level) => level !== undefined && LEVELS.includes(level),
  );
  return (known as Permission | undefined) ?? "none";
}

export async function readRepository(client: Client): Promise<RepositoryFacts> {
  const answer = await client.call({
    route: "GET /repos/{owner}/{repo}",
    shape: shapes.repository,
    purpose: reading("the repository", "contents: read"),
  });
  return { defaultBranch: answer.default_branch, private: answer.private };
}

export async function readBranch(client: Client, name: string): Promise<string | undefined> {
  const answer = await client.find({
    route: "GET /repos/{owner}/{repo}/git/ref/{+ref}",
    parameters: { ref: `heads/${encodeRef(name)}` },
    shape: shapes.reference,
    purpose: reading(`branch ${name}`, "contents: read"),
  });
  return answer?.object.sha;
}

/** A branch name in a URL path: everything but its slashes is escaped. */
export function encodeRef(name: string): string {
  return name.split("/").map(encodeURIComponent).join("/");
}

export async function readCommit(client: Client, sha: string): Promise<CommitFacts> {
  const answer = await client.call({
    route: "GET /repos/{owner}/{repo}/git/commits/{commit_sha}",
    parameters: { commit_sha: sha },
    shape: shapes.commit,
    purpose: reading(`commit ${sha}`, "contents: read"),
  });
  return { sha: answer.sha, tree: answer.tree.sha, parents: answer.parents.map((parent) => parent.sha), message: answer.message };
}

export async function readIssue(client: Client, number: number): Promise<IssueFacts> {
  const answer = await client.call({
    route: "GET /repos/{owner}/{repo}/issues/{issue_number}",
    parameters: { issue_number: number },
    shape: shapes.issue,
    purpose: reading(`issue #${number}`, "issues: read"),
  });
  const { title, body, state, labels } = answer;
  return {
    number: answer.number,
    state,
    title,
    body,
    author: answer.user.login,
    labels,
    updatedAtMs: answer.updated_at,
    isPullRequest: answer.pull_request != null,
    ...(answer.comments === undefined ? {} : { commentCount: answer.comments }),
  };
}

export async function readPullRequest(client: Client, number: number): Promise<PullRequestFacts> {
  const answer = await client.call({
    route: "GET /repos/{owner}/{repo}/pulls/{pull_number}",
    parameters: { pull_number: number },
    shape: shapes.pullRequest,
    purpose: reading(`pull request #${number}`, "pull-requests: read"),
  });
  const { title, body, state, labels } = answer;
  return {
    number: answer.number,
    state,
    title,
    body,
    labels,
    author: answer.user.login,
    baseRef: answer.base.ref,
    baseSha: answer.base.sha,
    headRef: answer.head.ref,
    headSha: answer.head.sha,
    headRepository: answer.head.repo?.full_name,
    url: answer.html_url,
    ...(answer.comments === undefined ? {} : { commentCount: answer.comments }),
  };
}

export async function readRepositoryFile(
  client: Client,
  where: { readonly ref: string; readonly path: string; readonly maxBytes: number },
): Promise<string | undefined> {
  const purpose = reading(`${where.path} at ${where.ref}`, "contents: read");
  const parameters = { path: encodeRef(where.path), ref: where.ref };
  const answer = await client.find({ route: "GET /repos/{owner}/{repo}/contents/{+path}", parameters, shape: shapes.anything, purpose });
  const parsed = shapes.content.safeParse(answer);
  if (!parsed.success || parsed.data.type !== "file") return undefined;
  const { size, sha } = parsed.data;
  requireSize(where, size);
  const file = parsed.data.encoding === "base64" ? parsed.data : await readBlob(client, sha, purpose);
  const bytes = Buffer.from(file.content ?? "", "base64");
  requireSize(where, bytes.length);
  return bytes.toString("utf8");
}

/** Contents above 1 MiB are not in the answer itself (docs.github.com, "Get repository content"). */
async function readBlob(client: Client, sha: string, purpose: Purpose): Promise<{ readonly content?: string | undefined }> {
  const route = "GET /repos/{owner}/{repo}/git/blobs/{file_sha}";
  return await client.call({ route, parameters: { file_sha: sha }, shape: shapes.blobContent, purpose });
}

function requireSize({ path, maxBytes }: { readonly path: string; readonly maxBytes: number }, size: number): void {
  if (size <= maxBytes) return;
  throw new AirlockError("forge.unreadable", {
    message: `${path} has ${size} bytes; at most ${maxBytes} are read.`,
    remedy: `Make ${path} smaller.`,
  });
}
