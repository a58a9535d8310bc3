import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { EXAMPLES, type PlannedJob, planRun, type WorkflowEvent } from "./support/workflow/plan.ts";

const REPOSITORY = "acme/rocket";
const KEY = "sk-of-the-repository";
const CIRCUMSTANCES = { repository: REPOSITORY, secrets: { ANTHROPIC_API_KEY: KEY } };
const REVIEW = "pull-request-review.yml";
const BY_LABEL = "fork-review-by-label.yml";
const BUMP = "dependency-bump.yml";
/** What labelling bots, people and Airlock itself put on, and Airlock's own label with a profile that no example has. */
const OTHER_LABELS = ["bug", "size/M", "airlock:working", "airlock:held", "airlock-docs"];

function plan(file: string, event: WorkflowEvent): readonly PlannedJob[] {
  const planned = planRun(file, event, { ...CIRCUMSTANCES, allowed: ["pull_request_target"] });
  if ("blocked" in planned) throw new Error(planned.blocked);
  return planned.jobs;
}

interface Pull {
  readonly action: string;
  readonly name?: string;
  readonly actor?: string;
  readonly from?: string;
  readonly author?: string;
  readonly label?: string;
  /** A comment on a line. */
  readonly body?: string;
}

function pull({ action, name = "pull_request", actor = "maria", from = REPOSITORY, author = "maria", label, body }: Pull): WorkflowEvent {
  const head = { ref: "topic", repo: { full_name: from } };
  const labelled = label === undefined ? {} : { label: { name: label } };
  const comment = body === undefined ? {} : { comment: { body, author_association: "MEMBER" } };
  return { name, actor, payload: { action, pull_request: { number: 8, user: { login: author }, head }, ...labelled, ...comment } };
}

interface Said {
  readonly on?: "issue" | "pull request";
  readonly author?: string;
  readonly association?: string;
}

function said(body: string, { on = "pull request", author = "eve", association = "MEMBER" }: Said = {}): WorkflowEvent {
  const issue = { number: 8, user: { login: author }, ...(on === "issue" ? {} : { pull_request: { url: "x" } }) };
  const payload = { action: "created", issue, comment: { body, author_association: association } };
  return { name: "issue_comment", actor: association === "NONE" ? "eve" : "maria", payload };
}

function ciEnded(actor: string, conclusion = "failure"): WorkflowEvent {
  const run = { name: "CI", conclusion, head_branch: "dependabot/npm/left-pad-2", actor: { login: actor } };
  return { name: "workflow_run", actor, payload: { action: "completed", workflow_run: run } };
}

/** Whatever a later event makes of a job that runs: it may start one of its own, and leaves this one alone. */
function expectSpared(running: PlannedJob, later: readonly PlannedJob[]): void {
  for (const { group, cancels } of later) expect(cancels && group === running.group).toBe(false);
}

function only(jobs: readonly PlannedJob[]): PlannedJob {
  expect(jobs).toHaveLength(1);
  return jobs[0] as PlannedJob;
}

describe("A label", () => {
  const labelled = (file: string, label: string): readonly PlannedJob[] => [
    ...plan(file, { name: "issues", actor: "maria", payload: { action: "labeled", issue: { number: 8 }, label: { name: label } } }),
    ...plan(file, pull({ action: "labeled", label })),
    ...plan(file, pull({ action: "labeled", label, from: "eve/rocket" })),
    ...plan(file, pull({ name: "pull_request_target", action: "labeled", label, from: "eve/rocket" })),
  ];

  test.each(EXAMPLES)("that is not the one %s asks for starts no job and cancels none", (file) => {
    for (const label of OTHER_LABELS) expect(labelled(file, label).filter(({ runs, cancels }) => runs || cancels)).toEqual([]);
  });

  test.each([
    ["label-fix.yml", "airlock"],
    ["docs.yml", "airlock:docs"],
    [BY_LABEL, "airlock"],
  ])("that %s asks for starts one job, with the key", (file, label) => {
    const jobs = labelled(file, label).filter(({ runs }) => runs);
    expect(jobs.length).toBeGreaterThan(0);
    for (const { inputs } of jobs) expect(inputs["anthropic-api-key"]).toBe(KEY);
  });
});

describe("A review that runs", () => {
  const open = (): PlannedJob => only(plan(REVIEW, pull({ action: "opened" })));

  test("was started with the key by the pull request of a branch of this repository", () => {
    expect(open()).toMatchObject({ runs: true, inputs: { mode: "review", "anthropic-api-key": KEY } });
  });

  test("is cancelled by the next push to the branch, which starts one of its own", () => {
    expect(only(plan(REVIEW, pull({ action: "synchronize" })))).toMatchObject({ runs: true, cancels: true, group: open().group });
  });

  test.each(OTHER_LABELS)("is not cancelled by the label %s", (label) => {
    expectSpared(open(), plan(REVIEW, pull({ action: "labeled", label })));
  });

  test.each(["/airlock review", "Nice work.", "/airlock stop"])("is not cancelled by a stranger's comment %s", (body) => {
    expectSpared(open(), plan(REVIEW, said(body, { association: "NONE" })));
  });

  test("of a comment is not pushed out or cancelled by a stranger who asks too", () => {
    const asked = only(plan(REVIEW, said("/airlock review")));
    const stranger = only(plan(REVIEW, said("/airlock review", { association: "NONE" })));
    expect(stranger.group).not.toBe(asked.group);
    expectSpared(asked, [stranger]);
  });
});

describe("A fork's pull request", () => {
  const from = "eve/rocket";

  test("starts no job by itself, where it would have no key", () => {
    const { runs, inputs } = only(plan(REVIEW, pull({ action: "opened", from, actor: "eve", author: "eve" })));
    expect(runs).toBe(false);
    expect(inputs["anthropic-api-key"]).toBe("");
  });

  test("starts a job with the key when somebody comments /airlock review", () => {
    const { runs, inputs } = only(plan(REVIEW, said("Thanks!\n\n/airlock review")));
    expect(runs).toBe(true);
    expect(inputs["anthropic-api-key"]).toBe(KEY);
  });

  test("needs a pull request: the comment on an issue starts no job", () => {
    expect(only(plan(REVIEW, said("/airlock review", { on: "issue" }))).runs).toBe(false);
  });

  test("is not reviewed by label in a public repository, unless an administrator allows the event", () => {
    const event = pull({ name: "pull_request_target", action: "labeled", label: "airlock", from, author: "eve" });
    expect(planRun(BY_LABEL, event, CIRCUMSTANCES)).toEqual({
      blocked: `Event 'pull_request_target' is not allowed to trigger Actions workflows. Workflow file: '.github/workflows/${BY_LABEL}'.`,
    });
    expect(only(plan(BY_LABEL, event)).runs).toBe(true);
  });

  test("is spoken of in GitHub's words in docs/errors.md and docs/how-to/reviews.md", () => {
    const words = "Event 'pull_request_target' is not allowed to trigger Actions workflows";
    for (const page of ["errors.md", "how-to/reviews.md"])
      expect(readFileSync(new URL(`../docs/${page}`, import.meta.url), "utf8")).toContain(words);
  });
});

describe("GitHub's default policy", () => {
  test.each(EXAMPLES.filter((file) => file !== BY_LABEL))("blocks nothing of %s", (file) => {
    for (const action of ["opened", "synchronize", "labeled"])
      expect(planRun(file, pull({ name: "pull_request_target", action, label: "airlock" }), CIRCUMSTANCES)).toEqual({ jobs: [] });
  });
});

describe("A pull request of Dependabot", () => {
  const bot = "dependabot[bot]";

  test.each([
    ["CI failed on its branch", ciEnded(bot)],
    ["somebody comments /airlock fix", said("/airlock fix", { author: bot })],
  ])("starts a job that has the key when %s", (_when, event) => {
    const { runs, inputs } = only(plan(BUMP, event));
    expect(runs).toBe(true);
    expect(inputs).toMatchObject({ mode: "fix", "anthropic-api-key": KEY });
  });

  test.each([
    ["CI passed", ciEnded(bot, "success")],
    ["CI failed for a person", ciEnded("maria")],
    ["somebody comments something else", said("Looks good.", { author: bot })],
    ["somebody comments /airlock fix on a person's pull request", said("/airlock fix", { author: "maria" })],
  ])("starts none when %s", (_when, event) => {
    expect(only(plan(BUMP, event)).runs).toBe(false);
  });
});

describe("An event that has no key", () => {
  const names = ["pull_request", "pull_request_target", "pull_request_review_comment"];
  const actions = ["opened", "synchronize", "labeled", "created"];
  const people = {
    fork: { from: "eve/rocket", author: "eve", body: "/airlock review" },
    bot: { actor: "dependabot[bot]", author: "dependabot[bot]" },
  };
  const events = Object.values(people).flatMap((who) =>
    names.flatMap((name) => actions.map((action) => pull({ ...who, name, action, label: "airlock" }))),
  );

  test.each(EXAMPLES)("starts no job of %s", (file) => {
    const jobs = events.flatMap((event) => plan(file, event));
    expect(jobs.filter(({ runs, inputs }) => runs && inputs["anthropic-api-key"] === "")).toEqual([]);
  });
});
