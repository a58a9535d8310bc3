import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { ask, openSecure, statusOf, tunnel } from "../../../support/egress/ask.ts";
import { collect, isWhole, openGuest } from "../../../support/egress/guest.ts";
import { openUpstream } from "../../../support/egress/upstream.ts";

const PUBLIC = [["93.184.215.14"]];

test("a guest that ends its side after the request gets its answer, and the connection goes", async () => {
  await using upstream = await openUpstream();
  upstream.handler = (_request, response) => void setTimeout(() => response.end("late\n"), 100);
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: PUBLIC });
  const socket = await guest.connect();
  socket.end("GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n");
  expect(await collect(socket)).toContain("late");
  expect(socket.readableEnded || socket.destroyed).toBe(true);
});

test("pipelined requests to two hosts are both answered, in order", async () => {
  await using upstream = await openUpstream();
  upstream.handler = (request, response) =>
    setTimeout(() => response.end(`from ${request.headers.host}\n`), request.headers.host === "a.example.com" ? 100 : 0);
  await using guest = await openGuest({ allow: "*.example.com", upstream, resolves: PUBLIC });
  const get = (host: string, last: string): string => `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\n${last}\r\n`;
  const text = await ask(guest, get("a.example.com", "") + get("b.example.com", "") + get("a.example.com", "Connection: close\r\n"), {
    toEnd: true,
  });
  expect([...text.matchAll(/from (\S+)/g)].map((match) => match[1])).toEqual(["a.example.com", "b.example.com", "a.example.com"]);
});

test("HEAD, 204, 304 and `Expect: 100-continue` keep their shape", async () => {
  await using upstream = await openUpstream();
  upstream.handler = (request, response) => {
    const status = Number(request.headers["x-status"] ?? 200);
    request.resume();
    response.writeHead(status, request.method === "HEAD" ? { "content-length": "42" } : {});
    response.end();
  };
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: PUBLIC });
  const send = (line: string, extra: string): Promise<string> =>
    ask(guest, `${line} http://example.com/ HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n${extra}\r\n`, { toEnd: true });
  expect(await send("HEAD", "")).toMatch(/content-length: 42\r\n.*\r\n\r\n$/is);
  expect(statusOf(await send("GET", "X-Status: 204\r\n"))).toBe(204);
  expect(await send("GET", "X-Status: 304\r\n")).toMatch(/\r\n\r\n$/);
  const socket = await guest.connect();
  socket.write(
    "POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n",
  );
  expect(await collect(socket, { enough: isWhole })).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  socket.write("ok");
  expect(statusOf(await collect(socket))).toBe(200);
  socket.destroy();
  expect(upstream.received()).not.toMatch(/expect:/i);
});

test("large bodies pass both ways unchanged, plain and through opened TLS", async () => {
  await using upstream = await openUpstream();
  upstream.handler = (request, response) => {
    const hash = createHash("sha256");
    request.on("data", (chunk: Buffer) => hash.update(chunk));
    request.on("end", () => {
      response.writeHead(200, { "x-up": hash.digest("hex") });
      response.end(down);
    });
  };
  const down = Buffer.alloc(5_000_001, "abcdefg");
  const up = Buffer.alloc(3_000_003, "0123456");
  await using guest = await openGuest({ allow: `example.com\nPOST api.example.com/**`, upstream, resolves: PUBLIC });
  const head = (target: string, host: string): string =>
    `POST ${target} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${up.length}\r\nConnection: close\r\n\r\n`;
  const plain = await guest.connect();
  plain.write(head("http://example.com/x", "example.com"));
  plain.write(up);
  const secured = await openSecure(guest, "api.example.com");
  secured.write(head("/x", "api.example.com"));
  secured.write(up);
  for (const socket of [plain, secured]) {
    const text = await collect(socket);
    expect(text).toContain(`x-up: ${createHash("sha256").update(up).digest("hex")}`);
    expect(text.split("abcdefg").length - 1).toBeGreaterThan(714_000);
    socket.destroy();
  }
});

test("a tunnel passes a half-closed connection on: the answer comes after the guest's end", async () => {
  await using upstream = await openUpstream();
  const { createServer } = await import("node:net");
  const echo = createServer({ allowHalfOpen: true }, (socket) => {
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.on("end", () => socket.end(`got ${text}`));
  });
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  const address = echo.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await using guest = await openGuest({
    allow: "example.com:2222",
    upstream,
    resolves: PUBLIC,
    overrides: { dial: async () => (await import("node:net")).connect({ port, host: "127.0.0.1", allowHalfOpen: true }) },
  });
  const socket = await tunnel(guest, "example.com:2222");
  if (typeof socket === "string") throw new Error(socket);
  socket.end("question");
  expect(await collect(socket)).toBe("got question");
  echo.close();
});
