import type { FindingCode } from "../../domain/findings.ts";
import { type GuardFacts, type GuardReport, guard } from "../../domain/guard/guard.ts";
import { forReaders } from "../../domain/guard/remedies.ts";
import { checkRenamed, joinRenames } from "../../domain/guard/renames.ts";
import type { Patch, Verdict } from "../../domain/patch.ts";
import type { FileDiff } from "../../domain/review/diff.ts";
import type { GateSettings } from "../../domain/settings.ts";

export interface GuardOptions {
  /** The pull request's own change, from its merge base to its head. */
  readonly patch: Patch;
  readonly files: readonly FileDiff[];
  readonly settings: GateSettings;
  /** The gate, with settings for somebody else's change. */
  readonly judge: (patch: Patch, settings: GateSettings) => Promise<Verdict>;
  readonly facts: Omit<GuardFacts, "files" | "gateFindings">;
}

/** Flags of a pull request: the checks of the gate, and those that only make sense for somebody else's change. */
export async function guardPullRequest({ patch, files, settings, judge, facts }: GuardOptions): Promise<GuardReport> {
  const joined = joinRenames(patch, files);
  const judged = await judge(joined.patch, forOthers(settings));
  const gateFindings = [...judged.findings, ...checkRenamed(joined, forOthers(settings))]
    .filter(({ code }) => !OWN.includes(code))
    .map(forReaders);
  return guard({ ...facts, files, gateFindings });
}

/** Findings that only matter for a patch that is about to be published. */
const OWN: readonly string[] = ["whitespace-only"] satisfies FindingCode[];

/** `allowed-paths` limits the agent, not people; a protected path is always reported. */
function forOthers(settings: GateSettings): GateSettings {
  return { ...settings, allowedPaths: [], onProtected: "refuse" };
}
