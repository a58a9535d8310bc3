import type { RawData, WebSocket } from "ws";
import { z } from "zod";
import { messageOf } from "../../../domain/errors.ts";
import { VendorFailure } from "../shared/vendor-failure.ts";

/** First byte of a binary message of a session without terminal (Sprites API, Exec). */
const STREAM = { stdin: 0, stdout: 1, stderr: 2, exit: 3, stdinEnd: 4 } as const;
const STDIN_CHUNK_BYTES = 32_768;

export interface ConversationOptions {
  readonly socket: WebSocket;
  readonly stdin: Uint8Array;
  readonly timeoutMs: number;
  /** Of stdout and stderr together; more ends the conversation. */
  readonly maxOutputBytes: number;
  readonly signal: AbortSignal;
}

export interface Conversation {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** A command whose end was not seen; its session may still run. */
export class BrokenOff extends VendorFailure {
  readonly sessionId: string | undefined;

  constructor(detail: string, sessionId: string | undefined) {
    super("interrupted", { detail });
    this.name = "BrokenOff";
    this.sessionId = sessionId;
  }
}

const textSchema = z.looseObject({
  type: z.string(),
  session_id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional(),
  exit_code: z.int().min(0).max(255).optional(),
});

/**
 * Sends a session its input and reads its output to the exit frame; the server keeps the socket open for seconds after that.
 * @throws BrokenOff if the socket ends without an exit code, at the time limit, or at a message that is no frame
 */
export async function converse(options: ConversationOptions): Promise<Conversation> {
  const { socket, timeoutMs, signal } = options;
  const output = openOutput(options.maxOutputBytes);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const fail = (detail: string): void => reject(new BrokenOff(detail, output.sessionId));
  const timer = setTimeout(() => fail(`A command did not end within ${timeoutMs} ms.`), timeoutMs);
  const cancel = (): void => fail("The run was cancelled.");
  signal.addEventListener("abort", cancel, { once: true });
  socket.on("message", (data, isBinary) => {
    try {
      const code = output.take(toBuffer(data), isBinary);
      if (code !== undefined) resolve(code);
    } catch (error) {
      fail(messageOf(error));
    }
  });
  socket.once("close", () => fail("The connection ended before the command did."));
  socket.resume();
  try {
    sendInput(socket, options.stdin);
    return { code: await promise, stdout: Buffer.concat(output.stdout), stderr: Buffer.concat(output.stderr) };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", cancel);
    socket.terminate();
  }
}

function sendInput(socket: WebSocket, stdin: Uint8Array): void {
  for (let at = 0; at < stdin.length; at += STDIN_CHUNK_BYTES) {
    socket.send(Buffer.concat([Buffer.of(STREAM.stdin), stdin.subarray(at, at + STDIN_CHUNK_BYTES)]));
  }
  socket.send(Buffer.of(STREAM.stdinEnd));
}

interface SessionOutput {
  readonly stdout: readonly Buffer[];
  readonly stderr: readonly Buffer[];
  readonly sessionId: string | undefined;
  /** Returns the exit code if the message is one. @throws Error if the message is no frame */
  take(message: Buffer, isBinary: boolean): number | undefined;
}

function openOutput(maxBytes: number): SessionOutput {
  const output: Record<"stdout" | "stderr", Buffer[]> = { stdout: [], stderr: [] };
  let sessionId: string | undefined;
  let total = 0;
  const keep = (name: "stdout" | "stderr", payload: Buffer): void => {
    total += payload.length;
    if (total > maxBytes) throw new Error(`A command printed more than ${maxBytes} bytes.`);
    output[name].push(Buffer.from(payload));
  };
  const takeText = (text: string): number | undefined => {
    const message = textSchema.parse(JSON.parse(text));
    if (message.type === "session_info") sessionId = message.session_id;
    return message.type === "exit" ? message.exit_code : undefined;
  };
  return {
    ...output,
    get sessionId() {
      return sessionId;
    },
    take(message, isBinary) {
      if (!isBinary) return takeText(message.toString("utf8"));
      const payload = message.subarray(1);
      if (message[0] === STREAM.exit && payload.length === 1) return payload[0];
      if (message[0] === STREAM.stdout) keep("stdout", payload);
      else if (message[0] === STREAM.stderr) keep("stderr", payload);
      else throw new Error("A message of a command's session is no frame.");
      return undefined;
    },
  };
}

function toBuffer(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
