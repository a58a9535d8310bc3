import { Buffer } from "node:buffer";
import type net from "node:net";
import type { Duplex } from "node:stream";
import { type Answer, type CaseRequest, type EgressCase, expandRaw, readResolves, readSecrets, renderRules } from "./cases.ts";
import { buildClientHello } from "./client-hello.ts";
import { collect, type Guest, isWhole, joinChunks, openGuest, openTls } from "./guest.ts";
import { isAirlockPolicyError } from "./policy-error.ts";
import type { Upstream } from "./upstream.ts";

export interface Played {
  readonly answer: Answer;
  /** Every byte the guest got, decrypted. */
  readonly seen: string;
  /** Status codes of the answers, in order. */
  readonly statuses: readonly number[];
}

const OTHER_SCHEMES = /^https:\/\/([^/]+)(\/.*)?$/;

/** Plays one case against an open guest. */
export async function play(guest: Guest, given: EgressCase, upstream: Upstream): Promise<Played> {
  const { request } = given;
  if (request.kind === "match") return await playMatch(guest, request);
  if (request.kind === "connect") return await playConnect(guest, request, upstream);
  if (request.raw !== undefined) return await playRaw(guest, request);
  return await playTls(guest, request, upstream);
}

export function openCase(given: EgressCase, upstream: Upstream): Promise<Guest> {
  const { request, policy } = given;
  upstream.script = request.upstream ?? {};
  return openGuest({
    allow: renderRules(policy.allow),
    deny: policy.deny.join("\n"),
    secrets: readSecrets(policy.inject),
    upstream,
    resolves: readResolves(request),
    refuseDials: request.upstream?.connect_error === true,
  });
}

/** Whether the policy itself is refused when read, which is one fair answer for some cases. */
export async function openOrRefuse(given: EgressCase, upstream: Upstream): Promise<Guest | "error"> {
  try {
    return await openCase(given, upstream);
  } catch (error) {
    if (isAirlockPolicyError(error)) return "error";
    throw error;
  }
}

/** Host names of every shape fit into SOCKS5; those that do not fit are sent as a CONNECT line. */
async function playMatch(guest: Guest, request: CaseRequest): Promise<Played> {
  const name = Buffer.from(request.host ?? "", "utf8");
  const port = request.port ?? 0;
  const socket = await guest.connect();
  if (name.length > 255 || port > 65_535) {
    socket.write(`CONNECT ${request.host}:${port} HTTP/1.1\r\nHost: x.invalid\r\n\r\n`);
    return readHead(await collect(socket, { enough: isWhole }), socket);
  }
  socket.write(Buffer.from([5, 1, 0]));
  await collect(socket, { enough: (text) => text.length >= 2 });
  socket.write(Buffer.concat([Buffer.from([5, 1, 0, 3, name.length]), name, Buffer.from([port >> 8, port & 255])]));
  const reply = await collect(socket, { enough: (text) => text.length >= 10 });
  socket.destroy();
  const code = reply.charCodeAt(1);
  return { answer: code === 0 ? "allow" : code === 2 ? "deny" : "error", seen: reply, statuses: [] };
}

function readHead(text: string, socket: Duplex): Played {
  socket.destroy();
  const statuses = statusesOf(text);
  return { answer: answerOf(statuses[0]), seen: text, statuses };
}

function statusesOf(text: string): readonly number[] {
  return [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => Number(match[1]));
}

function answerOf(status: number | undefined): Answer {
  if (status === undefined) return "error";
  if (status < 400) return "allow";
  return status === 403 ? "deny" : "error";
}

async function playConnect(guest: Guest, request: CaseRequest, upstream: Upstream): Promise<Played> {
  const socket = await guest.connect();
  const host = request.host ?? "";
  const shown = host.includes(":") ? `[${host}]` : host;
  socket.write(
    Buffer.from(expandRaw(request.raw ?? `CONNECT ${shown}:${request.port} HTTP/1.1\r\nHost: ${shown}:${request.port}\r\n\r\n`), "latin1"),
  );
  const head = await collect(socket, { enough: isWhole });
  const played = { answer: answerOf(statusesOf(head)[0]), seen: head, statuses: statusesOf(head) };
  const speaks = request.sni !== undefined || request.payload !== undefined;
  if (played.answer !== "allow" || !speaks) {
    socket.destroy();
    return played;
  }
  return await speak({ guest, socket, request, upstream, head });
}

interface Speech {
  readonly guest: Guest;
  readonly socket: net.Socket;
  readonly request: CaseRequest;
  readonly upstream: Upstream;
  readonly head: string;
}

/** Sends the first bytes of the tunnel. Allowed means that they, or a whole TLS exchange, reached the upstream. */
async function speak(speech: Speech): Promise<Played> {
  const { socket, request, upstream } = speech;
  if (request.payload === undefined) return await speakTls(speech);
  const before = upstream.tlsBytes() + upstream.received().length;
  socket.write(payloadOf(request));
  const seen = await collect(socket, { enough: isWhole });
  socket.destroy();
  const arrived = upstream.tlsBytes() + upstream.received().length > before;
  const statuses = statusesOf(seen);
  const answer = statuses.length > 0 ? answerOf(statuses[0]) : arrived ? "allow" : "error";
  return { answer, seen: speech.head + seen, statuses };
}

function payloadOf(request: CaseRequest): Buffer {
  const host = request.host ?? "";
  const recipes: Readonly<Record<string, () => Buffer>> = {
    client_hello_two_sni: () => buildClientHello({ serverNames: [host, "evil.com"] }),
    client_hello_dup_sni_ext: () => buildClientHello({ serverNames: [host], secondExtension: "evil.com" }),
    client_hello_ech_grease: () => buildClientHello({ serverNames: [request.sni ?? host], ech: true }),
    client_hello_ech_outer_public_name: () => buildClientHello({ serverNames: [request.sni ?? host], ech: true }),
  };
  const payload = request.payload ?? "";
  return recipes[payload]?.() ?? Buffer.from(payload, "latin1");
}

async function speakTls({ guest, socket, request, head }: Speech): Promise<Played> {
  try {
    const secured = await openTls(socket, { servername: request.sni ?? null, ca: guest.ca });
    secured.write(`GET / HTTP/1.1\r\nHost: ${request.host}\r\nConnection: close\r\n\r\n`);
    const seen = await collect(secured, { enough: isWhole });
    secured.destroy();
    return { answer: answerOf(statusesOf(seen)[0]), seen: head + seen + joinChunks(seen), statuses: statusesOf(seen) };
  } catch {
    return { answer: "error", seen: head, statuses: [] };
  }
}

async function playRaw(guest: Guest, request: CaseRequest): Promise<Played> {
  const socket = await guest.connect();
  const raw = expandRaw(request.raw ?? "");
  socket.write(Buffer.from(raw, "latin1"));
  const requests = raw.split(/(?:GET|POST) http/).length - 1;
  const seen = await collect(socket, {
    enough: (text) => requests === 1 && /^HTTP\/1\.1 101/.test(text) && text.includes("\r\n\r\n"),
  });
  return readHead(seen, socket);
}

/** CONNECT, TLS, one request; the request line is written by hand so that any method goes. */
async function playTls(guest: Guest, request: CaseRequest, upstream: Upstream): Promise<Played> {
  const [, authority = "", path = "/"] = OTHER_SCHEMES.exec(request.url ?? "") ?? [];
  const connect = request.connect ?? `${authority}:443`;
  const host = connect.slice(0, connect.lastIndexOf(":"));
  const opaque = request.method === "CONNECT-OPAQUE";
  if (opaque) return await playConnect(guest, { ...request, kind: "connect", host, port: 443 }, upstream);
  const socket = await guest.connect();
  socket.write(`CONNECT ${connect} HTTP/1.1\r\nHost: ${connect}\r\n\r\n`);
  const head = await collect(socket, { enough: isWhole });
  if (answerOf(statusesOf(head)[0]) !== "allow") return readHead(head, socket);
  try {
    const secured = await openTls(socket, { servername: request.sni ?? host, ca: guest.ca });
    secured.write(renderRequest(request, { host, path: request.target ?? path }));
    const seen = await collect(secured, { enough: isWhole });
    secured.destroy();
    return { answer: answerOf(statusesOf(seen)[0]), seen: head + seen + joinChunks(seen), statuses: statusesOf(seen) };
  } catch {
    return { answer: "error", seen: head, statuses: [] };
  }
}

function renderRequest(request: CaseRequest, at: { readonly host: string; readonly path: string }): string {
  const given = request.raw_headers ?? Object.entries(request.headers ?? {});
  const named = given.some(([name]) => name.toLowerCase() === "host");
  const lines = [...(named ? [] : [["Host", at.host] as const]), ...given, ["Content-Length", "0"] as const].map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `${request.method ?? "GET"} ${at.path} HTTP/1.1\r\n${lines.join("")}\r\n`;
}
