import type { Outcome } from "../domain/outcome.ts";
import { hashRequest } from "../domain/publication/branch.ts";
import type { RunRecord } from "../domain/record/record.ts";
import { type RunResult, toOutcome } from "../domain/record/result.ts";
import { summariseTask, summariseTrigger } from "../domain/record/summarise.ts";
import type { Settings } from "../domain/settings.ts";
import type { Admission, Trigger } from "../domain/task.ts";
import type { InjectionRule } from "../ports/gateway.ts";
import type { World } from "../ports/world.ts";
import { acknowledge, answer, conclude } from "../stages/claim/acknowledge.ts";
import { readTask } from "../stages/task/task.ts";
import { readTrigger } from "../stages/trigger/trigger.ts";
import { fix } from "./fix.ts";
import { handOverOutcome, handOverTarget, openAnnounce } from "./handover.ts";
import { openStopWatch, type RunLine } from "./line.ts";
import { resolveSettings } from "./resolve.ts";
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

/** Reads the task and the policy, then follows the line of a fix or of a review. */
async function follow(world: World, record: RunRecord, { trigger, settings: asked, injections, working }: Claimed): Promise<Outcome> {
  const { runner, forge } = world;
  const startedAtMs = world.now();
  const task = await record.enter("task", async () => {
    const read = await readTask({ forge, trigger, settings: asked, run: runner.run });
    const told = read.instructions?.files.map(({ path }) => path).join(", ") ?? "none";
    runner.log.info(`The repository's instructions for agents, at commit ${read.trustedSha}: ${told}.`);
    return read;
  });
  const requestSha256 = hashRequest({ prompt: asked.prompt, instruction: trigger.instruction });
  record.note("task", { ...summariseTask(task), requestSha256 });
  await using repository = await world.repositories.open();
  const resolved = await resolveSettings({ world, settings: asked, repository, record, trustedSha: task.trustedSha });
  const { settings } = resolved;
  const stopWatch = openStopWatch(runner, { forge, trigger, settings, working });
  const line: RunLine = { world, ...resolved, task, repository, record, startedAtMs, announce: openAnnounce(runner), ...stopWatch };
  const review = asReview(task, settings.publication, forge);
  return review === undefined ? await fix({ ...line, injections, requestSha256 }) : await followReview({ ...line, ...review });
}

async function settle(body: () => Promise<Outcome>): Promise<RunResult> {
  try {
    return { outcome: await body() };
  } catch (failure) {
    return { failure };
  }
}
