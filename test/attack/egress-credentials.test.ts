import { Buffer } from "node:buffer";
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { Secret } from "../../src/domain/secret.ts";
import type { InjectionRule } from "../../src/ports/gateway.ts";
import { ask, askSecure, decisionOf, openSecure, statusOf, tunnel } from "../support/egress/ask.ts";
import { collect, type Guest, isWhole, joinChunks, openGuest } from "../support/egress/guest.ts";
import { openUpstream, type Upstream } from "../support/egress/upstream.ts";

const REAL = "real-secret-9c1d/7+a";
const SURROGATE = "surrogate-7f3a41";
const HOST = "api.example.com";
const RULE: InjectionRule = {
  host: HOST,
  header: "authorization",
  methods: ["GET", "POST"],
  paths: ["/v1/**"],
  surrogate: SURROGATE,
  value: new Secret(REAL, "SERVICE_TOKEN"),
};
const OWN = `Authorization: Bearer ${SURROGATE}`;

function open(upstream: Upstream, rule: InjectionRule = RULE): Promise<Guest> {
  return openGuest({ allow: `${HOST}\nother.example.com`, secrets: [rule], upstream, resolves: [["93.184.215.14"]] });
}

function request(line: string, ...headers: readonly string[]): string {
  return `${line} HTTP/1.1\r\nHost: ${HOST}\r\n${headers.map((header) => `${header}\r\n`).join("")}\r\n`;
}

/** The secret in every form that a server is likely to give it back in. */
const FORMS = [
  REAL,
  Buffer.from(REAL).toString("base64"),
  Buffer.from(REAL).toString("hex"),
  Buffer.from(REAL).toString("base64url"),
  encodeURIComponent(REAL),
  Buffer.from(`user:${REAL}`).toString("base64"),
  Buffer.from(`u:${REAL}`).toString("base64"),
  JSON.stringify(REAL).slice(1, -1),
];

test("I5: the surrogate is swapped on its own host, header, methods and paths", async () => {
  await using upstream = await openUpstream();
  await using guest = await open(upstream);
  expect(statusOf(await askSecure(guest, HOST, request("GET /v1/x", OWN)))).toBe(200);
  expect(upstream.requests[0]?.headers).toContainEqual(["authorization", `Bearer ${REAL}`]);
  const basic = Buffer.from(`user:${SURROGATE}`).toString("base64");
  expect(statusOf(await askSecure(guest, HOST, request("GET /v1/x", `authorization: Basic ${basic}`)))).toBe(200);
  expect(upstream.requests[1]?.headers).toContainEqual(["authorization", `Basic ${Buffer.from(`user:${REAL}`).toString("base64")}`]);
});

const FOREIGN = [
  ["Authorization: Bearer attacker"],
  [`Authorization: Bearer attacker, Bearer ${SURROGATE}`],
  [`Authorization: Bearer ${SURROGATE} attacker`],
  [OWN, "authorization: Bearer attacker"],
  [OWN, OWN],
  ["X-Api-Key: attacker"],
  ["x_api_key: attacker"],
  ["X.Api.Key: attacker"],
  ["api-key: attacker"],
  ["X-Goog-Api-Key: attacker"],
  ["Private-Token: attacker"],
  ["X-Vault-Token-Auth-Token: attacker"],
  [`Authorization: Basic ${Buffer.from("attacker:pw").toString("base64")}`],
  [`Authorization: Basic ${Buffer.from(`${SURROGATE}:attacker`).toString("base64")}`],
] as const;

test.each(FOREIGN.map((headers) => ({ headers })))("I5: a credential of the guest's own is refused: $headers", async ({ headers }) => {
  await using upstream = await openUpstream();
  await using guest = await open(upstream);
  const answer = await askSecure(guest, HOST, request("GET /v1/x", ...headers));
  expect(decisionOf(answer)).toBe("foreign-credential");
  expect(upstream.requests).toEqual([]);
});

const FOREIGN_QUERIES = [
  "/v1/x?key=attacker",
  "/v1/x?a=b&access_token=attacker",
  "/v1/x?%6bey=attacker",
  "/v1/x?X-Amz-Signature=attacker",
  "/v1/x?api_key=a",
];

test.each(FOREIGN_QUERIES)("I5: a credential in the query is refused: %s", async (target) => {
  await using upstream = await openUpstream();
  await using guest = await open(upstream);
  expect(decisionOf(await askSecure(guest, HOST, request(`GET ${target}`)))).toBe("foreign-credential");
});

test("I5: outside its methods and paths the surrogate buys nothing", async () => {
  await using upstream = await openUpstream();
  await using guest = await open(upstream);
  for (const line of ["DELETE /v1/x", "GET /v2/x", "GET /v1x"])
    expect(statusOf(await askSecure(guest, HOST, request(line, OWN)))).toBe(403);
  expect(statusOf(await askSecure(guest, HOST, request("GET /v1/../v2/x", OWN)))).toBeGreaterThanOrEqual(400);
  await askSecure(
    guest,
    HOST,
    request("GET /v1/x", `X-Debug: ${SURROGATE}`, `Cookie: session=attacker`, "Range: bytes=0-5", "If-Range: x"),
  );
  expect(upstream.received()).not.toContain(REAL);
  expect(upstream.requests.at(-1)?.headers.map(([name]) => name)).not.toEqual(expect.arrayContaining(["cookie"]));
  expect(upstream.requests.at(-1)?.headers.map(([name]) => name)).not.toEqual(expect.arrayContaining(["range"]));
});

test("I5: no other host, no plain HTTP and no unreadable tunnel gets the secret", async () => {
  await using upstream = await openUpstream();
  await using guest = await open(upstream);
  const other = await openSecure(guest, "other.example.com");
  other.write(`GET /v1/x HTTP/1.1\r\nHost: ${HOST}\r\n${OWN}\r\n\r\n`);
  await collect(other, { enough: isWhole });
  other.destroy();
  expect(decisionOf(await ask(guest, `GET http://${HOST}/v1/x HTTP/1.1\r\nHost: ${HOST}\r\n${OWN}\r\n\r\n`))).toBe("tls-required");
  const plain = await tunnel(guest, `${HOST}:80`);
  if (typeof plain === "string") throw new Error(plain);
  plain.write(request("GET /v1/x", OWN));
  expect(decisionOf(await collect(plain, { enough: isWhole }))).toBe("tls-required");
  plain.destroy();
  const opaque = await tunnel(guest, `${HOST}:443`);
  if (typeof opaque === "string") throw new Error(opaque);
  opaque.write("SSH-2.0-x\r\n");
  await collect(opaque);
  expect(upstream.received()).not.toContain(REAL);
});

type Echo = (response: ServerResponse, form: string) => void;

const ECHOES: readonly { readonly name: string; readonly echo: Echo }[] = [
  { name: "a header", echo: (response, form) => response.writeHead(200, { "x-you-sent": form }).end("x") },
  { name: "a redirect", echo: (response, form) => response.writeHead(302, { location: `https://evil.example/?${form}` }).end() },
  { name: "a cookie", echo: (response, form) => response.writeHead(200, { "set-cookie": [`a=${form}`, `b=${form}`] }).end("x") },
  { name: "the reason phrase", echo: (response, form) => response.writeHead(500, form).end("x") },
  { name: "an error page", echo: (response, form) => response.writeHead(401).end(`<p>bad token ${form}</p>`) },
  {
    name: "a body of known length",
    echo: (response, form) => response.writeHead(200, { "content-length": String(form.length) }).end(form),
  },
  { name: "a body in single bytes", echo: (response, form) => void drip(response, form) },
  { name: "a trailer", echo: (response, form) => trail(response, form) },
  { name: "an early hint", echo: (response, form) => hint(response, form) },
  { name: "a gzip body", echo: (response, form) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(form)) },
  {
    name: "a protocol change nobody asked for",
    echo: (response, form) =>
      void response.socket?.end(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nX: ${form}\r\n\r\n${form}`),
  },
  {
    name: "a broken answer",
    echo: (response, form) => void response.socket?.end(`HTTP/1.1 200 ${form}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n${form}`),
  },
];

async function drip(response: ServerResponse, form: string): Promise<void> {
  response.writeHead(200);
  for (const byte of form) {
    response.write(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  response.end();
}

function trail(response: ServerResponse, form: string): void {
  response.writeHead(200, { trailer: "x-t" });
  response.write("x");
  response.addTrailers({ "x-t": form });
  response.end();
}

function hint(response: ServerResponse, form: string): void {
  response.writeEarlyHints({ link: `</x>; rel=preload; title=${form}` });
  response.writeHead(200).end("x");
}

test.each(ECHOES)("I5: an upstream that gives the secret back in $name does not get it to the guest", async ({ name, echo }) => {
  await using upstream = await openUpstream();
  await using guest = await open(upstream);
  for (const form of FORMS) {
    upstream.handler = (incoming, response) => {
      incoming.resume();
      echo(response, form);
    };
    const secured = await openSecure(guest, HOST);
    secured.write(request("GET /v1/x", OWN, "Connection: close", "Accept-Encoding: gzip"));
    const seen = await collect(secured);
    secured.destroy();
    expect(seen).toMatch(/^HTTP\/1\.1 /);
    expect((seen + joinChunks(seen)).includes(form), `${name}: ${seen}`).toBe(false);
    expect(seen).not.toContain(gzipSync(form).toString("latin1").slice(10, 30));
  }
  const log = await guest.readLog();
  for (const form of FORMS) expect(log).not.toContain(form);
});

test("I5: an upstream that cannot prove its name gets nothing, whatever the environment says", async () => {
  await using upstream = await openUpstream();
  await using guest = await open(upstream);
  upstream.script = { tls: "self-signed" };
  const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
  process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  try {
    const answer = await askSecure(guest, HOST, request("GET /v1/x", OWN));
    expect([statusOf(answer), decisionOf(answer)]).toEqual([502, "tls-failed"]);
  } finally {
    if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
  }
  expect(upstream.received()).toBe("");
});

test("I5: a change of protocol on a host with a secret is refused", async () => {
  await using upstream = await openUpstream();
  await using guest = await open(upstream);
  const answer = await askSecure(
    guest,
    HOST,
    request(
      "GET /v1/x",
      OWN,
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ),
  );
  expect(decisionOf(answer)).toBe("upgrade");
  expect(upstream.requests).toEqual([]);
});

const UNUSABLE: readonly InjectionRule[] = [
  { ...RULE, host: "*.example.com" },
  { ...RULE, header: "x y" },
  { ...RULE, paths: ["/../x"] },
  { ...RULE, value: new Secret("two\r\nlines", "T") },
  { ...RULE, surrogate: "short" },
];

test.each(UNUSABLE)("a secret that cannot be swapped safely is an error before anything starts", async (rule) => {
  await using upstream = await openUpstream();
  await expect(open(upstream, rule)).rejects.toMatchObject({ code: "input.invalid" });
});

test("I5: in audit mode a secret's host is still held to its rules, on ports that none names, too", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({
    allow: `GET ${HOST}/v1/**`,
    mode: "audit",
    secrets: [RULE],
    upstream,
    resolves: [["93.184.215.14"]],
  });
  expect(await tunnel(guest, `${HOST}:8443`)).toContain("x-airlock-decision: port");
  expect(decisionOf(await askSecure(guest, HOST, request("POST /v1/x", OWN)))).toBe("method");
  expect(typeof (await tunnel(guest, "elsewhere.example.net:8443"))).not.toBe("string");
  expect(upstream.requests).toEqual([]);
});

test("I5: trailers, which a server may take for headers, do not bring another's credential to a host with a secret", async () => {
  await using upstream = await openUpstream();
  await using guest = await open(upstream);
  let trailers: readonly string[] | undefined;
  upstream.handler = (incoming, response) => {
    incoming.resume().once("end", () => {
      trailers = incoming.rawTrailers;
      response.end("done");
    });
  };
  const head = request("POST /v1/x", OWN, "Transfer-Encoding: chunked", "Trailer: Private-Token");
  const answer = await askSecure(guest, HOST, `${head}1\r\na\r\n0\r\nPrivate-Token: attacker\r\nX-Auth-Token: attacker\r\n\r\n`);
  expect(answer).toContain("done");
  expect(trailers).toEqual([]);
});
