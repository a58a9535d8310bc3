import { randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { abortReason } from "../../../../domain/deadline.ts";
import { AirlockError } from "../../../../domain/errors.ts";

/** All that a cloud machine must be able to do before its guest program runs. */
export interface BareMachine {
  /**
   * Runs a POSIX shell script as root, to its end. A non-zero exit is a result.
   * @throws Interrupted if the answer was lost and the script may have run or not; AirlockError for any final failure
   */
  run(command: string, limits: RunLimits): Promise<ScriptResult>;
  /**
   * Writes a file as root, readable by root only or by all; its folder exists.
   * @throws Interrupted, AirlockError
   */
  writeFile(path: string, content: Readable | Uint8Array, limits: RunLimits): Promise<void>;
}

export interface RunLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface ScriptResult {
  readonly code: number;
  /** What it printed to its standard output. */
  readonly output: string;
}

/** The connection broke before the answer came. The call should be repeated where that is safe. */
export class Interrupted extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "Interrupted";
  }
}

export interface ScriptOptions {
  readonly machine: BareMachine;
  /** POSIX shell; safe to repeat, also after a partial run. Its arguments are `$1` and so on. */
  readonly script: string;
  readonly args: readonly string[];
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
}

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 500;
const SCRIPT_TIMEOUT_MS = 40_000;
const MAX_SHOWN_CHARACTERS = 500;

/**
 * Runs a script and returns what it printed. It counts as done only if its own last line arrived, whatever the exit code.
 * @throws AirlockError `sandbox.unavailable` if it fails or its end is not seen
 */
export async function runScript(options: ScriptOptions): Promise<string> {
  const { machine, args, signal, timeoutMs = SCRIPT_TIMEOUT_MS } = options;
  return await retryRun("run a script", signal, async () => {
    const mark = randomBytes(8).toString("hex");
    const command = `exec 2>&1\nset -eu\nset -- ${args.map(quoteForShell).join(" ")}\nprintf '\\nbegin-%s\\n' ${mark}\n${options.script}\nprintf '\\nend-%s\\n' ${mark}\n`;
    const { code, output } = await machine.run(command, { timeoutMs, signal });
    const end = output.indexOf(`\nend-${mark}\n`);
    if (code === 0 && end >= 0) return afterLast(output.slice(0, end), `begin-${mark}\n`);
    if (code === 0) throw new Interrupted("A script's exit code says success, but the end of its output did not arrive.");
    throw failed(code, afterLast(output, `begin-${mark}\n`));
  });
}

/** If output was delivered twice, its mark is there twice. */
function afterLast(text: string, mark: string): string {
  const at = text.lastIndexOf(mark);
  return at < 0 ? text : text.slice(at + mark.length);
}

function failed(code: number, output: string): AirlockError {
  const tail = output
    .replace(/[^\x20-\x7e\n]/g, "?")
    .trim()
    .slice(-MAX_SHOWN_CHARACTERS);
  return new AirlockError("sandbox.unavailable", {
    message: `The sandbox could not be prepared; a script ended with exit code ${code}${tail === "" ? "." : `: ${tail}`}`,
    remedy: "Run again. With a template of your own, make sure that it has git, tar, gzip, coreutils and room on its disk.",
  });
}

/** `content` is called again for each attempt. @throws AirlockError `sandbox.unavailable` */
export async function putFile(options: {
  readonly machine: BareMachine;
  readonly path: string;
  readonly content: () => Readable | Uint8Array;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { machine, path, content, timeoutMs, signal } = options;
  await retryRun(`write ${path}`, signal, () => machine.writeFile(path, content(), { timeoutMs, signal }));
}

/** Repeats an interrupted call a few times. */
export async function retryRun<T>(what: string, signal: AbortSignal, act: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      signal.throwIfAborted();
      return await act();
    } catch (error) {
      if (signal.aborted) throw abortReason(signal);
      if (!(error instanceof Interrupted)) throw error;
      if (attempt >= ATTEMPTS) throw gaveUp(what, error);
    }
    await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1), undefined, { signal }).catch(() => undefined);
  }
}

function gaveUp(what: string, cause: Interrupted): AirlockError {
  return new AirlockError("sandbox.unavailable", {
    message: `The sandbox's connection broke ${ATTEMPTS} times on the way to ${what}: ${cause.message}`,
    remedy: "Run again. If it happens every time, look at the provider's status page.",
    cause,
  });
}

/** Quotes any text as one word of a POSIX shell. */
export function quoteForShell(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
