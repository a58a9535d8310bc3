import { createServer } from "node:net";
import { expect, test } from "vitest";
import { askSocks, decisionOf, statusOf } from "../support/egress/ask.ts";
import { collect, isWhole, openGuest } from "../support/egress/guest.ts";
import { openUpstream } from "../support/egress/upstream.ts";

const PUBLIC = [["93.184.215.14"]];

test("I18: one connection with thousands of pipelined requests has a bounded number of them under way", async () => {
  await using upstream = await openUpstream();
  upstream.handler = () => undefined;
  await using guest = await openGuest({ allow: "*.example.com", upstream, resolves: PUBLIC });
  const socket = await guest.connect();
  const request = (index: number): string => `GET http://h${index}.example.com/ HTTP/1.1\r\nHost: h${index}.example.com\r\n\r\n`;
  for (let index = 0; index < 3_000; index += 1) socket.write(request(index));
  await collect(socket, { timeoutMs: 20_000 });
  expect(socket.destroyed || socket.readableEnded).toBe(true);
  expect(guest.dialled.length).toBeLessThanOrEqual(100);
  expect(await guest.readLog()).toContain('"reason":"limit-pipelined"');
});

test("pipelining as tools do it is carried", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: PUBLIC });
  const socket = await guest.connect();
  const request = "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n";
  socket.write(request.repeat(50));
  const answers = (text: string): number => text.split("hello from upstream").length - 1;
  expect(answers(await collect(socket, { enough: (text) => answers(text) === 50 }))).toBe(50);
  socket.destroy();
});

test.each([
  "CONNECT evil.com:443 HTTP/1.1\r\nHost: evil.com\r\n\r\n",
  "GET http://evil.com/ HTTP/1.1\r\nHost: evil.com\r\n\r\n",
  "POST http://evil.com/ HTTP/1.1\r\nHost: evil.com\r\nContent-Length: 3\r\n\r\nabc",
  "GET http://evil.com/ HTTP/1.1\r\nHost: evil.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
  "G\u0000T\r\n\r\n",
])("a client that closes its side right after %j still gets the refusal whole", async (bytes) => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: PUBLIC });
  for (let round = 0; round < 5; round += 1) {
    const socket = await guest.connect();
    socket.end(Buffer.from(bytes, "latin1"));
    const answer = await collect(socket);
    expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
    expect(isWhole(answer)).toBe(true);
  }
});

test("a request that may have been carried out is not sent again when the server drops a kept connection", async () => {
  let arrived = 0;
  const sockets = new Set<{ destroy(): void }>();
  // Answers the first request of a connection and drops the connection at the second, which it has read.
  const server = createServer((socket) => {
    let first = true;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      if (chunk.toString().startsWith("POST")) arrived += 1;
      if (first) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      else socket.destroy();
      first = false;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await using upstream = await openUpstream();
  const httpPort = typeof address === "object" && address !== null ? address.port : 0;
  try {
    await using guest = await openGuest({ allow: "example.com", upstream: { ...upstream, httpPort }, resolves: PUBLIC });
    const socket = await guest.connect();
    socket.write("GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n");
    expect(await collect(socket, { enough: isWhole })).toContain("ok");
    socket.write("POST http://example.com/order HTTP/1.1\r\nHost: example.com\r\n\r\n");
    const answer = await collect(socket, { enough: isWhole });
    expect({ arrived, status: statusOf(answer), decision: decisionOf(answer) }).toEqual({
      arrived: 1,
      status: 502,
      decision: "upstream-failed",
    });
    socket.destroy();
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

test("I18: a guest that sends on after its body was refused is cut off, and what it sends goes nowhere", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: PUBLIC });
  const socket = await guest.connect();
  socket.write("POST http://evil.com/ HTTP/1.1\r\nHost: evil.com\r\nTransfer-Encoding: chunked\r\n\r\n");
  const drip = setInterval(() => socket.write("1\r\na\r\n"), 100);
  const answer = await collect(socket, { enough: isWhole });
  expect(statusOf(answer)).toBe(403);
  await new Promise((resolve) => {
    socket.once("close", resolve);
    setTimeout(resolve, 20_000).unref();
    socket.resume();
  });
  clearInterval(drip);
  expect(socket.destroyed).toBe(true);
  expect(upstream.received()).toBe("");
});

test("I18: SOCKS requests with every length, kind and reserved byte are answered or closed, and none reaches another host", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: PUBLIC });
  const kinds = [0, 1, 2, 3, 4, 5, 255];
  const bodies = [Buffer.alloc(0), Buffer.from([0]), Buffer.from("\u000bexample.com"), Buffer.alloc(16, 1), Buffer.alloc(300, 0x61)];
  for (const kind of kinds) {
    for (const body of bodies) {
      const socket = await guest.connect();
      socket.write(Buffer.concat([Buffer.from([5, 1, 0, 5, 1, 0, kind]), body, Buffer.from([1, 187])]));
      socket.end();
      await collect(socket);
      socket.destroy();
    }
  }
  const { code, socket } = await askSocks(guest, Buffer.concat([Buffer.from([3, 11]), Buffer.from("example.com")]), 80);
  socket.destroy();
  expect(code).toBe(0);
  expect(new Set(guest.resolved)).toEqual(new Set(["example.com"]));
  // A client that closed is not waited for.
  expect(await guest.readLog()).not.toContain("limit-header-timeout");
});

test("I18: a tunnel whose client closed before it was granted ends at once", async () => {
  await using upstream = await openUpstream();
  const granted = Promise.withResolvers<void>();
  const seams = { resolve: () => granted.promise.then(() => ["93.184.215.14"]) };
  await using guest = await openGuest({ allow: "example.com:2222\nexample.com", upstream, resolves: PUBLIC, overrides: seams });
  const sockets = await Promise.all([2222, 443].map(() => guest.connect()));
  for (const [index, port] of [2222, 443].entries())
    sockets[index]?.end(`CONNECT example.com:${port} HTTP/1.1\r\nHost: example.com:${port}\r\n\r\n`);
  setTimeout(() => granted.resolve(), 300);
  await Promise.all(sockets.map((socket) => collect(socket, { timeoutMs: 15_000 })));
  expect(sockets.map((socket) => socket.destroyed || socket.readableEnded)).toEqual([true, true]);
});
