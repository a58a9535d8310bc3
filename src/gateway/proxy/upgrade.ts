import { type IncomingMessage, request as openRequest, type RequestOptions, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { allowsUpgrade } from "../../domain/egress/policy.ts";
import { responseLines, valuesOf } from "../http/header-lines.ts";
import { type Refusal, refuse } from "../http/refusal.ts";
import { destroyOnError, type ProxyContext } from "./context.ts";
import type { Entry } from "./egress-log.ts";
import { flatten, hostLine, sizeOf } from "./forward.ts";
import type { AllowedRequest } from "./read-request.ts";
import { splice } from "./splice.ts";
import { failureOf, type ProxyUpstream } from "./upstream.ts";
import { sendRawRefusal } from "./write-refusal.ts";

export interface UpgradeExchange {
  readonly context: ProxyContext;
  readonly request: IncomingMessage;
  readonly guest: Duplex;
  readonly judged: AllowedRequest;
  readonly upstream: ProxyUpstream;
  readonly entry: Entry;
}

/** Only WebSocket (RFC 6455), only as GET without a body, never on a host whose methods are limited or that has a credential. */
export function judgeUpgrade(context: ProxyContext, request: IncomingMessage, judged: AllowedRequest): Refusal | undefined {
  const tokens = valuesOf(request.rawHeaders, "upgrade");
  const token = tokens[0]?.trim().toLowerCase() ?? "";
  if (tokens.length !== 1 || token !== "websocket") return refuse(token.startsWith("h2c") ? "h2c" : "upgrade", 400);
  const hasBody = request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
  if (request.method !== "GET" || hasBody || request.httpVersion !== "1.1") return refuse("upgrade", 400);
  if (context.injector.covers(judged.target.host)) return refuse("upgrade");
  return allowsUpgrade(context.policy, { ...judged.target, method: "GET", path: judged.path }) ? undefined : refuse("upgrade");
}

/** Requests the change of protocol and joins the two streams when the server agrees. */
export function forwardUpgrade(exchange: UpgradeExchange): void {
  const { context, judged, guest, entry, upstream } = exchange;
  const limit = entry.up(judged.originForm.length + sizeOf(judged.headers));
  if (limit !== undefined) {
    end(exchange, refuse(limit));
    return;
  }
  const outgoing = openRequest(requestFor(exchange));
  let settled = false;
  const settle = (refusal?: Refusal): void => {
    if (settled) return;
    settled = true;
    if (refusal !== undefined) end(exchange, refusal);
  };
  const late = setTimeout(() => {
    settle(refuse("limit-idle", 504));
    outgoing.destroy();
  }, context.limits.idleTimeoutMs);
  outgoing.once("upgrade", (incoming, socket, head) => {
    settle();
    destroyOnError(guest, () => join(exchange, incoming, { socket, head }));
  });
  outgoing.once("response", (incoming) => {
    settle();
    destroyOnError(guest, () => decline(exchange, incoming));
  });
  outgoing.on("error", (error) => settle(failureOf(upstream, error)));
  outgoing.once("close", () => {
    clearTimeout(late);
    settle(failureOf(upstream, undefined));
  });
  guest.once("close", () => {
    settle();
    outgoing.destroy();
    entry.end();
  });
  outgoing.end();
}

function requestFor({ context, judged, upstream }: UpgradeExchange): RequestOptions {
  return {
    agent: upstream.agent,
    method: "GET",
    path: judged.originForm,
    headers: [
      ...flatten([["Host", hostLine(judged.target, judged.tls)], ...judged.headers]),
      "Connection",
      "Upgrade",
      "Upgrade",
      "websocket",
    ],
    setHost: false,
    maxHeaderSize: context.limits.maxHeaderBytes,
  };
}

function end({ entry, guest, judged }: UpgradeExchange, refusal: Refusal): void {
  entry.deny(refusal.reason);
  entry.status(refusal.status);
  entry.end();
  sendRawRefusal(guest, refusal, judged.target);
}

/** The server agreed: passes its head to the guest and joins the streams. */
function join(exchange: UpgradeExchange, incoming: IncomingMessage, opened: { readonly socket: Duplex; readonly head: Buffer }): void {
  const { context, guest, entry, upstream } = exchange;
  entry.at(upstream.address() ?? "");
  entry.status(101);
  guest.write(
    `HTTP/1.1 101 Switching Protocols\r\n${renderLines(incoming.rawHeaders)}connection: Upgrade\r\nupgrade: websocket\r\n\r\n`,
    "latin1",
  );
  if (opened.head.length > 0) opened.socket.unshift(opened.head);
  splice({ guest, upstream: opened.socket, entry, idleTimeoutMs: context.limits.idleTimeoutMs });
}

function renderLines(lines: readonly string[]): string {
  return responseLines(lines)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
}

/** The server sent an ordinary response: passes it on and closes. */
function decline(exchange: UpgradeExchange, incoming: IncomingMessage): void {
  const { request, guest, entry } = exchange;
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.sendDate = false;
  response.assignSocket(guest as never);
  entry.status(incoming.statusCode ?? 502);
  response.writeHead(incoming.statusCode ?? 502, flatten(responseLines(incoming.rawHeaders)));
  incoming.on("data", (chunk: Uint8Array) => entry.down(chunk.length));
  incoming.on("error", () => guest.destroy());
  response.once("finish", () => {
    guest.end();
    entry.end();
  });
  incoming.pipe(response);
}
