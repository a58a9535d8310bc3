import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ActionResult } from "../test/support/runner/mini-runner.mjs";
import type { StandIn } from "./stand-in.ts";

type Json = Record<string, unknown>;

/** What the stand-in holds after the run. */
export interface Holdings {
  readonly pullRequest: Json | undefined;
  readonly comments: readonly Json[];
}

export async function readHoldings(standIn: StandIn, result: ActionResult): Promise<Holdings> {
  const repo = `/repos/${standIn.owner}/${standIn.name}`;
  const pulls = (await standIn.call("GET", `${repo}/pulls?state=all`)) as Json[];
  const comments = await readComments(standIn, repo);
  const number = Number(result.outputs["pull-request-number"] ?? 0);
  return { pullRequest: pulls.find((pull) => pull["number"] === number) ?? pulls[0], comments };
}

async function readComments(standIn: StandIn, repo: string): Promise<readonly Json[]> {
  const issues = (await standIn.call("GET", `${repo}/issues?state=all&per_page=100`)) as Json[];
  const lists = await Promise.all(issues.map((issue) => standIn.call("GET", `${repo}/issues/${String(issue["number"])}/comments`)));
  return lists.flatMap((list) => list as Json[]);
}

export async function printResult(options: {
  readonly result: ActionResult;
  readonly holdings: Holdings;
  readonly files: string;
}): Promise<void> {
  const { result, holdings, files } = options;
  const { outputs } = result;
  const record = await readJson(join(files, "record.json"));
  line("");
  line(`outcome     ${outputs["outcome"] ?? "none"} (${outputs["conclusion"] ?? "none"})`);
  line(`pull request ${String(holdings.pullRequest?.["html_url"] ?? "none")}`);
  line(
    `cost        ${outputs["cost-usd"] ?? "0"} USD, ${outputs["turns"] ?? "0"} turns, ${outputs["input-tokens"] ?? "0"} tokens in, ${outputs["output-tokens"] ?? "0"} out`,
  );
  line(
    `egress      ${outputs["egress-allowed"] ?? "0"} allowed, ${outputs["egress-denied"] ?? "0"} refused; refused hosts: ${outputs["denied-hosts"] || "none"}`,
  );
  printTimes(record);
  printBoundary(record);
  await printDiff(files);
}

function printTimes(record: Json | undefined): void {
  const runs = record?.["stations"] ?? record?.["stages"];
  if (!Array.isArray(runs)) return;
  const times = (runs as Json[]).map(
    (each) => `${String(each["station"] ?? each["stage"])} ${(Number(each["durationMs"]) / 1000).toFixed(1)} s`,
  );
  line(`timings     ${times.join(" · ")}`);
}

function printBoundary(record: Json | undefined): void {
  const boundary = record?.["boundary"] as Json | undefined;
  if (boundary === undefined) return;
  line(`boundary    ${boundary["proved"] === true ? "proved from inside before the agent started" : "NOT PROVED"}`);
  for (const attempt of (boundary["attempts"] as Json[] | undefined) ?? []) {
    line(`            ${String(attempt["name"]).padEnd(24)} ${String(attempt["result"]).padEnd(7)} ${String(attempt["detail"])}`);
  }
}

async function printDiff(files: string): Promise<void> {
  const diff = await readFile(join(files, "patch.diff"), "utf8").catch(() => "");
  if (diff !== "") line(`\n${diff.trimEnd()}`);
}

async function readJson(file: string): Promise<Json | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Json;
  } catch {
    return undefined;
  }
}

function line(text: string): void {
  process.stdout.write(`${text}\n`);
}
