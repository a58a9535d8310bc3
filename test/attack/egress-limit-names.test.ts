import { Buffer } from "node:buffer";
import { createServer } from "node:net";
import type { Duplex } from "node:stream";
import { expect, test } from "vitest";
import type { ProxyLimits } from "../../src/gateway/http/limits.ts";
import { askSocks, decisionOf, openSecure, socksName, statusOf, tunnel } from "../support/egress/ask.ts";
import { collect, type Guest, type GuestOptions, isWhole, openGuest } from "../support/egress/guest.ts";
import { openUpstream } from "../support/egress/upstream.ts";

const PUBLIC = [["93.184.215.14"]];
const ALLOW = "plain.example.com\nraw.example.com:2222\nGET,POST open.example.com/*";

/** How a request comes to be read: on the proxy port, in a tunnel to port 80, in a tunnel whose TLS is opened. */
type Way = "plain" | "tunnel" | "opened";
const WAYS: readonly Way[] = ["plain", "tunnel", "opened"];
const HOSTS: Readonly<Record<Way, string>> = { plain: "plain.example.com", tunnel: "plain.example.com", opened: "open.example.com" };

async function enter(guest: Guest, way: Way): Promise<Duplex> {
  if (way === "plain") return await guest.connect();
  if (way === "opened") return await openSecure(guest, HOSTS.opened);
  const socket = await tunnel(guest, `${HOSTS.tunnel}:80`);
  if (typeof socket === "string") throw new Error(socket);
  return socket;
}

function head(way: Way, method: string, lines: readonly string[] = []): string {
  const target = way === "plain" ? `http://${HOSTS.plain}/x` : "/x";
  return [`${method} ${target} HTTP/1.1`, `Host: ${HOSTS[way]}`, ...lines, "", ""].join("\r\n");
}

const UPGRADE = ["Connection: Upgrade", "Upgrade: websocket"];

interface Seen {
  readonly status: number;
  readonly decision: string | undefined;
  readonly answer: string;
  readonly log: string;
}

/** Plays bytes against a gateway with the given limits; what the client is told, and what the log says. */
async function play(options: {
  readonly limits?: Partial<ProxyLimits>;
  readonly guest?: Partial<GuestOptions>;
  readonly handler?: Awaited<ReturnType<typeof openUpstream>>["handler"];
  readonly act: (guest: Guest) => Promise<string>;
}): Promise<Seen> {
  await using upstream = await openUpstream();
  upstream.handler = options.handler;
  const { overrides, ...rest } = options.guest ?? {};
  await using guest = await openGuest({
    allow: ALLOW,
    upstream,
    resolves: PUBLIC,
    ...rest,
    overrides: { ...overrides, proxyLimits: { ...options.limits } },
  });
  const answer = await options.act(guest);
  return { status: statusOf(answer), decision: decisionOf(answer), answer, log: await guest.readLog() };
}

async function say(guest: Guest, way: Way, bytes: string | readonly (string | Buffer)[]): Promise<string> {
  const stream = await enter(guest, way);
  for (const part of typeof bytes === "string" ? [bytes] : bytes) stream.write(part);
  const answer = await collect(stream, { enough: isWhole });
  stream.destroy();
  return answer;
}

const UPLOAD_LIMITS = [
  { limit: "limit-bytes-up-per-host", name: "max-bytes-up-per-host", limits: { maxBytesUpPerHost: 100_000 } },
  { limit: "limit-bytes-up", name: "max-bytes-up,", limits: { maxBytesUp: 100_000 } },
] as const;
const READ_UPLOADS = WAYS.flatMap((way) => UPLOAD_LIMITS.map((row) => ({ ...row, way })));

test.each(READ_UPLOADS)("I18: a body ($way) past its limit is answered and logged as $limit", async ({ way, limit, name, limits }) => {
  const { status, decision, answer, log } = await play({
    limits,
    // The server waits for the whole body, so that only the limit can answer.
    handler: (request, response) => void request.resume().once("end", () => response.end("late")),
    act: (guest) => say(guest, way, [head(way, "POST", ["Content-Length: 1000000"]), Buffer.alloc(1_000_000, 65)]),
  });
  expect({ status, decision }).toEqual({ status: 403, decision: limit });
  expect(answer).toContain(`limit ${name}`);
  expect(log).toContain(`"reason":"${limit}"`);
});

test.each(READ_UPLOADS)("I18: header lines ($way) past the limit on bytes are answered and logged as $limit", async ({ way, limit }) => {
  const limits = limit === "limit-bytes-up" ? { maxBytesUp: 1_000 } : { maxBytesUpPerHost: 1_000 };
  const large = [`X-A: ${"a".repeat(2_000)}`];
  const get = await play({ limits, act: (guest) => say(guest, way, head(way, "GET", large)) });
  expect(get.decision).toBe(limit);
  expect(get.log).toContain(`"reason":"${limit}"`);
  if (way === "opened") return;
  const upgrade = await play({ limits, act: (guest) => say(guest, way, head(way, "GET", [...UPGRADE, ...large])) });
  expect(upgrade.decision).toBe(limit);
  expect(upgrade.log).toContain(`"reason":"${limit}"`);
});

test("I18: trailers count as sent bytes", async () => {
  const trailers = `0\r\nX-T: ${"t".repeat(2_000)}\r\n\r\n`;
  const { decision } = await play({
    limits: { maxBytesUpPerHost: 1_000 },
    handler: (request, response) => void request.resume().once("end", () => response.end("late")),
    act: (guest) => say(guest, "plain", [head("plain", "POST", ["Transfer-Encoding: chunked"]), trailers]),
  });
  expect(decision).toBe("limit-bytes-up-per-host");
});

test.each(UPLOAD_LIMITS)("I18: after an opaque tunnel passed it, $limit names itself to the next CONNECT and to SOCKS", async (row) => {
  let dials = 0;
  let socks = 0;
  const { decision, log } = await play({
    limits: row.limits,
    async act(guest) {
      const first = await tunnel(guest, "raw.example.com:2222");
      if (typeof first === "string") throw new Error(first);
      first.write(Buffer.alloc(200_000, 65));
      await collect(first);
      dials = guest.dialled.length;
      const second = await tunnel(guest, "raw.example.com:2222");
      const asked = await askSocks(guest, socksName("raw.example.com"), 2222);
      socks = asked.code;
      asked.socket.destroy();
      dials = guest.dialled.length - dials;
      return typeof second === "string" ? second : "granted";
    },
  });
  expect({ decision, socks, dials }).toEqual({ decision: row.limit, socks: 2, dials: 0 });
  expect(log.match(new RegExp(`"verdict":"deny","reason":"${row.limit}"`, "g"))).toHaveLength(3);
});

test.each(WAYS)("I18: header sections (%s) that are too large or have too many lines are told apart", async (way) => {
  const bytes = await play({
    limits: { maxHeaderBytes: 2_000 },
    act: (guest) => say(guest, way, head(way, "GET", [`X-A: ${"a".repeat(8_000)}`])),
  });
  expect({ status: bytes.status, decision: bytes.decision }).toEqual({ status: 431, decision: "limit-header-bytes" });
  expect(bytes.log).toContain('"reason":"limit-header-bytes"');
  const many = Array.from({ length: 20 }, (_, index) => `X-${index}: a`);
  const lines = await play({ limits: { maxHeaderLines: 10 }, act: (guest) => say(guest, way, head(way, "GET", many)) });
  expect({ status: lines.status, decision: lines.decision }).toEqual({ status: 431, decision: "limit-header-lines" });
  expect(lines.log).toContain('"reason":"limit-header-lines"');
});

test("I18: a CONNECT with too many lines, and an answer with too large a header section, name the limit", async () => {
  const many = Array.from({ length: 20 }, (_, index) => `X-${index}: a\r\n`).join("");
  const connect = await play({
    limits: { maxHeaderLines: 10 },
    act: (guest) => say(guest, "plain", `CONNECT raw.example.com:2222 HTTP/1.1\r\nHost: raw.example.com:2222\r\n${many}\r\n`),
  });
  expect(connect.decision).toBe("limit-header-lines");
  const answered = await play({
    limits: { maxHeaderBytes: 2_000 },
    handler: (_request, response) => void response.writeHead(200, { "x-large": "a".repeat(8_000) }).end(),
    act: (guest) => say(guest, "plain", head("plain", "GET")),
  });
  expect({ status: answered.status, decision: answered.decision }).toEqual({ status: 502, decision: "limit-header-bytes" });
});

test.each(WAYS)("I18: a slow header section (%s) is answered and logged as limit-header-timeout", async (way) => {
  const { status, decision, log } = await play({
    limits: { headerTimeoutMs: 2_000 },
    act: (guest) => say(guest, way, head(way, "GET").slice(0, 20)),
  });
  expect({ status, decision }).toEqual({ status: 408, decision: "limit-header-timeout" });
  expect(log).toContain('"reason":"limit-header-timeout"');
});

test("I18: silence where a ClientHello, a SOCKS exchange or anything at all is due is logged as limit-header-timeout", async () => {
  const hello = Buffer.from([0x16, 3, 1, 2, 0]);
  const starts: readonly (readonly [name: string, (guest: Guest) => Promise<Duplex>])[] = [
    ["nothing at all", (guest) => guest.connect()],
    ["half a SOCKS greeting", async (guest) => begin(await guest.connect(), Buffer.from([5, 2]))],
    ["half a SOCKS request", async (guest) => begin(await guest.connect(), Buffer.from([5, 1, 0, 5, 1, 0, 3, 9]))],
    ["half a ClientHello", async (guest) => begin(await within(guest, "plain.example.com:443"), hello)],
    ["half a ClientHello where TLS is opened", async (guest) => begin(await within(guest, "open.example.com:443"), hello)],
  ];
  const seen = starts.map(async ([name, start]) => {
    const { log } = await play({
      limits: { headerTimeoutMs: 2_000 },
      async act(guest) {
        const stream = await start(guest);
        await collect(stream);
        stream.destroy();
        return "";
      },
    });
    return [name, /"reason":"([^"]*)"/.exec(log)?.[1]];
  });
  expect(await Promise.all(seen)).toEqual(starts.map(([name]) => [name, "limit-header-timeout"]));
});

function begin(stream: Duplex, bytes: Buffer): Duplex {
  stream.write(bytes);
  return stream;
}

async function within(guest: Guest, authority: string): Promise<Duplex> {
  const socket = await tunnel(guest, authority);
  if (typeof socket === "string") throw new Error(socket);
  return socket;
}

test.each(WAYS)("I18: a server (%s) that never answers is told from a guest that stops sending, both as limit-idle", async (way) => {
  const silent = { limits: { idleTimeoutMs: 500 }, handler: () => undefined };
  const server = await play({ ...silent, act: (guest) => say(guest, way, head(way, "GET")) });
  expect({ status: server.status, decision: server.decision }).toEqual({ status: 504, decision: "limit-idle" });
  expect(server.log).toContain('"reason":"limit-idle"');
  const stops = head(way, "POST", ["Content-Length: 10"]);
  const client = await play({ ...silent, act: (guest) => say(guest, way, `${stops}abc`) });
  expect({ status: client.status, decision: client.decision }).toEqual({ status: 408, decision: "limit-idle" });
  expect(client.log).toContain('"reason":"limit-idle"');
});

/** A server that takes connections and says nothing. */
async function openSilent(): Promise<{ readonly port: number } & AsyncDisposable> {
  const sockets = new Set<Duplex>();
  const server = createServer((socket) => void sockets.add(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("I18: an upgrade that is never answered, and a server that never ends its TLS handshake, name the limit", async () => {
  await using silent = await openSilent();
  const ports = { httpPort: silent.port, tlsPort: silent.port };
  await using upstream = await openUpstream();
  const guest = { upstream: { ...upstream, ...ports } };
  const upgrade = await play({
    limits: { idleTimeoutMs: 500 },
    guest,
    act: (open) => say(open, "plain", head("plain", "GET", UPGRADE)),
  });
  expect({ status: upgrade.status, decision: upgrade.decision }).toEqual({ status: 504, decision: "limit-idle" });
  expect(upgrade.log).toContain('"reason":"limit-idle"');
  const handshake = await play({ limits: { dialTimeoutMs: 500 }, guest, act: (open) => say(open, "opened", head("opened", "GET")) });
  expect({ status: handshake.status, decision: handshake.decision }).toEqual({ status: 504, decision: "limit-dial-timeout" });
  expect(handshake.log).toContain('"reason":"limit-dial-timeout"');
});

const CONNECT = "CONNECT raw.example.com:2222 HTTP/1.1\r\nHost: raw.example.com:2222\r\n\r\n";
const ASKED = [
  { way: "CONNECT", bytes: CONNECT },
  { way: "plain HTTP", bytes: head("plain", "GET") },
  { way: "an upgrade", bytes: head("plain", "GET", UPGRADE) },
] as const;

test.each(ASKED)("I18: a resolver and a dial ($way) that take too long are told apart by name", async ({ bytes }) => {
  const resolve = await play({
    guest: { overrides: { resolve: () => new Promise(() => undefined) } },
    limits: { resolveTimeoutMs: 300 },
    act: (guest) => say(guest, "plain", bytes),
  });
  expect({ status: resolve.status, decision: resolve.decision }).toEqual({ status: 504, decision: "limit-resolve-timeout" });
  expect(resolve.log).toContain('"reason":"limit-resolve-timeout"');
  const dial = await play({ guest: { blackhole: true }, limits: { dialTimeoutMs: 300 }, act: (guest) => say(guest, "plain", bytes) });
  expect({ status: dial.status, decision: dial.decision }).toEqual({ status: 504, decision: "limit-dial-timeout" });
  expect(dial.log).toContain('"reason":"limit-dial-timeout"');
});
