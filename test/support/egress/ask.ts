import { Buffer } from "node:buffer";
import type net from "node:net";
import type tls from "node:tls";
import { collect, type Guest, isWhole, openTls } from "./guest.ts";

/** Sends bytes to the proxy port and returns what comes back. */
export async function ask(guest: Guest, text: string, options: { readonly toEnd?: boolean } = {}): Promise<string> {
  const socket = await guest.connect();
  socket.write(Buffer.from(text, "latin1"));
  const answer = await collect(socket, options.toEnd === true ? {} : { enough: isWhole });
  socket.destroy();
  return answer;
}

export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
}

export function decisionOf(answer: string): string | undefined {
  return /^x-airlock-decision: (.*)$/im.exec(answer)?.[1];
}

/** A CONNECT that was answered with 200, or the refusal's text. */
export async function tunnel(guest: Guest, authority: string): Promise<net.Socket | string> {
  const socket = await guest.connect();
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  const head = await collect(socket, { enough: isWhole });
  if (statusOf(head) === 200) return socket;
  socket.destroy();
  return head;
}

/** TLS inside a tunnel that must be granted. */
export async function openSecure(guest: Guest, host: string, port = 443): Promise<tls.TLSSocket> {
  const socket = await tunnel(guest, `${host}:${port}`);
  if (typeof socket === "string") throw new Error(socket);
  return await openTls(socket, { servername: host, ca: guest.ca });
}

export async function askSecure(guest: Guest, host: string, request: string): Promise<string> {
  const secured = await openSecure(guest, host);
  secured.write(Buffer.from(request, "latin1"));
  const answer = await collect(secured, { enough: isWhole });
  secured.destroy();
  return answer;
}

/** One SOCKS5 CONNECT; returns the reply code, and the socket when it was granted. */
export async function askSocks(
  guest: Guest,
  address: Uint8Array,
  port: number,
  command = 1,
): Promise<{ readonly code: number; readonly socket: net.Socket }> {
  const socket = await guest.connect();
  socket.write(Buffer.from([5, 1, 0]));
  await collect(socket, { enough: (text) => text.length >= 2 });
  socket.write(Buffer.concat([Buffer.from([5, command, 0]), address, Buffer.from([port >> 8, port & 255])]));
  const reply = await collect(socket, { enough: (text) => text.length >= 10 });
  return { code: reply.charCodeAt(1), socket };
}

export function socksName(name: string): Uint8Array {
  return Buffer.concat([Buffer.from([3, Buffer.byteLength(name)]), Buffer.from(name)]);
}
