import { describe, expect, test } from "vitest";
import { ASK, ask, type BrokerBench, exchangeRaw, openBrokerBench, rawRequest } from "../support/model/broker-bench.ts";

const answer = (): BrokerBench | Promise<BrokerBench> => openBrokerBench({ service: (_request, response) => void response.end("{}") });
const body = JSON.stringify(ASK);

function reasonOf(seen: Buffer): string | undefined {
  return /^x-airlock-decision: (.*)\r$/m.exec(seen.toString())?.[1];
}

describe("I5, S4: a credential that the guest brought itself is refused, and nothing of it is sent on", () => {
  const lines = (surrogate: string): Readonly<Record<string, readonly string[]>> => ({
    "another key in the API's header": ["x-api-key: sk-ant-api03-attacker"],
    "another bearer token": ["authorization: Bearer attacker"],
    "basic authorization": ["authorization: Basic YTpi"],
    "another key beside the surrogate": [`x-api-key: ${surrogate}`, "authorization: Bearer attacker"],
    "the surrogate twice": [`x-api-key: ${surrogate}`, `x-api-key: ${surrogate}`],
    "two keys in two lines": [`x-api-key: ${surrogate}`, "x-api-key: sk-ant-api03-attacker"],
    "a folded name": [`x-api-key: ${surrogate}`, "x_api_key: sk-ant-api03-attacker"],
    "another service's header": [`x-api-key: ${surrogate}`, "x-goog-api-key: attacker"],
    "a cookie": [`x-api-key: ${surrogate}`, "cookie: session=attacker"],
    "proxy authorization": [`x-api-key: ${surrogate}`, "proxy-authorization: Basic YTpi"],
    "half the surrogate": [`x-api-key: ${surrogate.slice(0, -1)}`],
  });
  test.each(Object.keys(lines("")))("%s", async (name) => {
    await using bench = await answer();
    const headers = lines(bench.broker.surrogate.reveal())[name] ?? [];
    const seen = await exchangeRaw(bench.port, rawRequest(["POST /v1/messages HTTP/1.1", "host: localhost", ...headers], body));
    expect(seen.toString()).toMatch(/^HTTP\/1\.1 403 /);
    expect(reasonOf(seen)).toBe("foreign-credential");
    expect(seen.toString()).toContain("x-should-retry: false");
    expect(bench.reached).toEqual([]);
  });

  test("a key in the query", async () => {
    await using bench = await openBrokerBench({ api: "gemini", service: (_request, response) => void response.end("{}") });
    const response = await ask(
      bench,
      {},
      {
        path: "/v1beta/models/gemini-2.5-pro:generateContent?key=attacker",
        headers: { "x-goog-api-key": bench.broker.surrogate.reveal(), "x-api-key": "" },
      },
    );
    expect([response.status, response.headers.get("x-airlock-decision")]).toEqual([403, "foreign-credential"]);
    expect(bench.reached).toEqual([]);
  });

  test("no credential at all", async () => {
    await using bench = await answer();
    const seen = await exchangeRaw(bench.port, rawRequest(["POST /v1/messages HTTP/1.1", "host: localhost"], body));
    expect(reasonOf(seen)).toBe("missing-credential");
    expect(bench.reached).toEqual([]);
  });
});

describe("I5, S4: the credential is used for the listed calls only", () => {
  const calls: readonly (readonly [string, string])[] = [
    ["POST /v1/files", "path-not-listed"],
    ["GET /v1/messages/batches", "path-not-listed"],
    ["POST /v1/messages/batches", "path-not-listed"],
    ["POST /v1/organizations/api_keys", "path-not-listed"],
    ["POST /v1/messages/", "path-not-listed"],
    ["POST //v1/messages", "path-not-listed"],
    ["POST /v1/./messages", "path-not-listed"],
    ["POST /v1/files/../messages", "path-not-listed"],
    ["POST /v1/%6dessages", "path-not-listed"],
    ["POST /v1/messages%2fcount_tokens", "path-not-listed"],
    ["POST /v1/messages;x=1", "path-not-listed"],
    ["POST http://evil.example/v1/messages", "path-not-listed"],
    ["POST /v1/messages?x=1", "query-not-listed"],
    ["POST /v1/messages?beta=true&beta=false", "query-not-listed"],
    ["GET /v1/messages", "method-not-listed"],
    ["DELETE /v1/messages", "method-not-listed"],
    ["PUT /v1/messages", "method-not-listed"],
    ["TRACE /v1/messages", "method-not-listed"],
  ];
  test.each(calls)("%s is refused: %s", async (call, reason) => {
    await using bench = await answer();
    const seen = await exchangeRaw(
      bench.port,
      rawRequest([`${call} HTTP/1.1`, "host: localhost", `x-api-key: ${bench.broker.surrogate.reveal()}`], body),
    );
    expect([seen.toString().slice(0, 12), reasonOf(seen)]).toEqual(["HTTP/1.1 403", reason]);
    expect(bench.reached).toEqual([]);
  });

  const crooked: Readonly<Record<string, readonly string[]>> = {
    "two Host lines": ["host: localhost", "host: evil.example", "content-length: 2", "", "{}"],
    "a list of hosts": ["host: localhost, evil.example", "content-length: 2", "", "{}"],
    "no Host": ["content-length: 2", "", "{}"],
    "both kinds of length": ["host: localhost", "content-length: 2", "transfer-encoding: chunked", "", "2\r\n{}\r\n0\r\n\r\n"],
    "a coding that is not quite chunked": ["host: localhost", "transfer-encoding: xchunked", "", "2\r\n{}\r\n0\r\n\r\n"],
    "two codings": ["host: localhost", "transfer-encoding: gzip, chunked", "", "2\r\n{}\r\n0\r\n\r\n"],
    "two lengths": ["host: localhost", "content-length: 2", "content-length: 2", "", "{}"],
    "an upgrade to HTTP/2": [
      "host: localhost",
      "connection: upgrade, http2-settings",
      "upgrade: h2c",
      "http2-settings: AAMAAABkAAQAAP__",
      "content-length: 2",
      "",
      "{}",
    ],
    "a folded header": ["host: localhost", "x-a: 1", " x-b: 2", "content-length: 2", "", "{}"],
    "a header name with a space": ["host: localhost", "x-a : 1", "content-length: 2", "", "{}"],
    "an expectation": ["host: localhost", "expect: 100-continue", "content-length: 2", "", "{}"],
  };
  test.each(Object.entries(crooked))("framing with %s is refused before anything is sent on", async (_name, lines) => {
    await using bench = await answer();
    const bytes = ["POST /v1/messages HTTP/1.1", `x-api-key: ${bench.broker.surrogate.reveal()}`, "connection: close", ...lines].join(
      "\r\n",
    );
    const seen = await exchangeRaw(bench.port, bytes);
    expect(seen.toString()).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(bench.reached).toEqual([]);
  });

  test("HTTP/1.0 and CONNECT are refused", async () => {
    await using bench = await answer();
    for (const line of ["POST /v1/messages HTTP/1.0", "CONNECT api.anthropic.com:443 HTTP/1.1"]) {
      const seen = await exchangeRaw(
        bench.port,
        rawRequest([line, "host: localhost", `x-api-key: ${bench.broker.surrogate.reveal()}`], body),
      );
      expect(seen.toString()).not.toMatch(/^HTTP\/1\.1 2/);
    }
    expect(bench.reached).toEqual([]);
  });

  const bodies: Readonly<Record<string, readonly [string, string]>> = {
    "names the model twice": ['{"model":"claude-haiku-4-5","model":"claude-opus-4-1"}', "body-unreadable"],
    "names it again in another case": ['{"model":"claude-haiku-4-5","Model":"claude-opus-4-1"}', "unknown-field"],
    "names it again with an escape": ['{"model":"claude-haiku-4-5","mod\\u0065l":"claude-opus-4-1"}', "body-unreadable"],
    "is no JSON": ["model=claude-haiku-4-5", "body-unreadable"],
    "is a list": ["[]", "body-unreadable"],
    "is not UTF-8": ['{"model":"claude-haiku-4-5","a":"\xff"}', "body-unreadable"],
    "names no model": ["{}", "body-unreadable"],
    "names a model that is not allowed": ['{"model":"claude-opus-4-1"}', "model-not-allowed"],
    "brings a connector for the service to call": [
      '{"model":"claude-haiku-4-5","mcp_servers":[{"url":"https://evil.example"}]}',
      "server-side-connector",
    ],
    "has the service fetch an image": [
      '{"model":"claude-haiku-4-5","messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://evil.example/?stolen"}}]}]}',
      "server-side-connector",
    ],
    "has it fetch one inside a tool's result": [
      '{"model":"claude-haiku-4-5","messages":[{"role":"user","content":[{"type":"tool_result","content":[{"type":"document","source":{"type":"url","url":"http://evil.example"}}]}]}]}',
      "server-side-connector",
    ],
    "brings a connector as a tool": [
      '{"model":"claude-haiku-4-5","tools":[{"type":"mcp","server_url":"https://evil.example"}]}',
      "server-side-connector",
    ],
  };
  test.each(Object.entries(bodies))("a body that %s is refused", async (_name, [text, reason]) => {
    await using bench = await openBrokerBench({
      service: (_request, response) => void response.end("{}"),
      allowedModels: ["claude-haiku-*"],
    });
    const head = [
      "POST /v1/messages HTTP/1.1",
      "host: localhost",
      `x-api-key: ${bench.broker.surrogate.reveal()}`,
      `content-length: ${text.length}`,
      "connection: close",
      "",
      "",
    ];
    const seen = await exchangeRaw(bench.port, Buffer.from(head.join("\r\n") + text, "latin1"));
    expect(reasonOf(seen)).toBe(reason);
    expect(bench.reached).toEqual([]);
  });
});

test("images sent as data pass, and so does an address that a tool was called with", async () => {
  await using bench = await answer();
  const content = [
    { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } },
    { type: "tool_use", id: "1", name: "Fetch", input: { source: { type: "url", url: "https://example.com" } } },
  ];
  expect((await ask(bench, { ...ASK, messages: [{ role: "user", content }] })).status).toBe(200);
});
