import http2 from "node:http2";
import net from "node:net";
import type { Duplex } from "node:stream";
import { guardStream } from "../wire/guarded-stream.ts";
import { keepAlive } from "../wire/keepalive.ts";
import { authorityOf, MAX_STREAMS, SESSION_WINDOW_BYTES, TUNNEL_SETTINGS } from "../wire/tunnel.ts";
import { openProcessLookups } from "./process-lookup.ts";

const RESET_GRACE_MS = 1_000;

export interface RelayOptions {
  /** The byte stream to the runner. */
  readonly stream: Duplex;
  /** Loopback ports to listen on; port 0 lets the system choose. */
  readonly listeners: readonly { readonly port: number; readonly name: string }[];
  readonly pingIntervalMs?: number;
  readonly pingTimeoutMs?: number;
}

export interface Relay {
  /** Resolves when every listener is open and the runner's end has answered. Rejects if either fails. */
  readonly ready: Promise<void>;
  /** Resolves when the tunnel has ended, with the error that ended it, if any. */
  readonly closed: Promise<Error | undefined>;
  /** The actual ports, by name; complete once ready. */
  readonly ports: ReadonlyMap<string, number>;
  close(): void;
}

/** A dumb pipe: each connection accepted on a loopback port becomes one CONNECT stream; the runner decides what becomes of it. */
export function openRelay(options: RelayOptions): Relay {
  // One end that buffers is enough, and that is the runner's: the guest may be emulated and needs the shorter path.
  const native = options.stream instanceof net.Socket;
  const stream = native ? options.stream : guardStream(options.stream, (error) => session.destroy(error));
  const session = http2.connect("http://tunnel.airlock", {
    createConnection: () => stream,
    settings: TUNNEL_SETTINGS,
    maxSessionMemory: 64,
    peerMaxConcurrentStreams: MAX_STREAMS,
  });
  session.once("connect", () => session.setLocalWindowSize(SESSION_WINDOW_BYTES));
  let failure: Error | undefined;
  session.on("error", (error) => {
    failure ??= error;
  });
  const stopPings = keepAlive(session, {
    intervalMs: options.pingIntervalMs ?? 30_000,
    timeoutMs: options.pingTimeoutMs ?? 120_000,
    onDead: () => session.destroy(new Error("The runner's end of the tunnel does not answer.")),
  });
  const ports = new Map<string, number>();
  const remember = openProcessLookups(session);
  const servers = options.listeners.map(({ port, name }) => ({ port, name, server: listenFor(session, authorityOf(name), remember) }));
  const { promise: closed, resolve: resolveClosed } = Promise.withResolvers<Error | undefined>();
  session.once("close", () => {
    stopPings();
    for (const { server } of servers) server.close();
    resolveClosed(failure);
  });
  const listening = servers.map(async ({ port, name, server }) => ports.set(name, await listen(server, port)));
  const ready = Promise.all([greeted(session), ...listening]).then(
    () => undefined,
    (error: Error) => {
      session.destroy();
      throw error;
    },
  );
  ready.catch(() => undefined);
  return { ready, closed, ports, close: () => session.destroy(undefined, http2.constants.NGHTTP2_CANCEL) };
}

/** Resolves when the other end has sent its settings; from then on it serves streams. */
function greeted(session: http2.ClientHttp2Session): Promise<void> {
  return new Promise((resolve, reject) => {
    session.once("remoteSettings", () => resolve());
    session.once("error", reject);
    session.once("close", () => reject(new Error("The tunnel closed before the runner answered.")));
  });
}

function listen(server: net.Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1", backlog: 511 }, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

type Remember = ReturnType<typeof openProcessLookups>;

function listenFor(session: http2.ClientHttp2Session, authority: string, remember: Remember): net.Server {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const stream = carry(session, authority, socket);
    if (stream !== undefined) remember(stream, socket);
  });
  server.maxConnections = MAX_STREAMS;
  return server;
}

/** Joins one accepted connection to one stream. Bytes, half-close and reset pass in both directions. */
function carry(session: http2.ClientHttp2Session, authority: string, socket: net.Socket): http2.ClientHttp2Stream | undefined {
  socket.on("error", () => undefined);
  if (session.destroyed || session.closed) {
    socket.resetAndDestroy();
    return undefined;
  }
  const stream = session.request({ ":method": "CONNECT", ":authority": authority });
  stream.on("error", () => undefined);
  socket.once("close", () => {
    if (!(stream.readableEnded && stream.writableFinished)) stream.close(http2.constants.NGHTTP2_CONNECT_ERROR);
  });
  // Not by `pipe`: a stream that was reset also "ends", and half an answer must not look like a whole one.
  stream.once("end", () => {
    if (stream.rstCode === http2.constants.NGHTTP2_NO_ERROR && !session.destroyed) socket.end();
  });
  stream.once("close", () => {
    const clean = stream.rstCode === http2.constants.NGHTTP2_NO_ERROR && stream.readableEnded && stream.writableFinished;
    if (!clean) reset(socket);
  });
  socket.pipe(stream);
  stream.pipe(socket, { end: false });
  return stream;
}

/** A reset waits until everything written was sent, which a client that does not read could delay for ever. */
function reset(socket: net.Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
  setTimeout(() => socket.destroy(), RESET_GRACE_MS).unref();
}
