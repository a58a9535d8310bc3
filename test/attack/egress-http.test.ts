import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { ask, askSecure, decisionOf, statusOf, tunnel } from "../support/egress/ask.ts";
import { buildClientHello } from "../support/egress/client-hello.ts";
import { collect, isWhole, openGuest } from "../support/egress/guest.ts";
import { openUpstream } from "../support/egress/upstream.ts";

const PUBLIC = [["93.184.215.14"]];
const LIMITED = "GET,HEAD api.example.com/**\nPOST api.example.com/query";

const SMUGGLED = [
  "Transfer-Encoding: Chunked",
  "Transfer-Encoding: chunked, chunked",
  "Transfer-Encoding: identity, chunked",
  "Transfer-Encoding:\x0bchunked",
  "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
  "Transfer-Encoding: chunked\r\nContent-Length: 5",
  "Transfer_Encoding: chunked\r\nContent-Length: 5\r\nContent-Length: 5",
  "Content-Length: 5, 5",
  "Content-Length: +5",
  "Content-Length: 0x5",
  "Content-Length: 5\r\nContent-Length: 6",
  "Content-Length : 5",
  "Content-Length: 5\r\n\tfolded: x",
  "Connection: content-length\r\nContent-Length: 5",
  "Connection: host",
  "Host: evil.com",
  "X-A: a\nX-B: b",
  "\x00X: a",
];

test.each(SMUGGLED)("I4: a request with %j is refused and nothing of it is sent on", async (lines) => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: PUBLIC });
  const answer = await ask(
    guest,
    `POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\n${lines}\r\n\r\n0\r\n\r\nGET http://example.com/smuggled HTTP/1.1\r\nHost: example.com\r\n\r\n`,
  );
  expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
  expect(upstream.received()).toBe("");
});

test("I4: chunks are framed anew, whatever the guest put between them", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: PUBLIC });
  const body = "5;ext=1\r\nhello\r\n0\r\nX-Trailer: t\r\nAuthorization: x\r\n\r\n";
  await ask(
    guest,
    `POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${body}`,
    { toEnd: true },
  );
  expect(upstream.requests).toHaveLength(1);
  expect(upstream.received()).toContain("5\r\nhello\r\n0\r\nX-Trailer: t\r\n\r\n");
  expect(upstream.received()).not.toContain("ext=1");
});

test("I4, N3: the Host line inside a tunnel has to name the host of the tunnel", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: `example.com\n${LIMITED}`, upstream, resolves: PUBLIC });
  const plain = await tunnel(guest, "example.com:80");
  if (typeof plain === "string") throw new Error(plain);
  plain.write("GET / HTTP/1.1\r\nHost: evil.com\r\n\r\n");
  expect(decisionOf(await collect(plain, { enough: isWhole }))).toBe("authority-mismatch");
  plain.destroy();
  expect(decisionOf(await askSecure(guest, "api.example.com", "GET / HTTP/1.1\r\nHost: evil.com\r\n\r\n"))).toBe("authority-mismatch");
  expect(decisionOf(await askSecure(guest, "api.example.com", "GET http://evil.com/ HTTP/1.1\r\nHost: api.example.com\r\n\r\n"))).toBe(
    "bad-request",
  );
  expect(decisionOf(await ask(guest, "GET http://example.com/ HTTP/1.1\r\nHost: evil.com\r\n\r\n"))).toBe("authority-mismatch");
  expect(decisionOf(await ask(guest, "CONNECT example.com:443 HTTP/1.1\r\nHost: evil.com\r\n\r\n"))).toBe("authority-mismatch");
  expect(upstream.requests).toEqual([]);
});

const HELLOS = [
  { why: "another name", bytes: buildClientHello({ serverNames: ["evil.com"] }) },
  { why: "no name", bytes: buildClientHello({ serverNames: [] }) },
  { why: "a name with NUL", bytes: buildClientHello({ serverNames: ["example.com\0.evil.com"] }) },
  { why: "a name with a trailing dot", bytes: buildClientHello({ serverNames: ["example.com."] }) },
  { why: "an empty name", bytes: buildClientHello({ serverNames: [""] }) },
  { why: "an SSLv2 hello", bytes: Buffer.from("802e0103010015000000100700c003008001008006004002008004008000000000", "hex") },
  { why: "a record that ends inside the message", bytes: splitRecord(buildClientHello({ serverNames: ["example.com"] })) },
  { why: "plain HTTP", bytes: Buffer.from("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n") },
] as const;

/** The same message over two records, as evasion tools send it. */
function splitRecord(hello: Buffer): Buffer {
  const message = hello.subarray(5);
  const record = (part: Buffer): Buffer => Buffer.concat([Buffer.from([0x16, 3, 1, part.length >> 8, part.length & 255]), part]);
  return Buffer.concat([record(message.subarray(0, 40)), record(message.subarray(40))]);
}

test.each(HELLOS)("I4, N3: a tunnel on 443 that opens with $why carries no byte", async ({ bytes }) => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: PUBLIC });
  const socket = await tunnel(guest, "example.com:443");
  if (typeof socket === "string") throw new Error(socket);
  socket.write(bytes);
  await collect(socket);
  expect(upstream.tlsBytes()).toBe(0);
  expect(await guest.readLog()).toMatch(/"reason":"(?:server-name|not-tls)"/);
});

test("a ClientHello that arrives byte by byte and is larger than a packet is waited for", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: PUBLIC });
  const socket = await tunnel(guest, "example.com:443");
  if (typeof socket === "string") throw new Error(socket);
  const hello = buildClientHello({ serverNames: ["example.com"], paddingBytes: 4000, ech: true });
  for (let at = 0; at < hello.length; at += 700) {
    socket.write(hello.subarray(at, at + 700));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await collect(socket);
  expect(upstream.tlsBytes()).toBe(hello.length);
});

test("I4: a ClientHello on another port is held to its host, too", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com:8443", upstream, resolves: PUBLIC });
  const socket = await tunnel(guest, "example.com:8443");
  if (typeof socket === "string") throw new Error(socket);
  socket.write(buildClientHello({ serverNames: ["evil.com"] }));
  await collect(socket);
  expect(upstream.tlsBytes()).toBe(0);
});

const BROKEN_ANSWERS = [
  "HTTP/1.1 099 low\r\nContent-Length: 0\r\n\r\n",
  "HTTP/1.1 1000 high\r\n\r\n",
  "HTTP/1.1 200 OK\r\nX: a\x7fb\r\nContent-Length: 0\r\n\r\n",
  "HTTP/1.1 200 OK\r\nX-\x00: a\r\n\r\n",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-T: a\x01b\r\n\r\n",
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  `HTTP/1.1 200 OK\r\nX: ${"a".repeat(100_000)}\r\n\r\n`,
  "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nbytes",
  "SSH-2.0-x\r\n",
  "",
];

test.each(BROKEN_ANSWERS)("I18: a server that answers %j harms neither the gateway nor the next request", async (raw) => {
  await using upstream = await openUpstream();
  upstream.handler = (request, response) => void (request.url === "/ok" ? response.end("fine\n") : response.socket?.end(raw, "latin1"));
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: PUBLIC });
  const upgrade =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  for (const extra of ["", upgrade]) await ask(guest, `GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n${extra}\r\n`);
  expect(
    await ask(guest, "GET http://example.com/ok HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n", { toEnd: true }),
  ).toContain("fine");
});

test("I5: the model's host is refused on the proxy port in every spelling, even when a rule allows it", async () => {
  await using upstream = await openUpstream();
  const { Secret } = await import("../../src/domain/secret.ts");
  const model = {
    api: "anthropic" as const,
    baseUrl: "https://api.anthropic.com",
    credential: { kind: "api-key" as const, value: new Secret("sk-test-000-real", "key") },
    allowedModels: [],
  };
  await using guest = await openGuest({ allow: "api.anthropic.com\n*.anthropic.com", model, upstream, resolves: PUBLIC });
  for (const host of ["api.anthropic.com", "API.Anthropic.com", "api.anthropic.com."]) {
    expect(decisionOf(await ask(guest, `CONNECT ${host}:443 HTTP/1.1\r\nHost: ${host}:443\r\n\r\n`))).toBe("brokered-host");
    expect(
      decisionOf(
        await ask(guest, `POST http://${host}/v1/files HTTP/1.1\r\nHost: ${host}\r\nx-api-key: attacker\r\nContent-Length: 0\r\n\r\n`),
      ),
    ).toBe("brokered-host");
  }
  expect(guest.resolved).toEqual([]);
});

test("I18: a log line holds no query, no line break of the guest and no header", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: PUBLIC });
  await ask(
    guest,
    'GET http://example.com/p%0a%7b"x"?token=QUERYSECRET HTTP/1.1\r\nHost: example.com\r\nUser-Agent: HEADERTEXT\r\nConnection: close\r\n\r\n',
  );
  const log = await guest.readLog();
  expect(log).not.toMatch(/QUERYSECRET|HEADERTEXT/);
  const lines = log
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    {
      host: "example.com",
      port: 80,
      address: "93.184.215.14",
      verdict: "allow",
      reason: "allow-rule",
      rule: "example.com",
      method: "GET",
      path: '/p%0a%7b"x"',
      status: 200,
      sandbox: "guest",
      phase: "agent",
    },
  ]);
});
