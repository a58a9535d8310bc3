import { describe, expect, test } from "vitest";
import { ask, decisionOf, statusOf } from "../support/egress/ask.ts";
import { openGuest } from "../support/egress/guest.ts";
import { openUpstream } from "../support/egress/upstream.ts";
import { exchangeRaw, openBrokerBench } from "../support/model/broker-bench.ts";

const CHUNKED = "2\r\n{}\r\n0\r\n\r\n";

/** The end of a request, behind its request line and the credential; HOST stands for a host that the door serves. */
interface Framing {
  readonly name: string;
  readonly version?: "1.0" | "1.1";
  readonly lines: readonly string[];
  readonly body?: string;
}

/** What both front doors refuse by the one check that they share. */
const REFUSED: readonly Framing[] = [
  { name: "two Host lines", lines: ["Host: HOST", "Host: HOST", "Content-Length: 2"] },
  { name: "an empty Host line", lines: ["Host:", "Content-Length: 2"] },
  { name: "a list of hosts", lines: ["Host: HOST, evil.example", "Content-Length: 2"] },
  { name: "a host with empty labels", lines: ["Host: evil..example", "Content-Length: 2"] },
  { name: "a host with a user", lines: ["Host: user@HOST", "Content-Length: 2"] },
  { name: "a host with port 0", lines: ["Host: HOST:0", "Content-Length: 2"] },
  { name: "a Connection line that takes the length away", lines: ["Host: HOST", "Connection: content-length", "Content-Length: 2"] },
  { name: "a Connection line that takes the host away", lines: ["Host: HOST", "Connection: close, Host", "Content-Length: 2"] },
  { name: "a Connection line that takes a credential away", lines: ["Host: HOST", "Connection: Authorization", "Content-Length: 2"] },
  { name: "a coding in other letters", lines: ["Host: HOST", "Transfer-Encoding: Chunked"], body: CHUNKED },
];

/** What either of them refuses, some of it in the parser already. */
const REFUSED_SOMEHOW: readonly Framing[] = [
  { name: "no Host line", lines: ["Content-Length: 2"] },
  { name: "two lengths", lines: ["Host: HOST", "Content-Length: 2", "Content-Length: 2"] },
  { name: "two different lengths", lines: ["Host: HOST", "Content-Length: 2", "Content-Length: 3"] },
  { name: "a length with a sign", lines: ["Host: HOST", "Content-Length: +2"] },
  { name: "length and coding", lines: ["Host: HOST", "Content-Length: 2", "Transfer-Encoding: chunked"], body: CHUNKED },
  { name: "a coding twice", lines: ["Host: HOST", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], body: CHUNKED },
  { name: "two codings", lines: ["Host: HOST", "Transfer-Encoding: gzip, chunked"], body: CHUNKED },
  { name: "another coding", lines: ["Host: HOST", "Transfer-Encoding: xchunked"], body: CHUNKED },
  { name: "HTTP/1.0 with a coding", version: "1.0", lines: ["Host: HOST", "Transfer-Encoding: chunked"], body: CHUNKED },
  { name: "a folded line", lines: ["Host: HOST", "X-A: 1", " X-B: 2", "Content-Length: 2"] },
  { name: "a space before the colon", lines: ["Host: HOST", "Content-Length : 2"] },
];

/** What the proxy carries, because honest clients send it, and the broker has no use for. */
const PROXY_ONLY: readonly (Framing & { readonly why: string })[] = [
  {
    name: "HTTP/1.0",
    version: "1.0",
    lines: ["Content-Length: 2"],
    why: "old clients of proxies speak it; without a coding its length is plain",
  },
  {
    name: "announced trailers",
    lines: ["Host: HOST", "Trailer: x-sum", "Transfer-Encoding: chunked"],
    body: "2\r\n{}\r\n0\r\nx-sum: 1\r\n\r\n",
    why: "uploads end with checksums; safe names are passed on",
  },
  {
    name: "150 lines",
    lines: ["Host: HOST", "Content-Length: 2", ...Array.from({ length: 150 }, (_, at) => `X-${at}: 1`)],
    why: "the limit of the proxy is 200, for browsers and the like; no agent's client comes near 100",
  },
];

function bytesOf(start: string, { version = "1.1", lines, body = "{}" }: Framing, host: string): string {
  const head = [`POST ${start} HTTP/${version}`, ...lines.map((line) => line.replaceAll("HOST", host))];
  if (!lines.some((line) => line.startsWith("Connection:"))) head.push("Connection: close");
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

interface Seen {
  readonly status: number;
  readonly decision: string | undefined;
  readonly sentOn: boolean;
}

async function atProxy(framing: Framing): Promise<Seen> {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: [["93.184.215.14"]] });
  const seen = await ask(guest, bytesOf("http://example.com/", framing, "example.com"));
  return { status: statusOf(seen), decision: decisionOf(seen)?.trim(), sentOn: upstream.received() !== "" };
}

async function atBroker(framing: Framing): Promise<Seen> {
  await using bench = await openBrokerBench({ service: (_request, response) => void response.end("{}") });
  const start = `POST /v1/messages HTTP/${framing.version ?? "1.1"}\r\nx-api-key: ${bench.broker.surrogate.reveal()}\r\n`;
  const bytes = bytesOf("/v1/messages", framing, "localhost").replace(/^.*\r\n/, start);
  const seen = (await exchangeRaw(bench.port, bytes)).toString("latin1");
  return { status: statusOf(seen), decision: decisionOf(seen)?.trim(), sentOn: bench.reached.length > 0 };
}

describe("I4: proxy and broker read the framing of a request by one rule", () => {
  test.each(REFUSED)("both refuse $name", async (framing) => {
    const refused = { status: 400, decision: "bad-request", sentOn: false };
    expect(await atProxy(framing)).toEqual(refused);
    expect(await atBroker(framing)).toEqual(refused);
  });

  test.each(REFUSED_SOMEHOW)("neither sends on a request with $name", async (framing) => {
    for (const seen of [await atProxy(framing), await atBroker(framing)]) {
      expect(seen.sentOn).toBe(false);
      expect(seen.status).toBeGreaterThanOrEqual(400);
    }
  });

  test.each(PROXY_ONLY)("the proxy carries $name, since $why; the broker refuses it", async (framing) => {
    expect(await atProxy(framing)).toMatchObject({ status: 200, sentOn: true });
    expect(await atBroker(framing)).toEqual({ status: 400, decision: "bad-request", sentOn: false });
  });

  test("both pass an ordinary request", async () => {
    const plain = { name: "plain", lines: ["Host: HOST", "Content-Length: 2"] };
    expect(await atProxy(plain)).toMatchObject({ status: 200, sentOn: true });
    // The body names no model: that is judged after the framing.
    expect(await atBroker(plain)).toMatchObject({ decision: "body-unreadable" });
  });
});
