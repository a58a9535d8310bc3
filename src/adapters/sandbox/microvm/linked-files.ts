import { realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { runProgram } from "../../programs/run-program.ts";

/** A file of the runner and the place where a view or an image has it. */
export interface PlacedFile {
  readonly source: string;
  readonly target: string;
}

/** The shared libraries (and loaders) of programs, with links in their folders resolved: `/lib/x` becomes `/usr/lib/x`. */
export async function linkedLibraries(ldd: string, programs: readonly string[]): Promise<readonly PlacedFile[]> {
  const paths = new Set<string>();
  for (let at = 0; at < programs.length; at += 200) {
    const result = await runProgram([ldd, ...programs.slice(at, at + 200)], { timeoutMs: 60_000 });
    for (const path of parseLdd(result.stdout)) paths.add(path);
  }
  const placed = await Promise.all([...paths].sort().map(placeFile));
  return placed.filter((file) => file !== null);
}

/** Absolute paths in the output of ldd. */
export function parseLdd(output: string): readonly string[] {
  return [...output.matchAll(/(?:=> |^\s+)(\/\S+) \(0x[0-9a-f]+\)$/gm)].map((match) => match[1] ?? "");
}

/** Null for what is not there. */
export async function placeFile(path: string): Promise<PlacedFile | null> {
  try {
    return { source: await realpath(path), target: join(await realpath(dirname(path)), basename(path)) };
  } catch {
    return null;
  }
}
