import { Buffer } from "node:buffer";

const TAIL_CHARS = 8_000;
/** Lines at the end of an output in which a shell's words are looked for. */
const LOOKED_AT = 5;
/** Exit statuses of a shell that found no such command, or may not run it (bash(1), "Exit status"). */
const NOT_RUN: readonly (number | null)[] = [126, 127];
/** The words of bash, of dash, and of make about its shell. */
const NOT_FOUND = /: command not found$|^(?:\/bin\/)?(?:da)?sh: \d+: .+: not found$|\bError 127$/m;

/** What the workflow's shell lines did in a sandbox. */
export interface CommandRun {
  readonly passed: boolean;
  /** null when a signal ended them. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly durationMs: number;
  /** The end of what they printed; raw guest text. */
  readonly output: string;
}

/** What a sandbox says about a command that ended. */
export interface EndedCommand {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Bytes that were not kept, of both streams. */
  readonly droppedBytes: number;
}

export function readRun({ code, signal, stdout, stderr, droppedBytes }: EndedCommand, durationMs: number): CommandRun {
  const printed = [stdout, stderr].map((bytes) => Buffer.from(bytes).toString("utf8").trim()).filter((text) => text !== "");
  const cut = droppedBytes === 0 ? [] : [`[${droppedBytes} more bytes were not kept]`];
  return { passed: code === 0, exitCode: code, signal, durationMs, output: tail([...printed, ...cut].join("\n")) };
}

function tail(text: string): string {
  return text.length <= TAIL_CHARS ? text : `…${text.slice(-TAIL_CHARS)}`;
}

/** `exit code 1`, `SIGKILL`. */
export function tellEnd({ exitCode, signal }: { readonly exitCode: number | null; readonly signal?: string | null }): string {
  return exitCode === null ? (signal ?? "a signal") : `exit code ${exitCode}`;
}

/** Whether it failed because the sandbox lacks a program, and not by what a program said. */
export function lacksProgram({ passed, exitCode, output }: Pick<CommandRun, "passed" | "exitCode" | "output">): boolean {
  return !passed && (NOT_RUN.includes(exitCode) || NOT_FOUND.test(lastLines(output, LOOKED_AT)));
}

/** The last lines of a text. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}
