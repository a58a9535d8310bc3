import { messageOf } from "../domain/errors.ts";
import { type Reaped, renderKilled } from "../domain/render/killed.ts";
import type { SavedState } from "../domain/saved-state.ts";
import type { TriggerSettings } from "../domain/settings.ts";
import { WORKFLOW_BOT } from "../domain/trigger/actors.ts";
import { isTracking, LONGEST_LOCK_MS, type Lock, parseLock, TRACKING_MARKER, workingLabel } from "../domain/trigger/state.ts";
import type { Forge } from "../ports/forge.ts";
import type { GatewayOpener } from "../ports/gateway.ts";
import type { RunnerFacts, RunnerLog } from "../ports/runner.ts";
import type { RunLabel, SandboxProvider } from "../ports/sandbox.ts";

export interface ReapOptions {
  /** May fail: the sandboxes are then left to end by themselves. */
  readonly open: () => Promise<SandboxProvider>;
  readonly gateways: Pick<GatewayOpener, "reap">;
  readonly run: RunLabel;
  readonly nowMs: number;
  readonly log: RunnerLog;
}

/**
 * Destroys what a killed main step left behind, and our own sandboxes of other
 * runs whose deadline has passed (I7). Every failure is a warning: the job is over.
 */
export async function reap(options: ReapOptions): Promise<Reaped> {
  const { log, gateways, run } = options;
  const left = await tryOrWarn(log, "take down the gateway", () => gateways.reap(run));
  for (const line of left ?? []) log.info(`took down ${line}, left by the main step`);
  const provider = await tryOrWarn(log, "open the provider", options.open);
  if (provider === undefined) return "unknown";
  const reaped = await reapOwn(provider, options);
  const swept = await tryOrWarn(log, "sweep overdue sandboxes", () => provider.sweep(options.nowMs));
  for (const id of swept ?? []) log.info(`destroyed overdue sandbox ${id}`);
  return reaped;
}

async function reapOwn(provider: SandboxProvider, { run, log }: ReapOptions): Promise<Reaped> {
  const own = await tryOrWarn(log, "list this run's sandboxes", () => provider.findByRun(run));
  if (own === undefined) return "unknown";
  let destroyed = 0;
  for (const id of own) {
    const done = await tryOrWarn(log, `destroy sandbox ${id}`, async () => {
      await provider.destroy(id);
      return true;
    });
    if (done !== true) continue;
    log.info(`destroyed sandbox ${id}, left by the main step`);
    destroyed += 1;
  }
  return destroyed === own.length ? destroyed : "unknown";
}

export interface ReleaseOptions {
  readonly forge: Forge;
  readonly saved: SavedState;
  readonly reaped: Reaped;
  /** As `KilledOptions.leftOver`. */
  readonly leftOver: string | undefined;
  readonly trigger: TriggerSettings;
  readonly run: RunnerFacts;
  readonly nowMs: number;
  readonly log: RunnerLog;
}

const LOST =
  "It cannot be read which issue or pull request the main step worked on. Take its `…:working` label off by hand; its lock ends by itself.";

/** Says on the target what became of the run and gives it free; the killed main step could not. Every failure is a warning. */
export async function release(options: ReleaseOptions): Promise<void> {
  const { forge, saved, trigger, run, log } = options;
  if (saved.target === "unknown") log.warning(LOST);
  const number = typeof saved.target === "string" ? undefined : saved.target.number;
  if (number === undefined) return;
  const holder = await tryOrWarn(log, "read who has the target", () => findHolder(options, number));
  if (holder === undefined) return;
  if (holder === "other") return log.info(`#${number} is another run's by now, and is left to it`);
  if (holder === "run") {
    const comment = renderKilled({ ...options, publication: saved.publication, url: run.url });
    await tryOrWarn(log, "finish the tracking comment", () => forge.putComment(number, TRACKING_MARKER, comment));
  }
  await tryOrWarn(log, "remove the label", () => forge.removeLabel(number, workingLabel(trigger)));
}

/** As many as `putComment` looks through. */
const MAX_COMMENTS = 3_000;

/**
 * Whose the target is by our own tracking comment: this run's, which did not say its end there; another run's; or nobody's, because the
 * end is told already. A run whose lock could not be written has no comment, and is told of.
 */
async function findHolder({ forge, run, nowMs }: ReleaseOptions, number: number): Promise<"run" | "other" | "nobody"> {
  const own = ((await forge.readIdentity?.()) ?? WORKFLOW_BOT).toLowerCase();
  const comments = await forge.readComments(number, MAX_COMMENTS, nowMs - LONGEST_LOCK_MS);
  const tracking = comments.filter(({ author, body }) => author.toLowerCase() === own && isTracking(body));
  const locks = tracking.map(parseLock).filter((lock): lock is Lock => lock !== undefined);
  if (tracking.length === 0 || locks.some((lock) => lock.runId === run.runId && lock.attempt === run.attempt)) return "run";
  return locks.some(({ untilMs }) => untilMs > nowMs) ? "other" : "nobody";
}

async function tryOrWarn<T>(log: RunnerLog, what: string, body: () => Promise<T>): Promise<T | undefined> {
  try {
    return await body();
  } catch (error) {
    log.warning(`Could not ${what}: ${messageOf(error)}`);
    return undefined;
  }
}
