import { describe, expect, test } from "vitest";
import type { Settings } from "../../src/domain/settings.ts";
import type { Admission } from "../../src/domain/task.ts";
import type { RunnerFacts } from "../../src/ports/runner.ts";
import { answer } from "../../src/stages/claim/acknowledge.ts";
import { readTrigger } from "../../src/stages/trigger/trigger.ts";
import {
  AT_MS,
  commented,
  labeled,
  NOW_MS,
  openFakeRunner,
  pullRequest,
  settingsOf,
  user,
  workflowRun,
} from "../support/forge/fake-event.ts";
import { type FakeForge, openFakeForge } from "../support/forge/fake-forge.ts";

interface Case {
  readonly forge?: FakeForge;
  readonly settings?: Settings;
  readonly run?: Partial<RunnerFacts>;
  readonly nowMs?: number;
}

async function judge(event: { readonly name: string; readonly payload: unknown }, given: Case = {}): Promise<Admission> {
  const forge = given.forge ?? openFakeForge();
  forge.addPull({ number: 8 });
  const runner = openFakeRunner(event, given.run);
  return await readTrigger({ runner, forge, settings: given.settings ?? settingsOf(), now: () => given.nowMs ?? NOW_MS });
}

const REFUSED = { admitted: false, word: "refused" };
const SKIPPED = { admitted: false, word: "skipped" };

describe("I8, P1: only someone with write permission starts a run", () => {
  test.each(["read", "triage", "none"] as const)("%s is refused, with who, what was needed and what changes it", async (permission) => {
    const forge = openFakeForge();
    forge.state.permissions.set("maria", permission);
    const admission = await judge(labeled(), { forge });
    expect(admission).toMatchObject({ ...REFUSED, reason: expect.stringMatching(new RegExp(`maria.*\`${permission}\`.*\`write\``)) });
    expect(admission).toHaveProperty("remedy", expect.stringContaining("allowed-bots"));
  });

  test.each(["write", "maintain", "admin"] as const)("%s is admitted", async (permission) => {
    const forge = openFakeForge();
    forge.state.permissions.set("maria", permission);
    expect(await judge(labeled(), { forge })).toMatchObject({ admitted: true, trigger: { actor: "maria", mode: "fix" } });
  });

  test("an answer that the token may not have is a no; one that does not come is neither yes nor no", async () => {
    const forge = openFakeForge();
    forge.fail("readPermission", "publish.permission");
    expect(await judge(labeled(), { forge })).toMatchObject({ ...REFUSED, reason: expect.stringContaining("unsure means no") });
    forge.fail("readPermission");
    expect(await judge(labeled(), { forge })).toMatchObject({ admitted: false, word: "error", failure: { code: "forge.unreadable" } });
  });

  test("a word of the payload about the author counts for nothing", async () => {
    const event = labeled({ sender: user("eve"), issue: { author_association: "OWNER" } });
    expect(await judge(event, { run: { actor: "eve", triggeringActor: "eve" } })).toMatchObject(REFUSED);
  });

  test("an event that is not for us costs no call", async () => {
    const forge = openFakeForge();
    for (const event of [
      labeled({ label: "bug" }),
      commented("nice work"),
      { name: "star", payload: { action: "created" } },
      { name: "push", payload: null },
    ]) {
      expect(await judge(event, { forge })).toMatchObject(SKIPPED);
    }
    expect(forge.calls).toEqual([]);
  });
});

describe("I8, P2: bots only by exact name", () => {
  const byBot = (login: string, type = "Bot") => labeled({ sender: user(login, type) });
  const listed = settingsOf({ trigger: { label: "airlock", phrase: "/airlock", allowedBots: ["dependabot[bot]"] } });

  test("an app that is not listed is refused, and the remedy names the input", async () => {
    const admission = await judge(byBot("evil-app[bot]"), {
      run: { actor: "evil-app[bot]", triggeringActor: "evil-app[bot]" },
      settings: listed,
    });
    expect(admission).toMatchObject({ ...REFUSED, remedy: expect.stringContaining("allowed-bots") });
  });

  test("a listed one is admitted", async () => {
    const run = { actor: "dependabot[bot]", triggeringActor: "dependabot[bot]" };
    expect(await judge(byBot("dependabot[bot]"), { run, settings: listed })).toMatchObject({ admitted: true });
  });

  test.each(["dependabot", "Dependabot[bot]", "dependabot[bot] ", "xdependabot[bot]"])("%j is not the listed one", async (login) => {
    const run = { actor: login, triggeringActor: login };
    expect(await judge(byBot(login, "User"), { run, settings: listed })).toMatchObject(REFUSED);
  });

  test.each(["*", "*[bot]", "dependabot*", ""])("the list entry %j is an error in the workflow", async (entry) => {
    const settings = settingsOf({ trigger: { label: "airlock", phrase: "/airlock", allowedBots: [entry] } });
    await expect(judge(labeled(), { settings })).rejects.toMatchObject({ code: "input.invalid" });
  });

  test("our own account is refused even when it is listed", async () => {
    const own = settingsOf({ trigger: { label: "airlock", phrase: "/airlock", allowedBots: ["github-actions[bot]", "airlock-app[bot]"] } });
    const forge = openFakeForge({ identity: "airlock-app[bot]" });
    for (const login of ["github-actions[bot]", "airlock-app[bot]"]) {
      const admission = await judge(byBot(login), { run: { actor: login, triggeringActor: login }, settings: own, forge });
      expect(admission).toMatchObject({ ...REFUSED, reason: expect.stringContaining("Airlock itself") });
    }
  });

  test("an organisation's account is refused", async () => {
    expect(await judge(byBot("acme", "Organization"), { run: { actor: "acme", triggeringActor: "acme" } })).toMatchObject(REFUSED);
  });
});

describe("I8, P3: the labeller decides, not the author", () => {
  test("a writer's issue that a stranger labels is refused", async () => {
    const event = labeled({ sender: user("eve"), issue: { user: user("maria") } });
    expect(await judge(event, { run: { actor: "eve", triggeringActor: "eve" } })).toMatchObject(REFUSED);
  });

  test("a stranger's issue that a writer labels is admitted", async () => {
    expect(await judge(labeled({ issue: { user: user("eve") } }))).toMatchObject({ admitted: true, trigger: { actor: "maria" } });
  });

  test("a comment that was written by somebody else than its sender is judged by both", async () => {
    const event = commented("/airlock fix");
    const payload = { ...event.payload, comment: { ...event.payload.comment, user: user("eve") } };
    expect(await judge({ ...event, payload })).toMatchObject({ ...REFUSED, reason: expect.stringContaining("eve") });
  });
});

describe("I8, P4: every actor of the chain is checked, and forks get a review only", () => {
  test("a re-run by somebody else is judged by who re-ran it", async () => {
    const run = { actor: "maria", triggeringActor: "eve", attempt: 2 };
    expect(await judge(labeled(), { run })).toMatchObject({ ...REFUSED, reason: expect.stringContaining("eve (triggering actor)") });
  });

  test("a run without a known person behind it is refused", async () => {
    expect(await judge(labeled(), { run: { actor: "", triggeringActor: "" } })).toMatchObject(REFUSED);
    const settings = settingsOf({ prompt: "go" });
    expect(await judge({ name: "push", payload: {} }, { run: { actor: "", triggeringActor: "" }, settings })).toMatchObject(REFUSED);
  });

  test("the person behind the CI run that failed is checked too", async () => {
    expect(await judge(workflowRun({ actor: user("eve") }))).toMatchObject({ ...REFUSED, reason: expect.stringContaining("eve") });
    expect(await judge(workflowRun())).toMatchObject({ admitted: true, trigger: { mode: "fix", headRef: "topic" } });
  });

  test("a CI run on a fork's commit is refused", async () => {
    expect(await judge(workflowRun({ fork: true }))).toMatchObject({
      ...REFUSED,
      reason: expect.stringContaining("forks get a review only"),
    });
  });

  test.each(["pull_request", "pull_request_target"])("%s from a fork is reviewed and never changed", async (event) => {
    const fix = settingsOf({ mode: "fix" });
    expect(await judge(pullRequest("labeled", { fork: true, label: "airlock", event }), { settings: fix })).toMatchObject(REFUSED);
    const review = await judge(pullRequest("labeled", { fork: true, label: "airlock", event }));
    expect(review).toMatchObject({ admitted: true, trigger: { mode: "review", fromFork: true } });
  });

  test("a head repository that was deleted counts as a fork", async () => {
    const event = pullRequest("labeled", { label: "airlock" });
    const payload = {
      ...event.payload,
      pull_request: { ...event.payload.pull_request, head: { sha: "2".repeat(40), ref: "topic", repo: null } },
    };
    expect(await judge({ ...event, payload }, { settings: settingsOf({ mode: "fix" }) })).toMatchObject(REFUSED);
  });

  test("a comment on a fork's pull request gets a review and no fix", async () => {
    const forge = openFakeForge();
    forge.addPull({ number: 7, headRepository: "eve/rocket" });
    expect(await judge(commented("/airlock fix", { pull: true }), { forge })).toMatchObject(REFUSED);
    expect(await judge(commented("/airlock review", { pull: true }), { forge })).toMatchObject({
      admitted: true,
      trigger: { mode: "review" },
    });
  });
});

describe("I8, P5: no loop, and no quoted trigger", () => {
  test("our own comment with the phrase is skipped without a call", async () => {
    const forge = openFakeForge();
    const event = commented("<!-- airlock:tracking -->\n/airlock fix", { by: user("github-actions[bot]", "Bot") });
    expect(await judge(event, { forge })).toMatchObject(SKIPPED);
    expect(forge.calls).toEqual([]);
  });

  test.each([
    ["quoted", "> /airlock fix"],
    ["the lazy continuation of a quote", "> as they said:\n/airlock fix"],
    ["fenced", "```\n/airlock fix\n```"],
    ["in a fence that is never closed", "text\n\n~~~\n/airlock fix"],
    ["in a longer fence", "````\n```\n/airlock fix\n````"],
    ["in indented code", "    /airlock fix"],
    ["inside a line", "please /airlock fix"],
    ["in a code span", "`/airlock fix`"],
    ["part of another word", "/airlockfix"],
    ["in an HTML comment", "<!--\n/airlock fix\n-->"],
  ])("a phrase that is %s does not count", async (_name, body) => {
    expect(await judge(commented(body))).toMatchObject(SKIPPED);
  });

  test("a pull request and a CI run of our own branch start nothing", async () => {
    expect(await judge(workflowRun({ branch: "airlock/issue-7" }))).toMatchObject(SKIPPED);
    const push = { name: "push", payload: { ref: "refs/heads/airlock/issue-7", sender: user("maria") } };
    expect(await judge(push, { settings: settingsOf({ prompt: "go" }) })).toMatchObject(SKIPPED);
  });

  test("the labels that Airlock sets start nothing", async () => {
    for (const label of ["airlock:working", "airlock:held", "AIRLOCK:Held"]) expect(await judge(labeled({ label }))).toMatchObject(SKIPPED);
  });
});

describe("an admission that is refused by time or rate", () => {
  test("an event of last week is refused", async () => {
    expect(await judge(labeled(), { nowMs: AT_MS + 7 * 86_400_000 })).toMatchObject({
      ...REFUSED,
      reason: expect.stringContaining("168 hours"),
    });
  });

  test("the age at which it is too old is the workflow's to set", async () => {
    const hour = 3_600_000;
    const settings = settingsOf({ trigger: { maxAgeMs: 2 * hour } });
    expect(await judge(labeled(), { settings, nowMs: AT_MS + 2 * hour })).toMatchObject({ admitted: true });
    expect(await judge(labeled(), { settings, nowMs: AT_MS + 2 * hour + 1 })).toMatchObject({
      ...REFUSED,
      reason: expect.stringContaining("the limit is 2 hours"),
      remedy: expect.stringContaining("`max-event-age-hours`"),
    });
  });

  test("too many runs by one person are refused, and so is a count that cannot be had", async () => {
    const settings = settingsOf({ trigger: { label: "airlock", phrase: "/airlock", allowedBots: [], maxRunsPerHour: 3 } });
    const forge = openFakeForge({ runs: 3 });
    expect(await judge(labeled(), { settings, forge })).toMatchObject({ admitted: true });
    forge.state.runs = 4;
    expect(await judge(labeled(), { settings, forge })).toMatchObject({ ...REFUSED, remedy: expect.stringContaining("max-runs-per-hour") });
    forge.fail("countRuns", "publish.permission");
    expect(await judge(labeled(), { settings, forge })).toMatchObject(REFUSED);
    forge.fail("countRuns");
    expect(await judge(labeled(), { settings, forge })).toMatchObject({ admitted: false, word: "error" });
  });
});

describe("the answer to who asked", () => {
  test("is one comment however often a stranger asks, and none for an event nobody asked for", async () => {
    const forge = openFakeForge();
    forge.addIssue({ number: 7 });
    const by = user("eve");
    for (const id of [1, 2, 3]) {
      const admission = await judge(commented("/airlock fix", { by, id }), { forge, run: { actor: "eve", triggeringActor: "eve" } });
      if (admission.admitted) throw new Error("admitted");
      await answer({ forge, admission, settings: settingsOf(), log: openFakeRunner({ name: "", payload: {} }).log });
    }
    expect(forge.state.comments.get(7)?.map(({ body }) => body)).toEqual([
      expect.stringContaining("eve (sender) has the permission `read`"),
    ]);
    const silent = await judge(pullRequest("opened", { sender: by }), { forge, run: { actor: "eve", triggeringActor: "eve" } });
    expect(silent).not.toHaveProperty("reply");
  });

  test("to help and to an unknown word is the list of commands, with nothing of the word's own", async () => {
    expect(await judge(commented("/airlock help"))).toMatchObject({
      ...SKIPPED,
      command: "help",
      reply: expect.stringContaining("/airlock review"),
    });
    const odd = await judge(commented("/airlock [x](http://evil)@all"));
    expect(odd).toMatchObject({ ...SKIPPED, command: "help", reply: expect.not.stringContaining("[x]") });
    expect(odd).toHaveProperty("reply", expect.not.stringContaining("@all"));
  });
});
