import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { renderCommitMessage } from "../../src/domain/render/commit-message.ts";
import { type Bench, openBench } from "../support/forge/bare-repository.ts";
import { openReportBench, type ReportBench } from "../support/text/report-bench.ts";

const run = promisify(execFile);

let repository: Bench;
let bench: ReportBench;
let headSha: string;
beforeEach(async () => {
  repository = await openBench({ "a.txt": "one\n", "gone.txt": "gone\n" });
  bench = openReportBench();
  const patch = await repository.edit({ "a.txt": "two\n", "gone.txt": null, "new é.txt": "new\n" });
  const message = renderCommitMessage({ title: "Fix", url: bench.runner.run.url, baseSha: patch.baseSha });
  headSha = repository.work.commit(message);
  bench.write("transcript.jsonl", '{"type":"text","turn":1,"text":"hello"}\n{"type":"text","turn":2,"text":"done"}\n');
  bench.write("egress.jsonl", '{"host":"example.com"}\n');
  bench.record.note("boundary", { proved: true, attempts: [] });
  const { baseSha, baseTree, tree, changes } = patch;
  bench.record.note("patch", { baseSha, baseTree, tree, changes });
  bench.record.note("gate", { decision: "publish", findings: [], tree });
  bench.record.noteSandbox({ id: "one", purpose: "agent", boundary: { proved: true, attempts: [] } });
  bench.record.noteSandbox({ id: "two", purpose: "verify", closed: { proved: true, attempts: [] } });
  const base = { sandbox: "two", tree: baseTree, judged: "base", passed: false, exitCode: 1, durationMs: 2, output: "red" } as const;
  const round = {
    sandbox: "two",
    tree,
    judged: "patch",
    step: "verify",
    passed: true,
    exitCode: 0,
    durationMs: 1,
    output: "fine",
  } as const;
  bench.record.note("verification", { outcome: "passed", passed: true, output: "fine", commands: "npm test", rounds: [base, round] });
  await bench.report({ outcome: { word: "published", reason: "Opened.", publication: { headSha, treeSha: tree } } });
});
afterEach(async () => {
  bench[Symbol.dispose]();
  await repository[Symbol.asyncDispose]();
});

async function verify(...args: readonly string[]): Promise<{ readonly code: number; readonly stdout: string }> {
  try {
    const { stdout } = await run("script/verify-record", [bench.directory, "--repo", repository.work.directory, ...args]);
    return { code: 0, stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { code, stdout };
  }
}

describe("I22: anybody can check a record against the pull request", () => {
  test("accepts the record of what was published", async () => {
    const { code, stdout } = await verify();
    expect(stdout).not.toContain("WRONG");
    expect(code).toBe(0);
    expect(stdout.split("\n").filter((line) => line.startsWith("ok")).length).toBeGreaterThanOrEqual(9);
  });

  test("the check of a record notices a changed line of the transcript", async () => {
    bench.write("transcript.jsonl", bench.read("transcript.jsonl").replace("hello", "hallo"));
    expect(await verify()).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/WRONG transcript\.jsonl.*sha256, chain differ/) as string,
    });
  });

  test("the check of a record notices another commit than the recorded one", async () => {
    repository.work.write({ "a.txt": "three\n" });
    const other = repository.work.commit("By hand");
    const { code, stdout } = await verify("--commit", other);
    expect(code).toBe(1);
    for (const what of [
      "has the published tree",
      "its only parent is the recorded base",
      "its message names the run",
      "its changes are the recorded ones",
    ])
      expect(stdout).toMatch(new RegExp(`WRONG .*${what}`));
  });

  test("the check of a record notices one that claims another tree or has another shape", async () => {
    bench.write(
      "record.json",
      bench.read("record.json").replaceAll('"proved": true', '"proved": false').replace('"startedAt"', '"begunAt"'),
    );
    expect((await verify()).stdout).toMatch(
      /WRONG record\.json has the shape[\s\S]*WRONG the boundary was proved[\s\S]*WRONG every sandbox of an agent was proved/,
    );
  });

  test("the check of a record notices an agent that worked in a sandbox without a proof", async () => {
    const record = JSON.parse(bench.read("record.json")) as object;
    const agent = { ending: { status: "completed", message: "", turns: 1 } };
    for (const sandbox of [
      { id: "one", purpose: "agent" },
      { id: "one", purpose: "agent", boundary: { proved: false, attempts: [] } },
    ]) {
      bench.write("record.json", JSON.stringify({ ...record, agent, sandboxes: [sandbox, { id: "two", purpose: "verify" }] }));
      expect((await verify()).stdout).toMatch(/WRONG every sandbox of an agent was proved before the agent started: one\n/);
    }
    bench.write("record.json", JSON.stringify({ ...record, agent, sandboxes: [{ id: "two", purpose: "verify" }] }));
    expect((await verify()).stdout).toMatch(/WRONG every sandbox of an agent was proved before the agent started: none is recorded\n/);
  });

  test("notices rounds of verification that do not fit the verdict, the tree or any sandbox", async () => {
    const text = bench.read("record.json");
    const record = JSON.parse(text) as { readonly verification: { readonly rounds: readonly object[] } };
    const [base, round] = record.verification.rounds;
    const rewrite = (change: object, ofBase = {}, given = {}): void => {
      const rounds = [
        { ...base, ...ofBase },
        { ...round, ...change },
      ];
      bench.write("record.json", JSON.stringify({ ...record, ...given, verification: { ...record.verification, rounds } }));
    };
    const wrong = async (): Promise<readonly string[]> => (await verify()).stdout.split("\n").filter((line) => line.startsWith("WRONG"));
    rewrite({ sandbox: "one" });
    expect(await wrong()).toEqual([
      expect.stringContaining("every round of verification has a sandbox of its own kind"),
      expect.stringContaining("every round had its way out proved closed"),
    ]);
    rewrite({}, { tree: "0".repeat(40) });
    expect(await wrong()).toEqual([expect.stringContaining("the base's round judged the recorded base")]);
    rewrite({}, {}, { sandboxes: [{ id: "two", purpose: "verify", closed: { proved: false, attempts: [] } }] });
    expect(await wrong()).toEqual([expect.stringContaining("every round had its way out proved closed")]);
    rewrite({ passed: false });
    expect(await wrong()).toEqual([expect.stringContaining("the last round is the verdict that counts")]);
    bench.write("record.json", text.replace('"outcome": "passed"', '"outcome": "base-fails"'));
    expect(await wrong()).toEqual([expect.stringContaining("the verification's outcome follows from its rounds")]);
    rewrite({ tree: "0".repeat(40) });
    expect(await wrong()).toEqual([expect.stringContaining("the last round judged the harvested tree")]);
  });
});
