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
  readonly origin: Origin;
  /** Requests without a complete response. */
  active: number;
  /** A refusal is being sent; the connection ends after it. */
  closing: boolean;
  /** The log entry of the tunnel itself, until a request has one. */
  tunnelEntry: Entry | undefined;
  /** Connections out by host and port; the one used last is kept between requests. */
  readonly upstreams: Map<string, ProxyUpstream>;
}

export interface HttpServer {
  /** Serves HTTP/1.1 on a byte stream. */
  serve(stream: Duplex, origin: Origin, opened?: OpenedOrigin): void;
  close(): void;
}

/** What already exists when a tunnel is read. */
export interface OpenedOrigin {
  /** A connection to the host of the tunnel. */
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
  readonly connections: WeakMap<Duplex, Connection>;
  readonly onTunnel: (tunnelled: Tunnelled) => void;
}

/** The HTTP side of the proxy port and of every tunnel that is read. node:http parses; everything it lets pass and should not is refused here. */
export function openHttpServer(context: ProxyContext, onTunnel: (tunnelled: Tunnelled) => void): HttpServer {
  const parts: ServerParts = { context, connections: new WeakMap(), onTunnel };
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
  // A guest that ends its side after the request still gets the response. The types of node:http lack this property.
  Object.assign(server, { httpAllowHalfOpen: true });
  const arrive = (expectsContinue: boolean) => (request: IncomingMessage, response: ServerResponse) =>
    destroyOnError(request.socket, () => onRequest(parts, { request, response, expectsContinue }));
  server.on("request", arrive(false));
  server.on("checkContinue", arrive(true));
  server.on("connect", (request, stream, head) => destroyOnError(stream, () => onConnect(parts, request, stream, head)));
  server.on("upgrade", (request, stream, head) => destroyOnError(stream, () => onUpgrade(parts, request, stream, head)));
  server.on("clientError", (error: NodeJS.ErrnoException, stream) => destroyOnError(stream, () => onClientError(parts, error, stream)));
  watchHeaders(server);
  return {
    serve(stream, origin, opened) {
      const connection: Connection = { origin, active: 0, closing: false, tunnelEntry: opened?.entry, upstreams: new Map() };
      if (opened !== undefined && origin.kind === "inside") {
        connection.upstreams.set(
          keyOf(origin.target),
          openProxyUpstream({ context, target: origin.target, tls: origin.tls, first: opened.dialled }),
        );
      }
      parts.connections.set(stream, connection);
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

function connectionOf(parts: ServerParts, stream: Duplex): Connection {
  const connection = parts.connections.get(stream);
  if (connection === undefined) throw new TypeError("a connection that was never served");
  return connection;
}

/** A connection to one host is kept for the next request of the same guest connection; others go as soon as nobody uses them. */
function upstreamFor(parts: ServerParts, connection: Connection, requested: ReadRequest): ProxyUpstream {
  const key = keyOf(requested.target);
  const upstream =
    connection.upstreams.get(key) ?? openProxyUpstream({ context: parts.context, target: requested.target, tls: requested.tls });
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

function onRequest(parts: ServerParts, arrival: Arrival): void {
  const { request, response } = arrival;
  const connection = connectionOf(parts, request.socket);
  if (connection.closing) return;
  connection.active += 1;
  connection.tunnelEntry?.drop();
  response.once("close", () => {
    connection.active -= 1;
  });
  request.on("error", () => undefined);
  response.on("error", () => undefined);
  const requested = readTarget(request, connection.origin);
  const judged = isRefusal(requested) ? requested : judge(parts.context, request, requested);
  const entry = beginEntry(parts, request, requested);
  if (connection.active > parts.context.limits.maxPipelined) {
    // A response would wait behind the others, so only the log names the limit.
    connection.closing = true;
    entry.deny("limit-pipelined");
    entry.end();
    request.socket.destroy();
    return;
  }
  if (isRefusal(judged)) {
    refuseRequest(parts, arrival, { entry, refusal: judged, target: isRefusal(requested) ? undefined : requested.target });
    return;
  }
  entry.allow(judged.admission.reason, judged.admission.rule);
  const scrubber = parts.context.injector.covers(judged.target.host) ? parts.context.injector.scrubber(judged.target.host) : undefined;
  forward({ context: parts.context, ...arrival, ...pick(judged), upstream: upstreamFor(parts, connection, judged), entry, scrubber });
}

interface RefusedRequest {
  readonly entry: Entry;
  readonly refusal: Refusal;
  readonly target: Endpoint | undefined;
}

/** Refuses at once, or after a look-up of the command in the guest. After a look-up the connection ends, and what the guest sent behind the request is ignored. */
function refuseRequest(parts: ServerParts, arrival: Arrival, { entry, refusal, target }: RefusedRequest): void {
  const { request, response } = arrival;
  const respond = (): void => {
    logRefusal(entry, refusal);
    sendRefusal(arrival, refusal, target);
  };
  const lookup = identifyCommand(parts.context, { stream: request.socket, entry, reason: refusal.reason });
  if (lookup === undefined) {
    respond();
    return;
  }
  connectionOf(parts, request.socket).closing = true;
  response.shouldKeepAlive = false;
  destroyOnError(request.socket, async () => {
    await lookup;
    respond();
  });
}

function pick(judged: AllowedRequest): Pick<AllowedRequest, "target" | "tls" | "originForm" | "headers"> {
  const { target, tls, originForm, headers } = judged;
  return { target, tls, originForm, headers };
}

function beginEntry(parts: ServerParts, request: IncomingMessage, requested: ReadRequest | Refusal): Entry {
  const where = isRefusal(requested) ? { host: "-", port: 0 } : { ...requested.target, path: requested.path };
  return parts.context.log.begin({ ...where, method: request.method });
}

function logRefusal(entry: Entry, refusal: Refusal): void {
  entry.deny(refusal.reason);
  entry.status(refusal.status);
  entry.end();
}

function refuseRaw(stream: Duplex, entry: Entry, reply: { readonly refusal: Refusal; readonly target?: Endpoint | undefined }): void {
  logRefusal(entry, reply.refusal);
  sendRawRefusal(stream, reply.refusal, reply.target);
}

async function onConnect(parts: ServerParts, request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> {
  const connection = connectionOf(parts, stream);
  if (connection.active > 0) return void stream.destroy();
  const target = connection.origin.kind === "proxy" ? parseAuthority(request.url ?? "") : undefined;
  const entry = parts.context.log.begin({ ...(target ?? { host: "-", port: 0 }), method: "CONNECT" });
  if (target === undefined) return refuseRaw(stream, entry, { refusal: refuse("bad-request", 400, "CONNECT takes exactly `host:port`") });
  const dialled = await admitConnect(parts, request, target, entry);
  if (isRefusal(dialled)) {
    await identifyCommand(parts.context, { stream, entry, reason: dialled.reason });
    return refuseRaw(stream, entry, { refusal: dialled, target });
  }
  if (stream.destroyed) {
    dialled.socket.destroy();
    return entry.end();
  }
  stream.write("HTTP/1.1 200 Connection established\r\n\r\n");
  if (head.length > 0) stream.unshift(head);
  parts.onTunnel({ guest: stream, target, dialled, entry });
}

/** Rules first, so that the refusal of a host that is not allowed says so; then the framing; then the network. */
async function admitConnect(parts: ServerParts, request: IncomingMessage, target: Endpoint, entry: Entry): Promise<Dialled | Refusal> {
  const problem = checkFraming(request, framingRules(parts.context.limits)) ?? checkHostLine(request, target);
  if (problem === undefined) return await admit(parts.context, target, entry);
  const judged = judgeTarget(parts.context, target);
  return isRefusal(judged) ? judged : problem;
}

function onUpgrade(parts: ServerParts, request: IncomingMessage, stream: Duplex, head: Buffer): void {
  const connection = connectionOf(parts, stream);
  if (connection.active > 0) return void stream.destroy();
  connection.tunnelEntry?.drop();
  const requested = readTarget(request, connection.origin);
  const entry = beginEntry(parts, request, requested);
  const judged = isRefusal(requested) ? requested : judge(parts.context, request, requested);
  const refusal = isRefusal(judged) ? judged : judgeUpgrade(parts.context, request, judged);
  if (isRefusal(judged) || refusal !== undefined) {
    refuseRaw(stream, entry, { refusal: refusal ?? refuse("upgrade"), target: isRefusal(requested) ? undefined : requested.target });
    return;
  }
  entry.allow(judged.admission.reason, judged.admission.rule);
  if (head.length > 0) stream.unshift(head);
  forwardUpgrade({ context: parts.context, request, guest: stream, judged, upstream: upstreamFor(parts, connection, judged), entry });
}

function onClientError(parts: ServerParts, error: NodeJS.ErrnoException, stream: Duplex): void {
  const connection = parts.connections.get(stream);
  if (stream.destroyed || !stream.writable || (connection?.active ?? 0) > 0 || error.code === "ECONNRESET") return void stream.destroy();
  const refusal = classifyParseError(error);
  const target = connection?.origin.kind === "inside" ? connection.origin.target : undefined;
  connection?.tunnelEntry?.drop();
  refuseRaw(stream, parts.context.log.begin(target ?? { host: "-", port: 0 }), { refusal, target });
}

function classifyParseError(error: NodeJS.ErrnoException): Refusal {
  if (error.code === "HPE_HEADER_OVERFLOW") return refuse("limit-header-bytes", 431);
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") return refuse("limit-header-timeout", 408);
  return refuse("bad-request", 400, "the request is not strict HTTP/1.1");
}
