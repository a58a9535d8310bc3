import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { readEventFacts } from "../../../../src/domain/trigger/event.ts";
import { EVENTS, matchEvent } from "../../../../src/domain/trigger/match.ts";
import { readTrigger } from "../../../../src/stages/trigger/trigger.ts";
import { openFakeRunner, settingsOf } from "../../../support/forge/fake-event.ts";
import { openFakeForge } from "../../../support/forge/fake-forge.ts";

/** The package is one JSON file; its types describe it as a module that it is not. */
const examples = createRequire(import.meta.url)("@octokit/webhooks-examples") as readonly {
  readonly name: string;
  readonly examples: readonly Readonly<Record<string, unknown>>[];
}[];

interface Example {
  readonly name: string;
  readonly index: number;
  readonly payload: Readonly<Record<string, unknown>>;
}

const ALL: readonly Example[] = examples.flatMap(({ name, examples: payloads }) =>
  payloads.map((payload, index) => ({ name, index, payload: { ...payload } })),
);

/** A workflow that listens to everything and uses a label and a phrase that occur in the payloads. */
const SETTINGS = settingsOf({ prompt: "Tidy up.", trigger: { label: "bug", phrase: "You", allowedBots: [] } });

/** Outcome of every event with its action: `mode target` when it asks for a run, the start of the reason when not. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  "check_suite completed": ["The checks ended with `success`, so there is nothing to fix."],
  "check_suite requested": ["`check_suite` with action `requested` does not start a run."],
  "check_suite rerequested": ["`check_suite` with action `rerequested` does not start a run."],
  "issue_comment created": [
    "help issue",
    "The issue or pull request is closed.",
    "No line of the comment begins with `You` outside quotes and code.",
  ],
  "issue_comment deleted": ["`issue_comment` with action `deleted` does not start a run."],
  "issue_comment edited": ["`issue_comment` with action `edited` does not start a run."],
  "issues labeled": ["fix issue", "Label `"],
  "issues assigned": ["`assigned` starts a run only when"],
  "issues opened": ["The new issue has no line that begins with `You`"],
  "pull_request labeled": ["review pull-request", "The payload holds no", "Label `"],
  "pull_request opened": ["review pull-request"],
  "pull_request synchronize": ["review pull-request"],
  "pull_request ready_for_review": ["review pull-request"],
  "pull_request reopened": ["review pull-request"],
  "pull_request assigned": ["`assigned` starts a run only when"],
  "pull_request review_requested": ["`review_requested` starts a run only when"],
  "pull_request_review submitted": ["No line of the comment begins with"],
  "pull_request_review dismissed": ["`pull_request_review` with action `dismissed`"],
  "pull_request_review_comment created": ["No line of the comment begins with"],
  "push none": ["task repository", "The push removed its ref."],
  "repository_dispatch on-demand-test": ["task repository"],
  "workflow_dispatch none": ["task repository"],
  "workflow_run completed": ["The checks ended with", "fix repository", "fix pull-request"],
  "workflow_run requested": ["`workflow_run` with action `requested` does not start a run."],
};

function outcomeOf(example: Example): string {
  const match = matchEvent(readEventFacts(example.name, example.payload), SETTINGS);
  return "skip" in match ? match.skip : `${match.command ?? match.mode} ${match.target.kind}`;
}

function keyOf({ name, payload }: Example): string {
  return `${name} ${typeof payload.action === "string" ? payload.action : "none"}`;
}

describe("every payload of GitHub's own examples", () => {
  test.each(ALL.map((example) => ({ ...example, key: keyOf(example) })))("$key (example $index) comes out as expected", (example) => {
    const outcome = outcomeOf(example);
    const expected = EXPECTED[example.key] ?? [
      `\`${example.name}\` with action`,
      "The issue or pull request is closed.",
      `Event \`${example.name}\``,
    ];
    expect(
      expected.some((start) => outcome.startsWith(start)),
      outcome,
    ).toBe(true);
  });

  test("an example of an event we do not act on is skipped by its name", () => {
    for (const example of ALL.filter(({ name }) => !EVENTS.includes(name)))
      expect(outcomeOf(example)).toContain("is not one that starts a run");
  });

  test("GitHub's examples ask for a run where they should: each kind of run occurs", () => {
    const outcomes = new Set(ALL.map(outcomeOf));
    for (const kind of ["fix issue", "review pull-request", "task repository"]) expect(outcomes).toContain(kind);
  });

  test("an example is judged without a throw when any one of its fields is missing or of another type", async () => {
    const forge = openFakeForge();
    for (const { name, payload } of ALL.filter((example) => EVENTS.includes(example.name))) {
      for (const field of Object.keys(payload)) {
        for (const value of [undefined, null, 7, "x", [], { login: 5, number: "1", head: null }]) {
          const broken = { ...payload, [field]: value };
          const admission = await readTrigger({ runner: openFakeRunner({ name, payload: broken }), forge, settings: SETTINGS });
          expect(typeof admission.admitted).toBe("boolean");
        }
      }
    }
  });

  test.each([undefined, null, 5, "text", [], {}, { action: {} }, { issue: { number: -1 } }, Object.create({ action: "labeled" })])(
    "is not %j, which is skipped",
    async (payload) => {
      for (const name of [...EVENTS, "__proto__", "constructor", ""]) {
        if (["schedule", "push", "workflow_dispatch", "repository_dispatch"].includes(name)) continue;
        const admission = await readTrigger({ runner: openFakeRunner({ name, payload }), forge: openFakeForge(), settings: SETTINGS });
        expect(admission).toMatchObject({ admitted: false, word: "skipped", reason: expect.stringMatching(/\S/) });
      }
    },
  );
});
