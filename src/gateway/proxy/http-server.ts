import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { checkFraming } from "../http/framing.ts";
import { isRefusal, type Refusal, refuse } from "../http/refusal.ts";
import { type Endpoint, parseAuthority } from "../http/request-target.ts";
import { admit, destroyOnError, identifyCommand, judgeTarget, type ProxyContext } from "./context.ts";
import type { Dialled } from "./dial.ts";
import type { Entry } from "./egress-log.ts";
import { forward } from "./forward.ts";
import { type AllowedRequest, checkHostLine, framingRules, judge, type Origin, type ReadRequest, readTarget } from "./read-request.ts";
import { forwardUpgrade, judgeUpgrade } from "./upgrade.ts";
import { openProxyUpstream, type ProxyUpstream } from "./upstream.ts";
import { sendRawRefusal, sendRefusal } from "./write-refusal.ts";

/** One guest connection that speaks HTTP/1.1. */
interface Connection {
  readonly place: Origin;
  /** Requests without a complete answer. */
  active: number;
  /** A refusal is under way after which the connection ends. */
  closing: boolean;
  /** The tunnel's own line, until a request stands for it. */
  tunnelEntry: Entry | undefined;
  /** Connections out by host and port; the one used last is kept between requests. */
  readonly upstreams: Map<string, ProxyUpstream>;
}

export interface HttpServer {
  /** Serves HTTP/1.1 on a byte stream. */
  serve(stream: Duplex, place: Origin, opened?: OpenedOrigin): void;
  close(): void;
}

/** What is there already when a tunnel is read. */
export interface OpenedOrigin {
  /** A connection to the place's host. */
  readonly dialled: Dialled;
  /** Written only when no request came; requests are logged one by one. */
  readonly entry: Entry;
}

export interface Tunnelled {
  readonly guest: Duplex;
  readonly target: Endpoint;
  readonly dialled: Dialled;
  readonly entry: Entry;
}

interface ServerParts {
  readonly context: ProxyContext;
  readonly visits: WeakMap<Duplex, Connection>;
  readonly onTunnel: (tunnelled: Tunnelled) => void;
}

/** The HTTP side of the proxy port and of every tunnel that is read. node:http parses; everything it lets pass and should not is refused here. */
export function openHttpServer(context: ProxyContext, onTunnel: (tunnelled: Tunnelled) => void): HttpServer {
  const front: ServerParts = { context, visits: new WeakMap(), onTunnel };
  const server = createServer({
    maxHeaderSize: context.limits.maxHeaderBytes,
    headersTimeout: context.limits.headerTimeoutMs,
    requestTimeout: 0,
    keepAliveTimeout: 60_000,
    connectionsCheckingInterval: 1_000,
    requireHostHeader: false,
    insecureHTTPParser: false,
    keepAlive: false,
  });
  server.maxHeadersCount = 0;
  // A guest that ends its side after the request still gets the answer; a property of node:http that its types leave out.
  Object.assign(server, { httpAllowHalfOpen: true });
  const arrive = (expectsContinue: boolean) => (request: IncomingMessage, response: ServerResponse) =>
    destroyOnError(request.socket, () => onRequest(front, { request, response, expectsContinue }));
  server.on("request", arrive(false));
  server.on("checkContinue", arrive(true));
  server.on("connect", (request, stream, head) => destroyOnError(stream, () => onConnect(front, request, stream, head)));
  server.on("upgrade", (request, stream, head) => destroyOnError(stream, () => onUpgrade(front, request, stream, head)));
  server.on("clientError", (error: NodeJS.ErrnoException, stream) => destroyOnError(stream, () => onClientError(front, error, stream)));
  watchHeaders(server);
  return {
    serve(stream, place, opened) {
      const connection: Connection = { place, active: 0, closing: false, tunnelEntry: opened?.entry, upstreams: new Map() };
      if (opened !== undefined && place.kind === "inside") {
        connection.upstreams.set(
          keyOf(place.target),
          openProxyUpstream({ context, target: place.target, tls: place.tls, first: opened.dialled }),
        );
      }
      front.visits.set(stream, connection);
      stream.on("error", () => undefined);
      stream.once("close", () => {
        closeAll(connection);
        connection.tunnelEntry?.end();
      });
      server.emit("connection", stream);
    },
    close: () => void server.close(),
  };
}

/** A server that never listens does not start the timer behind `headersTimeout`; this event does. */
function watchHeaders(server: Server): void {
  server.emit("listening");
}

function keyOf(target: Endpoint): string {
  return `${target.host}:${target.port}`;
}

function connectionOf(front: ServerParts, stream: Duplex): Connection {
  const connection = front.visits.get(stream);
  if (connection === undefined) throw new TypeError("a connection that was never served");
  return connection;
}

/** A connection to one host is kept for the next request of the same guest connection; others go as soon as nobody uses them. */
function upstreamFor(front: ServerParts, connection: Connection, asked: ReadRequest): ProxyUpstream {
  const key = keyOf(asked.target);
  const upstream = connection.upstreams.get(key) ?? openProxyUpstream({ context: front.context, target: asked.target, tls: asked.tls });
  connection.upstreams.delete(key);
  if (connection.active <= 1) closeAll(connection);
  connection.upstreams.set(key, upstream);
  return upstream;
}

function closeAll(connection: Connection): void {
  for (const upstream of connection.upstreams.values()) upstream.close();
  connection.upstreams.clear();
}

interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly expectsContinue: boolean;
}

function onRequest(front: ServerParts, arrival: Arrival): void {
  const { request, response } = arrival;
  const connection = connectionOf(front, request.socket);
  if (connection.closing) return;
  connection.active += 1;
  connection.tunnelEntry?.drop();
  response.once("close", () => {
    connection.active -= 1;
  });
  request.on("error", () => undefined);
  response.on("error", () => undefined);
  const asked = readTarget(request, connection.place);
  const judged = isRefusal(asked) ? asked : judge(front.context, request, asked);
  const entry = begin(front, request, asked);
  if (connection.active > front.context.limits.maxPipelined) {
    // An answer would wait behind the others: the log has the name.
    connection.closing = true;
    entry.deny("limit-pipelined");
    entry.end();
    request.socket.destroy();
    return;
  }
  if (isRefusal(judged)) {
    refuseRequest(front, arrival, { entry, refusal: judged, target: isRefusal(asked) ? undefined : asked.target });
    return;
  }
  entry.allow(judged.admission.reason, judged.admission.rule);
  const scrubber = front.context.injector.covers(judged.target.host) ? front.context.injector.scrubber(judged.target.host) : undefined;
  forward({ context: front.context, ...arrival, ...pick(judged), upstream: upstreamFor(front, connection, judged), entry, scrubber });
}

interface Refused {
  readonly entry: Entry;
  readonly refusal: Refusal;
  readonly target: Endpoint | undefined;
}

/** Answers at once, or after the guest was asked who this was; then the connection ends, and what was sent behind the request is not looked at. */
function refuseRequest(front: ServerParts, arrival: Arrival, { entry, refusal, target }: Refused): void {
  const { request, response } = arrival;
  const answer = (): void => {
    note(entry, refusal);
    sendRefusal(arrival, refusal, target);
  };
  const asking = identifyCommand(front.context, { stream: request.socket, entry, reason: refusal.reason });
  if (asking === undefined) {
    answer();
    return;
  }
  connectionOf(front, request.socket).closing = true;
  response.shouldKeepAlive = false;
  destroyOnError(request.socket, async () => {
    await asking;
    answer();
  });
}

function pick(judged: AllowedRequest): Pick<AllowedRequest, "target" | "tls" | "origin" | "headers"> {
  const { target, tls, origin, headers } = judged;
  return { target, tls, origin, headers };
}

function begin(front: ServerParts, request: IncomingMessage, asked: ReadRequest | Refusal): Entry {
  const where = isRefusal(asked) ? { host: "-", port: 0 } : { ...asked.target, path: asked.path };
  return front.context.log.begin({ ...where, method: request.method });
}

function note(entry: Entry, refusal: Refusal): void {
  entry.deny(refusal.reason);
  entry.status(refusal.status);
  entry.end();
}

function refuseRaw(stream: Duplex, entry: Entry, answer: { readonly refusal: Refusal; readonly target?: Endpoint | undefined }): void {
  note(entry, answer.refusal);
  sendRawRefusal(stream, answer.refusal, answer.target);
}

async function onConnect(front: ServerParts, request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> {
  const connection = connectionOf(front, stream);
  if (connection.active > 0) return void stream.destroy();
  const target = connection.place.kind === "proxy" ? parseAuthority(request.url ?? "") : undefined;
  const entry = front.context.log.begin({ ...(target ?? { host: "-", port: 0 }), method: "CONNECT" });
  if (target === undefined) return refuseRaw(stream, entry, { refusal: refuse("bad-request", 400, "CONNECT takes exactly `host:port`") });
  const reached = await admitConnect(front, request, target, entry);
  if (isRefusal(reached)) {
    await identifyCommand(front.context, { stream, entry, reason: reached.reason });
    return refuseRaw(stream, entry, { refusal: reached, target });
  }
  if (stream.destroyed) {
    reached.socket.destroy();
    return entry.end();
  }
  stream.write("HTTP/1.1 200 Connection established\r\n\r\n");
  if (head.length > 0) stream.unshift(head);
  front.onTunnel({ guest: stream, target, dialled: reached, entry });
}

/** The rules first, so that a host that is not allowed is said to be so; then the form; then the network. */
async function admitConnect(front: ServerParts, request: IncomingMessage, target: Endpoint, entry: Entry): Promise<Dialled | Refusal> {
  const problem = checkFraming(request, framingRules(front.context.limits)) ?? checkHostLine(request, target);
  if (problem === undefined) return await admit(front.context, target, entry);
  const judged = judgeTarget(front.context, target);
  return isRefusal(judged) ? judged : problem;
}

function onUpgrade(front: ServerParts, request: IncomingMessage, stream: Duplex, head: Buffer): void {
  const connection = connectionOf(front, stream);
  if (connection.active > 0) return void stream.destroy();
  connection.tunnelEntry?.drop();
  const asked = readTarget(request, connection.place);
  const entry = begin(front, request, asked);
  const judged = isRefusal(asked) ? asked : judge(front.context, request, asked);
  const refusal = isRefusal(judged) ? judged : judgeUpgrade(front.context, request, judged);
  if (isRefusal(judged) || refusal !== undefined) {
    refuseRaw(stream, entry, { refusal: refusal ?? refuse("upgrade"), target: isRefusal(asked) ? undefined : asked.target });
    return;
  }
  entry.allow(judged.admission.reason, judged.admission.rule);
  if (head.length > 0) stream.unshift(head);
  forwardUpgrade({ context: front.context, request, guest: stream, judged, upstream: upstreamFor(front, connection, judged), entry });
}

function onClientError(front: ServerParts, error: NodeJS.ErrnoException, stream: Duplex): void {
  const connection = front.visits.get(stream);
  if (stream.destroyed || !stream.writable || (connection?.active ?? 0) > 0 || error.code === "ECONNRESET") return void stream.destroy();
  const refusal = classifyParseError(error);
  const target = connection?.place.kind === "inside" ? connection.place.target : undefined;
  connection?.tunnelEntry?.drop();
  refuseRaw(stream, front.context.log.begin(target ?? { host: "-", port: 0 }), { refusal, target });
}

function classifyParseError(error: NodeJS.ErrnoException): Refusal {
  if (error.code === "HPE_HEADER_OVERFLOW") return refuse("limit-header-bytes", 431);
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") return refuse("limit-header-timeout", 408);
  return refuse("bad-request", 400, "the request is not strict HTTP/1.1");
}
