import type { ClientHttp2Stream } from "node:http2";
import type { Readable } from "node:stream";
import { z } from "zod";
import { AirlockError } from "../../../domain/errors.ts";
import { type ControlRoute, type FailureReply, MAX_REPLY_BYTES } from "../../../wire/control.ts";
import type { ControlRequest, ControlSession } from "./control-session.ts";

const failureSchema = z.strictObject({
  code: z.enum(["bad-request", "not-found", "too-large", "unreadable", "failed"]),
  message: z.string().max(8_192),
});

/** An answer whose status was not 200. */
export class GuestFailure extends Error {
  readonly code: FailureReply["code"];

  constructor(route: ControlRoute, reply: FailureReply) {
    super(`The sandbox could not do "${route}": ${reply.message}`);
    this.name = "GuestFailure";
    this.code = reply.code;
  }
}

export function protocolError(message: string, cause?: unknown): AirlockError {
  return new AirlockError("sandbox.protocol", {
    message: `The sandbox broke the rules of its control channel: ${message}`,
    remedy: "Run again and keep the record. If the agent runs as root in your template, use one where it does not.",
    cause,
  });
}

export interface AskOptions<T> {
  readonly session: ControlSession;
  readonly route: ControlRoute;
  readonly head: object;
  readonly payload?: Readable | Uint8Array;
  readonly reply: z.ZodType<T>;
  readonly timeoutMs: number;
}

/**
 * One request with a JSON answer.
 * @throws GuestFailure, AirlockError `sandbox.lost`, `sandbox.protocol`
 */
export async function ask<T>(options: AskOptions<T>): Promise<T> {
  const bytes = await askBytes({ ...options, maxBytes: MAX_REPLY_BYTES });
  const parsed = options.reply.safeParse(parseJson(bytes));
  if (!parsed.success) throw protocolError(`its answer to "${options.route}" has another shape than agreed.`, parsed.error);
  return parsed.data;
}

/** The longest a timer can wait: about 24 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export async function askBytes(options: Omit<AskOptions<never>, "reply"> & { readonly maxBytes: number }): Promise<Buffer> {
  const request = options.session.request(options.route, options.head);
  const { stream } = request;
  const source: { error?: Error } = {};
  const deadline = setTimeout(
    () => stream.destroy(new Error(`No answer to "${options.route}" within ${options.timeoutMs} ms.`)),
    Math.min(options.timeoutMs, MAX_TIMER_MS),
  );
  try {
    send(stream, options.payload, source);
    await awaitAnswer(request, options);
    return await readAll(request, options.maxBytes, options);
  } catch (error) {
    // If reading the payload failed, every later error is only a consequence.
    throw source.error ?? error;
  } finally {
    clearTimeout(deadline);
    stream.close();
  }
}

/** A refusal stops the upload early; the answer says why. */
function send(stream: ClientHttp2Stream, payload: Readable | Uint8Array | undefined, source: { error?: Error }): void {
  if (payload === undefined || payload instanceof Uint8Array) {
    stream.end(payload);
    return;
  }
  payload.once("error", (error) => {
    source.error ??= error;
    stream.destroy(error);
  });
  stream.once("close", () => payload.destroy());
  payload.pipe(stream);
}

interface Context {
  readonly session: ControlSession;
  readonly route: ControlRoute;
}

/** Resolves when the guest answered with 200. @throws GuestFailure, AirlockError `sandbox.lost`, `sandbox.protocol` */
export async function awaitAnswer(request: ControlRequest, context: Context): Promise<void> {
  const status = await request.status;
  if (status === 200) return;
  const parsed = failureSchema.safeParse(parseJson(await readAll(request, MAX_REPLY_BYTES, context)));
  if (!parsed.success) throw protocolError(`it refused "${context.route}" without saying why.`, parsed.error);
  throw new GuestFailure(context.route, parsed.data);
}

async function readAll(request: ControlRequest, maxBytes: number, context: Context): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let total = 0;
  try {
    for await (const piece of request.body as AsyncIterable<Buffer>) {
      total += piece.length;
      if (total > maxBytes) break;
      pieces.push(piece);
    }
  } catch (error) {
    throw context.session.lost(error);
  }
  if (total > maxBytes) throw protocolError(`its answer to "${context.route}" is larger than ${maxBytes} bytes.`);
  if (request.isCut()) throw context.session.lost();
  return Buffer.concat(pieces, total);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}
