import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cacheFolder } from "../../demo/job.ts";
import { type E2bServer, startE2b } from "../support/cloud/e2b-server.ts";
import { openPublishBench, type PublishBench } from "../support/forge/publish-bench.ts";
import { type ActionResult, runAction } from "../support/runner/mini-runner.mjs";

const ENTRY = join(import.meta.dirname, "../../dist/index.js");
const JOB_TIMEOUT_MS = 5 * 60_000;
const AGENT = ["/bin/bash", "-c", "sed -i 's/a - b/a + b/' sum.js; printf '\\001\\377' > bin.dat; chmod +x run.sh; rm old.txt; echo done"];

const opened = new AsyncDisposableStack();
let bench: PublishBench;
let e2b: E2bServer;

beforeAll(async () => {
  e2b = opened.use(await startE2b());
  bench = opened.use(
    await openPublishBench({ "sum.js": "export const sum = (a, b) => a - b;\n", "old.txt": "old\n", "run.sh": "#!/bin/sh\n" }),
  );
});
afterAll(() => opened.disposeAsync());

interface Job {
  readonly token: "reader" | "bot";
  readonly event: { readonly name: string; readonly payload: unknown };
  readonly inputs?: Readonly<Record<string, string>>;
}

/** Runs the job with the agent; `artifact` is a folder with what a step after it would upload, by the outputs that name it. */
async function runAgent({ token, event, inputs = {} }: Job): Promise<ActionResult & { readonly artifact: string }> {
  const { github } = bench.world;
  const common = {
    entry: ENTRY,
    inputs: {
      "github-token": github.tokens[token] ?? "",
      "e2b-api-key": e2b.apiKey,
      agent: "command",
      "agent-command": AGENT.join("\n"),
      network: "none",
      ...inputs,
    },
    eventName: event.name,
    event: event.payload,
    sha: bench.world.bench.base,
    apiUrl: github.url,
    serverUrl: bench.serverUrl,
    env: { RUNNER_TOOL_CACHE: cacheFolder(), ...e2b.env },
    timeoutMs: JOB_TIMEOUT_MS,
  };
  const result = await runAction(common);
  await runAction({ ...common, state: result.state, exported: result.exported });
  const artifact = mkdtempSync(join(tmpdir(), "airlock-artifact-"));
  opened.defer(() => rmSync(artifact, { recursive: true }));
  for (const path of [result.outputs["record-path"], result.outputs["patch-path"]]) {
    if (path !== undefined && path !== "") cpSync(path, join(artifact, basename(path)));
  }
  result.dispose();
  return { ...result, artifact };
}

const repository = { full_name: "octo/demo", name: "demo", owner: { login: "octo" }, default_branch: "main", private: false };
const nightly = { name: "schedule", payload: { schedule: "0 3 * * *", repository } };

async function labelIssue(): Promise<{ readonly number: number; readonly event: Job["event"] }> {
  const labels = ["airlock"];
  const issue = await bench.world.github.ask<{ number: number; user: unknown }>("POST", "/repos/octo/demo/issues", {
    title: "The sum is wrong",
    body: "Add, please.",
    labels,
  });
  const payload = { action: "labeled", issue, label: { name: "airlock" }, repository, sender: issue.user };
  return { number: issue.number, event: { name: "issues", payload } };
}

describe("an agent's job whose token may only read, and a second one that publishes", () => {
  test("I12: two jobs end in a pull request with the tree that was judged where the agent ran", { timeout: JOB_TIMEOUT_MS }, async () => {
    const { world } = bench;
    const { number, event } = await labelIssue();
    world.github.calls.length = 0;
    const agent = await runAgent({ token: "reader", event, inputs: { publish: "patch" } });
    expect(agent.outputs, agent.stdout).toMatchObject({ outcome: "patch-only", conclusion: "success", provider: "e2b" });
    const writes = world.github.calls.filter(({ method, path }) => method !== "GET" && path !== "/graphql");
    expect(new Set(writes.map(({ status }) => status))).toEqual(new Set([403]));
    expect(await bench.branches()).toEqual([]);

    const record = JSON.parse(readFileSync(join(agent.artifact, "record.json"), "utf8")) as { gate: { tree: string } };
    const published = await bench.act(agent.artifact);
    expect(published.outputs, published.stdout).toMatchObject({
      outcome: "published",
      branch: `airlock/issue-${number}`,
      "changed-files": "4",
      "tree-sha": record.gate.tree,
    });
    const [pull] = await world.pulls();
    expect(pull).toMatchObject({ state: "open", head: { ref: `airlock/issue-${number}`, sha: published.outputs["head-sha"] } });
    const commit = await world.forge.readCommit(published.outputs["head-sha"] ?? "");
    expect(commit).toMatchObject({ tree: record.gate.tree, parents: [world.bench.base] });
    expect(await world.comments(number)).toHaveLength(1);
  });

  test("I17: two jobs come to the branch that one job with the same prompt has, and to no other's", {
    timeout: JOB_TIMEOUT_MS,
  }, async () => {
    const before = await bench.branches();
    const prompt = "Nightly upkeep\nAdd up {{ repository }}.";
    const agent = await runAgent({ token: "reader", event: nightly, inputs: { prompt, publish: "patch" } });
    const published = await bench.act(agent.artifact);
    expect(published.outputs, published.stdout).toMatchObject({ outcome: "published" });
    const { branch } = published.outputs;
    expect(branch).toMatch(/^airlock\/nightly-upkeep-[0-9a-f]{8}$/);

    const alone = await runAgent({ token: "bot", event: nightly, inputs: { prompt } });
    expect(alone.outputs, alone.stdout).toMatchObject({ outcome: "updated", branch, "head-sha": published.outputs["head-sha"] });
    const other = await runAgent({ token: "bot", event: nightly, inputs: { prompt: "Nightly upkeep\nSort the imports." } });
    expect(other.outputs, other.stdout).toMatchObject({ outcome: "published" });
    expect((await bench.branches()).filter((name) => !before.includes(name))).toHaveLength(2);
  });
});
