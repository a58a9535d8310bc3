import { abandonOnAbort, abortReason } from "../domain/deadline.ts";
import { MAX_LOCKFILE_BYTES } from "../domain/egress/lockfile.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { Patch, Verdict } from "../domain/patch.ts";
import { hashRequest } from "../domain/publication/branch.ts";
import type { RunRecord } from "../domain/record/record.ts";
import { type RunResult, toOutcome } from "../domain/record/result.ts";
import { summarisePolicy, summariseTask, summariseTrigger } from "../domain/record/summarise.ts";
import type { Settings } from "../domain/settings.ts";
import type { Admission, Trigger } from "../domain/task.ts";
import type { InjectionRule } from "../ports/gateway.ts";
import type { Runner } from "../ports/runner.ts";
import type { World } from "../ports/world.ts";
import { requireCompleted } from "../stages/agent.ts";
import { acknowledge, answer, conclude } from "../stages/claim/acknowledge.ts";
import { throwIfStopRequested, type WantedOptions, watchForStop } from "../stages/claim/still-wanted.ts";
import { gate } from "../stages/gate/gate.ts";
import { resolvePolicy } from "../stages/policy.ts";
import { publish } from "../stages/publish.ts";
import { readTask } from "../stages/task/task.ts";
import { readTrigger } from "../stages/trigger/trigger.ts";
import { contain } from "./contain.ts";
import { handOverOutcome, handOverTarget, openAnnounce } from "./handover.ts";
import { asReview, followReview } from "./review.ts";

/** From an event to a publication; every ending that is no error is an outcome (I20). */
export async function run(world: World, given: Settings, record: RunRecord): Promise<Outcome> {
  const { runner, forge } = world;
  const admission = await record.enter("trigger", () => judge(world, given));
  if (!admission.admitted) {
    return { word: admission.word, reason: [admission.reason, admission.remedy].filter((part) => part !== undefined).join(" ") };
  }
  const { trigger } = admission;
  handOverTarget(runner, trigger.target);
  const claim = await acknowledge({ forge, trigger, settings: given, log: runner.log, run: runner.run });
  if (!claim.claimed) {
    requireInputs(world);
    return { word: "skipped", reason: claim.reason ?? "Another run has the target." };
  }
  record.note("trigger", { ...summariseTrigger(trigger), working: claim.working });
  const result = await settle(async () => {
    const claimed = await prepare(world, given, { trigger, working: claim.working });
    return handOverOutcome(runner, await follow(world, record, claimed));
  });
  await conclude({ forge, trigger, settings: given, log: runner.log, outcome: toOutcome(result).outcome.word });
  if ("failure" in result) throw result.failure;
  return result.outcome;
}

/** Judges the event and answers who asked. @throws what kept it from being judged */
async function judge(world: World, settings: Settings): Promise<Admission> {
  const { runner, forge } = world;
  const admission = await readTrigger({ runner, forge, settings });
  if (admission.admitted) return admission;
  requireInputs(world);
  await answer({ forge, admission, settings, log: runner.log });
  if (admission.failure !== undefined) throw admission.failure;
  return admission;
}

function requireInputs({ fault }: World): void {
  if (fault !== undefined) throw fault;
}

/** What the workflow and the repository have to give. The target is taken by now, so that what is missing is told there. */
async function prepare(world: World, given: Settings, claim: Pick<Claimed, "trigger" | "working">): Promise<Claimed> {
  requireInputs(world);
  world.requireCredentials();
  const settings = await world.narrow(given, claim.trigger);
  return { ...claim, settings, injections: world.openSecrets?.(settings) ?? [] };
}

interface Claimed {
  readonly trigger: Trigger;
  readonly settings: Settings;
  readonly injections: readonly InjectionRule[];
  /** The working label is on: taking it off stops the run. */
  readonly working: boolean;
}

/** The line itself. */
async function follow(world: World, record: RunRecord, { trigger, settings, injections, working }: Claimed): Promise<Outcome> {
  const { runner, forge, secrets } = world;
  const startedAtMs = world.now();
  const task = await record.enter("task", () => readTask({ forge, trigger, settings, run: runner.run }));
  const requestSha256 = hashRequest({ prompt: settings.prompt, instruction: trigger.instruction });
  record.note("task", { ...summariseTask(task), requestSha256 });
  const readBase = (path: string): Promise<string | undefined> => forge.readFile(task.trustedSha, path, MAX_LOCKFILE_BYTES);
  const judgedBy = { forgeUrl: forge.remote.url, modelUrl: world.model(settings)?.baseUrl, readBase };
  const policy = await record.enter("policy", () => resolvePolicy({ settings, readRegistries: () => world.readRegistries(), ...judgedBy }));
  record.note("policy", summarisePolicy(policy));
  await using repository = await world.repositories.open();
  const wanted = { forge, trigger, settings, working };
  const announce = openAnnounce(runner);
  const review = asReview(task, settings.publication, forge);
  if (review !== undefined) {
    const interest = {
      watched: <T>(body: (stop: AbortSignal) => Promise<T>) => watched(wanted, body),
      requireWanted: () => throwIfEnded(runner, wanted),
      announce,
    };
    return await followReview({ world, settings, task, policy, repository, record, startedAtMs, ...interest, ...review });
  }
  const contained = await watched(wanted, (stop) =>
    contain({ world, settings, task, policy, secrets: injections, repository, record, stop }),
  );
  const { patch } = contained; // the sandbox and the gateway are gone (I7)
  if (runner.cancelled.aborted) requireCompleted(contained); // no time to judge
  const judge = (judged: Patch): Promise<Verdict> => gate({ patch: judged, repository, settings: settings.gate, secrets, texts: {} });
  const verdict = await record.enter("gate", () => abandonOnAbort(runner.cancelled, () => judge(patch)));
  record.note("gate", verdict);
  requireCompleted(contained);
  await throwIfEnded(runner, wanted);
  const durationMs = world.now() - startedAtMs;
  const publication = { forge, repository, task, requestSha256, patch, verdict, settings: settings.publication, dryRun: settings.dryRun };
  return await record.enter("publish", () =>
    publish({ ...publication, run: runner.run, facts: record.notes, durationMs, secrets, judge, announce }),
  );
}

async function watched<T>(wanted: WantedOptions, body: (stop: AbortSignal) => Promise<T>): Promise<T> {
  using watch = watchForStop(wanted);
  return await body(watch.signal);
}

/** Nothing is published of a run that was cancelled, or that nobody wants any more. */
async function throwIfEnded({ cancelled }: Runner, wanted: WantedOptions): Promise<void> {
  await throwIfStopRequested(wanted);
  if (cancelled.aborted) throw abortReason(cancelled);
}

async function settle(body: () => Promise<Outcome>): Promise<RunResult> {
  try {
    return { outcome: await body() };
  } catch (failure) {
    return { failure };
  }
}
