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
  readonly pingIntervalMs?: number;
  readonly pingTimeoutMs?: number;
}

/** Loopback ports to listen on; port 0 lets the system choose. */
export type Listeners = readonly { readonly port: number; readonly name: string }[];

/** One session for as long as the sandbox lives; its listeners come and go. */
export interface Relay {
  /** Resolves when every listener is open and the runner's end has answered. Rejects, with none open, when either fails or some are open already. */
  listen(listeners: Listeners): Promise<void>;
  /** Closes the listeners and resets every connection that came through them. The session stays. */
  closeListeners(): Promise<void>;
  /** Resolves when the tunnel has ended, with the error that ended it if there was one. */
  readonly closed: Promise<Error | undefined>;
  /** The ports listened on now, by name. */
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
  session.once("connect", () => session.destroyed || session.setLocalWindowSize(SESSION_WINDOW_BYTES));
  let failure: Error | undefined;
  session.on("error", (error) => {
    failure ??= error;
  });
  const stopPings = keepAlive(session, {
    intervalMs: options.pingIntervalMs ?? 30_000,
    timeoutMs: options.pingTimeoutMs ?? 120_000,
    onDead: () => session.destroy(new Error("The runner's end of the tunnel does not answer.")),
  });
  const greeting = greeted(session);
  greeting.catch(() => undefined);
  const set = openListenerSet(session);
  const { promise: closed, resolve: resolveClosed } = Promise.withResolvers<Error | undefined>();
  session.once("close", () => {
    stopPings();
    void set.close();
    resolveClosed(failure);
  });
  return {
    listen: async (listeners) => {
      await greeting;
      if (session.closed || session.destroyed) throw new Error("The tunnel has ended.");
      await set.open(listeners);
    },
    closeListeners: async () => {
      const closing = set.close();
      set.resetConnections();
      await closing;
    },
    closed,
    ports: set.ports,
    close: () => session.destroy(undefined, http2.constants.NGHTTP2_CANCEL),
  };
}

interface ListenerSet {
  readonly ports: ReadonlyMap<string, number>;
  open(listeners: Listeners): Promise<void>;
  /** Nothing is accepted any more at once; resolves when the last connection has gone. */
  close(): Promise<void>;
  resetConnections(): void;
}

/** The listeners of a session, and the connections that came through them. */
function openListenerSet(session: http2.ClientHttp2Session): ListenerSet {
  const remember = openProcessLookups(session);
  const ports = new Map<string, number>();
  const sockets = new Set<net.Socket>();
  let servers: readonly net.Server[] = [];
  const resetConnections = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const close = async (): Promise<void> => {
    const closing = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    servers = [];
    ports.clear();
    await Promise.all(closing);
  };
  const open = async (listeners: Listeners): Promise<void> => {
    if (servers.length > 0) throw new Error("The relay's listeners are open already.");
    const made = listeners.map(({ port, name }) => ({
      port,
      name,
      server: listenFor({ session, authority: authorityOf(name), remember, sockets }),
    }));
    servers = made.map(({ server }) => server);
    const listening = made.map(async ({ port, name, server }) => ports.set(name, await listen(server, port)));
    const failed = (await Promise.allSettled(listening)).find((result) => result.status === "rejected");
    if (failed === undefined) return;
    void close();
    resetConnections();
    throw failed.reason;
  };
  return { ports, open, close, resetConnections };
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

interface ListenerOptions {
  readonly session: http2.ClientHttp2Session;
  readonly authority: string;
  readonly remember: Remember;
  /** Takes the connections, each for as long as it lives. */
  readonly sockets: Set<net.Socket>;
}

function listenFor({ session, authority, remember, sockets }: ListenerOptions): net.Server {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
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
