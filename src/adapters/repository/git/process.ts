import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { AirlockError } from "../../../domain/errors.ts";
import { type EnvironmentOptions, type GitConfig, gitEnvironment } from "./environment.ts";

const DEFAULT_TIMEOUT_MS = 120_000;
const DEFAULT_OUTPUT_BYTES = 1024 * 1024;
const MAX_STDERR_BYTES = 8 * 1024;

export interface GitCommand {
  readonly args: readonly string[];
  /** Default: empty and closed. An error while reading it ends git and is thrown again. */
  readonly stdin?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** git is ended if it writes more than this. */
  readonly maxOutputBytes?: number;
  readonly timeoutMs?: number;
  /** Added to the fixed settings. */
  readonly config?: GitConfig;
  /** Added to the fixed environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface GitResult {
  /** null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: Buffer;
  /** At most 8 KiB. */
  readonly stderr: string;
  readonly cut: "timeout" | "output" | undefined;
}

/** Runs git in one repository; every process has its own group and a deadline. */
export interface Git {
  run(command: GitCommand): Promise<GitResult>;
  /** Like `run`, with the output as a stream that fails when git fails. */
  stream(command: GitCommand): Readable;
  /** A process that keeps running; the caller ends it with `endGroup`. */
  start(args: readonly string[]): ChildProcessWithoutNullStreams;
}

export function createGit(options: EnvironmentOptions): Git {
  const launch = (command: GitCommand): ChildProcessWithoutNullStreams =>
    spawn("git", command.args, {
      cwd: options.directory,
      env: { ...gitEnvironment(options, command.config ?? []), ...command.env },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
  return {
    run: (command) => collect(launch(command), command),
    stream: (command) => stream(launch(command), command),
    start: (args) => launch({ args }),
  };
}

/** Ends a process and everything it started. */
export function endGroup(child: ChildProcessWithoutNullStreams): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}

async function collect(child: ChildProcessWithoutNullStreams, command: GitCommand): Promise<GitResult> {
  const maxBytes = command.maxOutputBytes ?? DEFAULT_OUTPUT_BYTES;
  const chunks: Buffer[] = [];
  let bytes = 0;
  let cut: GitResult["cut"];
  const stop = (why: NonNullable<GitResult["cut"]>): void => {
    cut ??= why;
    endGroup(child);
  };
  const timer = setTimeout(() => stop("timeout"), command.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const stderr = collectErrors(child);
  child.stdout.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) stop("output");
    else chunks.push(chunk);
  });
  const ended = exitOf(child);
  try {
    await Promise.all([feed(child, command.stdin ?? []), ended]);
    return { code: await ended, stdout: Buffer.concat(chunks), stderr: stderr(), cut };
  } catch (error) {
    endGroup(child);
    await ended.catch(() => null);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function stream(child: ChildProcessWithoutNullStreams, command: GitCommand): Readable {
  const output = new PassThrough();
  const stderr = collectErrors(child);
  const timer = setTimeout(() => endGroup(child), command.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const ended = exitOf(child);
  const finish = async (): Promise<void> => {
    const copied = pipeline(child.stdout, output, { end: false });
    await Promise.all([feed(child, command.stdin ?? []), copied]);
    const code = await ended;
    if (code !== 0) throw unusable(command.args[0] ?? "", stderr());
    output.end();
  };
  output.once("close", () => endGroup(child));
  finish()
    .catch((error: unknown) => output.destroy(error instanceof Error ? error : new Error(String(error))))
    .finally(() => clearTimeout(timer));
  return output;
}

/** Writes stdin with back-pressure. A reader that ends early is not an error: its exit code decides. */
async function feed(child: ChildProcessWithoutNullStreams, source: NonNullable<GitCommand["stdin"]>): Promise<void> {
  let thrown: { readonly error: unknown } | undefined;
  async function* guarded(): AsyncGenerator<Uint8Array> {
    try {
      yield* source;
    } catch (error) {
      thrown = { error };
      throw error;
    }
  }
  try {
    await pipeline(Readable.from(guarded(), { objectMode: true, highWaterMark: 1 }), child.stdin);
  } catch (error) {
    if (thrown !== undefined) throw thrown.error;
    if (!isBrokenPipe(error)) throw error;
  }
}

function isBrokenPipe(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "EPIPE" || code === "ECONNRESET" || code === "ERR_STREAM_PREMATURE_CLOSE" || code === "ERR_STREAM_DESTROYED";
}

function collectErrors(child: ChildProcessWithoutNullStreams): () => string {
  let text = "";
  child.stderr.on("data", (chunk: Buffer) => {
    if (text.length < MAX_STDERR_BYTES) text = (text + chunk.toString("latin1")).slice(0, MAX_STDERR_BYTES);
  });
  return () => text.trim();
}

function exitOf(child: ChildProcessWithoutNullStreams): Promise<number | null> {
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  promise.catch(() => undefined);
  child.once("error", (cause) =>
    reject(
      new AirlockError("runner.missing-tool", {
        message: "git could not be started on the runner.",
        remedy: "Install git 2.38 or newer on the runner.",
        cause,
      }),
    ),
  );
  child.once("close", (code) => resolve(code));
  return promise;
}

/** The error for an unexpected failure of git; `detail` is git's own message. */
export function unusable(command: string, detail: string): AirlockError {
  return new AirlockError("harvest.unreadable", {
    message: `git ${command} failed in the runner's bare repository: ${detail.slice(0, 500)}`,
    remedy: "Run again; when it happens twice, report it with the run's record.",
  });
}
