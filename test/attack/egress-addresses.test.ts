import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { ask, askSocks, decisionOf, socksName, statusOf } from "../support/egress/ask.ts";
import { openGuest } from "../support/egress/guest.ts";
import { openUpstream } from "../support/egress/upstream.ts";

const CONNECT = "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n";

const NEVER = [
  "169.254.169.254",
  "169.254.170.2",
  "168.63.129.16",
  "100.100.100.200",
  "192.0.0.192",
  "fd00:ec2::254",
  "fd20:ce::254",
  "fe80::a9fe:a9fe%eth0",
  "::ffff:169.254.169.254",
  "::ffff:0:a9fe:a9fe",
  "::a9fe:a9fe",
  "64:ff9b::169.254.169.254",
  "64:ff9b:1:fffe::a9fe:a9fe",
  "2002:a9fe:a9fe::1",
  "2001:0:4136:e378:8000:63bf:5601:5601",
  "2001:db8::1",
  "2001:2::1",
  "3fff::1",
  "2600:1:2:3:0:5efe:a9fe:a9fe",
  "fec0::1",
  "ff02::1",
  "::",
  "100::1",
  "0.1.2.3",
  "192.88.99.1",
  "203.0.113.9",
  "198.19.255.255",
  "255.255.255.255",
  "10.9.8.7",
  "20.1.2.3",
  "127.0.0.53",
  "0x7f000001",
  "evil.com",
  "1.2.3",
  "",
];

test.each(NEVER)("I4, N3: an allowed name that resolves to %s is refused and never dialled", async (address) => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: [[address]] });
  const answer = await ask(guest, CONNECT);
  expect(statusOf(answer)).toBe(403);
  expect(decisionOf(answer)).toMatch(/^address-/);
  expect(answer).not.toContain(address === "" ? "\0" : `${address} `);
  expect(guest.dialled).toEqual([]);
});

test("I4, N3: one look-up serves the check and the dial, whatever a second look-up would say", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({
    allow: "example.com",
    upstream,
    resolves: [["93.184.215.14"], ["169.254.169.254"], ["169.254.169.254"]],
  });
  expect(statusOf(await ask(guest, CONNECT))).toBe(200);
  expect(guest.resolved).toHaveLength(1);
  expect(guest.dialled).toEqual(["93.184.215.14"]);
  expect(statusOf(await ask(guest, CONNECT))).toBe(403);
  expect(guest.dialled).toEqual(["93.184.215.14"]);
});

test("I4: of several addresses only the public ones are dialled", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: [["10.0.0.1", "::1", "2606:4700::1", "192.168.0.1"]] });
  expect(statusOf(await ask(guest, CONNECT))).toBe(200);
  expect(guest.dialled).toEqual(["2606:4700::1"]);
});

const NAMED = [
  { allow: "example.com\n10.20.0.0/16", address: "10.20.1.1", dialled: true },
  { allow: "example.com\n169.254.169.254", address: "169.254.169.254", dialled: true },
  { allow: "example.com\n169.0.0.0/8", address: "169.254.169.254", dialled: false },
  { allow: "example.com\n20.1.2.0/24", address: "20.1.2.3", dialled: false },
  { allow: "example.com\n10.0.0.0/8", address: "10.9.8.7", dialled: false },
  { allow: "example.com\n10.9.8.7", address: "10.9.8.7", dialled: true },
  { allow: "example.com\n::/96", address: "::", dialled: false },
  { allow: "example.com\n::ffff:0:0/96", address: "::ffff:0.0.0.0", dialled: false },
  { allow: "example.com\n10.20.0.0/16:5432", address: "10.20.1.1", dialled: false },
] as const;

test.each(NAMED)("I4: with rules $allow, $address is dialled: $dialled", async ({ allow, address, dialled }) => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow, upstream, resolves: [[address]] });
  expect(statusOf(await ask(guest, CONNECT))).toBe(dialled ? 200 : 403);
  expect(guest.dialled).toEqual(dialled ? [address] : []);
});

const LITERALS = [
  "2852039166",
  "0xa9fea9fe",
  "0251.0376.0251.0376",
  "169.254.43518",
  "169.254.169.254",
  "[::ffff:169.254.169.254]",
  "[::ffff:a9fe:a9fe]",
  "[64:ff9b::a9fe:a9fe]",
  "127.1",
  "0",
  "[::]",
  "localhost",
  "localhost.",
  "169.254.169.254.",
];

test.each(LITERALS)("I4: %s is refused in CONNECT, in a request and in SOCKS5 without a look-up", async (literal) => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com\n*.example.com", upstream, resolves: [["93.184.215.14"]] });
  expect(statusOf(await ask(guest, `CONNECT ${literal}:443 HTTP/1.1\r\nHost: ${literal}\r\n\r\n`))).toBeGreaterThanOrEqual(400);
  expect(statusOf(await ask(guest, `GET http://${literal}/ HTTP/1.1\r\nHost: ${literal}\r\n\r\n`))).toBeGreaterThanOrEqual(400);
  const { code, socket } = await askSocks(guest, socksName(literal), 443);
  socket.destroy();
  expect(code).not.toBe(0);
  expect([guest.resolved, guest.dialled]).toEqual([[], []]);
});

test("I4: SOCKS5 addresses are judged as addresses, and only CONNECT is spoken", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com\n93.184.215.14", upstream, resolves: [["93.184.215.14"]] });
  const v4 = (text: string): Buffer => Buffer.from([1, ...text.split(".").map(Number)]);
  const mapped = Buffer.from([4, ...Array<number>(10).fill(0), 255, 255, 93, 184, 215, 14]);
  const tries = [
    { address: v4("93.184.215.14"), command: 1, granted: true },
    { address: v4("93.184.215.15"), command: 1, granted: false },
    { address: v4("169.254.169.254"), command: 1, granted: false },
    { address: mapped, command: 1, granted: false },
    { address: socksName("example.com"), command: 1, granted: true },
    { address: socksName("example.com\0.evil.com"), command: 1, granted: false },
    { address: socksName("example.com"), command: 2, granted: false },
    { address: socksName("example.com"), command: 3, granted: false },
  ];
  for (const { address, command, granted } of tries) {
    const { code, socket } = await askSocks(guest, address, 443, command);
    socket.destroy();
    expect(code === 0).toBe(granted);
  }
  expect(guest.dialled).toEqual(["93.184.215.14", "93.184.215.14"]);
});

const FOREIGN_NAMES = [
  "example.com.evil.com",
  "evilexample.com",
  "examplexcom",
  "xn--exmple-cua.com",
  "dns.google",
  "a.b.c.evil.example",
  "example.com..",
  "example.com:443",
  "exam%70le.com",
  "example。com",
];

test.each(FOREIGN_NAMES)("I3: %s is refused, and no name is looked up for it", async (name) => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com:8443\n*.api.example.com", upstream, resolves: [["93.184.215.14"]] });
  const { code, socket } = await askSocks(guest, socksName(name), 443);
  socket.destroy();
  expect(code).not.toBe(0);
  expect(guest.resolved).toEqual([]);
});
