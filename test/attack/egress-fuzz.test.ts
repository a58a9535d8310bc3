import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { collect, isWhole, openGuest } from "../support/egress/guest.ts";
import { openUpstream } from "../support/egress/upstream.ts";
import { PROPERTY_TIMEOUT_MS, rounds } from "../support/fuzz.ts";

const requestPart = fc.constantFrom(
  "GET ",
  "POST ",
  "CONNECT ",
  "http://example.com/",
  "http://evil.com/",
  "example.com:443",
  "evil.com:443",
  " HTTP/1.1",
  "\r\n",
  "\n",
  "\r",
  "Host: example.com",
  "Host: evil.com",
  "Transfer-Encoding: chunked",
  "Content-Length: 5",
  "Content-Length: 0",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "0\r\n\r\n",
  "hello",
  "\0",
  "\t",
  " ",
  ":",
  "\x16\x03\x01",
  "\x05\x01\x00",
  "\xff",
);

test(
  "I3: whatever bytes arrive on the proxy port, only the allowed host is resolved and asked for",
  async () => {
    await using upstream = await openUpstream();
    await using guest = await openGuest({
      allow: "example.com",
      upstream,
      resolves: [["93.184.215.14"]],
      overrides: { proxyLimits: { headerTimeoutMs: 300 } },
    });
    const start = fc.constantFrom(
      "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n",
      "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n",
      "CONNECT example.com:80 HTTP/1.1\r\nHost: example.com\r\n\r\n",
      "POST http://example.com/x HTTP/1.1\r\n",
      "",
    );
    await fc.assert(
      fc.asyncProperty(start, fc.array(requestPart, { maxLength: 14 }), async (head, parts) => {
        const socket = await guest.connect();
        socket.write(Buffer.from(`${head}${parts.join("")}\r\n\r\n`, "latin1"));
        await collect(socket, { timeoutMs: 120, enough: isWhole });
        socket.destroy();
      }),
      { numRuns: rounds(120) },
    );
    expect(new Set(guest.resolved)).toEqual(new Set(["example.com"]));
    expect(new Set(upstream.requests.map(({ host }) => host))).toEqual(new Set(["example.com"]));
    expect(new Set(guest.dialled)).toEqual(new Set(["93.184.215.14"]));
  },
  PROPERTY_TIMEOUT_MS,
);
