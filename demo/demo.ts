import { existsSync } from "node:fs";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ActionResult } from "../test/support/runner/mini-runner.mjs";
import { openCloud } from "./cloud.ts";
import { makeEvent } from "./event.ts";
import { type DemoWorld, OWNER, runJob, startWorld } from "./job.ts";
import { openPull } from "./open-pull.ts";
import { type DemoOptions, HELP, parseOptions } from "./options.ts";
import { type PullPlan, planPull } from "./pull-plan.ts";
import { REVIEW_TURNS } from "./review/turns.ts";
import { type Holdings, printResult, readHoldings } from "./show.ts";
import { printReviews, type Reviewed, readReviews } from "./show-review.ts";

process.exitCode = await start(process.argv.slice(2)).catch(complain);

async function start(argv: readonly string[]): Promise<number> {
  const options = parseOptions(argv);
  if (!options.help) return await demo(options);
  process.stdout.write(HELP);
  return 0;
}

/** What went wrong around the run; the run's own errors are in its log. */
function complain(error: unknown): number {
  process.stderr.write(`demo: ${error instanceof Error ? error.message.trim() : String(error)}\n`);
  return 1;
}

async function demo(asked: DemoOptions): Promise<number> {
  const realKey = process.env["ANTHROPIC_API_KEY"] || undefined;
  const pull = await planPull(asked, OWNER);
  const turns = realKey === undefined ? await readTurns(asked, pull) : undefined;
  await using opened = new AsyncDisposableStack();
  const cloud = await openCloud(asked.provider, asked.inputs, opened);
  await using world = await startWorld({ repo: asked.repo, base: asked.base, turns, pull });
  introduce(world, realKey === undefined ? "scripted, on loopback" : "the real API (ANTHROPIC_API_KEY is set)");
  if (cloud !== undefined) say(`provider    ${cloud.note}`);
  const event = pull === undefined ? await makeEvent(asked, world.standIn, import.meta.dirname) : await openPull(world, pull);
  if (pull !== undefined) introducePull(world, pull);
  say(`event       ${event.name} by ${event.actor}\n`);
  const inputs = { ...cloud?.inputs, ...chooseInputs({ asked, realKey, pull }) };
  const result = await runJob({ world, event, inputs, echo: true, env: cloud?.env ?? {} });
  await show({ asked, world, pull, result });
  return ["success", "neutral"].includes(result.outputs["conclusion"] ?? "") ? 0 : 1;
}

interface Shown {
  readonly asked: DemoOptions;
  readonly world: DemoWorld;
  readonly pull: PullPlan | undefined;
  readonly result: ActionResult;
}

async function show({ asked, world, pull, result }: Shown): Promise<void> {
  const holdings = await readHoldings(world.standIn, result);
  const reviewed = pull === undefined ? undefined : await readReviews(world, pull.number);
  if (asked.out !== undefined) await copyOut(asked.out, result, { ...holdings, reviewed });
  await printResult({ result, holdings, files: join(result.temp, "airlock") });
  if (reviewed !== undefined) printReviews(reviewed);
  if (asked.keep) say(`kept        ${result.temp}`);
}

function introduce({ standIn, target }: DemoWorld, model: string): void {
  say(`repository  ${standIn.owner}/${standIn.name} at ${target.commit.slice(0, 12)}, ${target.files.length} files`);
  if (target.leftOut.length > 0) say(`left out    names that are no UTF-8, which the stand-in cannot hold: ${target.leftOut.join(", ")}`);
  say(`model       ${model}`);
}

function introducePull({ target }: DemoWorld, pull: PullPlan): void {
  const where = pull.fromFork ? `${pull.author}'s fork` : "its own branch";
  say(`pull request #${pull.number} by ${pull.author} from ${where}, head ${target.head?.commit.slice(0, 12) ?? ""}: ${pull.title}`);
}

interface InputChoice {
  readonly asked: DemoOptions;
  readonly realKey: string | undefined;
  readonly pull: PullPlan | undefined;
}

/** What would change a repository of the user's is a dry run; a review goes to the stand-in. */
function chooseInputs({ asked, realKey, pull }: InputChoice): Record<string, string> {
  return {
    agent: asked.agent,
    provider: asked.provider,
    ...(realKey === undefined ? {} : { "anthropic-api-key": realKey }),
    ...(asked.prompt === undefined ? {} : { prompt: asked.prompt }),
    ...(realKey !== undefined && asked.repo !== undefined && pull === undefined ? { "dry-run": "true" } : {}),
    ...asked.inputs,
  };
}

async function readTurns(asked: DemoOptions, pull: PullPlan | undefined): Promise<readonly object[]> {
  if (asked.script === undefined && pull !== undefined) return REVIEW_TURNS;
  const file = asked.script ?? join(import.meta.dirname, "turns.json");
  return (JSON.parse(await readFile(file, "utf8")) as { turns: object[] }).turns;
}

interface AllHoldings extends Holdings {
  readonly reviewed: Reviewed | undefined;
}

async function copyOut(out: string, result: ActionResult, holdings: AllHoldings): Promise<void> {
  await mkdir(out, { recursive: true });
  const files = join(result.temp, "airlock");
  if (existsSync(files)) await cp(files, out, { recursive: true });
  await writeFile(join(out, "pull-request.json"), JSON.stringify(holdings.pullRequest ?? null, null, 2));
  await writeFile(join(out, "comments.json"), JSON.stringify(holdings.comments, null, 2));
  if (holdings.reviewed !== undefined) await writeFile(join(out, "reviews.json"), JSON.stringify(holdings.reviewed, null, 2));
  await writeFile(join(out, "summary.md"), result.summary);
  await writeFile(join(out, "outputs.json"), JSON.stringify(result.outputs, null, 2));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
