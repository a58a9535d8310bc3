import { type ClientRequest, type IncomingMessage, request as openRequest, type ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { renderHost } from "../../domain/egress/host.ts";
import type { ResponseScrubber } from "../credentials/scrub.ts";
import { type HeaderLines, type HeaderPair, responseLines, safeTrailers, valuesOf } from "../http/header-lines.ts";
import { type Refusal, refuse } from "../http/refusal.ts";
import type { Endpoint } from "../http/request-target.ts";
import { destroyOnError, type ProxyContext } from "./context.ts";
import type { Entry } from "./egress-log.ts";
import { failureOf, type ProxyUpstream } from "./upstream.ts";
import { sendRefusal } from "./write-refusal.ts";

/** One request that was judged, ready to be sent. */
export interface ProxyExchange {
  readonly context: ProxyContext;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: Endpoint;
  readonly tls: boolean;
  /** Path and query to send. */
  readonly originForm: string;
  /** End-to-end headers to send, without Host and framing. */
  readonly headers: readonly HeaderPair[];
  readonly upstream: ProxyUpstream;
  readonly entry: Entry;
  /** Set on hosts with a credential. */
  readonly scrubber: ResponseScrubber | undefined;
  /** The guest waits for `100 Continue`. */
  readonly expectsContinue: boolean;
}

/** The Host line of a request: the canonical host, and the port unless it is the scheme's own. */
export function hostLine(target: Endpoint, tls: boolean): string {
  const usual = tls ? 443 : 80;
  return target.port === usual ? renderHost(target.host) : `${renderHost(target.host)}:${target.port}`;
}

/** Header lines as `http.request` and `writeHead` take them: in order, duplicates kept. */
export function flatten(pairs: readonly HeaderPair[]): string[] {
  return pairs.flat();
}

/** Sends a judged request and passes the response back, both streamed. Ends the entry. */
export function forward(exchange: ProxyExchange): void {
  const { context, request, response, entry } = exchange;
  const cut = new AbortController();
  const stop = (refusal: Refusal): void => {
    cutOff(exchange, refusal);
    cut.abort();
  };
  const idle = setTimeout(() => stop(refuse("limit-idle", request.complete ? 504 : 408)), context.limits.idleTimeoutMs);
  response.once("close", () => {
    clearTimeout(idle);
    entry.end();
  });
  const limit = entry.up(exchange.originForm.length + sizeOf(exchange.headers));
  if (limit !== undefined) {
    stop(refuse(limit));
    return;
  }
  if (exchange.expectsContinue) response.writeContinue();
  send(exchange, { idle, stop, cut: cut.signal }, true);
}

/** What ends an exchange from outside: silence, or a limit. */
interface Watch {
  readonly idle: NodeJS.Timeout;
  readonly stop: (refusal: Refusal) => void;
  /** Aborted after `stop`. */
  readonly cut: AbortSignal;
}

/** Bytes of header lines on the wire. */
export function sizeOf(headers: readonly HeaderPair[]): number {
  return headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
}

/** Names the limit in the response, or ends the connection if the response has begun. */
function cutOff(exchange: ProxyExchange, refusal: Refusal): void {
  const { entry, request, response, target } = exchange;
  entry.deny(refusal.reason);
  if (response.headersSent || response.destroyed) {
    request.socket.destroy();
    return;
  }
  entry.status(refusal.status);
  sendRefusal(exchange, refusal, target);
}

/** What may be sent again when a kept connection broke before the response (RFC 9110, 9.2.2). */
const REPEATABLE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

function send(exchange: ProxyExchange, watch: Watch, mayRetry: boolean): void {
  const { request, response, target, tls, entry, upstream } = exchange;
  const chunked = request.headers["transfer-encoding"] !== undefined;
  const hasBody = chunked || request.headers["content-length"] !== undefined;
  const lines = flatten([
    ["Host", hostLine(target, tls)],
    ...exchange.headers,
    ...(chunked ? [["Transfer-Encoding", "chunked"] as const] : []),
  ]);
  const outgoing = openRequest({
    agent: upstream.agent,
    method: request.method ?? "GET",
    path: exchange.originForm,
    headers: lines,
    setHost: false,
    maxHeaderSize: exchange.context.limits.maxHeaderBytes,
    signal: watch.cut,
  });
  outgoing.once("socket", () => entry.at(upstream.address() ?? ""));
  let settled = false;
  outgoing.once("response", (incoming) => {
    settled = true;
    destroyOnError(request.socket, () => receive(exchange, incoming, watch.idle));
  });
  const breakOff = (error?: NodeJS.ErrnoException): void => {
    if (settled) return;
    settled = true;
    if (mayRetry && outgoing.reusedSocket && !hasBody && REPEATABLE.has(request.method ?? "") && !response.headersSent)
      send(exchange, watch, false);
    else fail(exchange, failureOf(upstream, error));
  };
  outgoing.on("error", breakOff);
  outgoing.once("close", () => breakOff());
  response.once("close", () => {
    if (!response.writableFinished) outgoing.destroy();
  });
  if (mayRetry || !hasBody) pipeBody(exchange, outgoing, { watch, hasBody, chunked });
}

function fail(exchange: ProxyExchange, refusal: Refusal): void {
  const { entry, target, response } = exchange;
  if (response.writableEnded) return;
  entry.deny(refusal.reason);
  entry.status(refusal.status);
  sendRefusal(exchange, refusal, target);
}

function pipeBody(
  exchange: ProxyExchange,
  outgoing: ClientRequest,
  body: { readonly watch: Watch; readonly hasBody: boolean; readonly chunked: boolean },
): void {
  const { request, entry } = exchange;
  if (!body.hasBody) {
    outgoing.end();
    return;
  }
  const { watch } = body;
  const count = (bytes: number): void => {
    const limit = watch.cut.aborted ? undefined : entry.up(bytes);
    if (limit !== undefined) watch.stop(refuse(limit));
  };
  request.on("data", (chunk: Uint8Array) => {
    watch.idle.refresh();
    count(chunk.length);
  });
  request.once("end", () => {
    // None on a host with a credential: a server that reads a trailer as a header could take a foreign credential (I5).
    const trailers = body.chunked && exchange.scrubber === undefined ? safeTrailers(request.rawTrailers) : [];
    if (trailers.length === 0) return;
    count(sizeOf(trailers));
    outgoing.addTrailers(trailers.map(([name, value]) => [name, value] as [string, string]));
  });
  request.pipe(outgoing);
}

function receive(exchange: ProxyExchange, incoming: IncomingMessage, idle: NodeJS.Timeout): void {
  const { request, response, entry, scrubber } = exchange;
  const status = incoming.statusCode ?? 502;
  incoming.on("error", () => request.socket.destroy());
  if (scrubber !== undefined && isEncoded(incoming.rawHeaders)) {
    incoming.destroy();
    const refusal = refuse("unreadable-response", 502);
    entry.deny(refusal.reason);
    sendRefusal(exchange, refusal, exchange.target);
    return;
  }
  entry.status(status);
  const scrub = (pairs: readonly HeaderPair[]): readonly HeaderPair[] =>
    scrubber === undefined ? pairs : pairs.map(([name, value]) => [scrubber.text(name), scrubber.text(value)]);
  response.sendDate = false;
  response.writeHead(status, flatten(scrub(responseLines(incoming.rawHeaders))));
  incoming.on("data", (chunk: Uint8Array) => {
    idle.refresh();
    entry.down(chunk.length);
  });
  const body: Readable = scrubber === undefined ? incoming : incoming.pipe(scrubber.stream());
  incoming.once("end", () => {
    if (response.hasHeader("content-length") || incoming.rawTrailers.length === 0 || incoming.headers["content-length"] !== undefined)
      return;
    response.addTrailers(scrub(safeTrailers(incoming.rawTrailers)).map(([name, value]) => [name, value] as [string, string]));
  });
  body.pipe(response);
}

function isEncoded(lines: HeaderLines): boolean {
  return valuesOf(lines, "content-encoding").some((value) => value.trim().toLowerCase() !== "identity" && value.trim() !== "");
}
