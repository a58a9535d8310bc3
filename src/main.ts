import { dirname, join } from "node:path";
import { openRunner, readInput, readState } from "./adapters/runner/actions.ts";
import { compose, openProvider } from "./compose.ts";
import { type Config, loadConfig } from "./config/load.ts";
import type { Ending } from "./domain/ending.ts";
import { findAirlockError } from "./domain/errors.ts";
import { concludes, type Outcome } from "./domain/outcome.ts";
import { openRecord, type RunRecord } from "./domain/record.ts";
import type { Target } from "./domain/task.ts";
import { VERSION } from "./domain/version.ts";
import type { Runner } from "./ports/runner.ts";
import type { World } from "./ports/world.ts";
import { reap, release } from "./reap.ts";
import { run } from "./run.ts";
import { report } from "./stages/report.ts";

/** The post step runs the same file; the main step leaves it this word. */
const STATE = "airlock-step";
const TARGET_STATE = "airlock-target";
const GUEST_FILE = join(dirname(process.argv[1] ?? "."), "guest", "index.js");

if (readState(STATE) === "") await main();
else await post();

async function main(): Promise<void> {
  const runner = openRunner("main");
  runner.saveState(STATE, "started");
  const startedAtMs = Date.now();
  const record = openRecord({
    now: Date.now,
    group: (title, body) => runner.log.group(title, body),
    errorId: (thrown) => findAirlockError(thrown)?.id,
  });
  let world: World | undefined;
  let ending: Ending;
  try {
    const config = loadConfig(readInput);
    world = compose({ config, runner, guestFile: GUEST_FILE });
    ending = { outcome: await Promise.race([run(world, config.settings, record), crash()]) };
  } catch (failure) {
    ending = { failure };
  }
  const outcome = await tell({ runner, world, record, ending, startedAtMs });
  finish(runner, outcome, record);
}

/** Rejects with what nobody caught, so that a defect ends the run with a report instead of without a word. */
function crash(): Promise<never> {
  return new Promise((_resolve, reject) => {
    process.once("uncaughtException", reject);
    process.once("unhandledRejection", reject);
  });
}

interface Telling {
  readonly runner: Runner;
  readonly world: World | undefined;
  readonly record: RunRecord;
  readonly ending: Ending;
  readonly startedAtMs: number;
}

async function tell({ runner, world, record, ending, startedAtMs }: Telling): Promise<Outcome> {
  const { target } = record.notes.trigger ?? {};
  const secrets = world?.secrets ?? [];
  return await report({ runner, forge: world?.forge, record, ending, target, secrets, version: VERSION, startedAtMs, now: Date.now });
}

/** The one place that fails the step and ends the process. */
function finish(runner: Runner, outcome: Outcome, record: RunRecord): never {
  const failed = concludes(outcome.word) === "failure";
  const error = record.notes.error;
  const line = error === undefined ? `${outcome.word}: ${outcome.reason}` : `${error.id} ${outcome.word}: ${error.message} ${error.remedy}`;
  if (failed) runner.fail(line);
  else runner.log.info(line);
  runner.saveState(STATE, "ended");
  process.exit(failed ? 1 : 0);
}

/** Cleans up what a killed main step left: sandboxes, and a comment that still says "at work". */
async function post(): Promise<void> {
  const runner = openRunner("post");
  if (readState(STATE) === "ended") return;
  runner.log.info("the main step did not end by itself; cleaning up");
  const config: Config = loadConfig(readInput);
  const { repository, runId, attempt } = runner.run;
  const options = { config, runner, guestFile: GUEST_FILE };
  await reap({ provider: await openProvider(options), run: { repository, runId, attempt }, nowMs: Date.now(), log: runner.log });
  const target = readState(TARGET_STATE);
  if (target === "") return;
  const { forge } = compose(options);
  await release({ forge, target: JSON.parse(target) as Target, trigger: config.settings.trigger, log: runner.log });
}
