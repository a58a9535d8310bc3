import type { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { exec } from "@actions/exec";
import { messageOf } from "../../domain/errors.ts";
import { findProgram, MINIMAL_ENV } from "./find-program.ts";
import { boundLog, openOutput } from "./output.ts";

/** What a program of the runner left. A non-zero exit is a result here, too. */
export interface ProgramResult {
  /** 127 when it could not be started or said too much, 137 when it was killed or took too long. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  /** When it is killed, with every process of its group. */
  readonly timeoutMs: number;
  /** How to become root: `sudo -n`, or nothing. It stands before everything else, so that the time limit holds for root, too. */
  readonly prefix?: readonly string[];
  readonly cwd?: string;
  /** Added to the minimal environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Gets what the program says, line by line; at most 200 lines. Must make its lines inert, as the runner's log does. */
  readonly log?: (line: string) => void;
  /** Default 16 MiB, for each stream. */
  readonly maxOutputBytes?: number;
}

const MAX_OUTPUT_BYTES = 16 << 20;
/** After its time limit a program that could not be killed is no longer waited for. */
const GRACE_MS = 15_000;
/** Linux takes 128 KiB for one argument, and a quarter of the stack for all. */
const MAX_ARGUMENT_BYTES = 120_000;
const MAX_ARGUMENTS_BYTES = 1_000_000;
const NOT_RUN = 127;
const KILLED = 137;

/**
 * Runs a program of the runner to its end: no shell, no terminal, no input, nothing printed, and an environment that holds no token
 * (decision 0001). Never for git, never for an argument that came from the sandbox.
 */
export async function runProgram(argv: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  const unfit = whyUnfit(argv);
  if (unfit !== undefined) return { code: NOT_RUN, stdout: "", stderr: unfit };
  const { tool, args } = await limitTime(argv, options);
  if (tool === undefined) return { code: NOT_RUN, stdout: "", stderr: `${argv[0]} is not in ${MINIMAL_ENV.PATH}` };
  const maxBytes = options.maxOutputBytes ?? MAX_OUTPUT_BYTES;
  const log = options.log === undefined ? undefined : boundLog(options.log);
  const [stdout, stderr] = [openOutput(maxBytes, log), openOutput(maxBytes, log)];
  const stopIgnoring = ignoreUnreadInput(tool);
  const running = exec(`"${tool}"`, args, {
    silent: true,
    ignoreReturnCode: true,
    env: { ...MINIMAL_ENV, ...options.env },
    // Else its input stays open, and a program that reads it waits.
    input: Buffer.alloc(0),
    // Its line listeners never get a last line without a line feed (actions/toolkit#1313) and cut characters in two.
    listeners: { stdout: stdout.write, stderr: stderr.write },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const ended = await giveUpAfter(options.timeoutMs + GRACE_MS, running).finally(stopIgnoring);
  return toResult(ended, { stdout: stdout.end(), stderr: stderr.end(), isTooMuch: stdout.isCut() || stderr.isCut(), maxBytes });
}

/**
 * The package closes the program's input and listens to no error there: on a busy runner a program may have ended by then, and `EPIPE`
 * would end ours. It hands out no child, so Node's own channel does (`child_process`, Node 24's documentation of diagnostics_channel).
 * Returns what stops it.
 */
function ignoreUnreadInput(tool: string): () => void {
  const onChild = (message: unknown): void => {
    const { process: child } = message as { readonly process: ChildProcess };
    child.once("spawn", () => {
      if (child.spawnfile === tool) child.stdin?.on("error", () => undefined);
    });
  };
  subscribe("child_process", onChild);
  return () => unsubscribe("child_process", onChild);
}

/** What node would throw where nobody catches it: the package starts the program inside an async callback. */
function whyUnfit(argv: readonly string[]): string | undefined {
  if (argv.some((word) => word.includes("\0"))) return "an argument holds a NUL character";
  const sizes = argv.map((word) => Buffer.byteLength(word));
  const isTooLong = sizes.some((size) => size > MAX_ARGUMENT_BYTES) || sizes.reduce((sum, size) => sum + size, 0) > MAX_ARGUMENTS_BYTES;
  return isTooLong ? "its arguments are too long" : undefined;
}

/** The package cannot kill what it started, so `timeout` does; it is told the program's name, and looks in the environment's PATH. */
async function limitTime(
  argv: readonly string[],
  options: ProgramOptions,
): Promise<{ readonly tool: string | undefined; readonly args: string[] }> {
  const timeout = await findProgram("timeout");
  const limit = timeout === undefined ? [] : [timeout, "--signal=KILL", String(options.timeoutMs / 1000)];
  const [first = "", ...args] = [...(options.prefix ?? []), ...limit, ...argv];
  return { tool: first.startsWith("/") ? first : await findProgram(first), args };
}

type Ended = { readonly code: number | null } | { readonly why: string };

/** No runner but Linux's has `timeout`, and `sudo` may refuse to be killed: then the program goes on, and we do. */
async function giveUpAfter(ms: number, running: Promise<number | null>): Promise<Ended> {
  const { promise: late, resolve } = Promise.withResolvers<Ended>();
  const timer = setTimeout(() => resolve({ why: "it took too long and could not be killed" }), ms);
  const ended = running.then(
    (code): Ended => ({ code }),
    (error: unknown): Ended => ({ why: messageOf(error) }),
  );
  try {
    return await Promise.race([ended, late]);
  } finally {
    clearTimeout(timer);
  }
}

interface Spoken {
  readonly stdout: string;
  readonly stderr: string;
  readonly isTooMuch: boolean;
  readonly maxBytes: number;
}

function toResult(ended: Ended, { stdout, stderr, isTooMuch, maxBytes }: Spoken): ProgramResult {
  if ("why" in ended) return { code: NOT_RUN, stdout, stderr: stderr || ended.why };
  if (isTooMuch) return { code: NOT_RUN, stdout, stderr: `it printed more than ${maxBytes} bytes` };
  return { code: ended.code ?? KILLED, stdout, stderr };
}

/** The last lines of what a program said, for an error message. */
export function lastWords(result: ProgramResult, maxChars = 400): string {
  const text = (result.stderr.trim() || result.stdout.trim()).slice(-maxChars);
  if (text !== "") return text;
  return result.code === KILLED ? "it was killed; most likely it took too long" : `exit status ${result.code}`;
}
