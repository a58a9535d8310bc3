import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parsePolicy } from "../../../../src/domain/egress/policy.ts";
import { DEFAULT_PROXY_LIMITS } from "../../../../src/gateway/http/limits.ts";
import { openDialer, openLookup, SYSTEM_DIAL } from "../../../../src/gateway/proxy/dial.ts";
import { ask, statusOf, tunnel } from "../../../support/egress/ask.ts";
import { buildClientHello } from "../../../support/egress/client-hello.ts";
import { collect, openGuest } from "../../../support/egress/guest.ts";
import { openUpstream } from "../../../support/egress/upstream.ts";

let server: Server;
let port = 0;

beforeAll(async () => {
  server = createServer((_request, response) => response.end("from loopback\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
});

afterAll(() => void server.close());

function reach(allow: string): ReturnType<typeof openDialer> {
  return openDialer({
    policy: parsePolicy({ allow, deny: "" }),
    limits: { ...DEFAULT_PROXY_LIMITS, dialTimeoutMs: 3_000 },
    overrides: SYSTEM_DIAL,
  });
}

test("the runner's own network is reached only at an address that a rule names", async () => {
  const reached = await reach(`127.0.0.1:${port}`)("127.0.0.1", port);
  expect(reached).toMatchObject({ address: "127.0.0.1" });
  if ("socket" in reached) {
    reached.socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect(await collect(reached.socket)).toContain("from loopback");
    reached.socket.destroy();
  }
  expect(await reach(`localhost:${port}`)("localhost", port)).toMatchObject({ refused: true, reason: expect.stringMatching(/^address-/) });
});

test("I18: the resolver is asked for three names at once and for none twice, and no more than a bounded number waits", async () => {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const look = openLookup((host) => {
    asked.push(host);
    return new Promise((resolve) => answers.push(() => resolve([host])));
  });
  const same = [look("same.example.com"), look("same.example.com")];
  const many = Array.from({ length: 2_000 }, (_, index) => look(`h${index}.example.com`).catch(() => "refused"));
  await sleep(0);
  expect(asked).toEqual(["same.example.com", "h0.example.com", "h1.example.com"]);
  for (let rounds = 0; rounds < 2_000 && answers.length > 0; rounds += 1) {
    answers.shift()?.();
    await sleep(0);
  }
  expect(await Promise.all(same)).toEqual([["same.example.com"], ["same.example.com"]]);
  const results = await Promise.all(many);
  expect(results.filter((result) => result !== "refused")).toHaveLength(asked.length - 1);
  expect(asked.length).toBeLessThan(600);
  expect(look("same.example.com")).not.toBe(same[0]);
});

test("every interface of this machine counts as the runner's own", async () => {
  const own = SYSTEM_DIAL.ownAddresses();
  expect(own).toContain("127.0.0.1");
  for (const address of own.filter((entry) => !entry.startsWith("127.") && !entry.includes(":"))) {
    expect(await reach(`${address.replace(/\.\d+$/, ".0")}/24`)(address, 443)).toMatchObject({ refused: true, reason: "address-runner" });
  }
});

test("a closed port and a name that does not exist are told apart", async () => {
  const free = await closedPort();
  expect(await reach(`127.0.0.1:${free}`)("127.0.0.1", free)).toMatchObject({ reason: "dial-failed", status: 502 });
  const failing = openDialer({
    policy: parsePolicy({ allow: "a.example.com", deny: "" }),
    limits: DEFAULT_PROXY_LIMITS,
    overrides: { ...SYSTEM_DIAL, resolve: () => Promise.reject(new Error("ENOTFOUND")) },
  });
  expect(await failing("a.example.com", 443)).toMatchObject({ reason: "dns-failed", status: 502 });
});

async function closedPort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

test("a resolver that hangs and a second address that answers are both handled in time", async () => {
  const dialled: string[] = [];
  const seams = {
    ...SYSTEM_DIAL,
    resolve: async () => ["93.184.215.14", "93.184.215.15"],
    dial: async ({ address }: { readonly address: string }) => {
      dialled.push(address);
      if (address.endsWith("14")) throw new Error("unreachable");
      return connect(port, "127.0.0.1");
    },
  };
  const policy = parsePolicy({ allow: "a.example.com", deny: "" });
  const reached = await openDialer({ policy, limits: DEFAULT_PROXY_LIMITS, overrides: seams })("a.example.com", 443);
  expect(reached).toMatchObject({ address: "93.184.215.15" });
  if ("socket" in reached) reached.socket.destroy();
  expect(dialled).toEqual(["93.184.215.14", "93.184.215.15"]);
  const hanging = openDialer({
    policy,
    limits: { ...DEFAULT_PROXY_LIMITS, resolveTimeoutMs: 100 },
    overrides: { ...seams, resolve: () => new Promise(() => undefined) },
  });
  expect(await hanging("a.example.com", 443)).toMatchObject({ reason: "limit-resolve-timeout", status: 504 });
});

test("a ClientHello sent together with the CONNECT is not lost", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: [["93.184.215.14"]] });
  const hello = buildClientHello({ serverNames: ["example.com"] });
  const socket = await guest.connect();
  socket.write(Buffer.concat([Buffer.from("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n"), hello]));
  await collect(socket);
  socket.destroy();
  expect(upstream.tlsBytes()).toBe(hello.length);
});

test("closing the gateway closes every connection and writes every line", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: [["93.184.215.14"]] });
  const socket = await tunnel(guest, "example.com:443");
  if (typeof socket === "string") throw new Error(socket);
  expect(await guest.readLog()).toContain('"host":"example.com"');
  await collect(socket);
  expect(socket.destroyed || socket.readableEnded).toBe(true);
  await guest.gateway[Symbol.asyncDispose]();
  expect(statusOf(await ask(guest, "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n").catch(() => ""))).toBe(0);
});
