import { dirname, join } from "node:path";
import { type BareRunner, openBareRunner, openRunner, readInput, readState } from "./adapters/runner/actions.ts";
import { compose, openGateways, openProvider } from "./compose.ts";
import { chooseProvider } from "./config/credentials.ts";
import { readConfig } from "./config/load.ts";
import { PROVIDERS } from "./config/providers.ts";
import { readSavedState } from "./config/saved-state.ts";
import { proxyNotice } from "./domain/egress/runner-proxy.ts";
import { type RunResult, toOutcome } from "./domain/record/result.ts";
import { chooseStepState, SAVED, type SavedState, type StepState } from "./domain/saved-state.ts";
import type { Runner } from "./ports/runner.ts";
import type { World } from "./ports/world.ts";
import { reap, release } from "./runs/post-step.ts";
import { run } from "./runs/run.ts";
import { endUnbegun, openStep } from "./runs/step.ts";

const GUEST_FILE = join(dirname(process.argv[1] ?? "."), "guest", "index.js");

// The post step runs the same file.
if (readState(SAVED.step) === "") await main();
else await post();

async function main(): Promise<void> {
  const runner = begin();
  const step = openStep(runner);
  const { record } = step;
  const crash = watchCrash();
  const proxy = proxyNotice(process.env);
  if (proxy !== undefined) runner.log.notice(proxy);
  let world: World | undefined;
  let result: RunResult;
  try {
    const inputs = readConfig(readInput);
    world = compose({ ...inputs, runner, guestFile: GUEST_FILE });
    result = { outcome: await Promise.race([run(world, inputs.config.settings, record), crash.happened]) };
  } catch (failure) {
    result = { failure };
  }
  // After a crash the sandbox may still be there: what is written to the forge then is the post step's (I7).
  const forge = crash.seen() ? undefined : world?.forge;
  const outcome = await step.report(result, { forge, target: record.notes.trigger?.target, secrets: world?.secrets ?? [] });
  if (!crash.seen()) leave(runner, chooseStepState(outcome, record.sandboxes));
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

/** The post step hears first that there may be something to clean up. */
function begin(): Runner {
  const bare = openBareRunner();
  try {
    bare.saveState(SAVED.step, "started" satisfies StepState);
    return openRunner("main");
  } catch (failure) {
    return endUnbegun(bare, failure);
  }
}

/** The run has ended and told so: what cannot be left any more costs the post step a look. */
function leave(runner: BareRunner, state: StepState): void {
  try {
    runner.saveState(SAVED.step, state);
  } catch (failure) {
    runner.log.warning(toOutcome({ failure }).outcome.reason);
  }
}

/** Cleans up what a main step left that was killed or failed: sandboxes, and a comment that still says "at work". The job is over: what fails is a warning. */
async function post(): Promise<void> {
  const saved = readSavedState(readState);
  if (saved.step === "ended") return;
  try {
    await cleanUp(openRunner("post"), saved);
  } catch (failure) {
    const { outcome, error } = toOutcome({ failure });
    openBareRunner().log.warning(`Could not clean up after the main step: ${outcome.reason} ${error?.remedy ?? ""}`);
  }
}

async function cleanUp(runner: Runner, saved: SavedState): Promise<void> {
  const inputs = readConfig(readInput);
  const options = { ...inputs, runner, guestFile: GUEST_FILE };
  const { run, log } = runner;
  const { repository, runId, attempt } = run;
  const nowMs = Date.now();
  const label = { repository, runId, attempt };
  const reaped = await reap({ open: () => openProvider(options), gateways: openGateways(), run: label, nowMs, log });
  if (saved.step === "unsure" || saved.target === "none") return;
  log.info("the main step did not end by itself; its issue or pull request is told and set free");
  const leftOver = inputs.fault === undefined ? PROVIDERS[chooseProvider(inputs.config)].leftOver : undefined;
  const { trigger } = inputs.config.settings;
  await release({ forge: compose(options).forge, saved, reaped, leftOver, trigger, run, nowMs, log });
}
