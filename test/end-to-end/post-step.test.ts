import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type DemoEvent, makeEvent } from "../../demo/event.ts";
import { type DemoWorld, ROOT, runJob, startWorld } from "../../demo/job.ts";
import { parseOptions } from "../../demo/options.ts";
import { SAVED } from "../../src/domain/saved-state.ts";
import { renderLock } from "../../src/domain/trigger/state.ts";
import { commandAgent } from "../support/cloud/cloud-jobs.ts";
import { type E2bServer, startE2b } from "../support/cloud/e2b-server.ts";
import { type FaultFront, startFaultFront } from "../support/cloud/fault-front.ts";
import { type ActionResult, runAction } from "../support/runner/mini-runner.mjs";

const JOB_TIMEOUT_MS = 5 * 60_000;
const ISSUE = "/repos/octo/demo/issues/1";
const RUN_ID = "1234567890";

let server: E2bServer;
let world: DemoWorld;
let event: DemoEvent;
let front: FaultFront;
const results: ActionResult[] = [];

beforeAll(async () => {
  server = await startE2b();
});
afterAll(() => server[Symbol.asyncDispose]());

beforeEach(async () => {
  world = await startWorld({ repo: undefined, turns: [{ text: "never asked" }] });
  event = await makeEvent(parseOptions([]), world.standIn, join(ROOT, "demo"));
  front = await startFaultFront(world.standIn.url);
});
afterEach(async () => {
  server.faults.heal();
  for (const result of results.splice(0)) result.dispose();
  await front[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

async function expectFree(): Promise<string> {
  const issue = (await world.standIn.call("GET", ISSUE)) as { labels: { name: string }[] };
  expect(issue.labels.map(({ name }) => name)).not.toContain("airlock:working");
  const [comment, ...others] = (await world.standIn.call("GET", `${ISSUE}/comments`)) as { body: string }[];
  expect(others).toEqual([]);
  expect(comment?.body).not.toContain("airlock:lock");
  return comment?.body ?? "";
}

describe("I20: a job whose main step ended before it could tell how", { timeout: JOB_TIMEOUT_MS }, () => {
  const inputs = () => ({ ...commandAgent("true"), "e2b-api-key": server.apiKey });
  /** Calls `act` when the fault has been met. */
  const whenMet = (act: () => void): { readonly onStart: (pid: number) => void } & Disposable => {
    const pids: number[] = [];
    const timer = setInterval(() => {
      if (pids.length === 0 || front.pending() > 0) return;
      clearInterval(timer);
      act();
    }, 20);
    return { onStart: (pid) => void pids.push(pid), [Symbol.dispose]: () => clearInterval(timer) };
  };

  test("a cancel after the pull request was opened: the issue names it", async () => {
    front.inject({ method: "DELETE", path: /labels\/airlock%3Aworking$/, kind: "timeout" });
    const cancel = new AbortController();
    using met = whenMet(() => cancel.abort());
    const env = { ...server.env, GITHUB_API_URL: front.url };
    const result = await runJob({ world, event, inputs: inputs(), env, cancel: cancel.signal, onStart: met.onStart });
    results.push(result);
    expect(result.signal, result.stdout).toBe("SIGKILL");
    const [pull] = (await world.standIn.call("GET", "/repos/octo/demo/pulls?state=all")) as { number: number; html_url: string }[];
    const comment = await expectFree();
    expect(comment).toContain(`**Airlock opened a pull request: #${pull?.number}.**`);
    expect(comment).toContain(`(${pull?.html_url})`);
    expect(comment).toContain("No sandbox of it was left.");
    expect(comment).not.toContain("Nothing was published");
  });

  test("a kill while the pull request is opened, and E2B does not answer: the issue says what is not known", async () => {
    front.inject({ method: "POST", path: /\/pulls$/, kind: "held-after-success" });
    let main = 0;
    using met = whenMet(() => {
      for (const stage of ["list", "kill"] as const) server.faults.inject(stage, { kind: "status", status: 500 }, { times: 99 });
      process.kill(main, "SIGKILL");
    });
    const onStart = (pid: number): void => {
      if (main === 0) main = pid;
      met.onStart(pid);
    };
    const env = { ...server.env, GITHUB_API_URL: front.url };
    const result = await runJob({ world, event, inputs: inputs(), env, onStart });
    results.push(result);
    expect(result.signal, result.stdout).toBe("SIGKILL");
    expect(await world.standIn.call("GET", "/repos/octo/demo/pulls?state=all")).toHaveLength(1);
    const comment = await expectFree();
    expect(comment).toMatch(/killed while it published\.\*\* A pull request from the branch `airlock\/issue-1[^`]*` may have been opened/);
    expect(comment).toContain("Whether a sandbox of it is left could not be checked. E2B ends it by itself");
    expect(comment).not.toMatch(/destroyed|Nothing was published/);
  });
});

describe("I20: a post step by itself", () => {
  const lock = renderLock({ runId: RUN_ID, attempt: 1, untilMs: Date.now() + 3_600_000 });
  const saved = { [SAVED.step]: "started", [SAVED.target]: JSON.stringify({ kind: "issue", number: 1 }) };

  /** As after a main step that was killed at work on issue 1. */
  async function post(given: {
    readonly inputs?: Record<string, string>;
    readonly env?: Record<string, string>;
    readonly state?: Record<string, string>;
  }) {
    await world.standIn.call("POST", `${ISSUE}/comments`, { body: `<!-- airlock:tracking -->\n${lock}\nAt work.` });
    await world.standIn.call("POST", `${ISSUE}/labels`, { labels: ["airlock:working"] });
    const result = await runAction({
      entry: join(ROOT, "dist", "index.js"),
      inputs: { "github-token": world.standIn.token, "e2b-api-key": server.apiKey, ...given.inputs },
      repository: "octo/demo",
      runId: RUN_ID,
      apiUrl: world.apiUrl,
      env: { ...server.env, ...given.env },
      state: { ...saved, ...given.state },
    });
    results.push(result);
    expect(result.code, result.stderr).toBe(0);
    expect(result.stderr).toBe("");
    return result;
  }

  test.each([
    ["its domain is wrong", { env: { E2B_DOMAIN: "not a domain" } }, /Nothing was published\.[\s\S]*could not be checked\. E2B/],
    ["its credential is missing", { inputs: { provider: "e2b", "e2b-api-key": "" } }, /could not be checked\. E2B/],
    ["its credential is wrong", { inputs: { "e2b-api-key": "e2b_wrong" } }, /could not be checked\. E2B/],
    ["an input is wrong", { inputs: { "timeout-minutes": "soon" } }, /could not be checked\.\n/],
  ])("sets the issue free when the provider cannot be opened: %s", async (_why, given, told) => {
    const result = await post(given);
    expect(await expectFree()).toMatch(told);
    expect(result.commands.filter(({ name }) => name === "warning")).not.toEqual([]);
  });

  test("takes what it cannot read for unknown", async () => {
    await post({ state: { [SAVED.publication]: '{"stage":"entered"' } });
    expect(await expectFree()).toContain("Whether anything was published is not known");
  });

  test("does what it can, with a warning and not a trace, where the target cannot be read or the token is none", async () => {
    for (const given of [{ state: { [SAVED.target]: "{}" } }, { inputs: { "github-token": "a token" } }]) {
      const result = await post(given);
      const warnings = result.commands.filter(({ name }) => name === "warning").map(({ value }) => value);
      expect(warnings.join("\n"), result.stdout).toMatch("inputs" in given ? /`github-token`/ : /which issue or pull request/);
    }
    const bodies = ((await world.standIn.call("GET", `${ISSUE}/comments`)) as { body: string }[]).map(({ body }) => body);
    expect(bodies.every((body) => body.includes("At work."))).toBe(true);
  });
});
