import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { parseAddress } from "../../domain/egress/address.ts";
import { type FirstBytes, MAX_HELLO_BYTES, readFirstBytes } from "../http/client-hello.ts";
import { type PeekFailure, peek } from "../http/peek.ts";
import type { Reason } from "../http/refusal.ts";
import { endAfter, mustRead, type ProxyContext } from "./context.ts";
import type { HttpServer, Tunnelled } from "./http-server.ts";
import { splice } from "./splice.ts";

/** TLS alert `access_denied`, fatal: a client reports it instead of "connection reset". */
const ACCESS_DENIED = Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x31]);

/**
 * Decides by its first bytes how an open tunnel is carried. Port 443 takes a ClientHello for the host of the tunnel; a host with limits or
 * a credential is read; port 80 is read as HTTP; any other port is passed through (a ClientHello there must name the host, too).
 */
export async function carryTunnel(context: ProxyContext, server: HttpServer, tunnelled: Tunnelled): Promise<void> {
  const { guest, dialled, target } = tunnelled;
  guest.on("error", () => undefined);
  dialled.socket.on("error", () => undefined);
  const breakBoth = (): void => void guest.destroy();
  if (mustRead(context, target)) return await read(context, server, tunnelled);
  if (target.port === 443) return await carryTls(context, tunnelled);
  if (target.port === 80) return readHttp(server, tunnelled);
  dialled.socket.once("close", breakBoth);
  await carryAny(context, tunnelled);
}

/** Opaque TLS: nothing is read but the server name. */
async function carryTls(context: ProxyContext, tunnelled: Tunnelled): Promise<void> {
  const first = await readHello(context, tunnelled.guest);
  const problem = findProblem(first, tunnelled);
  if (problem !== undefined) return stop(tunnelled, problem, first);
  join(context, tunnelled);
}

/** A protocol whose server may speak first: join the streams at once if the guest is silent; examine its bytes if it is not. */
async function carryAny(context: ProxyContext, tunnelled: Tunnelled): Promise<void> {
  const speaker = await firstToSpeak(tunnelled, context.limits.idleTimeoutMs);
  if (speaker === undefined) return stop(tunnelled, "limit-idle", "late");
  if (speaker === tunnelled.guest && looksLikeTls(tunnelled.guest)) return await carryTls(context, tunnelled);
  join(context, tunnelled);
}

/** The end that sends or closes first; undefined when neither does in time. Consumes nothing. */
function firstToSpeak({ guest, dialled }: Tunnelled, timeoutMs: number): Promise<Duplex | undefined> {
  const events = ["readable", "end", "close"] as const;
  const ends = [guest, dialled.socket];
  return new Promise((resolve) => {
    const listeners = ends.map((end) => () => finish(end));
    const finish = (end: Duplex | undefined): void => {
      clearTimeout(timer);
      for (const [index, listener] of listeners.entries()) for (const event of events) ends[index]?.off(event, listener);
      resolve(end);
    };
    const timer = setTimeout(() => finish(undefined), timeoutMs);
    // An end that closed earlier emits no more events.
    const gone = ends.find((end) => end.readableEnded || end.destroyed);
    if (gone !== undefined) return finish(gone);
    for (const [index, listener] of listeners.entries()) for (const event of events) ends[index]?.on(event, listener);
  });
}

function looksLikeTls(guest: Duplex): boolean {
  const first: Buffer | null = guest.read(1);
  if (first === null) return false;
  guest.unshift(first);
  return first[0] === 0x16;
}

/** A host whose traffic must be readable: TLS is decrypted with the run's own authority; anything else is HTTP or is refused. */
async function read(context: ProxyContext, server: HttpServer, tunnelled: Tunnelled): Promise<void> {
  const first = await readHello(context, tunnelled.guest);
  if (typeof first !== "string" && first.kind === "not-tls" && tunnelled.target.port !== 443) return readHttp(server, tunnelled);
  const problem = findProblem(first, tunnelled);
  if (problem !== undefined) return stop(tunnelled, problem, first);
  openTls(context, server, tunnelled);
}

function readHello(context: ProxyContext, guest: Duplex): Promise<FirstBytes | PeekFailure> {
  return peek(guest, {
    maxBytes: MAX_HELLO_BYTES,
    timeoutMs: context.limits.headerTimeoutMs,
    examine: (bytes) => {
      const value = readFirstBytes(bytes);
      return value === undefined ? undefined : { value, used: 0 };
    },
  });
}

/** An address has no server name to compare; otherwise the name must be present and must be that of the tunnel. */
function findProblem(first: FirstBytes | PeekFailure, { target }: Tunnelled): Reason | undefined {
  if (first === "late") return "limit-header-timeout";
  if (typeof first === "string" || first.kind !== "hello") return "not-tls";
  const expected = parseAddress(target.host) === undefined ? target.host : undefined;
  return first.serverName?.replace(/\.$/, "") === expected ? undefined : "server-name";
}

/** A guest that closed without sending anything did nothing wrong. */
function stop({ guest, dialled, entry }: Tunnelled, reason: Reason, first: FirstBytes | PeekFailure): void {
  if (first !== "ended") entry.deny(reason);
  entry.end();
  dialled.socket.destroy();
  if (typeof first !== "string" && first.kind !== "not-tls") endAfter(guest, ACCESS_DENIED);
  else guest.destroy();
}

function join(context: ProxyContext, { guest, dialled, entry }: Tunnelled): void {
  splice({ guest, upstream: dialled.socket, entry, idleTimeoutMs: context.limits.idleTimeoutMs });
}

function readHttp(server: HttpServer, { guest, target, dialled, entry }: Tunnelled): void {
  server.serve(guest, { kind: "inside", target, tls: false }, { dialled, entry });
}

function openTls(context: ProxyContext, server: HttpServer, { guest, target, dialled, entry }: Tunnelled): void {
  const secured = new TLSSocket(guest as never, {
    isServer: true,
    secureContext: context.authority.contextFor(target.host),
    ALPNProtocols: ["http/1.1"],
  });
  closeGently(secured, guest);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    secured.destroy(new Error("handshake timed out"));
  }, context.limits.headerTimeoutMs);
  let open = false;
  secured.once("secure", () => {
    clearTimeout(timer);
    open = true;
    server.serve(secured, { kind: "inside", target, tls: true }, { dialled, entry });
  });
  secured.on("error", () => {
    if (!open) entry.deny(late ? "limit-header-timeout" : "guest-tls-failed");
  });
  secured.once("close", () => {
    clearTimeout(timer);
    dialled.socket.destroy();
    guest.destroy();
    entry.end();
  });
  guest.once("close", () => secured.destroy());
}

const FAREWELL_MS = 60_000;

/** After its last response `node:http` destroys a socket once it has accepted the bytes, which are then still on their way through the tunnel. */
function closeGently(secured: TLSSocket, guest: Duplex): void {
  secured.destroySoon = () => {
    secured.end();
    const timer = setTimeout(() => secured.destroy(), FAREWELL_MS);
    guest.once("close", () => clearTimeout(timer));
  };
}
