import fc from "fast-check";
import { expect, test } from "vitest";
import {
  canonicalAddress,
  classifyAddress,
  contains,
  isSpecialRange,
  parseAddress,
  parseRange,
} from "../../../../src/domain/egress/address.ts";
import { rounds } from "../../../support/fuzz.ts";

const CLASSES: readonly (readonly [string, string])[] = [
  ["8.8.8.8", "public"],
  ["1.1.1.1", "public"],
  ["9.255.255.255", "public"],
  ["10.0.0.0", "private"],
  ["11.0.0.0", "public"],
  ["100.63.255.255", "public"],
  ["100.64.0.0", "shared"],
  ["100.127.255.255", "shared"],
  ["100.128.0.0", "public"],
  ["126.255.255.255", "public"],
  ["127.255.255.255", "loopback"],
  ["169.253.255.255", "public"],
  ["169.254.0.0", "link-local"],
  ["169.254.169.254", "metadata"],
  ["168.63.129.16", "metadata"],
  ["172.15.255.255", "public"],
  ["172.31.255.255", "private"],
  ["172.32.0.0", "public"],
  ["192.0.0.8", "reserved"],
  ["192.0.1.0", "public"],
  ["192.167.255.255", "public"],
  ["192.168.255.255", "private"],
  ["198.17.255.255", "public"],
  ["198.20.0.0", "public"],
  ["223.255.255.255", "public"],
  ["224.0.0.0", "multicast"],
  ["240.0.0.0", "reserved"],
  ["255.255.255.255", "broadcast"],
  ["0.0.0.0", "unspecified"],
  ["::", "unspecified"],
  ["::1", "loopback"],
  ["::2", "unspecified"],
  ["::ffff:8.8.8.8", "embedded-ipv4"],
  ["::ffff:127.0.0.1", "loopback"],
  ["::ffff:0:127.0.0.1", "loopback"],
  ["64:ff9b::808:808", "embedded-ipv4"],
  ["64:ff9b::a9fe:a9fe", "metadata"],
  ["64:ff9b:1:1::a00:1", "private"],
  ["2002:7f00:1::", "loopback"],
  ["2002:808:808::1", "embedded-ipv4"],
  ["2001:0:1:1:1:1:f7f7:f7f7", "embedded-ipv4"],
  ["2001:1ff::1", "reserved"],
  ["2001:200::1", "public"],
  ["2001:db8::1", "documentation"],
  ["2606:4700:4700::1111", "public"],
  ["3ffe::1", "public"],
  ["4000::1", "reserved"],
  ["100::1", "reserved"],
  ["fbff::1", "reserved"],
  ["fc00::", "private"],
  ["fdff::1", "private"],
  ["fe7f::1", "reserved"],
  ["febf::1", "link-local"],
  ["fe80::1%25eth0", "link-local"],
  ["ff02::1", "multicast"],
  ["fd00:ec2::254", "metadata"],
  ["fd00:ec2::23", "metadata"],
  ["", "invalid"],
  ["example.com", "invalid"],
  ["127.1", "invalid"],
  ["010.0.0.1", "invalid"],
  ["2606::1%eth0", "invalid"],
  ["1.2.3.4.5", "invalid"],
  ["[::1]", "invalid"],
];

test.each(CLASSES)("%s is %s", (ip, name) => {
  expect(classifyAddress(ip)).toBe(name);
});

test("classify never throws and never calls a wrong spelling public", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      expect(classifyAddress(text) === "public" && parseAddress(text) === undefined).toBe(false);
    }),
    { numRuns: rounds(2000) },
  );
});

test("an IPv4 address means the same in every IPv6 form that carries it", () => {
  fc.assert(
    fc.property(fc.ipV4(), (ip) => {
      const inner = classifyAddress(ip);
      const expected = inner === "public" ? "embedded-ipv4" : inner;
      const hex = (parseAddress(ip)?.value ?? 0n).toString(16).padStart(8, "0");
      const groups = `${hex.slice(0, 4)}:${hex.slice(4)}`;
      for (const form of [`::ffff:${ip}`, `64:ff9b::${ip}`, `2002:${groups}::1`, `64:ff9b:1::${groups}`])
        expect(classifyAddress(form)).toBe(expected);
    }),
    { numRuns: rounds(500) },
  );
});

test("one address has one canonical spelling, and it parses to the same number", () => {
  fc.assert(
    fc.property(fc.ipV6(), (ip) => {
      const text = canonicalAddress(ip);
      expect(text).toBeDefined();
      expect(parseAddress(text ?? "")).toEqual(parseAddress(ip));
      expect(canonicalAddress(text ?? "")).toBe(text);
    }),
    { numRuns: rounds(500) },
  );
});

test("a range holds its own addresses and no other family's", () => {
  const range = parseRange("10.1.2.3/16");
  const v6 = parseRange("2001:db8::/32");
  expect(range && contains(range, { family: 4, value: 0x0a01ffffn })).toBe(true);
  expect(range && contains(range, { family: 4, value: 0x0a020000n })).toBe(false);
  expect(v6 && contains(v6, { family: 4, value: 0n })).toBe(false);
  expect(parseRange("10.0.0.0/")).toBeUndefined();
  expect(parseRange("10.0.0.0/1e1")).toBeUndefined();
});

test("only a range that lies in special space counts as naming it", () => {
  const special = (text: string): boolean => isSpecialRange(parseRange(text) ?? { address: { family: 4, value: 0n }, prefix: 0 });
  expect(["10.0.0.0/8", "169.254.0.0/16", "127.0.0.1", "fd00::/8", "224.0.0.0/4"].map(special)).toEqual([true, true, true, true, true]);
  expect(["169.0.0.0/8", "0.0.0.0/1", "0.0.0.0/0", "8.8.8.8", "::/0", "2000::/3"].map(special)).toEqual([
    false,
    false,
    false,
    false,
    false,
    false,
  ]);
});
