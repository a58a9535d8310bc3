import type { Change, Finding } from "../patch.ts";
import type { GateSettings } from "../settings.ts";
import type { FileCheck, FileContext } from "./context.ts";
import { checkInstallScripts } from "./install.ts";
import { checkLicenceLines, checkNestedRepository } from "./licence.ts";
import { checkLockfiles } from "./lockfiles.ts";
import { checkTests } from "./tests.ts";
import { checkConflictMarkers, checkGenerated, checkTrojanSource } from "./text.ts";

const FILE_CHECKS: readonly FileCheck[] = [
  checkNestedRepository,
  checkLockfiles,
  checkInstallScripts,
  checkTrojanSource,
  checkConflictMarkers,
  checkTests,
  checkLicenceLines,
  checkGenerated,
];

/** Every check that reads a file's text. */
export function checkFile(context: FileContext): readonly Finding[] {
  return FILE_CHECKS.flatMap((check) => check(context));
}

export interface FileContents {
  readonly change: Change;
  readonly settings: GateSettings;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** Decodes leniently and compares the lines as sets with counts: a line that only moved is neither added nor removed. */
export function openFile({ change, settings, before, after }: FileContents): FileContext {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const [old, now] = [decoder.decode(before), decoder.decode(after)];
  const [oldLines, lines] = [linesOf(old), linesOf(now)];
  return { change, settings, before: old, after: now, added: without(lines, oldLines), removed: without(oldLines, lines) };
}

function linesOf(text: string): readonly string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** `lines` without those of `others`, each removed as often as it occurs there. */
export function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    if (count > 0) left.set(line, count - 1);
    return count === 0;
  });
}
