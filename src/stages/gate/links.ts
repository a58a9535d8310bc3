import { Buffer } from "node:buffer";
import { followLink } from "../../domain/checks/links.ts";
import { isNamed } from "../../domain/checks/paths.ts";
import type { Patch } from "../../domain/patch.ts";
import type { GateSettings } from "../../domain/settings.ts";
import type { Repository } from "../../ports/repository.ts";

/** PATH_MAX of Linux: nobody can follow a link with a longer target. */
const MAX_LINK_BYTES = 4096;

/** Targets of the links that the patch adds or changes, by path. */
export async function readLinkTargets({ changes }: Patch, repository: Repository): Promise<ReadonlyMap<string, string>> {
  const targets = new Map<string, string>();
  for (const { path, after } of changes) {
    if (after?.mode !== "120000") continue;
    targets.set(path, Buffer.from(await repository.readBlob(after.oid, MAX_LINK_BYTES)).toString("utf8"));
  }
  return targets;
}

export interface LinkQuestion {
  readonly patch: Patch;
  readonly settings: GateSettings;
  readonly targets: ReadonlyMap<string, string>;
  readonly repository: Repository;
}

/**
 * Why links of the patch are refused that lead out of the tree, or into git's directory, by way of other links; by path. Only for links that
 * the settings name: the others are refused anyway, unseen.
 */
export async function findLinkEscapes({ patch, settings, targets, repository }: LinkQuestion): Promise<ReadonlyMap<string, string>> {
  const changed = new Set(patch.changes.map(({ path }) => path));
  const readLink = async (path: string): Promise<string | undefined> => {
    if (changed.has(path)) return targets.get(path);
    const content = await repository.readLink(patch.baseSha, path, MAX_LINK_BYTES);
    return content === undefined ? undefined : Buffer.from(content).toString("utf8");
  };
  const escapes = new Map<string, string>();
  for (const change of patch.changes) {
    const target = targets.get(change.path);
    if (target === undefined || !isNamed(change, settings)) continue;
    const reason = await followLink(change.path, target, readLink);
    if (reason !== undefined) escapes.set(change.path, reason);
  }
  return escapes;
}
