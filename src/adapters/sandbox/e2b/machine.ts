import { Readable } from "node:stream";
import { CommandExitError, type Sandbox } from "e2b";
import type { BareMachine, RunLimits, ScriptResult } from "../shared/bootstrap/machine.ts";
import { explainInMachine } from "../shared/vendor-failure.ts";
import { callAtE2b, callE2b } from "./errors.ts";

/** Setup scripts print a few lines; the SDK buffers all output. */
const MAX_OUTPUT_CHARACTERS = 1 << 20;

/** A sandbox's daemon as a bare machine. Every call sets its time limit, since the SDK's default kills commands after 60 s. */
export function openE2bMachine(sandbox: Sandbox, answerTimeoutMs: number): BareMachine {
  return {
    run: (command, limits) => attempt(sandbox, "run a command", () => run(sandbox, command, { ...limits, answerTimeoutMs })),
    writeFile: (path, content, limits) => attempt(sandbox, `write ${path}`, () => writeFile(sandbox, { path, content, ...limits })),
  };
}

interface CommandLimits extends RunLimits {
  /** Until the answer begins; after that the command's own limit counts. */
  readonly answerTimeoutMs: number;
}

async function run(sandbox: Sandbox, command: string, { timeoutMs, answerTimeoutMs, signal }: CommandLimits): Promise<ScriptResult> {
  const flood = new AbortController();
  let heard = 0;
  const count = (text: string): void => {
    heard += text.length;
    if (heard > MAX_OUTPUT_CHARACTERS) flood.abort(new Error("A command printed without end."));
  };
  try {
    const options = { user: "root", cwd: "/", timeoutMs, requestTimeoutMs: answerTimeoutMs, onStdout: count, onStderr: count };
    const { stdout } = await sandbox.commands.run(command, { ...options, signal: AbortSignal.any([signal, flood.signal]) });
    return { code: 0, output: stdout };
  } catch (error) {
    if (error instanceof CommandExitError) return { code: error.exitCode, output: error.stdout };
    throw error;
  }
}

interface Upload extends RunLimits {
  readonly path: string;
  readonly content: Readable | Uint8Array;
}

/** A streamed upload has no time limit in the SDK. */
async function writeFile(sandbox: Sandbox, { path, content, timeoutMs, signal }: Upload): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const options = { user: "root", useOctetStream: true, requestTimeoutMs: timeoutMs, signal: limit };
  if (content instanceof Uint8Array) {
    await sandbox.files.write(path, new Blob([new Uint8Array(content)]), options);
    return;
  }
  try {
    await sandbox.files.write(path, Readable.toWeb(content) as ReadableStream, options);
  } finally {
    content.destroy();
  }
}

async function attempt<T>(sandbox: Sandbox, what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await callE2b(act);
  } catch (error) {
    throw explainInMachine(error, callAtE2b({ what: `${what} in sandbox ${sandbox.sandboxId}` }));
  }
}
