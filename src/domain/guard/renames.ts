import { checkOddNames, checkProtectedPaths } from "../checks/paths.ts";
import { isTest } from "../checks/tests.ts";
import type { Change, Finding, Patch } from "../patch.ts";
import type { FileDiff } from "../review/diff.ts";
import type { GateSettings } from "../settings.ts";

/** A patch whose renames are one change each, and the changes that this hides. */
export interface Joined {
  readonly patch: Patch;
  /** The removals and additions that were joined: their names still count (I13). */
  readonly hidden: readonly Change[];
}

/**
 * Git's trees know no renames. A file that only moved is compared with its old content instead of counting as new and deleted, so that
 * moving a test does not look like weakening it. It counts as added, since its new name can collide.
 */
export function joinRenames(patch: Patch, files: readonly FileDiff[]): Joined {
  const byPath = new Map(patch.changes.map((change) => [change.path, change]));
  const joined = new Map<string, Change>();
  const hidden = new Set<Change>();
  for (const { status, oldPath, path } of files) {
    const [from, to] = [byPath.get(oldPath), byPath.get(path)];
    // A test that moves to where no runner looks counts as deleted.
    if (isTest(oldPath) && !isTest(path)) continue;
    if (status !== "renamed" || from?.kind !== "deleted" || to?.kind !== "added") continue;
    if (from.before === undefined || to.after === undefined || hidden.has(from) || hidden.has(to)) continue;
    hidden.add(from).add(to);
    joined.set(path, { ...to, kind: "added", before: from.before });
  }
  const changes = patch.changes.flatMap((change) => joined.get(change.path) ?? (hidden.has(change) ? [] : [change]));
  return { patch: { ...patch, changes }, hidden: [...hidden] };
}

/** Both names of a renamed file are judged like any other name. */
export function checkRenamed({ patch, hidden }: Joined, settings: GateSettings): readonly Finding[] {
  const context = {
    patch: { ...patch, changes: hidden },
    settings,
    linkTargets: new Map<string, string>(),
    linkEscapes: new Map<string, string>(),
    collisions: [],
  };
  return [...checkProtectedPaths(context), ...checkOddNames(context)];
}
