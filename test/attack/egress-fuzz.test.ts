import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalHost, renderHost } from "../../src/domain/egress/host.ts";
import { decide, decideRequest, parsePolicy } from "../../src/domain/egress/policy.ts";
import { canonicalPath } from "../../src/domain/egress/request-path.ts";
import { AirlockError } from "../../src/domain/errors.ts";
import { readFirstBytes } from "../../src/gateway/http/client-hello.ts";
import { runApart, source } from "../support/apart.ts";
import { buildClientHello } from "../support/egress/client-hello.ts";
import { collect, isWhole, openGuest } from "../support/egress/guest.ts";
import { openUpstream } from "../support/egress/upstream.ts";
import { PROPERTY_TIMEOUT_MS, rounds } from "../support/fuzz.ts";

const RUNS = { numRuns: rounds(3000) } as const;

const hostPart = fc.constantFrom(
  "example",
  "com",
  "*",
  ".",
  "..",
  "-",
  "_",
  "xn--",
  "%2e",
  "\0",
  "@",
  ":",
  "443",
  "/",
  "[",
  "]",
  "::1",
  "127.0.0.1",
  "é",
  "。",
  "①",
  "\u200d",
  " ",
  "\t",
  "#",
  "GET",
  ",",
  "evil",
  "\\",
  "?",
  "0x7f",
  "2130706433",
);
const hostText = fc.array(hostPart, { maxLength: 8 }).map((parts) => parts.join(""));

test("I4 fuzz: the policy parser either reads a line or says why, and never lets a stranger in", () => {
  fc.assert(
    fc.property(fc.oneof(hostText, fc.string({ unit: "binary", maxLength: 80 })), (line) => {
      try {
        const policy = parsePolicy({ allow: line, deny: "" });
        expect(decide(policy, "stranger.invalid", 443).verdict).toBe("deny");
        expect(decide(policy, "stranger.com", 443).verdict).toBe("deny");
        expect(decide(policy, "169.254.169.253", 443).verdict).toBe("deny");
      } catch (error) {
        expect(error).toBeInstanceOf(AirlockError);
        expect((error as AirlockError).code).toBe("policy.invalid");
      }
    }),
    RUNS,
  );
});

test("I4 fuzz: the canonical host is a fixed point, plain ASCII, and reads back as the same host", () => {
  fc.assert(
    fc.property(fc.oneof(hostText, fc.string({ unit: "binary", maxLength: 60 }), fc.domain(), fc.ipV4(), fc.ipV6()), (raw) => {
      const host = canonicalHost(raw);
      if (host === undefined) return;
      expect(host.text).toMatch(/^[a-z0-9._:-]+$/);
      expect(canonicalHost(host.text)).toEqual(host);
      expect(new URL(`http://${renderHost(host.text)}/`).hostname).toBe(renderHost(host.text));
    }),
    RUNS,
  );
});

test("I4 fuzz: what is allowed is the host of a rule or below its wildcard, by characters alone", () => {
  const policy = parsePolicy({ allow: "example.com\n*.example.org", deny: "bad.example.org" });
  fc.assert(
    fc.property(
      fc.oneof(
        hostText,
        hostText.map((text) => `${text}.example.org`),
        hostText.map((text) => `example.com${text}`),
      ),
      (raw) => {
        if (decide(policy, raw, 443).verdict === "deny") return;
        const text = canonicalHost(raw)?.text ?? "";
        expect(text === "example.com" || (text.endsWith(".example.org") && text !== "bad.example.org")).toBe(true);
      },
    ),
    RUNS,
  );
});

const pathPart = fc.constantFrom(
  "/",
  "a",
  "b",
  "..",
  ".",
  "%2e",
  "%2F",
  "%5c",
  "%00",
  "%25",
  "2e",
  ";",
  "*",
  "**",
  "?",
  "#",
  "\\",
  "é",
  "%41",
  "publish",
);
const pathText = fc.array(pathPart, { maxLength: 12 }).map((parts) => `/${parts.join("")}`);

test("N5 fuzz: a path that is judged has one meaning: decoding it again changes nothing and leads nowhere else", () => {
  fc.assert(
    fc.property(pathText, (raw) => {
      const path = canonicalPath(raw);
      if (path === undefined) return;
      expect(canonicalPath(path)).toBe(path);
      expect(new URL(`http://h${path}`).pathname).toBe(path);
      expect(decodeURIComponent(path).split("/")).not.toContain("..");
    }),
    RUNS,
  );
});

test("N5 fuzz: a rule for one path lets no other path through", () => {
  const policy = parsePolicy({ allow: "POST example.com/a/*/b", deny: "" });
  fc.assert(
    fc.property(pathText, (path) => {
      const decision = decideRequest(policy, { host: "example.com", port: 443, method: "POST", path });
      if (decision.verdict === "allow") expect(decision.path).toMatch(/^\/a\/(?!\.{1,2}\/)[^/]+\/b$/);
    }),
    RUNS,
  );
});

test("I18 fuzz: path patterns are matched in bounded time", () => {
  const script = `
    import { matchesPath } from ${source("domain/egress/request-path.ts")};
    const pattern = "/" + Array(12).fill("**/*a*b*c*").join("/");
    const path = "/" + Array(400).fill("aabbcc").join("/") + "/x";
    const answers = Array.from({ length: 20 }, () => matchesPath(pattern, path));
    console.log(answers.filter(Boolean).length);`;
  expect(runApart(script)).toBe("0\n");
}, 150_000);

test("I4 fuzz: a ClientHello with any byte changed is refused, waited for, or still names its one host", () => {
  const good = buildClientHello({ serverNames: ["example.com"], ech: true });
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, value, cut) => {
      const bytes = Buffer.from(good);
      bytes[at] = value;
      const first = readFirstBytes(bytes.subarray(0, cut));
      if (first?.kind === "hello" && first.serverName !== undefined)
        expect(first.serverName).toMatch(/^[a-z0-9_][a-z0-9_.-]{0,251}[a-z0-9_]$/);
      if (cut < good.length && first?.kind === "hello") expect(at).toBeLessThan(9);
    }),
    RUNS,
  );
});

test("I4 fuzz: random bytes are no ClientHello", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(readFirstBytes(Buffer.from([0x16, 3, 1, ...bytes]))?.kind).not.toBe("hello");
    }),
    RUNS,
  );
});

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
  "I3 fuzz: whatever bytes arrive on the proxy port, only the allowed host is resolved and asked for",
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
