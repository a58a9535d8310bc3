import { WebSocket } from "ws";
import type { Secret } from "../../../domain/secret.ts";
import { readSpritesFailure, SpritesFailure } from "./errors.ts";

export interface SocketOptions {
  /** `http(s)` base address and path; becomes `ws(s)`. */
  readonly url: string;
  /** Words that are no secret: an address ends up in logs. */
  readonly query?: readonly (readonly [name: string, value: string])[];
  readonly token: Secret;
  readonly signal: AbortSignal;
  /** From the dial to the open socket. */
  readonly openTimeoutMs: number;
}

const MAX_MESSAGE_BYTES = 1024 * 1024;

/**
 * An authenticated WebSocket. Nothing is compressed, no redirect is followed. It comes paused: a message that arrives together with the
 * upgrade would be gone before anybody listens.
 * @throws SpritesFailure
 */
export async function openSocket(options: SocketOptions): Promise<WebSocket> {
  const url = new URL(options.url.replace(/^http/, "ws"));
  for (const [name, value] of options.query ?? []) url.searchParams.append(name, value);
  options.signal.throwIfAborted();
  const socket = new WebSocket(url, {
    headers: { authorization: `Bearer ${options.token.reveal()}` },
    perMessageDeflate: false,
    followRedirects: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handshakeTimeout: options.openTimeoutMs,
  });
  socket.on("error", () => undefined);
  const abandon = (): void => socket.terminate();
  options.signal.addEventListener("abort", abandon, { once: true });
  try {
    await awaitOpen(socket);
    return socket;
  } catch (error) {
    socket.terminate();
    throw error;
  } finally {
    options.signal.removeEventListener("abort", abandon);
  }
}

function awaitOpen(socket: WebSocket): Promise<void> {
  const broken = (detail: string): SpritesFailure => new SpritesFailure("interrupted", { detail });
  return new Promise((resolve, reject) => {
    socket.once("open", () => {
      socket.pause();
      resolve();
    });
    socket.once("error", (error) => reject(broken(error.message)));
    socket.once("close", () => reject(broken("The WebSocket closed before it was open.")));
    socket.once("unexpected-response", (_request, response) => {
      response.resume();
      const retryAfter = response.headers["retry-after"] ?? null;
      reject(readSpritesFailure({ status: response.statusCode ?? 0, retryAfter, text: "the WebSocket upgrade was refused" }));
    });
  });
}

/** Ends a socket whose other end has gone without a word. Returns what stops the watch. */
export function watchPulse(socket: WebSocket, intervalMs: number): () => void {
  let silent = 0;
  const alive = (): void => {
    silent = 0;
  };
  socket.on("pong", alive);
  socket.on("message", alive);
  const timer = setInterval(() => {
    silent += 1;
    if (silent > 2) socket.terminate();
    else if (socket.readyState === WebSocket.OPEN) socket.ping();
  }, intervalMs);
  const stop = (): void => clearInterval(timer);
  socket.once("close", stop);
  return stop;
}
