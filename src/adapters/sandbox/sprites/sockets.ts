import { WebSocket } from "ws";
import type { Secret } from "../../../domain/secret.ts";
import { asFailure, type VendorFailure } from "../shared/vendor-failure.ts";
import { openWebSocket, UpgradeRefused, type WebSocketOptions } from "../shared/web-socket.ts";
import { readSpritesFailure } from "./errors.ts";

export interface SocketOptions extends Omit<WebSocketOptions, "headers"> {
  /** `http(s)` base address and path; becomes `ws(s)`. */
  readonly url: string;
  readonly token: Secret;
}

/** An authenticated WebSocket, which comes paused. @throws VendorFailure, and the signal's reason */
export async function openSocket({ url, token, ...options }: SocketOptions): Promise<WebSocket> {
  options.signal.throwIfAborted();
  const headers = { authorization: `Bearer ${token.reveal()}` };
  try {
    return await openWebSocket({ ...options, url: url.replace(/^http/, "ws"), headers });
  } catch (error) {
    throw describe(error);
  }
}

function describe(error: unknown): VendorFailure {
  if (!(error instanceof UpgradeRefused)) return asFailure(error);
  const { status, retryAfter } = error;
  return readSpritesFailure({ status, retryAfter, text: "the WebSocket upgrade was refused" });
}

/** Ends a socket whose other end stopped answering. Returns a function that stops the watch. */
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
