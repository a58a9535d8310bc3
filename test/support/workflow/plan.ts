import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { type Contexts, interpolate, isTrue, toText } from "./expression.ts";
import type { Permissions } from "./permissions.ts";

type Json = Readonly<Record<string, unknown>>;

export interface WorkflowEvent {
  readonly name: string;
  readonly payload: Json;
  readonly actor: string;
}

export interface Job {
  readonly if?: string;
  readonly "timeout-minutes": number;
  readonly permissions: Permissions;
  readonly concurrency: { readonly group: string; readonly "cancel-in-progress": boolean | string };
  readonly steps: readonly { readonly uses?: string; readonly run?: string; readonly with?: Readonly<Record<string, unknown>> }[];
}

export interface Workflow {
  readonly on: Readonly<Record<string, { readonly types?: readonly string[]; readonly workflows?: readonly string[] } | null>>;
  readonly permissions: Permissions;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** What GitHub makes of a job when an event comes. */
export interface PlannedJob {
  /** False: it is skipped. */
  readonly runs: boolean;
  readonly group: string;
  /** A job of the same group that runs is cancelled. */
  readonly cancels: boolean;
  readonly permissions: Permissions;
  /** The step's inputs as the action gets them. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** Why nothing runs, in GitHub's words, or the jobs; none of them where the event is not one of the workflow's. */
export type Plan = { readonly blocked: string } | { readonly jobs: readonly PlannedJob[] };

export interface Circumstances {
  readonly repository: string;
  readonly secrets: Readonly<Record<string, string>>;
  /** Events that an administrator's policy allows this file. Default: GitHub's own policy for public repositories holds. */
  readonly allowed?: readonly string[];
}

const FOLDER = new URL("../../../examples/", import.meta.url);
export const EXAMPLES: readonly string[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".yml"))
  .toSorted();

export function readExampleText(name: string): string {
  return readFileSync(new URL(name, FOLDER), "utf8");
}

export function readExample(name: string): Workflow {
  return parse(readExampleText(name)) as Workflow;
}

/** Activity types where a workflow names none (docs.github.com, "Events that trigger workflows"). */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  pull_request: ["opened", "synchronize", "reopened"],
  pull_request_target: ["opened", "synchronize", "reopened"],
};

/** Decides what a workflow does with an event, by GitHub's documented rules. */
export function planRun(name: string, event: WorkflowEvent, circumstances: Circumstances): Plan {
  const workflow = readExample(name);
  if (!isAsked(workflow, event)) return { jobs: [] };
  if (event.name === "pull_request_target" && circumstances.allowed?.includes(event.name) !== true)
    return { blocked: `Event '${event.name}' is not allowed to trigger Actions workflows. Workflow file: '.github/workflows/${name}'.` };
  const { repository, secrets } = circumstances;
  const github = { event: event.payload, event_name: event.name, actor: event.actor, repository };
  const contexts = { github, secrets: isWithoutSecrets(event, repository) ? {} : secrets };
  return { jobs: Object.values(workflow.jobs).map((job) => planJob(job, contexts)) };
}

function isAsked({ on }: Workflow, { name, payload }: WorkflowEvent): boolean {
  if (!Object.hasOwn(on, name)) return false;
  const { types = TYPES[name], workflows } = on[name] ?? {};
  const isType = types === undefined || types.includes(String(payload["action"]));
  return isType && (workflows === undefined || workflows.includes(String(at(payload, "workflow_run", "name"))));
}

function planJob(job: Job, contexts: Contexts): PlannedJob {
  const { group, "cancel-in-progress": cancels } = job.concurrency;
  const given = Object.entries(job.steps[0]?.with ?? {});
  return {
    runs: job.if === undefined || isTrue(job.if, contexts),
    group: toText(interpolate(group, contexts)),
    cancels: typeof cancels === "boolean" ? cancels : interpolate(cancels, contexts) === true,
    permissions: job.permissions,
    inputs: Object.fromEntries(given.map(([input, value]) => [input, toText(interpolate(String(value), contexts))])),
  };
}

/** Where Dependabot, or a pull request from a fork, gets no secret and a token that may only read. */
const OF_PULL_REQUESTS = ["pull_request", "pull_request_review", "pull_request_review_comment"];
const OF_DEPENDABOT = [...OF_PULL_REQUESTS, "push", "create", "deployment", "deployment_status"];
const DEPENDABOT = "dependabot[bot]";

/** docs.github.com, "Troubleshooting Dependabot on GitHub Actions" and "Events that trigger workflows". */
function isWithoutSecrets({ name, payload, actor }: WorkflowEvent, repository: string): boolean {
  const isFork = at(payload, "pull_request", "head", "repo", "full_name") !== repository;
  if (OF_PULL_REQUESTS.includes(name) && isFork) return true;
  if (actor !== DEPENDABOT) return false;
  const isOwn = at(payload, "pull_request", "user", "login") === DEPENDABOT;
  return OF_DEPENDABOT.includes(name) || (name === "pull_request_target" && isOwn);
}

function at(payload: Json, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (value as Json | null | undefined)?.[name], payload);
}
