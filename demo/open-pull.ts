import type { DemoEvent } from "./event.ts";
import type { DemoWorld } from "./job.ts";
import { loginAt, objectAt, type PullPlan } from "./pull-plan.ts";
import { mirrorSnapshot } from "./stand-in.ts";
import { type Snapshot, setRef } from "./target.ts";

type Json = Record<string, unknown>;

/** Opens the pull request in the stand-in, and makes the event that speaks of it: its number, commits and times are those of the stand-in. */
export async function openPull(world: DemoWorld, plan: PullPlan): Promise<DemoEvent> {
  const { standIn, target } = world;
  if (target.head === undefined) throw new Error("The world was made without a pull request.");
  const repo = `/repos/${standIn.owner}/${standIn.name}`;
  await makePeople(world, plan, repo);
  await pushHead(world, { plan, repo, head: target.head });
  for (let each = 1; each < plan.number; each += 1) await standIn.call("POST", `${repo}/issues`, { title: `Issue ${each}`, body: "" });
  const head = plan.fromFork ? `${plan.author}:${plan.headRef}` : plan.headRef;
  const request = { title: plan.title, body: plan.body, head, base: "main" };
  const { number } = (await standIn.call("POST", `${repo}/pulls`, request, plan.author)) as { number: number };
  await setRef(target.bare, `refs/pull/${number}/head`, target.head.commit);
  if (plan.labels.length > 0) await standIn.call("POST", `${repo}/issues/${number}/labels`, { labels: plan.labels });
  const repository = (await standIn.call("GET", repo)) as Json;
  const pull = (await standIn.call("GET", `${repo}/pulls/${number}`)) as Json;
  if (plan.payload !== undefined) return await alignEvent(world, { plan, payload: plan.payload, repo, repository, pull });
  const sender = objectAt(repository, "owner");
  const payload = { action: "labeled", number, label: { name: "airlock" }, pull_request: pull, repository, sender };
  return { name: plan.eventName, payload, actor: standIn.owner };
}

/** Who may write is a collaborator. */
async function makePeople({ standIn }: DemoWorld, plan: PullPlan, repo: string): Promise<void> {
  for (const [login, writes] of plan.people)
    if (writes && login !== standIn.owner) await standIn.call("PUT", `${repo}/collaborators/${login}`, { permission: "push" });
}

interface Push {
  readonly plan: PullPlan;
  readonly repo: string;
  readonly head: Snapshot;
}

/** A fork has its own branches; its objects are to be had from the repository too, as on GitHub. */
async function pushHead({ standIn, target }: DemoWorld, { plan, repo, head }: Push): Promise<void> {
  const { bare } = target;
  await mirrorSnapshot(standIn, { repo, bare, snapshot: head, known: target.files });
  const ref = { ref: `refs/heads/${plan.headRef}`, sha: head.commit };
  if (!plan.fromFork) {
    await setRef(bare, ref.ref, head.commit);
    await standIn.call("POST", `${repo}/git/refs`, ref);
    return;
  }
  const login = plan.author;
  const fork = `/repos/${login}/${standIn.name}`;
  await standIn.call("POST", `${repo}/forks`, {}, login);
  await mirrorSnapshot(standIn, { repo: fork, bare, snapshot: target, login });
  await mirrorSnapshot(standIn, { repo: fork, bare, snapshot: head, known: target.files, login });
  await standIn.call("POST", `${fork}/git/refs`, ref, login);
}

interface Alignment {
  readonly plan: PullPlan;
  readonly payload: Json;
  readonly repo: string;
  readonly repository: Json;
  readonly pull: Json;
}

/** The file's payload, with what the stand-in knows better. */
async function alignEvent({ standIn }: DemoWorld, { plan, payload, repo, repository, pull }: Alignment): Promise<DemoEvent> {
  const actor = loginAt(payload, "sender") ?? standIn.owner;
  const { number, title, body, created_at, updated_at, html_url } = pull;
  const aligned: Json = { ...payload, repository: { ...objectAt(payload, "repository"), ...repository } };
  if ("number" in payload) aligned["number"] = number;
  if ("pull_request" in payload) {
    const given = objectAt(payload, "pull_request");
    aligned["pull_request"] = { ...given, ...pull, state: given["state"] ?? pull["state"] };
  }
  if ("issue" in payload) aligned["issue"] = { ...objectAt(payload, "issue"), number, title, body, created_at, updated_at, html_url };
  if ("comment" in payload)
    aligned["comment"] = await say(standIn, { repo, pull, event: plan.eventName, comment: objectAt(payload, "comment") });
  if ("review" in payload) aligned["review"] = { ...objectAt(payload, "review"), submitted_at: updated_at };
  return { name: plan.eventName, payload: aligned, actor };
}

interface Saying {
  readonly repo: string;
  readonly pull: Json;
  readonly event: string;
  readonly comment: Json;
}

/** Writes the comment that the event is about. */
async function say(standIn: DemoWorld["standIn"], { repo, pull, event, comment }: Saying): Promise<Json> {
  const { body, path, line, side } = comment;
  const number = String(pull["number"]);
  const login = loginAt(comment, "user");
  const made = (
    event === "pull_request_review_comment"
      ? await standIn.call("POST", `${repo}/pulls/${number}/comments`, { body, path, line, side }, login)
      : await standIn.call("POST", `${repo}/issues/${number}/comments`, { body }, login)
  ) as Json;
  const { id, created_at, updated_at, html_url } = made;
  return { ...comment, id, created_at, updated_at, html_url };
}
