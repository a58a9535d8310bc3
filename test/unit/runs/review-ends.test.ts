import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AirlockError } from "../../../src/domain/errors.ts";
import { openClock } from "../../support/clock.ts";
import { leave, openReviewBench, type ReviewBench } from "../../support/forge/review-bench.ts";
import {
  atCommand,
  type Change,
  LONG,
  openEndingProvider,
  type Scene,
  whilePlanted,
  whileReplanted,
} from "../../support/runner/ending-runs.ts";

const TEST_MS = 60_000;
const LIMIT_MS = 30 * 60_000;
const RUN = { repository: "acme/rocket", runId: "51", attempt: 1 };

const SHOWN = { path: "src/server.js", line: 1, severity: "high", category: "bug", claim: "It is wrong." };
const REVIEW = {
  summary: "One hole.",
  findings: [{ ...SHOWN, evidence: { command: LONG, output: "never", exitCode: 0 } }],
  ran: [],
  unchecked: [],
};

const SCENES: readonly (Scene & { readonly name: string })[] = [
  { name: "while the second sandbox is made", purpose: "evidence" },
  { name: "while the base is planted", purpose: "evidence", change: whilePlanted },
  { name: "while the head takes the base's place", purpose: "evidence", change: whileReplanted },
  { name: "while the evidence runs again", purpose: "evidence", change: atCommand },
];

let bench: ReviewBench;
beforeEach(async () => {
  bench = await openReviewBench({ pull: { title: "A change", edits: { "src/server.js": "export const zero = 1 / 0;\n" } } });
});
afterEach(() => bench[Symbol.asyncDispose]());

describe("B2: a review", { timeout: TEST_MS }, () => {
  test.each(SCENES)("I7, I20: a review that is cancelled $name ends at once, and is not published", async (scene) => {
    const cancel = new AbortController();
    const reason = new AirlockError("run.cancelled", { message: "The job was cancelled.", remedy: "Start it again." });
    const provider = openEndingProvider(scene, () => cancel.abort(reason));
    const result = await bench.run({ agent: leave(REVIEW), provider, cancelled: cancel.signal, runId: RUN.runId });
    expect(result.outcome, result.warnings.join()).toMatchObject({ word: "cancelled", reason: reason.message });
    expect(result.record.stageRuns.at(-1)).toMatchObject({ stage: "verify", result: "failed" });
    expect([bench.github.reviews, bench.github.checks]).toEqual([[], []]);
    expect(await provider.findByRun(RUN)).toEqual([]);
  });

  test.each(SCENES)("whose time is up $name is published, without what could not be shown any more", async (scene) => {
    const clock = openClock();
    const provider = openEndingProvider(scene, () => clock.pass(LIMIT_MS));
    const settings = { limits: { timeoutMs: LIMIT_MS } };
    const result = await bench.run({ agent: leave(REVIEW), provider, clock, settings, runId: RUN.runId });
    expect(result.outcome, result.warnings.join()).toMatchObject({ word: "reviewed" });
    expect(bench.github.comments).toEqual([]);
    expect(result.record.notes["review"]).toMatchObject({ dropped: { unproved: 1 } });
    expect(await provider.findByRun(RUN)).toEqual([]);
  });

  test("whose time is up keeps what was shown before", async () => {
    const clock = openClock();
    const atLong: Change = (sandbox, end) => ({
      exec: (command) => {
        if (command.argv.includes(LONG)) end();
        return sandbox.exec(command);
      },
    });
    const provider = openEndingProvider({ purpose: "evidence", change: atLong }, () => clock.pass(LIMIT_MS));
    const held = {
      ...SHOWN,
      category: "tests",
      claim: "Nothing tests it.",
      evidence: { command: "echo none", output: "none", exitCode: 0 },
    };
    const agent = leave({ ...REVIEW, findings: [held, ...REVIEW.findings] });
    const result = await bench.run({ agent, provider, clock, settings: { limits: { timeoutMs: LIMIT_MS } } });
    expect(result.outcome, result.warnings.join()).toMatchObject({ word: "reviewed" });
    expect(bench.github.comments.map(({ body }) => body)).toEqual([expect.stringContaining("Nothing tests it.")]);
    expect(result.record.notes["review"]).toMatchObject({ dropped: { unproved: 1 } });
  });
});
