import { describe, expect, test } from "vitest";
import type { Settings } from "../../src/domain/settings.ts";
import type { Admission, Trigger } from "../../src/domain/task.ts";
import type { RunnerFacts } from "../../src/ports/runner.ts";
import { readTask } from "../../src/stages/task/task.ts";
import { readTrigger } from "../../src/stages/trigger/trigger.ts";
import { NOW_MS, openFakeRunner, runFactsOf, settingsOf, user } from "../support/forge/fake-event.ts";
import { type FakeForge, openFakeForge } from "../support/forge/fake-forge.ts";
import { openTarget } from "../support/forge/triggered.ts";

const PAYLOAD = { schedule: "0 4 * * 1", repository: { id: 1 }, workflow: ".github/workflows/nightly.yml" };
const NIGHTLY = { name: "schedule", payload: PAYLOAD };
const SETTINGS = settingsOf({ prompt: "Mend one flaky test." });

interface Case {
  readonly event?: { readonly name: string; readonly payload: unknown };
  readonly forge?: FakeForge;
  readonly settings?: Settings;
  readonly run?: Partial<RunnerFacts>;
}

async function judge({ event = NIGHTLY, forge = openFakeForge(), settings = SETTINGS, run = {} }: Case): Promise<Admission> {
  return await readTrigger({ runner: openFakeRunner(event, run), forge, settings, now: () => NOW_MS });
}

async function admitted(given: Case): Promise<Trigger> {
  const admission = await judge(given);
  if (!admission.admitted) throw new Error(admission.reason);
  return admission.trigger;
}

const by = (login: string, attempt = 1, again = login): Partial<RunnerFacts> => ({ actor: login, triggeringActor: again, attempt });

describe("I8: a schedule has no actor", () => {
  test.each(["github-merge-queue[bot]", "github-actions[bot]", "renovate[bot]", "gone-from-here", "eve", "maria", ""])(
    "whoever GitHub names, here %j, is not judged and not asked about",
    async (login) => {
      const forge = openFakeForge();
      forge.fail("readPermission");
      const trigger = await admitted({ forge, run: by(login) });
      expect(trigger).toMatchObject({ event: "schedule", mode: "task", actor: "", actors: [], target: { kind: "repository" } });
      expect(forge.calls).toEqual([]);
    },
  );

  test("a re-run has one: who pressed the button", async () => {
    const bot = "github-merge-queue[bot]";
    expect(await admitted({ run: by(bot, 2, "maria") })).toMatchObject({ actor: "maria", actors: ["maria"] });
    for (const again of ["eve", "renovate[bot]", "github-actions[bot]", ""]) {
      expect(await judge({ run: by(bot, 2, again) })).toMatchObject({ admitted: false, word: "refused" });
      expect(await judge({ run: by(again, 2) })).toMatchObject({ admitted: false, word: "refused" });
    }
  });

  test.each(["workflow_dispatch", "repository_dispatch", "push"])("a payload that calls a %s a schedule changes nothing", async (name) => {
    const payload = {
      ...PAYLOAD,
      action: "schedule",
      event: "schedule",
      event_name: "schedule",
      ref: "refs/heads/main",
      sender: user("eve"),
    };
    expect(await judge({ event: { name, payload }, run: by("eve") })).toMatchObject({ admitted: false, word: "refused" });
  });

  test("its task is the workflow's own: what its payload calls inputs is none", async () => {
    const payload = { ...PAYLOAD, inputs: { prompt: "Do mine." }, client_payload: { prompt: "Do mine." } };
    expect(await admitted({ event: { name: "schedule", payload } })).toMatchObject({ instruction: "", title: "Mend one flaky test." });
    const without = await judge({ event: { name: "schedule", payload }, settings: settingsOf() });
    expect(without).toMatchObject({ admitted: false, word: "skipped", reason: expect.stringContaining("`prompt`") });
  });

  test("`max-runs-per-hour` counts what a person starts: a re-run, not the schedule", async () => {
    const settings = settingsOf({
      prompt: "Tidy up.",
      trigger: { label: "airlock", phrase: "/airlock", allowedBots: [], maxRunsPerHour: 1 },
    });
    const forge = openFakeForge({ runs: 5 });
    expect(await judge({ forge, settings, run: by("maria") })).toMatchObject({ admitted: true });
    expect(forge.calls).toEqual([]);
    expect(await judge({ forge, settings, run: by("maria", 2) })).toMatchObject({ admitted: false, word: "refused" });
  });
});

describe("a run that nobody asked for", () => {
  test("says so to the agent", async () => {
    const trigger = await admitted({ run: by("github-merge-queue[bot]") });
    const task = await readTask({ forge: openFakeForge(), trigger, settings: SETTINGS, run: runFactsOf({}) });
    expect(task.prompt).toContain("Started through `schedule`.");
    expect(task.prompt).not.toContain("@");
  });

  test("says so in the pull request", async () => {
    using target = openTarget();
    const run = by("github-merge-queue[bot]");
    const result = await target.run({ event: NIGHTLY, settings: { prompt: "Mend one flaky test." }, run });
    expect(result.outcome.word).toBe("published");
    const body = target.forge.state.pullRequests[0]?.body ?? "";
    expect(body).toContain("A task of this repository's workflow, on its schedule.");
    expect(body).not.toContain("asked by");
  });
});
