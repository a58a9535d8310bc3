import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Api, callOnce, readRetryAfterMs } from "../../../../../src/adapters/sandbox/shared/api-call.ts";
import { kindOfStatus, VendorFailure } from "../../../../../src/adapters/sandbox/shared/vendor-failure.ts";
import { Secret } from "../../../../../src/domain/secret.ts";

const TOKEN = "token-0123456789abcdef";

const asked: { readonly url: string | undefined; readonly headers: http.IncomingHttpHeaders }[] = [];
const server = http.createServer((request, response) => {
  asked.push({ url: request.url, headers: request.headers });
  if (request.url === "/refuse") response.writeHead(429, { "retry-after": "7" }).end(`not with ${TOKEN}`);
  else if (request.url === "/redirect") response.writeHead(302, { location: "/fine" }).end();
  else if (request.url === "/endless") response.end(Buffer.alloc(4 * 1024 * 1024 + 1));
  else if (request.url !== "/silent") request.pipe(response);
});
let api: Api;

beforeAll(async () => {
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  api = {
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: new Secret(TOKEN),
    readFailure: ({ status, retryAfter, text }) =>
      new VendorFailure(kindOfStatus(status), { detail: text, retryAfterMs: readRetryAfterMs(retryAfter) }),
  };
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe("A call to a cloud's API", () => {
  test("sends the token as bearer, in no address, and gives the body", async () => {
    const json = { hello: "there" };
    expect(await callOnce(api, { method: "POST", path: "/echo", query: { a: "b c" }, json, timeoutMs: 10_000 })).toBe(JSON.stringify(json));
    expect(await callOnce(api, { method: "PUT", path: "/echo", bytes: Buffer.from("raw"), timeoutMs: 10_000 })).toBe("raw");
    expect(asked.map(({ url }) => url)).toEqual(["/echo?a=b+c", "/echo"]);
    for (const { headers } of asked) expect(headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  test("I2: leaves the vendor to say what a refusal means, without the token that its answer repeats", async () => {
    await expect(callOnce(api, { method: "GET", path: "/refuse", timeoutMs: 10_000 })).rejects.toMatchObject({
      kind: "rate-limit",
      retryAfterMs: 7_000,
      message: "not with <redacted>",
    });
  });

  test.each([
    ["follows no redirect", "/redirect", 10_000],
    ["reads no more than is sensible", "/endless", 10_000],
    ["waits no longer than it may", "/silent", 100],
  ])("%s: that counts as a lost answer", async (_name, path, timeoutMs) => {
    const before = asked.length;
    await expect(callOnce(api, { method: "GET", path, timeoutMs })).rejects.toMatchObject({ kind: "interrupted" });
    expect(asked).toHaveLength(before + 1);
  });

  test.each([
    ["30", 30_000],
    [null, 0],
    ["Wed, 21 Oct 2026 07:28:00 GMT", 0],
    ["-5", 0],
  ])("reads the header `Retry-After` %s as %s ms", (header, ms) => {
    expect(readRetryAfterMs(header)).toBe(ms);
  });
});
