import { existsSync } from "node:fs";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ActionResult } from "../test/support/mini-runner.mjs";
import { openCloud } from "./cloud.ts";
import { makeEvent } from "./event.ts";
import { runJob, startWorld } from "./job.ts";
import { type DemoOptions, HELP, parseOptions } from "./options.ts";
import { type Holdings, printResult, readHoldings } from "./show.ts";

const options = parseOptions(process.argv.slice(2));
if (options.help) process.stdout.write(HELP);
else process.exitCode = await demo(options);

async function demo(asked: DemoOptions): Promise<number> {
  const realKey = process.env["ANTHROPIC_API_KEY"] || undefined;
  const turns = realKey === undefined ? await readTurns(asked) : undefined;
  await using opened = new AsyncDisposableStack();
  const cloud = await openCloud(asked.provider, asked.inputs, opened);
  await using world = await startWorld({ repo: asked.repo, turns });
  say(
    `repository  ${world.standIn.owner}/${world.standIn.name} at ${world.target.commit.slice(0, 12)}, ${world.target.files.length} files`,
  );
  say(`model       ${realKey === undefined ? "scripted, on loopback" : "the real API (ANTHROPIC_API_KEY is set)"}`);
  if (cloud !== undefined) say(`provider    ${cloud.note}`);
  const event = await makeEvent(asked, world.standIn, import.meta.dirname);
  say(`event       ${event.name} by ${event.actor}\n`);
  const inputs = { ...cloud?.inputs, ...chooseInputs(asked, realKey) };
  const result = await runJob({ world, event, inputs, echo: true, ...(cloud === undefined ? {} : { env: cloud.env }) });
  const holdings = await readHoldings(world.standIn, result);
  if (asked.out !== undefined) await copyOut(asked.out, result, holdings);
  await printResult({ result, holdings, files: join(result.temp, "airlock") });
  if (asked.keep) say(`kept        ${result.temp}`);
  return ["success", "neutral"].includes(result.outputs["conclusion"] ?? "") ? 0 : 1;
}

function chooseInputs(asked: DemoOptions, realKey: string | undefined): Record<string, string> {
  return {
    agent: asked.agent,
    provider: asked.provider,
    ...(realKey === undefined ? {} : { "anthropic-api-key": realKey }),
    ...(asked.prompt === undefined ? {} : { prompt: asked.prompt }),
    ...(realKey !== undefined && asked.repo !== undefined ? { "dry-run": "true" } : {}),
    ...asked.inputs,
  };
}

async function readTurns(asked: DemoOptions): Promise<readonly object[]> {
  const file = asked.script ?? join(import.meta.dirname, "turns.json");
  return (JSON.parse(await readFile(file, "utf8")) as { turns: object[] }).turns;
}

async function copyOut(out: string, result: ActionResult, holdings: Holdings): Promise<void> {
  await mkdir(out, { recursive: true });
  const files = join(result.temp, "airlock");
  if (existsSync(files)) await cp(files, out, { recursive: true });
  await writeFile(join(out, "pull-request.json"), JSON.stringify(holdings.pullRequest ?? null, null, 2));
  await writeFile(join(out, "comments.json"), JSON.stringify(holdings.comments, null, 2));
  await writeFile(join(out, "summary.md"), result.summary);
  await writeFile(join(out, "outputs.json"), JSON.stringify(result.outputs, null, 2));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
