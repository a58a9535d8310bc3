import { Buffer } from "node:buffer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DemoEvent } from "../../demo/event.ts";
import { type DemoWorld, OWNER } from "../../demo/job.ts";
import type { PullPlan } from "../../demo/pull-plan.ts";
import { readReviews } from "../../demo/show-review.ts";
import type { ActionResult } from "../support/runner/mini-runner.mjs";
import { EXAMPLES, readExample } from "../support/workflow/plan.ts";
import { CI_RUN, type ExampleRuns, type Happened, openExampleRuns } from "../support/workflow/run-example.ts";

type Json = Readonly<Record<string, unknown>>;

const JOB_TIMEOUT_MS = 5 * 60_000;
const DEPENDABOT = "dependabot[bot]";

const FIX = turnsOf("sed -i 's/5 + 23/5 + 32/' src/convert.js && npm test 2>&1 | tail -n 12");
const WRITE = turnsOf("printf '\\nWater boils at 212 F.\\n' >> README.md");
const FINDING = { path: "src/kelvin.js", line: 2, severity: "medium", category: "bug", claim: "It is 273.15, not 273." };
const REVIEW = turnsOf(`printf %s '${JSON.stringify({ summary: "Read.", findings: [FINDING] })}' > .airlock/review.json`);

function turnsOf(command: string): readonly object[] {
  return [{ text: "So.", tool: "Bash", input: { command, description: "Do it" } }, { text: "Done." }];
}

let runs: ExampleRuns;

beforeAll(async () => {
  runs = await openExampleRuns();
});
afterAll(() => runs[Symbol.asyncDispose]());

/** What an example's run has to end in. */
interface Ending {
  readonly outcome: "published" | "reviewed";
  /** Of the pull request that was published. Default `main`. */
  readonly base?: string;
  readonly draft?: boolean;
  /** Holds what the agent wrote, in the place of src/convert.js. */
  readonly file?: string;
}

interface Case extends Ending {
  readonly happen: () => Promise<Happened>;
}

const PUBLISHED = { outcome: "published" } as const;
const REVIEWED = { outcome: "reviewed" } as const;

function labelled(name: string, turns: readonly object[]): Promise<Happened> {
  return runs.happen(turns, async ({ standIn }, repository) => {
    const text = { title: "Water does not boil at 212", body: "It is 203 now.", labels: [name] };
    const issue = (await standIn.call("POST", `/repos/${OWNER}/demo/issues`, text)) as Json;
    return { name: "issues", actor: OWNER, payload: { action: "labeled", issue, label: { name }, repository, sender: issue["user"] } };
  });
}

function commentedOnIssue(body: string): Promise<Happened> {
  return runs.happen(FIX, async ({ standIn }, repository) => {
    const issues = `/repos/${OWNER}/demo/issues`;
    const issue = (await standIn.call("POST", issues, { title: "Water does not boil at 212", body: "It is 203 now." })) as Json;
    const comment = (await standIn.call("POST", `${issues}/${String(issue["number"])}/comments`, { body })) as Json;
    return { name: "issue_comment", actor: OWNER, payload: { action: "created", issue, comment, repository, sender: comment["user"] } };
  });
}

function timed(name: string, payload: Json): Promise<Happened> {
  return runs.happen(FIX, (_world, repository) => ({ name, actor: OWNER, payload: { ...payload, repository } }));
}

const FROM_FORK: Partial<PullPlan> = {
  author: "eve",
  fromFork: true,
  people: new Map([
    ["eve", false],
    ["maria", true],
  ]),
};
const FROM_BOT: Partial<PullPlan> = {
  title: "Bump left-pad from 1.0.0 to 2.0.0",
  author: DEPENDABOT,
  headRef: "dependabot/npm/left-pad-2.0.0",
  people: new Map([
    [DEPENDABOT, false],
    ["maria", true],
  ]),
};

/** `maria` comments on the pull request; GitHub fills in what it knows of both. */
function commentedOnPull(pull: Partial<PullPlan>, body: string, turns: readonly object[]): Promise<Happened> {
  const user = { login: pull.author ?? "maria", type: pull.author === DEPENDABOT ? "Bot" : "User" };
  const maria = { login: "maria", type: "User" };
  const issue = { number: 1, state: "open", labels: [], user, pull_request: { url: "x" } };
  const payload = { action: "created", issue, comment: { body, user: maria, author_association: "MEMBER" }, repository: {}, sender: maria };
  return runs.happenOn({ ...pull, eventName: "issue_comment", payload }, turns);
}

function commentedOnLine(body: string): Promise<Happened> {
  const maria = { login: "maria", type: "User" };
  const comment = { body, path: "src/kelvin.js", line: 2, side: "RIGHT", user: maria, author_association: "MEMBER" };
  const payload = { action: "created", comment, pull_request: { number: 1 }, repository: {}, sender: maria };
  return runs.happenOn({ eventName: "pull_request_review_comment", payload }, FIX);
}

function pulled(action: string): Promise<Happened> {
  return runs.happenOn({}, REVIEW, ({ name, payload }) => {
    const { label: _label, ...rest } = payload;
    return { name, actor: "maria", payload: { ...rest, action, sender: { login: "maria", type: "User" } } };
  });
}

/** CI failed on the pull request's branch, which was pushed by its author. */
function ciFailed(pull: Partial<PullPlan>): Promise<Happened> {
  return runs.happenOn(pull, FIX, ({ payload }): DemoEvent => {
    const { head, updated_at, number } = payload["pull_request"] as { head: Json; updated_at: string; number: number };
    const login = pull.author ?? "maria";
    const actor = { login, type: login === DEPENDABOT ? "Bot" : "User" };
    const workflowRun = {
      ...{ id: CI_RUN, name: "CI", conclusion: "failure", actor, triggering_actor: actor, updated_at },
      ...{ head_sha: head["sha"], head_branch: head["ref"], head_repository: head["repo"] },
      pull_requests: [{ number, head }],
    };
    const rest = { repository: payload["repository"], sender: actor };
    return { name: "workflow_run", actor: login, payload: { action: "completed", workflow_run: workflowRun, ...rest } };
  });
}

const ONTO_KELVIN = { ...PUBLISHED, base: "kelvin" };
const ONTO_BUMP = { ...PUBLISHED, base: "dependabot/npm/left-pad-2.0.0" };

/** By file: each event that it names, as `event action`, and what else is said of it after a comma. */
const CASES: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  "comment-command.yml": {
    "issue_comment created": { ...PUBLISHED, happen: () => commentedOnIssue("/airlock fix") },
    "issue_comment created, for a fork's review": { ...REVIEWED, happen: () => commentedOnPull(FROM_FORK, "/airlock review", REVIEW) },
    "pull_request_review_comment created": { ...ONTO_KELVIN, happen: () => commentedOnLine("/airlock fix") },
  },
  "dependency-bump.yml": {
    "workflow_run completed": { ...ONTO_BUMP, happen: () => ciFailed(FROM_BOT) },
    "issue_comment created": { ...ONTO_BUMP, happen: () => commentedOnPull(FROM_BOT, "/airlock fix", FIX) },
  },
  "docs.yml": {
    "issues labeled": { ...PUBLISHED, file: "README.md", happen: () => labelled("airlock:docs", WRITE) },
  },
  "failed-ci-fix.yml": {
    "workflow_run completed": { ...ONTO_KELVIN, happen: () => ciFailed({}) },
  },
  "fork-review-by-label.yml": {
    "pull_request_target labeled": {
      ...REVIEWED,
      happen: () => runs.happenOn({ ...FROM_FORK, eventName: "pull_request_target", labels: ["airlock"] }, REVIEW),
    },
  },
  "label-fix.yml": {
    "issues labeled": { ...PUBLISHED, happen: () => labelled("airlock", FIX) },
  },
  "nightly-upkeep.yml": {
    schedule: { ...PUBLISHED, draft: true, happen: () => timed("schedule", { schedule: "17 3 * * 1-5" }) },
    workflow_dispatch: {
      ...PUBLISHED,
      draft: true,
      happen: () => timed("workflow_dispatch", { inputs: null, ref: "refs/heads/main", sender: { login: OWNER, type: "User" } }),
    },
  },
  "pull-request-review.yml": {
    "pull_request opened": { ...REVIEWED, happen: () => pulled("opened") },
    "pull_request reopened": { ...REVIEWED, happen: () => pulled("reopened") },
    "pull_request ready_for_review": { ...REVIEWED, happen: () => pulled("ready_for_review") },
    "pull_request synchronize": { ...REVIEWED, happen: () => pulled("synchronize") },
    "issue_comment created": { ...REVIEWED, happen: () => commentedOnPull(FROM_FORK, "/airlock review", REVIEW) },
  },
};

async function expectPublished(world: DemoWorld, { outputs }: ActionResult, ending: Ending): Promise<void> {
  const { base = "main", draft = false, file = "src/convert.js" } = ending;
  const repo = `/repos/${OWNER}/demo`;
  const pull = (await world.standIn.call("GET", `${repo}/pulls/${outputs["pull-request-number"]}`)) as { head: { ref: string } };
  expect(pull).toMatchObject({ state: "open", draft, base: { ref: base } });
  const held = (await world.standIn.call("GET", `${repo}/contents/${file}?ref=${encodeURIComponent(pull.head.ref)}`)) as {
    content: string;
  };
  expect(Buffer.from(held.content, "base64").toString()).toMatch(/5 \+ 32;|boils at 212/);
}

async function expectReviewed(world: DemoWorld): Promise<void> {
  const { reviews, comments, checkRuns } = await readReviews(world, 1);
  expect(reviews).toMatchObject([{ commit_id: world.target.head?.commit }]);
  expect(comments).toMatchObject([{ path: FINDING.path, line: FINDING.line }]);
  expect(checkRuns).toMatchObject([{ name: "Airlock review", head_sha: world.target.head?.commit }]);
}

describe.each(EXAMPLES)("%s", (name) => {
  const cases = Object.entries(CASES[name] ?? {});

  test("names no event that is not tried here", () => {
    const events = Object.entries(readExample(name).on).flatMap(([event, on]) =>
      on?.types === undefined ? [event] : on.types.map((type) => `${event} ${type}`),
    );
    expect([...new Set(cases.map(([event]) => event.split(",")[0]))]).toEqual(events);
  });

  test.each(cases)("on %s ends as it promises", { timeout: JOB_TIMEOUT_MS }, async (_event, { happen, ...ending }) => {
    const happened = await happen();
    const result = await runs.run(name, happened);
    expect(result.outputs, result.stdout).toMatchObject({ outcome: ending.outcome, conclusion: "success", agent: "claude-code" });
    expect(happened.front.refused).toEqual([]);
    if (ending.outcome === "reviewed") await expectReviewed(happened.world);
    else await expectPublished(happened.world, result, ending);
  });
});
