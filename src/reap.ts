import type { TriggerSettings } from "./domain/settings.ts";
import type { Target } from "./domain/task.ts";
import { TRACKING_MARKER, workingLabel } from "./domain/trigger/state.ts";
import type { Forge } from "./ports/forge.ts";
import type { RunnerLog } from "./ports/runner.ts";
import type { RunLabel, SandboxProvider } from "./ports/sandbox.ts";

export interface ReapOptions {
  readonly provider: SandboxProvider;
  readonly run: RunLabel;
  readonly nowMs: number;
  readonly log: RunnerLog;
}

/**
 * Destroys what a killed main step left behind, and our own sandboxes of other
 * runs whose deadline has passed (I7). Every failure is a warning: the job is over.
 */
export async function reap(options: ReapOptions): Promise<void> {
  const { provider, log } = options;
  const own = await attempt(log, "list this run's sandboxes", () => provider.findByRun(options.run));
  for (const id of own ?? []) {
    await attempt(log, `destroy sandbox ${id}`, () => provider.destroy(id));
    log.info(`destroyed sandbox ${id}, left by the main step`);
  }
  const swept = await attempt(log, "sweep overdue sandboxes", () => provider.sweep(options.nowMs));
  for (const id of swept ?? []) log.info(`destroyed overdue sandbox ${id}`);
}

export interface ReleaseOptions {
  readonly forge: Forge;
  readonly target: Target;
  readonly trigger: TriggerSettings;
  readonly log: RunnerLog;
}

/** Says on the target that the run is over and gives it free; the killed main step could not. */
export async function release({ forge, target, trigger, log }: ReleaseOptions): Promise<void> {
  const { number } = target;
  if (number === undefined) return;
  const comment = "Airlock's run was killed before it could end by itself. Its sandbox is destroyed and nothing was published.";
  await attempt(log, "finish the tracking comment", () => forge.putComment(number, TRACKING_MARKER, comment));
  await attempt(log, "remove the label", () => forge.removeLabel(number, workingLabel(trigger)));
}

async function attempt<T>(log: RunnerLog, what: string, body: () => Promise<T>): Promise<T | undefined> {
  try {
    return await body();
  } catch (error) {
    log.warning(`Could not ${what}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
