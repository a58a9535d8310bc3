import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import net from "node:net";
import tls from "node:tls";
import { gzipSync } from "node:zlib";
import { openRunAuthority, type RunAuthority } from "../../../src/gateway/tls/run-authority.ts";

/** How the one server behind every address answers. */
export interface UpstreamScript {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly body_chunks?: readonly string[];
  readonly gzip?: boolean;
  /** Certificate of an authority that nobody trusts. */
  readonly tls?: string;
  readonly connect_error?: boolean;
}

export interface SeenRequest {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly tls: boolean;
}

export interface Upstream extends AsyncDisposable {
  readonly httpPort: number;
  readonly tlsPort: number;
  /** PEM of the authority that signs its certificates. */
  readonly ca: string;
  readonly requests: SeenRequest[];
  /** Everything that arrived, after TLS. */
  readonly received: () => string;
  /** Bytes that arrived on the TLS port, before TLS. */
  readonly tlsBytes: () => number;
  script: UpstreamScript;
  /** Replaces the scripted answer. */
  handler: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
}

type AnsweringState = Pick<Upstream, "script" | "handler"> & { readonly requests: SeenRequest[] };

/** An HTTP server without a port, which answers by script or handler and echoes after an upgrade. */
function openAnswering(state: AnsweringState): Server {
  const front = createServer();
  front.on("request", (request, response) => {
    state.requests.push(see(request));
    if (state.handler !== undefined) state.handler(request, response);
    else answer(request, response, state.script);
  });
  front.on("upgrade", (request, socket) => {
    state.requests.push(see(request));
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    socket.pipe(socket);
  });
  return front;
}

/** An HTTP and an HTTPS server on loopback that stand for the whole internet. */
export async function openUpstream(): Promise<Upstream> {
  const trusted = openRunAuthority(Date.now());
  const untrusted = openRunAuthority(Date.now());
  const chunks: Buffer[] = [];
  let tlsBytes = 0;
  const sockets = new Set<net.Socket>();
  const state: AnsweringState = { script: {}, handler: undefined, requests: [] };
  const front = openAnswering(state);
  const serve = (socket: net.Socket): void => {
    front.emit("connection", socket);
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  };
  const plain = net.createServer(serve);
  const inner = net.createServer((socket) => {
    const secured = new tls.TLSSocket(socket, {
      isServer: true,
      SNICallback: (name, done) => done(null, authorityFor(state.script, { trusted, untrusted }).contextFor(name)),
      secureContext: trusted.contextFor("default.invalid"),
    });
    secured.on("error", () => undefined);
    secured.once("secure", () => serve(secured));
  });
  const innerPort = await listen(inner);
  const secure = net.createServer((socket) => {
    const onward = net.connect(innerPort, "127.0.0.1");
    track(sockets, onward);
    socket.on("data", (chunk: Buffer) => {
      tlsBytes += chunk.length;
    });
    socket.once("close", () => onward.destroy());
    onward.once("close", () => socket.destroy());
    socket.pipe(onward).pipe(socket);
  });
  for (const server of [plain, secure, inner]) server.on("connection", (socket: net.Socket) => track(sockets, socket));
  const [httpPort, tlsPort] = await Promise.all([listen(plain), listen(secure)]);
  return {
    httpPort,
    tlsPort,
    ca: trusted.certificate,
    requests: state.requests,
    received: () => Buffer.concat(chunks).toString("latin1"),
    tlsBytes: () => tlsBytes,
    get script() {
      return state.script;
    },
    set script(script) {
      state.script = script;
    },
    get handler() {
      return state.handler;
    },
    set handler(handler) {
      state.handler = handler;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([plain, secure, inner].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function authorityFor(
  script: UpstreamScript,
  authorities: { readonly trusted: RunAuthority; readonly untrusted: RunAuthority },
): RunAuthority {
  return script.tls === "self-signed" ? authorities.untrusted : authorities.trusted;
}

function track(sockets: Set<net.Socket>, socket: net.Socket): void {
  sockets.add(socket);
  socket.on("error", () => undefined);
  socket.once("close", () => sockets.delete(socket));
}

function see(request: IncomingMessage): SeenRequest {
  const headers: [string, string][] = [];
  for (let at = 0; at < request.rawHeaders.length; at += 2)
    headers.push([(request.rawHeaders[at] ?? "").toLowerCase(), request.rawHeaders[at + 1] ?? ""]);
  return {
    method: request.method ?? "",
    target: request.url ?? "",
    host: request.headers.host ?? "",
    headers,
    tls: "encrypted" in request.socket,
  };
}

function answer(request: IncomingMessage, response: ServerResponse, script: UpstreamScript): void {
  request.resume();
  const plain = Buffer.from(script.body ?? "hello from upstream\n");
  const body = script.gzip === true ? gzipSync(plain) : plain;
  const headers = { ...script.headers, ...(script.gzip === true ? { "content-encoding": "gzip" } : {}) };
  if (script.body_chunks === undefined) {
    response.writeHead(script.status ?? 200, { ...headers, "content-length": String(body.length) });
    response.end(body);
    return;
  }
  response.writeHead(script.status ?? 200, headers);
  void sendChunks(response, script.body_chunks);
}

async function sendChunks(response: ServerResponse, chunks: readonly string[]): Promise<void> {
  for (const chunk of chunks) {
    response.write(chunk);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  response.end();
}

function listen(server: net.Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

export type { Server };
