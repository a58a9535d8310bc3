import { Buffer, isUtf8 } from "node:buffer";
import type { Duplex } from "node:stream";
import { canonicalHost } from "../../domain/egress/host.ts";
import { peek } from "../http/peek.ts";
import { isRefusal, type Refusal } from "../http/refusal.ts";
import type { Endpoint } from "../http/request-target.ts";
import { admit, endAfter, identifyCommand, type ProxyContext, refuseUnread } from "./context.ts";
import type { Tunnelled } from "./http-server.ts";

/** First byte of a SOCKS5 client (RFC 1928). */
export const SOCKS_VERSION = 5;

const NO_AUTHENTICATION = 0;
const NO_METHOD = 0xff;
const CONNECT = 1;
const REPLY = {
  granted: 0,
  failed: 1,
  notAllowed: 2,
  hostUnreachable: 4,
  connectionRefused: 5,
  commandNotSupported: 7,
  addressNotSupported: 8,
} as const;
/** Greeting: version, count, methods. Request: head, longest name, port. */
const MAX_GREETING = 2 + 255;
const MAX_REQUEST = 4 + 1 + 255 + 2;

type SocksRequest = { readonly target: Endpoint } | { readonly reply: number };

/** Speaks SOCKS5 with the guest: no authentication, CONNECT only; a name stays a name, an address is judged as an address. */
export async function serveSocks(context: ProxyContext, stream: Duplex, onTunnel: (tunnelled: Tunnelled) => void): Promise<void> {
  stream.on("error", () => undefined);
  const timeoutMs = context.limits.headerTimeoutMs;
  const offersNone = await peek(stream, { maxBytes: MAX_GREETING, timeoutMs, examine: readGreeting });
  if (offersNone === "late") refuseUnread(context, "limit-header-timeout", "SOCKS5");
  if (offersNone !== true) return endAfter(stream, Buffer.from([SOCKS_VERSION, NO_METHOD]));
  stream.write(Buffer.from([SOCKS_VERSION, NO_AUTHENTICATION]));
  const request = await peek(stream, { maxBytes: MAX_REQUEST, timeoutMs, examine: readRequest });
  if (request === "late") refuseUnread(context, "limit-header-timeout", "SOCKS5");
  if (typeof request === "string") return endAfter(stream, reply(REPLY.failed));
  const entry = context.log.begin({ ...("target" in request ? request.target : { host: "-", port: 0 }), method: "SOCKS5" });
  if ("reply" in request) {
    entry.end();
    return endAfter(stream, reply(request.reply));
  }
  const dialled = await admit(context, request.target, entry);
  if (isRefusal(dialled)) {
    await identifyCommand(context, { stream, entry, reason: dialled.reason });
    entry.end();
    return endAfter(stream, reply(replyFor(dialled)));
  }
  if (stream.destroyed) {
    dialled.socket.destroy();
    return entry.end();
  }
  stream.write(reply(REPLY.granted));
  onTunnel({ guest: stream, target: request.target, dialled, entry });
}

function readGreeting(bytes: Buffer): { readonly value: boolean; readonly used: number } | undefined {
  const count = bytes[1];
  if (count === undefined || bytes.length < 2 + count) return undefined;
  return { value: bytes.subarray(2, 2 + count).includes(NO_AUTHENTICATION), used: 2 + count };
}

function readRequest(bytes: Buffer): { readonly value: SocksRequest; readonly used: number } | undefined {
  if (bytes.length < 5) return undefined;
  const [version, command, reserved, kind, nameLength = 0] = bytes;
  if (version !== SOCKS_VERSION || reserved !== 0) return { value: { reply: REPLY.commandNotSupported }, used: bytes.length };
  const length = { 1: 4, 3: 1 + nameLength, 4: 16 }[kind ?? 0];
  if (length === undefined) return { value: { reply: REPLY.addressNotSupported }, used: bytes.length };
  if (bytes.length < 4 + length + 2) return undefined;
  const used = 4 + length + 2;
  if (command !== CONNECT) return { value: { reply: REPLY.commandNotSupported }, used };
  const host = canonicalHost(renderAddress(kind ?? 0, bytes.subarray(4, 4 + length)))?.text;
  const port = bytes.readUInt16BE(4 + length);
  return { value: host === undefined || port === 0 ? { reply: REPLY.addressNotSupported } : { target: { host, port } }, used };
}

function renderAddress(kind: number, bytes: Buffer): string {
  if (kind === 1) return bytes.join(".");
  if (kind === 3) return isUtf8(bytes.subarray(1)) ? bytes.subarray(1).toString("utf8") : "";
  return Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16)).join(":");
}

function reply(code: number): Buffer {
  return Buffer.from([SOCKS_VERSION, code, 0, 1, 0, 0, 0, 0, 0, 0]);
}

const UNREACHABLE: ReadonlySet<string> = new Set(["dns-failed", "limit-resolve-timeout", "limit-dial-timeout"]);

function replyFor(refusal: Refusal): number {
  if (UNREACHABLE.has(refusal.reason)) return REPLY.hostUnreachable;
  return refusal.reason === "dial-failed" ? REPLY.connectionRefused : REPLY.notAllowed;
}
