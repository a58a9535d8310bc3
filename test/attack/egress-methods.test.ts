import { expect, test } from "vitest";
import { askSecure, decisionOf, openSecure, statusOf, tunnel } from "../support/egress/ask.ts";
import { collect, isWhole, openGuest } from "../support/egress/guest.ts";
import { openUpstream } from "../support/egress/upstream.ts";

const PUBLIC = [["93.184.215.14"]];
const LIMITED = "GET,HEAD api.example.com/**\nPOST api.example.com/query";

const PUBLISHING = [
  "PUT /package HTTP/1.1",
  "DELETE /package HTTP/1.1",
  "POST /query/../publish HTTP/1.1",
  "POST /query/%2e%2e/publish HTTP/1.1",
  "POST /query%2f..%2fpublish HTTP/1.1",
  "POST /%71uery/x HTTP/1.1",
  "POST //query HTTP/1.1",
  "POST /query;/../x HTTP/1.1",
  "POST /query%00 HTTP/1.1",
  "POST /query%5c..%5cx HTTP/1.1",
  "POST /%252e%252e/x HTTP/1.1",
  "POST /QUERY HTTP/1.1",
  "POST /query/ HTTP/1.1",
  "PATCH /query HTTP/1.1",
  "TRACE / HTTP/1.1",
  "OPTIONS * HTTP/1.1",
  "CONNECT api.example.com:443 HTTP/1.1",
  "GET / HTTP/2.0",
];

test.each(PUBLISHING)("N5: %s on a host allowed for reading is refused", async (line) => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: LIMITED, upstream, resolves: PUBLIC });
  const answer = await askSecure(guest, "api.example.com", `${line}\r\nHost: api.example.com\r\nContent-Length: 0\r\n\r\n`);
  expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
  expect(upstream.requests).toEqual([]);
});

test("N5: what the rules allow passes in the one spelling that was judged", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: LIMITED, upstream, resolves: PUBLIC });
  for (const target of ["/a/b?x=/../y", "/@scope%2fname", "/%7Euser/%41"]) {
    expect(statusOf(await askSecure(guest, "api.example.com", `GET ${target} HTTP/1.1\r\nHost: api.example.com\r\n\r\n`))).toBe(200);
  }
  expect(
    statusOf(
      await askSecure(
        guest,
        "api.example.com",
        "POST /%71uery HTTP/1.1\r\nHost: api.example.com\r\nX_HTTP_Method_Override: PUT\r\nContent-Length: 2\r\n\r\nok",
      ),
    ),
  ).toBe(200);
  expect(upstream.requests.map(({ target }) => target)).toEqual(["/a/b?x=/../y", "/@scope%2Fname", "/~user/A", "/query"]);
  expect(upstream.requests.at(-1)?.headers.map(([name]) => name)).not.toContain("x_http_method_override");
});

test("N5: git can fetch and cannot push where the preset `github` is allowed", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "github", upstream, resolves: PUBLIC });
  const send = (host: string, line: string): Promise<string> =>
    askSecure(guest, host, `${line} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\n\r\n`);
  expect(statusOf(await send("github.com", "GET /o/r.git/info/refs?service=git-upload-pack"))).toBe(200);
  expect(statusOf(await send("github.com", "POST /o/r.git/git-upload-pack"))).toBe(200);
  for (const line of [
    "POST /o/r.git/git-receive-pack",
    "POST /o/r/info/lfs/objects/batch",
    "PUT /o/r",
    "POST /o/git-upload-pack/git-receive-pack",
  ]) {
    expect(statusOf(await send("github.com", line))).toBe(403);
  }
  expect(statusOf(await send("api.github.com", "POST /gists"))).toBe(403);
  expect(typeof (await tunnel(guest, "gist.github.com:443"))).toBe("string");
});

test("N5: a protocol change is refused where methods are limited, and carried where they are not", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: `${LIMITED}\nexample.com\nsocket.example.com/ws/*`, upstream, resolves: PUBLIC });
  const upgrade = (path: string, host: string): string =>
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
  expect(decisionOf(await askSecure(guest, "api.example.com", upgrade("/", "api.example.com")))).toBe("upgrade");
  const secured = await openSecure(guest, "socket.example.com");
  secured.write(upgrade("/ws/1", "socket.example.com"));
  expect(statusOf(await collect(secured, { enough: isWhole }))).toBe(101);
  secured.write("ping");
  expect(await collect(secured, { enough: (text) => text === "ping" })).toBe("ping");
  secured.destroy();
  const plain = await guest.connect();
  plain.write(upgrade("http://example.com/", "example.com"));
  expect(statusOf(await collect(plain, { enough: isWhole }))).toBe(101);
  plain.write("pong");
  expect(await collect(plain, { enough: (text) => text === "pong" })).toBe("pong");
  plain.destroy();
});
