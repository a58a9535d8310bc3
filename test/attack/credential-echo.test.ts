import type http from "node:http";
import net from "node:net";
import zlib from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { listSpellings } from "../../src/domain/secrets/spellings.ts";
import { openScrubbing } from "../../src/gateway/broker/scrub.ts";
import { rounds } from "../support/fuzz.ts";
import { ASK, type BrokerBench, exchangeRaw, listen, openBrokerBench, REAL_KEY, rawRequest } from "../support/model/broker-bench.ts";

/** Whether bytes hold so much of the key, in any form, that it could be used. */
function carriesKey(bytes: Buffer): boolean {
  const raw = bytes.toString("latin1").toLowerCase();
  // Once as it came, once without the marks between the chunks of a chunked body.
  const text = `${raw}\0${raw.replaceAll(/\r\n[0-9a-f]+\r\n/g, "")}`;
  return listSpellings(REAL_KEY).some(({ bytes: form }) => text.includes(form.toString("latin1").toLowerCase().slice(4, 24)));
}

async function everythingTheGuestSees(bench: BrokerBench): Promise<Buffer> {
  const head = [
    "POST /v1/messages HTTP/1.1",
    "host: localhost",
    `x-api-key: ${bench.broker.surrogate.reveal()}`,
    "content-type: application/json",
  ];
  return await exchangeRaw(bench.port, rawRequest(head, JSON.stringify({ ...ASK, stream: true })));
}

type Service = http.RequestListener;
const key = (request: http.IncomingMessage): string => String(request.headers["x-api-key"]);

const HOSTILE: Readonly<Record<string, Service>> = {
  "echoes all headers in its body": (request, response) => void response.end(JSON.stringify(request.headers)),
  "echoes all headers as headers": (request, response) => {
    for (const [name, value] of Object.entries(request.headers)) response.setHeader(`echo-${name}`, String(value));
    response.end("ok");
  },
  "uses the key as a header's name": (request, response) => {
    response.setHeader(`x-${key(request).replaceAll(/[^A-Za-z0-9_-]/g, "")}`, "1");
    response.setHeader(key(request).slice(0, 22), "1");
    response.end("ok");
  },
  "shows an error page with the key": (request, response) => {
    response.writeHead(500, { "content-type": "text/html" });
    response.end(`<pre>could not authenticate ${key(request)} (Bearer ${key(request)})</pre>`);
  },
  "says 401 with the key": (request, response) => {
    response.writeHead(401, { "www-authenticate": `Bearer realm="${key(request)}"` });
    response.end(JSON.stringify({ error: { message: `Incorrect API key provided: ${key(request)}` } }));
  },
  "redirects with the key in the address": (request, response) => {
    response.writeHead(302, { location: `http://127.0.0.1:1/?key=${key(request)}`, "x-key": key(request) });
    response.end(key(request));
  },
  "redirects permanently": (request, response) => void response.writeHead(308, { location: `/elsewhere/${key(request)}` }).end(),
  "sets cookies": (request, response) => void response.writeHead(200, { "set-cookie": [`k=${key(request)}`] }).end("ok"),
  "puts the key in its status line": (request, response) => void response.writeHead(200, key(request)).end("ok"),
  "puts the key into trailers": (request, response) => {
    response.writeHead(200, { trailer: "x-key" });
    response.write("data: {}\n\n");
    response.addTrailers({ "x-key": key(request) });
    response.end();
  },
  "sends it in base64, at three alignments": (request, response) =>
    void response.end(["", "u", "us"].map((user) => Buffer.from(`${user}:${key(request)}:x`).toString("base64")).join(" ")),
  "sends it in base64url": (request, response) => void response.end(Buffer.from(key(request)).toString("base64url")),
  "sends it percent-encoded": (request, response) =>
    void response.end(
      `${encodeURIComponent(key(request))} %${Buffer.from(key(request))
        .toString("hex")
        .replaceAll(/..(?=.)/g, "$&%")}`,
    ),
  "sends it in hex, upper case": (request, response) => void response.end(Buffer.from(key(request)).toString("hex").toUpperCase()),
  "sends it in upper case": (request, response) => void response.end(key(request).toUpperCase()),
  "sends it as UTF-16": (request, response) => void response.end(Buffer.from(key(request), "utf16le")),
  "escapes it for JSON": (request, response) =>
    void response.end([...key(request)].map((char) => `\\u00${char.charCodeAt(0).toString(16)}`).join("")),
  "escapes it for HTML": (request, response) => void response.end([...key(request)].map((char) => `&#${char.charCodeAt(0)};`).join("")),
  "sends it compressed with gzip though asked not to": (request, response) =>
    void response.writeHead(200, { "content-encoding": "gzip" }).end(zlib.gzipSync(`key ${key(request)}`)),
  "sends it compressed with brotli": (request, response) =>
    void response.writeHead(200, { "content-encoding": "br" }).end(zlib.brotliCompressSync(`key ${key(request)}`)),
  "sends it compressed with zstd": (request, response) =>
    void response.writeHead(200, { "content-encoding": "zstd" }).end(zlib.zstdCompressSync(`key ${key(request)}`)),
  "compresses it twice": (request, response) =>
    void response.writeHead(200, { "content-encoding": "gzip, gzip" }).end(zlib.gzipSync(zlib.gzipSync(`key ${key(request)}`))),
  "names a coding that nobody knows": (request, response) =>
    void response.writeHead(200, { "content-encoding": "rot13" }).end(key(request)),
  "sends it byte by byte": (request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const char of `data: ${key(request)}\n\n`) response.write(char);
    response.end();
  },
  "sends most of it and hangs up": (request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`data: ${key(request).slice(0, -6)}`, () => response.destroy());
  },
  "sends an early hint with it": (request, response) => {
    response.writeEarlyHints({ link: "</style.css>; rel=preload", "x-key": key(request) });
    response.end("ok");
  },
};

describe("I5, S2: the real key is in no byte that reaches the guest", () => {
  test.each(Object.entries(HOSTILE))("the guest gets no byte of the key when the service %s", async (_name, service) => {
    await using bench = await openBrokerBench({ service });
    const seen = await everythingTheGuestSees(bench);
    expect(bench.reached[0]?.rawHeaders).toContain(REAL_KEY);
    expect(seen.length).toBeGreaterThan(0);
    expect(carriesKey(seen)).toBe(false);
    expect(JSON.stringify(bench.log)).not.toContain(REAL_KEY.slice(13, 30));
  });

  test("the guest gets no byte of the key when the service answers with bytes that are no HTTP, or switches the protocol", async () => {
    for (const reply of [
      `${REAL_KEY}\r\n\r\n`,
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\nx: ${REAL_KEY}\r\n\r\n${REAL_KEY}`,
    ]) {
      const service = net.createServer((socket) => {
        socket.on("error", () => undefined);
        socket.once("data", () => socket.end(reply));
      });
      await using bench = await openBrokerBench({ service: `http://127.0.0.1:${await listen(service)}` });
      const seen = await everythingTheGuestSees(bench);
      expect(seen.toString()).toMatch(/^HTTP\/1\.1 502 /);
      expect(carriesKey(seen)).toBe(false);
      service.close();
    }
  });

  test("the guest gets no byte of the key when it asks for the broker's own errors", async () => {
    await using bench = await openBrokerBench({ service: (_request, response) => void response.end() });
    for (const bytes of [
      "GET / HTTP/1.1\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "TRACE / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
      "\0\0\0",
    ]) {
      expect(carriesKey(await exchangeRaw(bench.port, bytes))).toBe(false);
    }
    expect(bench.reached).toEqual([]);
  });

  test("the key is masked however an answer is cut, and wherever in it a form of the key stands", () => {
    const scrubbing = openScrubbing(REAL_KEY);
    const forms = listSpellings(REAL_KEY).map(({ bytes }) => bytes);
    const pieces = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
        fc.constantFrom(...forms),
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(pieces, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }), (parts, cuts) => {
        const whole = Buffer.concat(parts);
        const scrubber = scrubbing.open();
        const out: Buffer[] = [];
        for (let at = 0, cut = 0; at < whole.length; cut++) {
          const next = at + (cuts[cut % cuts.length] ?? 1);
          out.push(scrubber.push(whole.subarray(at, next)));
          at = next;
        }
        out.push(scrubber.end());
        const clean = Buffer.concat(out);
        expect(clean.length).toBe(whole.length);
        expect(carriesKey(clean)).toBe(false);
      }),
      { numRuns: rounds(300) },
    );
  });

  test("bytes without the key pass unchanged", () => {
    const scrubbing = openScrubbing(REAL_KEY);
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }), (parts) => {
        const scrubber = scrubbing.open();
        const out = parts.map((part) => scrubber.push(Buffer.from(part)));
        expect(Buffer.concat([...out, scrubber.end()])).toEqual(Buffer.concat(parts));
      }),
    );
  });
});
