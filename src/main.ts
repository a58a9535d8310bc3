import { dirname, join } from "node:path";
import { openRunner, readInput, readState } from "./adapters/runner/actions.ts";
import { compose, openProvider } from "./compose.ts";
import type { Config } from "./config/config.ts";
import { loadConfig, readConfig } from "./config/load.ts";
import type { Ending } from "./domain/ending.ts";
import { concludes, type Outcome } from "./domain/outcome.ts";
import type { RunRecord } from "./domain/record.ts";
import { tellRunnerProxy } from "./domain/runner-proxy.ts";
import type { Target } from "./domain/task.ts";
import type { World } from "./ports/world.ts";
import { reap, release } from "./reap.ts";
import { run } from "./run.ts";
import { openStep } from "./step.ts";

/** The post step runs the same file; the main step leaves it this word: `started`, `unsure` when a sandbox may be left, or `ended`. */
const STATE = "airlock-step";
const TARGET_STATE = "airlock-target";
const GUEST_FILE = join(dirname(process.argv[1] ?? "."), "guest", "index.js");

if (readState(STATE) === "") await main();
else await post();

async function main(): Promise<void> {
  const runner = openRunner("main");
  runner.saveState(STATE, "started");
  const step = openStep(runner);
  const { record } = step;
  const crash = watchCrash();
  const proxy = tellRunnerProxy(process.env);
  if (proxy !== undefined) runner.log.notice(proxy);
  let world: World | undefined;
  let ending: Ending;
  try {
    const inputs = readConfig(readInput);
    world = compose({ ...inputs, runner, guestFile: GUEST_FILE });
    ending = { outcome: await Promise.race([run(world, inputs.config.settings, record), crash.happened]) };
  } catch (failure) {
    ending = { failure };
  }
  // After a crash the sandbox may still be there: what is written to the forge then is the post step's (I7).
  const forge = crash.seen() ? undefined : world?.forge;
  const outcome = await step.report(ending, { forge, target: record.notes.trigger?.target, secrets: world?.secrets ?? [] });
  runner.saveState(STATE, crash.seen() ? "started" : chooseState(outcome, record));
  step.end(outcome);
}

/** What nobody caught ends the run with a report instead of without a word. */
function watchCrash(): { readonly happened: Promise<never>; readonly seen: () => boolean } {
  let seen = false;
  const happened = new Promise<never>((_resolve, reject) => {
    for (const event of ["uncaughtException", "unhandledRejection"]) {
      process.on(event, (error: unknown) => {
        seen = true;
        reject(error);
      });
    }
  });
  happened.catch(() => undefined);
  return { happened, seen: () => seen };
}

/** A run that failed after it had a sandbox may have failed to take it away. */
function chooseState(outcome: Outcome, record: RunRecord): "ended" | "unsure" {
  return record.notes.sandbox === undefined || concludes(outcome.word) === "success" ? "ended" : "unsure";
}

/** Cleans up what a main step left that was killed or failed: sandboxes, and a comment that still says "at work". */
async function post(): Promise<void> {
  const runner = openRunner("post");
  const state = readState(STATE);
  if (state === "ended") return;
  const config: Config = loadConfig(readInput);
  const { repository, runId, attempt } = runner.run;
  const options = { config, runner, guestFile: GUEST_FILE };
  await reap({ provider: await openProvider(options), run: { repository, runId, attempt }, nowMs: Date.now(), log: runner.log });
  const target = readState(TARGET_STATE);
  if (state === "unsure" || target === "") return;
  runner.log.info("the main step did not end by itself; its issue or pull request is told and set free");
  const { forge } = compose(options);
  await release({ forge, target: JSON.parse(target) as Target, trigger: config.settings.trigger, log: runner.log });
}
