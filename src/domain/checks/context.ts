import type { Change, Finding, Patch } from "../patch.ts";
import type { GateSettings } from "../settings.ts";

/** What the checks on the tree diff see. Contents come file by file, so that the gate's memory does not grow with the patch. */
export interface TreeContext {
  readonly patch: Patch;
  readonly settings: GateSettings;
  /** Targets of links that the patch adds or changes, by path. */
  readonly linkTargets: ReadonlyMap<string, string>;
  /** Why such a link is refused where it leads through other links of the tree, by path. */
  readonly linkEscapes: ReadonlyMap<string, string>;
  /** Groups of paths of the new tree that some file system treats as one path. Each group has a path that the patch adds. */
  readonly collisions: readonly (readonly string[])[];
}

export type TreeCheck = (context: TreeContext) => readonly Finding[];

/** One changed file with its contents. Links and submodules are not files. */
export interface FileContext {
  readonly change: Change;
  readonly settings: GateSettings;
  /** Content at the base, decoded leniently; empty if there was none. */
  readonly before: string;
  /** Content in the patch; empty if the file is deleted. */
  readonly after: string;
  /** Lines that the patch adds, in order. */
  readonly added: readonly string[];
  /** Lines that the patch removes, in order. */
  readonly removed: readonly string[];
}

export type FileCheck = (context: FileContext) => readonly Finding[];
