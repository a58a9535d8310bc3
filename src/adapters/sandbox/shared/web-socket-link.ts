import type { Duplex } from "node:stream";
import { createWebSocketStream, WebSocket } from "ws";

const DEFAULT_OPEN_TIMEOUT_MS = 15_000;
/** More than any message of the guest, which sends at most 64 KiB in one. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

export interface WebSocketLinkOptions {
  /** `wss:`, or `ws:` to loopback. Without query and user: what is secret belongs into a header. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** From the dial to the open socket. Default 15 s. */
  readonly openTimeoutMs?: number;
  readonly signal: AbortSignal;
}

/** The server answered the upgrade with an ordinary response. */
export class UpgradeRefused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`The server answered the WebSocket upgrade with status ${status}.`);
    this.name = "UpgradeRefused";
    this.status = status;
  }
}

/**
 * Opens a WebSocket and gives its binary messages as a stream of bytes. Nothing is compressed, no redirect is followed.
 * @throws UpgradeRefused, Error when it does not open in time
 */
export async function dialWebSocket(options: WebSocketLinkOptions): Promise<Duplex> {
  requirePlainUrl(options.url);
  options.signal.throwIfAborted();
  const socket = new WebSocket(options.url, {
    headers: { ...options.headers },
    perMessageDeflate: false,
    followRedirects: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handshakeTimeout: options.openTimeoutMs ?? DEFAULT_OPEN_TIMEOUT_MS,
  });
  // From the first moment on, so that what follows the upgrade in one piece with it is not lost.
  const stream = createWebSocketStream(socket, { readableHighWaterMark: 262_144, writableHighWaterMark: 262_144 });
  // An error after the socket is given up has nobody else to go to.
  for (const source of [socket, stream]) source.on("error", () => undefined);
  const abandon = (): void => socket.terminate();
  options.signal.addEventListener("abort", abandon, { once: true });
  try {
    await awaitOpen(socket);
    return stream;
  } catch (error) {
    socket.terminate();
    stream.destroy();
    throw error;
  } finally {
    options.signal.removeEventListener("abort", abandon);
  }
}

function awaitOpen(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("The WebSocket closed before it was open.")));
    socket.once("unexpected-response", (_request, response) => {
      response.resume();
      reject(new UpgradeRefused(response.statusCode ?? 0));
    });
  });
}

const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

function requirePlainUrl(text: string): void {
  const url = new URL(text);
  const secure = url.protocol === "wss:" || (url.protocol === "ws:" && LOOPBACK.test(url.hostname));
  if (!secure) throw new TypeError("A WebSocket to a sandbox uses wss, or ws to loopback.");
  if (url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "")
    throw new TypeError("The address of a sandbox's WebSocket has a query or a user; secrets belong into headers.");
}
