import type { RecordedRun } from "../config/recorded-run.ts";
import { stricterVerdict } from "../domain/checks/earlier-verdict.ts";
import { AirlockError } from "../domain/errors.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { Patch, Verdict } from "../domain/patch.ts";
import type { RunRecord } from "../domain/record/record.ts";
import { summarisePatch } from "../domain/record/summarise.ts";
import type { Secret } from "../domain/secret.ts";
import type { Settings } from "../domain/settings.ts";
import type { Forge } from "../ports/forge.ts";
import type { Repository } from "../ports/repository.ts";
import { throwIfStopRequested } from "../stages/claim/still-wanted.ts";
import { gate } from "../stages/gate/gate.ts";
import { publish } from "../stages/publish.ts";

export interface RepublishOptions {
  readonly recorded: RecordedRun;
  /** Absolute path of the patch. */
  readonly patchFile: string;
  readonly forge: Forge;
  readonly repository: Repository;
  readonly settings: Settings;
  readonly secrets: readonly Secret[];
  readonly run: { readonly url: string };
  readonly record: RunRecord;
}

/** The end of the line alone, in a job that may write: reads the patch of an earlier job, judges it again and publishes it. */
export async function republish(options: RepublishOptions): Promise<Outcome> {
  const { recorded, repository, forge, settings, record, secrets } = options;
  if (recorded.outcome === "no-changes") return { word: "no-changes", reason: "The earlier job's agent left no change." };
  if (recorded.outcome !== "patch-only")
    return { word: "held", reason: `The earlier job's run ended as ${recorded.outcome}; only \`patch-only\` is published.` };
  const { verdict: earlier } = recorded;
  if (earlier === undefined) return { word: "held", reason: "The earlier job's record holds no verdict of its gate." };
  const patch = await record.enter("harvest", () => readPatch(options));
  record.note("patch", summarisePatch(patch));
  const judge = async (judged: Patch): Promise<Verdict> =>
    stricterVerdict(await gate({ patch: judged, repository, settings: settings.gate, secrets, texts: {} }), earlier, judged);
  const verdict = await record.enter("gate", () => judge(patch));
  record.note("gate", verdict);
  await throwIfStopRequested({ forge, trigger: recorded.task.trigger, settings, ...labelOf(recorded) });
  const { publication } = settings;
  const task = { ...recorded.task, baseRef: publication.base === "" ? recorded.task.baseRef : publication.base };
  return await record.enter("publish", () =>
    publish({
      forge,
      repository,
      task,
      requestSha256: recorded.requestSha256,
      patch,
      verdict,
      settings: publication,
      dryRun: settings.dryRun,
      run: options.run,
      facts: record.notes,
      durationMs: recorded.durationMs,
      secrets,
      judge,
    }),
  );
}

/** A label that the earlier job had no permission to move is still there, unless somebody removed it. */
function labelOf({ task, labelMoved }: RecordedRun): { readonly working: false; readonly label?: string } {
  const { label } = task.trigger;
  return { working: false, ...(labelMoved || label === undefined ? {} : { label }) };
}

async function readPatch({ recorded, repository, forge, settings, patchFile }: RepublishOptions): Promise<Patch> {
  await repository.fetch(forge.remote, [recorded.baseSha]);
  const { maxFiles, maxPatchBytes } = settings.gate;
  // A diff is much longer than what it changes; the gate checks the contents against the limit.
  const patch = await repository.readDiff(recorded.baseSha, patchFile, { maxFiles: maxFiles * 10, maxBytes: maxPatchBytes * 8 });
  if (patch.tree === recorded.tree) return patch;
  throw new AirlockError("gate.mismatch", {
    message: `The patch makes the tree ${patch.tree}; the earlier job judged ${recorded.tree}.`,
    remedy: "Run both jobs again. When it comes back, something between them changes the artifact.",
  });
}
