import { beforeEach, describe, expect, test } from "vitest";
import { PROVIDERS, type ProviderName } from "../../../src/config/providers.ts";
import { AirlockError } from "../../../src/domain/errors.ts";
import type { Reaped } from "../../../src/domain/render/killed.ts";
import type { SavedState } from "../../../src/domain/saved-state.ts";
import { renderLock } from "../../../src/domain/trigger/state.ts";
import type { SandboxProvider } from "../../../src/ports/sandbox.ts";
import { type ReleaseOptions, reap, release } from "../../../src/runs/post-step.ts";
import { type FakeRunner, labeled, NOW_MS, openFakeRunner, runFactsOf, settingsOf } from "../../support/forge/fake-event.ts";
import { type FakeForge, openFakeForge } from "../../support/forge/fake-forge.ts";

const BOT = "github-actions[bot]";
const RUN = runFactsOf({ runId: "41" });

let runner: FakeRunner;
beforeEach(() => {
  runner = openFakeRunner(labeled());
});

describe("what the post step found", () => {
  const gone = (): never => {
    throw new AirlockError("sandbox.unavailable", { message: "500.", remedy: "Wait." });
  };
  const provider = (given: Partial<SandboxProvider>): SandboxProvider => ({
    name: "e2b",
    gaps: [],
    room: async () => undefined,
    create: () => Promise.reject(new Error("no")),
    findByRun: async () => ["a", "b"],
    destroy: async () => undefined,
    sweep: async () => [],
    ...given,
  });

  test.each<readonly [string, () => Promise<SandboxProvider>, Reaped]>([
    ["sandboxes, and destroyed them", async () => provider({}), 2],
    ["none", async () => provider({ findByRun: async () => [] }), 0],
    ["no list of them", async () => provider({ findByRun: async () => gone() }), "unknown"],
    ["one that stays", async () => provider({ destroy: async (id) => (id === "b" ? gone() : undefined) }), "unknown"],
    ["no provider", async () => gone(), "unknown"],
  ])("is told: %s", async (_what, open, reaped) => {
    const gateways = { reap: async () => [] };
    expect(await reap({ open, gateways, run: RUN, nowMs: NOW_MS, log: runner.log })).toBe(reaped);
    expect(runner.warnings).toHaveLength(reaped === "unknown" ? 1 : 0);
  });

  test("I7: what is left of the gateway is taken down, and a gateway that stays keeps no sandbox alive", async () => {
    const open = async (): Promise<SandboxProvider> => provider({});
    const lines: string[] = [];
    const log = { ...runner.log, info: (line: string) => void lines.push(line) };
    expect(await reap({ open, gateways: { reap: async () => ["process 4711"] }, run: RUN, nowMs: NOW_MS, log })).toBe(2);
    expect(lines[0]).toBe("took down process 4711, left by the main step");
    expect(await reap({ open, gateways: { reap: gone }, run: RUN, nowMs: NOW_MS, log })).toBe(2);
    expect(runner.warnings).toEqual([expect.stringContaining("Could not take down the gateway")]);
  });
});

describe("I20: the end of a run that could not tell it", () => {
  let forge: FakeForge;
  beforeEach(() => {
    forge = openFakeForge({ nowMs: NOW_MS });
    forge.addIssue({ number: 7, labels: ["airlock:working"] });
  });

  const lockOf = (runId: string, attempt = 1): string =>
    `<!-- airlock:tracking -->\n${renderLock({ runId, attempt, untilMs: NOW_MS + 60_000 })}\nAt work.`;
  const put = (body: string, author = BOT) => forge.addComment(7, { author, body, createdAtMs: NOW_MS - 1_000 });
  const SAVED: SavedState = { step: "started", target: { kind: "issue", number: 7 }, publication: "none" };

  async function told(given: Partial<ReleaseOptions> = {}): Promise<string> {
    const options = { forge, saved: SAVED, reaped: 0, leftOver: PROVIDERS.e2b.leftOver, run: RUN, nowMs: NOW_MS, log: runner.log } as const;
    await release({ ...options, trigger: settingsOf().trigger, ...given });
    return forge.state.comments.get(7)?.at(-1)?.body ?? "";
  }
  const labels = () => forge.state.issues.get(7)?.labels;

  const branch = "airlock/issue-7";
  test.each<readonly [string, SavedState["publication"], RegExp]>([
    ["nothing was written", "none", /killed before it could end by itself\.\*\* Nothing was published\./],
    ["what was written is not known", "unknown", /Whether anything was published is not known/],
    [
      "a pull request was on its way",
      { stage: "entered", kind: "pull-request", branch },
      /A pull request from the branch `airlock\/issue-7` may have/,
    ],
    ["a push was on its way", { stage: "entered", kind: "push", branch: "topic" }, /may have been pushed to the branch `topic`/],
    ["a review was on its way", { stage: "entered", kind: "review" }, /review may have been written/],
    ["an answer was on its way", { stage: "entered", kind: "comment" }, /answer may have been written/],
    ["a pull request is open", { stage: "done", word: "published", number: 12 }, /\*\*Airlock opened a pull request: #12\.\*\*/],
    [
      "a review is written",
      { stage: "done", word: "reviewed", url: "https://github.example/r/1" },
      /reviewed this\.\*\*.*\(https:\/\/github\.example\/r\/1\)/,
    ],
  ])("says that %s", async (_what, publication, words) => {
    put(lockOf("41"));
    const body = await told({ saved: { ...SAVED, publication } });
    expect(body).toMatch(words);
    expect(body.includes("Nothing was published")).toBe(publication === "none");
    expect(body).not.toContain("airlock:lock");
    expect(body).toContain(`[run](${RUN.url})`);
    expect(labels()).toEqual([]);
  });

  test.each<readonly [Reaped, ProviderName | undefined, RegExp]>([
    [0, "e2b", /No sandbox of it was left\./],
    [1, "e2b", /Its sandbox is destroyed\./],
    [2, "e2b", /Its 2 sandboxes are destroyed\./],
    ["unknown", "e2b", /could not be checked\. E2B ends it by itself/],
    ["unknown", "sprites", /could not be checked\. It is paused/],
    ["unknown", "microvm", /could not be checked\. It ends with/],
    ["unknown", undefined, /could not be checked\.\n/],
  ])("says of its sandboxes only what is known: %s at %s", async (reaped, provider, words) => {
    put(lockOf("41"));
    const body = await told({ reaped, leftOver: provider === undefined ? undefined : PROVIDERS[provider].leftOver });
    expect(body).toMatch(words);
    expect(/destroyed/.test(body)).toBe(typeof reaped === "number" && reaped > 0);
  });

  test("is not written over what the run told itself", async () => {
    put("<!-- airlock:tracking -->\n**Airlock opened a pull request: #12.**");
    expect(await told()).toContain("#12");
    expect(labels()).toEqual([]);
  });

  test.each([
    ["another run's", lockOf("42")],
    ["a later attempt's", lockOf("41", 2)],
  ])("leaves what is %s by now", async (_whose, body) => {
    put(body);
    expect(await told()).toBe(body);
    expect(labels()).toEqual(["airlock:working"]);
  });

  test("takes no stranger's word for whose the target is", async () => {
    put("<!-- airlock:tracking -->\n**Airlock answered.**");
    put(lockOf("41"), "eve");
    put(lockOf("42"), "eve");
    await told();
    expect(forge.state.comments.get(7)?.[0]?.body).toContain("Airlock answered");
    expect(labels()).toEqual([]);
  });

  test("is told where the lock could not be written", async () => {
    expect(await told()).toContain("killed before");
  });

  test("leaves everything, with a warning, where the comments cannot be read, and does nothing without a target", async () => {
    forge.fail("readComments");
    await told();
    await told({ saved: { ...SAVED, target: "none" } });
    expect(runner.warnings).toHaveLength(1);
    expect(forge.calls).not.toContain("putComment");
    expect(labels()).toEqual(["airlock:working"]);
  });
});
