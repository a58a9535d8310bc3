import { existsSync, lstatSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { startArtifacts } from "../../../support/runner/artifact-server.mjs";
import { type ActionOptions, type ActionResult, runAction } from "../../../support/runner/mini-runner.mjs";

const ENTRY = join(import.meta.dirname, "../../../support/runner/probe.ts");
const done: ActionResult[] = [];

afterEach(() => {
  for (const result of done.splice(0)) result.dispose();
});

async function step(deed: string, options: Partial<ActionOptions> = {}): Promise<ActionResult> {
  const result = await runAction({ entry: ENTRY, ...options, inputs: { do: deed, ...options.inputs } });
  done.push(result);
  return result;
}

function told(result: ActionResult): Record<string, unknown> {
  return JSON.parse(result.stderr.trim().split("\n").at(-1) ?? "{}") as Record<string, unknown>;
}

describe("The runner's facts", () => {
  test("the runner's facts come from the environment and the event's file", async () => {
    const result = await step("facts", {
      eventName: "issues",
      event: { action: "labeled" },
      repository: "octo/demo",
      actor: "ada",
      triggeringActor: "bob",
      attempt: 3,
    });
    expect(told(result)).toMatchObject({
      event: { name: "issues", payload: { action: "labeled" } },
      run: {
        repository: "octo/demo",
        attempt: 3,
        actor: "ada",
        triggeringActor: "bob",
        url: "https://github.com/octo/demo/actions/runs/1234567890/attempts/3",
      },
      directory: join(result.temp, "airlock"),
    });
    expect(statSync(join(result.temp, "airlock")).mode & 0o777).toBe(0o700);
  });

  test.each([{ GITHUB_EVENT_PATH: "/nowhere/event.json" }, { GITHUB_EVENT_PATH: undefined }, { GITHUB_EVENT_PATH: ENTRY }])(
    "with an event that cannot be read (%o) are refused",
    async (env) => {
      expect(told(await step("facts", { env }))).toEqual({ thrown: "trigger.unreadable" });
    },
  );
});

describe("The run's directory", () => {
  test("the run's directory is emptied by the main step and kept by the post step", async () => {
    const main = await step("state");
    const post = await step("tell-state", { state: main.state, inputs: { step: "post" } });
    expect(told(post)).toEqual({ sandbox: "vm-1", directory: join(main.temp, "airlock") });
    expect(existsSync(join(main.temp, "airlock", "kept"))).toBe(true);
    await step("facts", { state: main.state });
    expect(existsSync(join(main.temp, "airlock", "kept"))).toBe(false);
  });

  test("the run's directory is never a place that a link left behind points to", async () => {
    const first = await step("state");
    const elsewhere = join(first.root, "elsewhere");
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, "precious"), "x");
    const temp = join(first.root, "linked");
    mkdirSync(temp);
    symlinkSync(elsewhere, join(temp, "airlock"));
    await step("state", { env: { RUNNER_TEMP: temp } });
    expect(existsSync(join(elsewhere, "precious"))).toBe(true);
    expect(lstatSync(join(temp, "airlock")).isDirectory()).toBe(true);
  });
});

describe("I15, O2: The log", () => {
  test("the log says nothing that the runner could take for a command", async () => {
    const texts = [
      "::set-output name=x::1",
      "  \t::add-mask::a",
      "ok\r::error::x",
      "ok\n::stop-commands::t",
      "ok\u2028::error::x",
      "\ufeff::warning::x",
      "\u200b::warning::x",
      "\u001b[0m::error::x",
      "\u001b]0;::\u0007::error::x",
      "\u0085::error::x",
      "\u0000::error::x",
      "\u00a0::group::x",
      "text ##[error]x",
      "##[add-matcher]/tmp/x.json",
      "%0A::error::x",
    ];
    const { commands, stdout } = await step("say", { inputs: { texts: JSON.stringify(texts) } });
    expect(commands.map(({ name }) => name)).toEqual(texts.flatMap(() => ["notice", "warning"]));
    expect(stdout).not.toContain("\u001b");
  });

  test("the log keeps the text of ordinary lines", async () => {
    const { stdout } = await step("say", { inputs: { texts: JSON.stringify(["std::vector<int> is fine\nso is 100%"]) } });
    expect(stdout).toContain("std::vector<int> is fine\nso is 100%\n");
  });

  test("opens one group at a time and closes it when its body fails", async () => {
    const { commands, stdout } = await step("group");
    expect(commands.map(({ name }) => name)).toEqual(["group", "endgroup", "group", "endgroup"]);
    expect(commands[0]?.value).toBe("outer ::error::x");
    expect(stdout).toMatch(/— inner\ndeep\n::endgroup::/);
    expect(stdout).toMatch(/::group::failing\n::endgroup::\nafter/);
  });
});

describe("I16, O1: Outputs and masks", () => {
  test("outputs carry any text under the name they were set by", async () => {
    const text = "ghadelimiter_0\nhead-sha=evil\nhead-sha<<EOF\nevil\nEOF";
    const { outputs } = await step("outputs", { inputs: { text } });
    expect(outputs).toEqual({ summary: text, "head-sha": "abc" });
  });

  test("outputs are refused under a name that is none", async () => {
    const result = await step("wrong-output");
    expect(told(result)["thrown"]).toMatch(/not an output's name/);
    expect(result.outputs).toEqual({});
  });

  test("masks cover every line of a value", async () => {
    expect((await step("mask", { inputs: { text: "first-line\nsecond-line" } })).masks).toEqual([
      "first-line\nsecond-line",
      "first-line",
      "second-line",
    ]);
    expect((await step("mask", { inputs: { text: "" } })).masks).toEqual([]);
  });
});

describe("I18: The summary", () => {
  test("the summary is written as it is", async () => {
    expect((await step("summary", { inputs: { text: "# Done", times: 1 } })).summary).toBe("# Done");
  });

  test("the summary is cut at the end of a line to the 1 MiB that GitHub takes", async () => {
    const { summary } = await step("summary", { env: { INPUT_TEXT: `${"é".repeat(511)}\n` }, inputs: { times: 2_000 } });
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(1_048_576);
    expect(summary).toMatch(/cut at 1 MiB; the whole report is in the artifact\.\n$/);
    expect(summary).toMatch(/^(é{511}\n)+\n/);
  });

  test("the summary is cut between two characters when it is one line", async () => {
    const { summary } = await step("summary", { env: { INPUT_TEXT: "é".repeat(1_024) }, inputs: { times: 1_000 } });
    expect(Buffer.byteLength(summary)).toBeGreaterThan(1_048_000);
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(1_048_576);
    expect(summary).toMatch(/^é+\n/);
  });

  test("the summary is left out where the runner has none", async () => {
    const result = await step("summary", { inputs: { text: "x", times: 1 }, env: { GITHUB_STEP_SUMMARY: undefined } });
    expect(result.code).toBe(0);
    expect(result.stderr).toBe("");
  });
});

describe("The artifact", () => {
  test("the artifact is uploaded through the runner's service", async () => {
    await using service = await startArtifacts();
    const result = await step("upload", { resultsUrl: service.url });
    expect(told(result)).toEqual({ uploaded: { id: 1 } });
    expect(service.artifacts).toMatchObject([{ name: "airlock-1-1", final: true }]);
    expect(service.artifacts[0]?.zip?.includes("record.json")).toBe(true);
  });

  test("the artifact takes another name when another job of the run holds its own", async () => {
    await using service = await startArtifacts({ taken: ["airlock-1-1"] });
    const result = await step("upload", { resultsUrl: service.url });
    expect(told(result)).toEqual({ uploaded: { id: 1 } });
    expect(service.artifacts[0]?.name).toMatch(/^airlock-1-1-[0-9a-f]{6}$/);
  });

  test.each([
    {},
    { GITHUB_SERVER_URL: "https://github.example.org", ACTIONS_RESULTS_URL: "http://127.0.0.1:9", ACTIONS_RUNTIME_TOKEN: "a.b.c" },
  ])("the artifact is left out where the runner has no service (%o)", async (env) => {
    expect(told(await step("upload", { env }))).toEqual({ uploaded: null });
  });

  test("an artifact that the service does not take is an error", async () => {
    await using service = await startArtifacts();
    const result = await step("upload", { resultsUrl: service.url, env: { ACTIONS_RUNTIME_TOKEN: "not-a-token" } });
    expect(told(result)).toEqual({ thrown: "publish.failed" });
  });
});

describe("A cancelled job", () => {
  test("aborts the signal and leaves the process alive to clean up", async () => {
    const cancel = new AbortController();
    const result = await step("wait", { cancel: cancel.signal, onLine: (line) => line === "waiting" && cancel.abort() });
    expect(told(result)).toEqual({ cancelled: "run.cancelled", message: "The job was cancelled (SIGINT)." });
    expect(result.signal).toBeNull();
  });
});
