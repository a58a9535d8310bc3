import { Buffer } from "node:buffer";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { collect, type Guest, isWhole, openGuest } from "../support/egress/guest.ts";
import { openUpstream } from "../support/egress/upstream.ts";
import { usedBytes } from "../support/memory.ts";

const MIB = 1024 * 1024;
const PUBLIC = [["93.184.215.14"]];
const GET = "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n";

async function ask(guest: Guest, text: string): Promise<string> {
  const socket = await guest.connect();
  socket.write(text);
  const answer = await collect(socket, { enough: isWhole });
  socket.destroy();
  return answer;
}

/** The count when it has stopped growing for half a second. */
async function waitUntilStill(count: () => number): Promise<number> {
  for (let still = 0, last = count(), tries = 0; still < 10 && tries < 1_000; tries += 1) {
    await sleep(50);
    still = count() > 0 && count() === last ? still + 1 : 0;
    last = count();
  }
  return count();
}

test("I18: 500 tunnels to a host that never answers leave memory flat and other guests served", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: PUBLIC });
  const before = usedBytes();
  const sockets = await Promise.all(Array.from({ length: 500 }, () => guest.connect()));
  for (const socket of sockets) socket.write("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n");
  const answers = await Promise.all(sockets.map((socket) => collect(socket, { enough: isWhole })));
  expect(answers.every((answer) => /^HTTP\/1\.1 (200|429|502|503|504) /.test(answer))).toBe(true);
  expect(await ask(guest, GET)).toContain("hello from upstream");
  expect(usedBytes() - before).toBeLessThan(256 * MIB);
  for (const socket of sockets) socket.destroy();
});

test("I18: a guest that never reads stops the upstream, not the others", async () => {
  await using upstream = await openUpstream();
  let sent = 0;
  upstream.handler = (request, response) => {
    if (request.url !== "/bulk") return void response.end("small\n");
    const chunk = Buffer.alloc(64 * 1024, 1);
    const pump = (): void => {
      while (sent < 1024 * MIB && !response.destroyed) {
        sent += chunk.length;
        if (!response.write(chunk)) return void response.once("drain", pump);
      }
    };
    pump();
  };
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: PUBLIC });
  const before = usedBytes();
  const stalled = await guest.connect();
  stalled.pause();
  stalled.write("GET http://example.com/bulk HTTP/1.1\r\nHost: example.com\r\n\r\n");
  const soFar = await waitUntilStill(() => sent);
  expect(await ask(guest, GET)).toContain("small");
  expect(sent).toBeLessThan(128 * MIB);
  expect(sent - soFar).toBeLessThan(8 * MIB);
  expect(usedBytes() - before).toBeLessThan(128 * MIB);
  stalled.destroy();
});

test("I18: connections that say nothing are closed, and the proxy still answers", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({
    allow: "example.com",
    upstream,
    resolves: PUBLIC,
    // Long enough for a request of our own on a busy machine.
    overrides: { proxyLimits: { headerTimeoutMs: 2_500 } },
  });
  const sockets = await Promise.all(Array.from({ length: 200 }, () => guest.connect()));
  expect(await ask(guest, GET)).toContain("hello from upstream");
  const ends = await Promise.all(sockets.map((socket) => collect(socket)));
  expect(ends.every((text) => text === "")).toBe(true);
  expect(sockets.every((socket) => socket.destroyed || socket.readableEnded)).toBe(true);
});

test("I18: a request that comes byte by byte is ended by the header timeout", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({
    allow: "example.com",
    upstream,
    resolves: PUBLIC,
    overrides: { proxyLimits: { headerTimeoutMs: 1_000 } },
  });
  const socket = await guest.connect();
  socket.write("GET http://example.com/ HTTP/1.1\r\n");
  const drip = setInterval(() => socket.write("X-A: b\r\n"), 200);
  const answer = await collect(socket);
  clearInterval(drip);
  expect(answer).toContain("408");
  expect(answer).toContain("x-airlock-decision: limit-header-timeout");
  expect(upstream.requests).toEqual([]);
});

test("I18: a host that does not answer the dial ends in 504 with the name of the limit", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({
    allow: "example.com",
    upstream,
    resolves: PUBLIC,
    blackhole: true,
    overrides: { proxyLimits: { dialTimeoutMs: 500 } },
  });
  const answer = await ask(guest, "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n");
  expect(answer).toMatch(/^HTTP\/1\.1 504 /);
  expect(answer).toContain("x-airlock-decision: limit-dial-timeout");
});

test("I18: bytes up to one host are capped, and the log names the limit", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({
    allow: "example.com",
    upstream,
    resolves: PUBLIC,
    overrides: { proxyLimits: { maxBytesUpPerHost: 100_000 } },
  });
  const socket = await guest.connect();
  socket.write(`POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\nContent-Length: 1000000\r\n\r\n`);
  socket.write(Buffer.alloc(1_000_000, 65));
  await collect(socket);
  expect(await ask(guest, GET)).toContain("x-airlock-decision: limit-bytes-up-per-host\r\n");
  const log = await guest.readLog();
  expect(log).toContain('"reason":"limit-bytes-up-per-host"');
});

test("I18: bytes up are capped over all hosts together, inside opaque tunnels, too", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({
    allow: "*.example.com:2222",
    upstream,
    resolves: PUBLIC,
    overrides: { proxyLimits: { maxBytesUp: 50_000 } },
  });
  for (const host of ["a", "b"]) {
    const socket = await guest.connect();
    socket.write(`CONNECT ${host}.example.com:2222 HTTP/1.1\r\nHost: ${host}.example.com:2222\r\n\r\n`);
    await collect(socket, { enough: isWhole });
    socket.write(Buffer.alloc(30_000, 65));
    await collect(socket);
    socket.destroy();
  }
  expect(await guest.readLog()).toContain('"reason":"limit-bytes-up",');
});

test("I18: connections beyond the cap are answered 503 with the name of the limit", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({
    allow: "example.com",
    upstream,
    resolves: PUBLIC,
    overrides: { proxyLimits: { maxConnections: 3 } },
  });
  const held = await Promise.all([1, 2, 3].map(() => guest.connect()));
  for (const socket of held) socket.write("GET");
  const answer = await ask(guest, GET);
  expect(answer).toMatch(/^HTTP\/1\.1 503 /);
  expect(answer).toContain("limit-connections");
  expect(answer).toMatch(/limit max-connections, \d+ at once; fixed, see docs\/egress\.md/);
  for (const socket of held) socket.destroy();
});

test("I18: the log is bounded in lines, and says so", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: PUBLIC, overrides: { proxyLimits: { maxLogLines: 5 } } });
  for (let round = 0; round < 9; round += 1) await ask(guest, GET);
  const lines = (await guest.readLog()).trim().split("\n");
  expect(lines).toHaveLength(6);
  expect(JSON.parse(lines.at(-1) ?? "")).toEqual({ truncated: true, limit: "max-log-lines", linesWritten: 5, connections: 9 });
  expect((await guest.gateway.egress()).allowed).toBe(9);
});

test("I18: an idle tunnel is closed and logged as idle", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({
    allow: "example.com:2222",
    upstream,
    resolves: PUBLIC,
    overrides: { proxyLimits: { idleTimeoutMs: 300 } },
  });
  const socket = await guest.connect();
  socket.write("CONNECT example.com:2222 HTTP/1.1\r\nHost: example.com:2222\r\n\r\n");
  await collect(socket, { enough: isWhole });
  await collect(socket);
  expect(socket.destroyed || socket.readableEnded).toBe(true);
  expect(await guest.readLog()).toContain('"reason":"limit-idle"');
});
