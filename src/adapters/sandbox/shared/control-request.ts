import type { ClientHttp2Stream } from "node:http2";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { AirlockError } from "../../../domain/errors.ts";
import { type FailureReply, MAX_REPLY_BYTES, type Route } from "../../../wire/control.ts";
import type { ControlSession } from "./control-session.ts";

const failureSchema = z.strictObject({
  code: z.enum(["bad-request", "not-found", "too-large", "unreadable", "failed"]),
  message: z.string().max(8_192),
});

/** An answer whose status was not 200. */
export class GuestFailure extends Error {
  readonly code: FailureReply["code"];

  constructor(route: Route, reply: FailureReply) {
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
  readonly route: Route;
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

export async function askBytes(options: Omit<AskOptions<never>, "reply"> & { readonly maxBytes: number }): Promise<Buffer> {
  const stream = openRequest(options);
  const deadline = setTimeout(
    () => stream.destroy(new Error(`No answer to "${options.route}" within ${options.timeoutMs} ms.`)),
    options.timeoutMs,
  );
  try {
    const sent = send(stream, options.payload);
    await awaitResponse(stream, options);
    const body = await readAll(stream, options.maxBytes, options);
    await sent;
    return body;
  } finally {
    clearTimeout(deadline);
    if (!stream.closed) stream.close();
  }
}

/** @throws AirlockError `sandbox.lost` when the session has ended. */
export function openRequest(options: {
  readonly session: ControlSession;
  readonly route: Route;
  readonly head: object;
}): ClientHttp2Stream {
  if (!options.session.isOpen()) throw options.session.lost();
  try {
    return options.session.request(options.route, options.head);
  } catch (error) {
    throw options.session.lost(error);
  }
}

async function send(stream: ClientHttp2Stream, payload: Readable | Uint8Array | undefined): Promise<void> {
  if (payload === undefined || payload instanceof Uint8Array) {
    stream.end(payload);
    return;
  }
  await pipeline(payload, stream, { end: true }).catch((error: unknown) => {
    // A refused request ends the sending early; its answer says why. A broken source is the caller's to hear.
    if (payload.errored !== null && payload.errored !== stream.errored) throw error;
  });
}

/** Resolves when the guest answered with 200. */
export async function awaitResponse(
  stream: ClientHttp2Stream,
  context: { readonly session: ControlSession; readonly route: Route },
): Promise<void> {
  const status = await readStatus(stream, context.session);
  if (status === 200) return;
  const parsed = failureSchema.safeParse(parseJson(await readAll(stream, MAX_REPLY_BYTES, context)));
  if (!parsed.success) throw protocolError(`it refused "${context.route}" without saying why.`, parsed.error);
  throw new GuestFailure(context.route, parsed.data);
}

function readStatus(stream: ClientHttp2Stream, session: ControlSession): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (cause?: unknown): void => reject(session.lost(cause));
    stream.once("response", (headers) => resolve(headers[":status"] ?? 0));
    stream.once("error", failed);
    stream.once("close", () => failed());
  });
}

async function readAll(
  stream: ClientHttp2Stream,
  maxBytes: number,
  context: { readonly session: ControlSession; readonly route: Route },
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let total = 0;
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      total += piece.length;
      if (total > maxBytes) break;
      pieces.push(piece);
    }
  } catch (error) {
    throw context.session.lost(error);
  }
  if (total > maxBytes) throw protocolError(`its answer to "${context.route}" is larger than ${maxBytes} bytes.`);
  if (stream.rstCode !== 0) throw context.session.lost();
  return Buffer.concat(pieces, total);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}
