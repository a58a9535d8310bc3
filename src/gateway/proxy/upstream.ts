import { Agent } from "node:http";
import type { Duplex } from "node:stream";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { parseAddress } from "../../domain/egress/address.ts";
import { isRefusal, type Refusal, refuse } from "../http/refusal.ts";
import type { Endpoint } from "../http/request-target.ts";
import type { ProxyContext } from "./context.ts";
import type { Dialled } from "./dial.ts";

/** Connections to one host for one guest connection: kept between requests, dialled anew when the server closed them. */
export interface ProxyUpstream {
  readonly agent: Agent;
  /** Why the last attempt to connect failed. */
  refusal(): Refusal | undefined;
  /** Address last dialled. */
  address(): string | undefined;
  close(): void;
}

export interface ProxyUpstreamOptions {
  readonly context: ProxyContext;
  readonly target: Endpoint;
  readonly tls: boolean;
  /** A connection that was dialled before the first request was known. */
  readonly first?: Dialled;
}

/** `agent: false` would make `http.request` ignore `createConnection` and dial by name; an agent of our own cannot. */
export function openProxyUpstream(options: ProxyUpstreamOptions): ProxyUpstream {
  const { context, target } = options;
  let first = options.first;
  let closed = false;
  let refusal: Refusal | undefined;
  let address = first?.address;
  const open = async (): Promise<Duplex | Refusal> => {
    const ready = first;
    first = undefined;
    const dialled =
      ready !== undefined && !ready.socket.destroyed && !ready.socket.readableEnded
        ? ready
        : await context.dialer(target.host, target.port);
    if (isRefusal(dialled)) return dialled;
    address = dialled.address;
    return options.tls ? await secure(context, target, dialled.socket) : dialled.socket;
  };
  const agent = new Agent({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1 });
  agent.createConnection = (_request, done) => {
    open().then(
      (result) => {
        refusal = isRefusal(result) ? result : undefined;
        if (closed && !isRefusal(result)) result.destroy();
        if (isRefusal(result)) done?.(new Error(result.reason), undefined as never);
        else done?.(null, result);
      },
      (error: Error) => done?.(error, undefined as never),
    );
    return undefined;
  };
  return {
    agent,
    refusal: () => refusal,
    address: () => address,
    close() {
      closed = true;
      agent.destroy();
      first?.socket.destroy();
    },
  };
}

/** Why a request that was sent got no response. */
export function failureOf(upstream: ProxyUpstream, error: NodeJS.ErrnoException | undefined): Refusal {
  if (error?.code === "HPE_HEADER_OVERFLOW") return refuse("limit-header-bytes", 502);
  return upstream.refusal() ?? refuse("upstream-failed", 502);
}

/** TLS to the host that was judged, its certificate verified whatever the environment says. */
async function secure(context: ProxyContext, target: Endpoint, socket: Duplex): Promise<TLSSocket | Refusal> {
  const named = parseAddress(target.host) === undefined;
  const secured = connectTls({
    socket,
    host: target.host,
    ...(named ? { servername: target.host } : {}),
    ALPNProtocols: ["http/1.1"],
    minVersion: "TLSv1.2",
    rejectUnauthorized: true,
    ...(context.upstreamCa === undefined ? {} : { ca: [...context.upstreamCa] }),
  });
  return await new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve(refuse("limit-dial-timeout", 504));
      secured.destroy(new Error("handshake timed out"));
    }, context.limits.dialTimeoutMs);
    secured.once("secureConnect", () => {
      clearTimeout(timer);
      resolve(secured);
    });
    secured.on("error", () => resolve(refuse("tls-failed", 502)));
    secured.once("close", () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(refuse("tls-failed", 502));
    });
  });
}
