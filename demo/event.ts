import { readFile } from "node:fs/promises";
import type { DemoOptions } from "./options.ts";
import type { StandIn } from "./stand-in.ts";

type Json = Record<string, unknown>;

/** What the runner would hand to the action. */
export interface DemoEvent {
  readonly name: string;
  readonly payload: Json;
  readonly actor: string;
}

const MAX_NUMBER = 200;

/** The event the options ask for: a whole payload, a bare prompt, or a labelled issue (the default). */
export async function makeEvent(options: DemoOptions, standIn: StandIn, folder: string): Promise<DemoEvent> {
  if (options.event !== undefined) return readEvent(options.event, options.eventName, standIn);
  if (options.prompt !== undefined && options.issue === undefined) {
    const payload = {
      inputs: {},
      ref: "refs/heads/main",
      repository: repositoryOf(standIn),
      sender: { login: standIn.owner, type: "User", id: 1 },
    };
    return { name: "workflow_dispatch", payload, actor: standIn.owner };
  }
  const text = await readFile(options.issue ?? `${folder}/issue.md`, "utf8");
  const [title = "", ...rest] = text.split("\n");
  return labelIssue(standIn, title.trim(), rest.join("\n").trim());
}

async function labelIssue(standIn: StandIn, title: string, body: string): Promise<DemoEvent> {
  const issues = `/repos/${standIn.owner}/${standIn.name}/issues`;
  const issue = (await standIn.call("POST", issues, { title, body, labels: ["airlock"] })) as Json;
  const label = (issue["labels"] as Json[])[0];
  const sender = issue["user"];
  return { name: "issues", payload: { action: "labeled", issue, label, repository: repositoryOf(standIn), sender }, actor: standIn.owner };
}

/** A payload from a file. What it speaks of is made in the stand-in first, so that the numbers agree. */
async function readEvent(file: string, eventName: string | undefined, standIn: StandIn): Promise<DemoEvent> {
  const payload = JSON.parse(await readFile(file, "utf8")) as Json;
  const name = eventName ?? guessName(payload);
  const subject = (payload["issue"] ?? payload["pull_request"]) as Json | undefined;
  if (subject !== undefined && name !== "pull_request") await makeIssue(standIn, subject);
  const sender = payload["sender"] as Json | undefined;
  const actor = typeof sender?.["login"] === "string" ? sender["login"] : standIn.owner;
  return { name, payload: { ...payload, repository: { ...(payload["repository"] as Json | undefined), ...repositoryOf(standIn) } }, actor };
}

async function makeIssue(standIn: StandIn, subject: Json): Promise<void> {
  const number = Number(subject["number"]);
  if (!Number.isInteger(number) || number < 1 || number > MAX_NUMBER) return;
  const issues = `/repos/${standIn.owner}/${standIn.name}/issues`;
  for (let each = 1; each < number; each += 1) await standIn.call("POST", issues, { title: `Issue ${each}`, body: "" });
  const labels = Array.isArray(subject["labels"]) ? (subject["labels"] as Json[]).map((label) => label["name"]) : [];
  await standIn.call("POST", issues, { title: subject["title"], body: subject["body"] ?? "", labels });
}

/** The event's name, by the payload's shape. */
export function guessName(payload: Json): string {
  if ("comment" in payload && "issue" in payload) return "issue_comment";
  if ("comment" in payload && "pull_request" in payload) return "pull_request_review_comment";
  if ("review" in payload) return "pull_request_review";
  if ("pull_request" in payload) return "pull_request";
  if ("issue" in payload) return "issues";
  if ("workflow_run" in payload) return "workflow_run";
  if ("check_suite" in payload) return "check_suite";
  if ("client_payload" in payload) return "repository_dispatch";
  if ("schedule" in payload) return "schedule";
  if ("commits" in payload) return "push";
  return "workflow_dispatch";
}

function repositoryOf(standIn: StandIn): Json {
  const { owner, name } = standIn;
  return {
    full_name: `${owner}/${name}`,
    name,
    owner: { login: owner, type: "User" },
    default_branch: "main",
    private: false,
    fork: false,
  };
}
