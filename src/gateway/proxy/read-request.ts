import type { IncomingMessage } from "node:http";
import { canonicalPath } from "../../domain/egress/request-path.ts";
import { checkFraming, type FramingFault, type FramingRules } from "../http/framing.ts";
import { endToEnd, type HeaderPair, valuesOf } from "../http/header-lines.ts";
import type { ProxyLimits } from "../http/limits.ts";
import { isRefusal, type Refusal, refuse } from "../http/refusal.ts";
import { type Endpoint, isOriginForm, parseAbsolute, parseHostLine, splitQuery } from "../http/request-target.ts";
import { type Allowed, judgeRequest, mustRead, type ProxyContext } from "./context.ts";

/** Where a request came from: the proxy port itself, or a tunnel to one host. */
export type Origin = { readonly kind: "proxy" } | { readonly kind: "inside"; readonly target: Endpoint; readonly tls: boolean };

/** What the request line and the Host line say, before any judgement. */
export interface ReadRequest {
  readonly target: Endpoint;
  readonly tls: boolean;
  readonly path: string;
  readonly query: string;
}

/** A request that may be sent. */
export interface AllowedRequest extends ReadRequest {
  readonly originForm: string;
  readonly headers: readonly HeaderPair[];
  readonly admission: Allowed;
}

/** Reads the target strictly: absolute-form on the proxy port, origin-form inside a tunnel. */
export function readTarget(request: IncomingMessage, origin: Origin): ReadRequest | Refusal {
  const url = request.url ?? "";
  if (origin.kind === "inside") {
    if (!isOriginForm(url)) return refuse("bad-request", 400, "the request target is not a plain path");
    return { target: origin.target, tls: origin.tls, ...splitQuery(url) };
  }
  const absolute = parseAbsolute(url);
  if (absolute === undefined)
    return refuse("bad-request", 400, "a request to the proxy port names a full `http://` address, and `https` goes through CONNECT");
  return { target: { host: absolute.host, port: absolute.port }, tls: false, ...splitQuery(absolute.originForm) };
}

/** Everything about a request that can be judged without the network: method, framing, rules, authority, credentials. In this order. */
export function judge(context: ProxyContext, request: IncomingMessage, requested: ReadRequest): AllowedRequest | Refusal {
  const method = request.method ?? "";
  if (method === "TRACE" || method === "TRACK" || method === "CONNECT") return refuse("trace", 405);
  const admission = judgeRequest(context, requested.target, { method, path: requested.path });
  if (isRefusal(admission)) return admission;
  const problem = checkFraming(request, framingRules(context.limits)) ?? checkAuthority(request, requested);
  if (problem !== undefined) return problem;
  const strict = mustRead(context, requested.target);
  const path = strict ? canonicalPath(requested.path) : requested.path;
  if (path === undefined) return refuse("ambiguous-path", 400);
  const headers = injectHeaders(context, requested, { method, path, headers: endToEnd(request.rawHeaders, { strict }) });
  return isRefusal(headers) ? headers : { ...requested, originForm: path + requested.query, headers, admission };
}

const FAULTS: Readonly<Record<Exclude<FramingFault, "too-many-lines">, string>> = {
  version: "the HTTP version is not 1.0 or 1.1",
  "host-count": "there is not exactly one Host line",
  "host-form": "the Host line is not a host",
  "nominated-field": "the Connection line names a field that it may not name",
  "several-lengths": "there is more than one Content-Length line",
  "transfer-coding": "the transfer coding is not exactly `chunked`",
  "length-and-coding": "the length of the body is given in two ways",
  trailer: "trailers are not taken",
};

/** How a request to the proxy, or inside a tunnel that is read, has to be framed. */
export function framingRules({ maxHeaderLines }: Pick<ProxyLimits, "maxHeaderLines">): FramingRules {
  return {
    versions: ["1.0", "1.1"],
    maxHeaderLines,
    takesTrailers: true,
    explain: (fault) => (fault === "too-many-lines" ? refuse("limit-header-lines", 431) : refuse("bad-request", 400, FAULTS[fault])),
  };
}

function checkAuthority(request: IncomingMessage, { target, tls }: ReadRequest): Refusal | undefined {
  if (target.port === 443 && !tls) return refuse("not-tls");
  return checkHostLine(request, target);
}

/** The Host line, where there is one, has to name the host of the request. */
export function checkHostLine(request: IncomingMessage, target: Endpoint): Refusal | undefined {
  const [line] = valuesOf(request.rawHeaders, "host");
  if (line === undefined) return undefined;
  const host = parseHostLine(line);
  const agrees = host?.host === target.host && (host.port === undefined || host.port === target.port);
  return agrees ? undefined : refuse("authority-mismatch", 400);
}

function injectHeaders(
  context: ProxyContext,
  requested: ReadRequest,
  sent: { readonly method: string; readonly path: string; readonly headers: readonly HeaderPair[] },
): readonly HeaderPair[] | Refusal {
  if (!context.injector.covers(requested.target.host)) return sent.headers;
  if (!requested.tls) return refuse("tls-required");
  return context.injector.request({ host: requested.target.host, query: requested.query, ...sent });
}
