import type { Evidence, Review } from "./finding.ts";

/** What a command did when it was run again. */
export interface Rerun {
  readonly command: string;
  /** null: it did not exit by itself. */
  readonly exitCode: number | null;
  /** Both streams; raw, cut. */
  readonly output: string;
}

const MAX_COMMANDS = 20;

/** The commands to run again, each once, at most twenty. Findings that need another one do not hold. */
export function listCommands(review: Review): readonly string[] {
  return [...new Set(review.findings.flatMap(({ evidence }) => (evidence === undefined ? [] : [evidence.command])))].slice(0, MAX_COMMANDS);
}

/**
 * Exit codes of a shell that could not run the command: its error message repeats the command's words and proves nothing (bash(1), "Exit
 * status").
 */
const NOT_RUN: readonly (number | null)[] = [null, 126, 127];

/** Evidence holds if its command exits as claimed and prints the claimed output, ignoring white space. */
export function holds(evidence: Evidence, reruns: readonly Rerun[]): boolean {
  const rerun = reruns.find(({ command }) => command === evidence.command);
  if (rerun === undefined || NOT_RUN.includes(rerun.exitCode) || evidence.exitCode !== rerun.exitCode) return false;
  const wanted = foldWhiteSpace(evidence.output);
  return wanted !== "" && foldWhiteSpace(rerun.output).includes(wanted);
}

function foldWhiteSpace(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
