import type { Duplex } from "node:stream";
import { createWebSocketStream, WebSocket } from "ws";
import { isLoopback } from "./service-url.ts";

const DEFAULT_OPEN_TIMEOUT_MS = 15_000;
/** More than any message of the guest, which sends at most 64 KiB in one. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
const HIGH_WATER_BYTES = 262_144;

export interface WebSocketOptions {
  /** `wss:`, or `ws:` to loopback. Without query and user: secrets belong in headers. */
  readonly url: string;
  /** No secrets: addresses end up in logs. */
  readonly query?: readonly (readonly [name: string, value: string])[];
  readonly headers: Readonly<Record<string, string>>;
  /** From the dial to the open socket. Default 15 s. */
  readonly openTimeoutMs?: number;
  readonly signal: AbortSignal;
}

/** The server answered the upgrade with an ordinary response. */
export class UpgradeRefused extends Error {
  readonly status: number;
  /** The `Retry-After` header. */
  readonly retryAfter: string | null;

  constructor(status: number, retryAfter: string | null) {
    super(`The server answered the WebSocket upgrade with status ${status}.`);
    this.name = "UpgradeRefused";
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/**
 * Opens a WebSocket. Nothing is compressed, no redirect is followed. The socket is returned paused, since a message that
 * arrives together with the upgrade would be lost before anybody listens.
 * @throws UpgradeRefused, Error when it does not open in time
 */
export async function openWebSocket(options: WebSocketOptions): Promise<WebSocket> {
  const url = requirePlainUrl(options.url);
  for (const [name, value] of options.query ?? []) url.searchParams.append(name, value);
  options.signal.throwIfAborted();
  const socket = new WebSocket(url, {
    headers: { ...options.headers },
    perMessageDeflate: false,
    followRedirects: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handshakeTimeout: options.openTimeoutMs ?? DEFAULT_OPEN_TIMEOUT_MS,
  });
  // An error after the socket was abandoned would otherwise be unhandled.
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

/** Opens a WebSocket and gives its messages as a stream of bytes. @throws UpgradeRefused, Error when it does not open in time */
export async function dialWebSocket(options: WebSocketOptions): Promise<Duplex> {
  const socket = await openWebSocket(options);
  const stream = streamOf(socket);
  stream.on("error", () => undefined);
  socket.resume();
  return stream;
}

/** The messages of an open WebSocket as a stream of bytes. */
export function streamOf(socket: WebSocket): Duplex {
  return createWebSocketStream(socket, { readableHighWaterMark: HIGH_WATER_BYTES, writableHighWaterMark: HIGH_WATER_BYTES });
}

function awaitOpen(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("open", () => {
      socket.pause();
      resolve();
    });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("The WebSocket closed before it was open.")));
    socket.once("unexpected-response", (_request, response) => {
      response.resume();
      reject(new UpgradeRefused(response.statusCode ?? 0, response.headers["retry-after"] ?? null));
    });
  });
}

function requirePlainUrl(text: string): URL {
  const url = new URL(text);
  const secure = url.protocol === "wss:" || (url.protocol === "ws:" && isLoopback(url));
  if (!secure) throw new TypeError("A WebSocket to a sandbox uses wss, or ws to loopback.");
  if (url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "")
    throw new TypeError("The address of a sandbox's WebSocket has a query or a user; secrets belong into headers.");
  return url;
}
