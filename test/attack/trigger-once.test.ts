import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { renderLock } from "../../src/domain/trigger/state.ts";
import { acknowledge, conclude } from "../../src/stages/claim/acknowledge.ts";
import { throwIfStopRequested, watchForStop } from "../../src/stages/claim/still-wanted.ts";
import { commented, labeled, NOW_MS, openFakeRunner, runFactsOf } from "../support/forge/fake-event.ts";
import type { FakeForge } from "../support/forge/fake-forge.ts";
import { admitted, openTarget, openWorld, SETTINGS, type Target } from "../support/forge/triggered.ts";
import type { JobResult } from "../support/runner/run-job.ts";

const TIMEOUT_MS = 180_000;

let target: Target;
beforeEach(() => {
  target = openTarget();
});
afterEach(() => target[Symbol.dispose]());

describe("I17, P6: one run per target", { timeout: TIMEOUT_MS }, () => {
  /** The words of the runs that made or skipped exactly one pull request with one commit and one comment. */
  function wordsOf(...results: readonly JobResult[]): readonly string[] {
    const { pullRequests, comments } = target.forge.state;
    expect(pullRequests).toHaveLength(1);
    expect(comments.get(7)).toHaveLength(1);
    expect(comments.get(7)?.[0]?.body).toContain("#100");
    return results.map(({ outcome }) => outcome.word);
  }

  test("two labels within five seconds make one pull request, when the runs follow each other", async () => {
    const first = await target.run({ run: { runId: "1" } });
    const second = await target.run({ run: { runId: "2" } });
    expect(wordsOf(first, second)).toEqual(["published", "skipped"]);
    expect(second.sandboxes).toEqual([]);
  });

  test("two labels within five seconds make one pull request, when the runs overlap", async () => {
    const results = await Promise.all([target.run({ run: { runId: "1" } }), target.run({ run: { runId: "2" } })]);
    expect(wordsOf(...results).toSorted()).toEqual(["published", "skipped"]);
    expect(results.flatMap(({ sandboxes }) => sandboxes)).toEqual(["agent"]);
    expect(target.forge.state.commits).toHaveLength(1);
  });

  test("a run that starts while another is at work steps back", async () => {
    const inner: JobResult[] = [];
    const again = async (): Promise<void> => {
      await target.forge.addLabels(7, ["airlock"]);
      inner.push(await target.run({ run: { runId: "2" } }));
    };
    const outer = await target.run({ run: { runId: "1" }, at: { gate: again } });
    expect(wordsOf(outer, ...inner)).toEqual(["published", "skipped"]);
    expect(inner[0]?.sandboxes).toEqual([]);
  });

  test("a re-run takes its own target over and updates the same pull request", async () => {
    const first = await target.run({ run: { runId: "1", attempt: 1 } });
    const second = await target.run({ run: { runId: "1", attempt: 2 } });
    expect(wordsOf(first, second)).toEqual(["published", "updated"]);
  });
});

describe("P6: the lock on a target", () => {
  async function claims(forge: FakeForge, runId: string): Promise<boolean> {
    const trigger = await admitted(labeled(), forge);
    const { log } = openFakeRunner(labeled());
    const run = runFactsOf({ runId });
    return (await acknowledge({ forge, trigger, settings: SETTINGS, log, run, now: () => NOW_MS, settleMs: 1 })).claimed;
  }

  test("of a run at work keeps another out; of a crashed one only until its time is up", async () => {
    for (const [untilMs, claimed] of [
      [NOW_MS + 1, false],
      [NOW_MS - 1, true],
    ] as const) {
      const forge = openWorld();
      const lock = renderLock({ runId: "1", attempt: 1, untilMs });
      forge.addComment(7, { author: "github-actions[bot]", body: `<!-- airlock:tracking -->\n${lock}` });
      expect(await claims(forge, "2")).toBe(claimed);
    }
  });

  test("goes with a run that was refused after it had taken it, and the issue says why", async () => {
    using refused = openTarget();
    const { forge } = refused;
    const change = (): void => void Object.assign(forge.state.issues.get(7) ?? {}, { body: "Mend all." });
    expect((await refused.run({ at: { task: change } })).outcome.word).toBe("refused");
    expect(forge.state.comments.get(7)?.map(({ body }) => body)).toEqual([
      expect.stringMatching(/did not start.*changed[\s\S]*What to do/),
    ]);
    await forge.addLabels(7, ["airlock"]);
    expect(await claims(forge, "2")).toBe(true);
  });

  test("is not a stranger's comment that looks like one", async () => {
    const forge = openWorld();
    const lock = renderLock({ runId: "1", attempt: 1, untilMs: NOW_MS + 1_000_000 });
    forge.addComment(7, { author: "eve", body: `<!-- airlock:tracking -->\n${lock}` });
    expect(await claims(forge, "2")).toBe(true);
  });
});

describe("the signs a target shows", { timeout: TIMEOUT_MS }, () => {
  test("eyes and the working label at once, a rocket and no label at the end", async () => {
    const { forge } = target;
    const during: string[][] = [];
    await target.run({ at: { agent: () => void during.push([...(forge.state.issues.get(7)?.labels ?? [])]) } });
    expect(during).toEqual([["airlock:working"]]);
    expect(forge.state.issues.get(7)?.labels).toEqual([]);
    expect(forge.state.reactions).toEqual([
      { target: "issue:7", reaction: "eyes" },
      { target: "issue:7", reaction: "rocket" },
    ]);
  });

  test("a comment's own reactions, and `held` when it went wrong", async () => {
    const forge = openWorld();
    const trigger = await admitted(commented("/airlock fix", { id: 42 }), forge);
    const { log } = openFakeRunner(labeled());
    await acknowledge({ forge, trigger, settings: SETTINGS, log });
    await conclude({ forge, trigger, settings: SETTINGS, log, outcome: "held" });
    expect(forge.state.reactions).toEqual([
      { target: "issue-comment:42", reaction: "eyes" },
      { target: "issue-comment:42", reaction: "confused" },
    ]);
    expect(forge.state.issues.get(7)?.labels).toEqual(["airlock", "airlock:held"]);
  });

  test("that GitHub refuses are warnings, and the run goes on", async () => {
    for (const method of ["react", "addLabels", "removeLabel", "putComment"] as const) target.forge.fail(method);
    const { outcome, warnings } = await target.run();
    expect(outcome.word).toBe("published");
    expect(warnings.length).toBeGreaterThan(3);
  });

  test("and a watch that ends the agent when the run is not wanted any more", async () => {
    const forge = openWorld();
    const trigger = await admitted(labeled(), forge);
    using watch = watchForStop({ forge, trigger, settings: SETTINGS, working: false, intervalMs: 5 });
    const stopped = new Promise((resolve) => watch.signal.addEventListener("abort", resolve));
    forge.addIssue({ number: 7, state: "closed" });
    await stopped;
    expect(watch.signal.reason).toMatchObject({ code: "run.cancelled" });
    await expect(throwIfStopRequested({ forge, trigger, settings: SETTINGS, working: false })).rejects.toMatchObject({
      code: "run.cancelled",
    });
  });
});
