import { abandonOnAbort } from "../domain/deadline.ts";
import type { Patch } from "../domain/patch.ts";
import type { GateSettings } from "../domain/settings.ts";
import type { Task } from "../domain/task.ts";
import type { Repository } from "../ports/repository.ts";
import type { HarvestLimits, Sandbox } from "../ports/sandbox.ts";

/** At least this much is read, whatever the gate allows, so that a patch that is too large is held back with its work kept. */
const FLOOR: HarvestLimits = { maxFiles: 20_000, maxBytes: 256 * 1024 * 1024 };
/** Never read more, whatever the gate allows. */
const CEILING: HarvestLimits = { maxFiles: 200_000, maxBytes: 4 * 1024 ** 3 };
/** The harvest reads whole files, while the gate counts what changed in them. */
const SLACK = 4;

export interface HarvestOptions {
  readonly sandbox: Sandbox;
  readonly repository: Repository;
  readonly task: Task;
  readonly limits: Pick<GateSettings, "maxFiles" | "maxPatchBytes">;
  /** Aborts when an ended run can no longer wait for it. */
  readonly late: AbortSignal;
}

/**
 * Reads the tree that the agent left, whatever it did to its own git, as a patch against the pinned base (I1, I12).
 * @throws AirlockError `harvest.limit`, `harvest.unreadable`, and why `late` aborted
 */
export async function harvest(options: HarvestOptions): Promise<Patch> {
  const limits = harvestLimits(options.limits);
  const { repository, task, sandbox, late } = options;
  return await abandonOnAbort(late, () => repository.readPatch(task.baseSha, sandbox.harvest(limits), limits));
}

/** The most that is read from a sandbox: more than the gate's own limits, within fixed bounds. */
export function harvestLimits(gate: Pick<GateSettings, "maxFiles" | "maxPatchBytes">): HarvestLimits {
  return {
    maxFiles: bounded(gate.maxFiles * SLACK, FLOOR.maxFiles, CEILING.maxFiles),
    maxBytes: bounded(gate.maxPatchBytes * SLACK, FLOOR.maxBytes, CEILING.maxBytes),
  };
}

function bounded(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
