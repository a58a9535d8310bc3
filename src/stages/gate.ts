import { Buffer } from "node:buffer";
import { checkSize } from "../domain/checks/size.ts";
import { checkTree } from "../domain/checks/tree.ts";
import type { Change, Finding, Patch, Verdict } from "../domain/patch.ts";
import { collisionKey } from "../domain/paths/fold.ts";
import type { Secret } from "../domain/secret.ts";
import type { GateSettings } from "../domain/settings.ts";
import type { Repository } from "../ports/repository.ts";

/** PATH_MAX of Linux: a longer target is no link anybody can follow. */
const MAX_LINK_BYTES = 4096;

export interface GateOptions {
  readonly patch: Patch;
  readonly repository: Repository;
  readonly settings: GateSettings;
  /** Every secret value of the run (I14). */
  readonly secrets: readonly Secret[];
  /** What is published beside the patch, by name: `title`, `body`, `commit message`, `comment`. */
  readonly texts: Readonly<Record<string, string>>;
}

/** Judges the tree that would be published: nothing but what comes out of here may leave (I12, I13, I14). */
export async function gate(options: GateOptions): Promise<Verdict> {
  const { patch, repository, settings } = options;
  const linkTargets = await readLinkTargets(patch, repository);
  const collisions = await findCollisions(patch, repository);
  const findings = [...checkTree({ patch, settings, linkTargets, collisions }), ...checkSize(addedBytes(patch), settings)];
  return { decision: decide(patch, findings), findings, tree: patch.tree };
}

function decide(patch: Patch, findings: readonly Finding[]): Verdict["decision"] {
  if (findings.some(({ severity }) => severity === "refuse")) return "hold";
  if (patch.changes.length === 0) return "empty";
  return findings.some(({ severity }) => severity === "draft") ? "draft" : "publish";
}

function addedBytes(patch: Patch): number {
  return patch.changes.reduce((sum, { after }) => sum + (after?.size ?? 0), 0);
}

async function readLinkTargets(patch: Patch, repository: Repository): Promise<ReadonlyMap<string, string>> {
  const targets = new Map<string, string>();
  for (const { path, after } of patch.changes) {
    if (after?.mode !== "120000") continue;
    targets.set(path, Buffer.from(await repository.readBlob(after.oid, MAX_LINK_BYTES)).toString("utf8"));
  }
  return targets;
}

/** Groups of equal keys that hold an added path. Deletions and edits cannot make a collision. */
async function findCollisions(patch: Patch, repository: Repository): Promise<readonly (readonly string[])[]> {
  const added = patch.changes.filter(isAdded).map(({ path }) => path);
  if (added.length === 0) return [];
  const groups = new Map<string, string[]>();
  for (const path of added) for (const prefix of prefixes(path)) groups.set(collisionKey(prefix), []);
  for await (const path of repository.readPaths(patch.tree)) groups.get(collisionKey(path))?.push(path);
  return [...groups.values()].filter((group) => group.length > 1);
}

function isAdded({ kind }: Change): boolean {
  return kind === "added";
}

/** The path and every directory above it. */
function* prefixes(path: string): Generator<string> {
  for (let end = path.indexOf("/"); end !== -1; end = path.indexOf("/", end + 1)) yield path.slice(0, end);
  yield path;
}
