import { expect, test } from "vitest";
import { parseAddress } from "../../../../src/domain/egress/address.ts";
import { decide, decideRequest, judgeAddress, parsePolicy } from "../../../../src/domain/egress/policy.ts";
import { proposeAllow } from "../../../../src/domain/egress/proposal.ts";

/** Spellings of a host and what the one canonical host decides of them, with `allow` as it stands and `deny` beside it. */
const HOSTS: readonly (readonly [rules: string, host: string, port: number, reason: string, deny?: string])[] = [
  // IDNA: non-transitional, so a sharp s is itself; mapped and full-width forms are one name with their ASCII form
  ["faß.de", "xn--fa-hia.de", 443, "allow-rule"],
  ["faß.de", "fass.de", 443, "default-deny"],
  ["fass.de", "faß.de", 443, "default-deny"],
  ["bücher.de", "XN--BCHER-KVA.DE", 443, "allow-rule"],
  ["*.bücher.de", "a.xn--bcher-kva.de", 443, "allow-rule"],
  ["example.com", "ｅｘａｍｐｌｅ．ｃｏｍ", 443, "allow-rule"],
  ["example.com", "example。com", 443, "allow-rule"],
  ["example.com", "exam\u00adple.com", 443, "allow-rule"],
  ["example.com", "ex\u0430mple.com", 443, "default-deny"],
  ["apple.com", "аpple.com", 443, "default-deny"],
  ["k.com", "\u212a.com", 443, "allow-rule"],
  ["example.com", "xn--bücher.de", 443, "bad-host"],
  ["example.com", "xn--.com", 443, "bad-host"],
  ["example.com", "a\u2100b.com", 443, "bad-host"],
  ["example.com", "\ud800.com", 443, "bad-host"],
  // one trailing dot, no more; no empty label
  ["example.com", "example.com.", 443, "allow-rule"],
  ["example.com.", "example.com", 443, "allow-rule"],
  ["example.com", "example.com..", 443, "bad-host"],
  ["example.com", ".example.com", 443, "bad-host"],
  ["example.com", "", 443, "bad-host"],
  ["*.example.com", ".example.com", 443, "bad-host"],
  ["*.example.com", "a..example.com", 443, "bad-host"],
  // what is not a host
  ["example.com", "user@example.com", 443, "bad-host"],
  ["example.com", "example.com@evil.com", 443, "bad-host"],
  ["example.com", "example.com:443", 443, "bad-host"],
  ["example.com", "example.com/", 443, "bad-host"],
  ["example.com", "example.com#", 443, "bad-host"],
  ["example.com", "example.com\\.evil.com", 443, "bad-host"],
  ["example.com", "example%2ecom", 443, "bad-host"],
  ["example.com", "example.com\u0000", 443, "bad-host"],
  ["example.com", " example.com", 443, "bad-host"],
  ["example.com", `${"a".repeat(64)}.example.com`, 443, "bad-host"],
  ["*.example.com", `${"a.".repeat(125)}example.com`, 443, "bad-host"],
  // IPv4 in other clothes is nothing at all, never a name
  ["127.0.0.1\n*.example.com", "2130706433", 443, "bad-host"],
  ["127.0.0.1", "0x7f.1", 443, "bad-host"],
  ["127.0.0.1", "0177.0.0.1", 443, "bad-host"],
  ["127.0.0.1", "127.1", 443, "bad-host"],
  ["127.0.0.1", "１２７.0.0.1", 443, "bad-host"],
  ["127.0.0.1", "127.0.0.01", 443, "bad-host"],
  ["1.2.3.4", "1.2.3.4.5", 443, "bad-host"],
  ["example.com", "example.0x1", 443, "bad-host"],
  ["127.0.0.1", "127.0.0.1.", 443, "allow-rule"],
  // IPv6 by value, without zones
  ["::1", "[0:0:0:0:0:0:0:1]", 443, "allow-rule"],
  ["2001:db8::/32", "[2001:0DB8::ffff]", 443, "allow-rule"],
  ["fe80::1", "fe80::1%eth0", 443, "bad-host"],
  ["fe80::1", "[fe80::1%25eth0]", 443, "bad-host"],
  ["::1", "1::2::3", 443, "bad-host"],
  ["10.0.0.1", "::ffff:10.0.0.1", 443, "ip-literal"],
  ["10.0.0.1", "64:ff9b::10.0.0.1", 443, "ip-literal"],
  // ports
  ["example.com:443", "example.com", 80, "port"],
  ["example.com", "example.com", 0, "bad-port"],
  ["example.com", "example.com", 65_536, "bad-port"],
  ["*.example.com:8443", "a.example.com", 8443, "allow-rule"],
  ["*.example.com:8443", "a.example.com", 443, "port"],
  ["example.com\nexample.com:8443", "example.com", 8443, "allow-rule"],
  ["npm:443", "npm", 443, "allow-rule"],
  // wildcard and apex
  ["*.example.com", "example.com", 443, "default-deny"],
  ["*.example.com", "badexample.com", 443, "default-deny"],
  ["*.example.com", "example.com.evil.com", 443, "default-deny"],
  ["*.example.com\nexample.com", "example.com", 443, "allow-rule"],
  // a wildcard stops where names begin that anybody can register
  ["*.amazonaws.com", "sts.amazonaws.com", 443, "allow-rule"],
  ["*.amazonaws.com", "bucket.s3.amazonaws.com", 443, "default-deny"],
  ["*.amazonaws.com\nbucket.s3.amazonaws.com", "bucket.s3.amazonaws.com", 443, "allow-rule"],
  ["*.city.kawasaki.jp", "www.city.kawasaki.jp", 443, "allow-rule"],
  ["*.foo.github.io", "a.foo.github.io", 443, "allow-rule"],
  ["bucket.s3.amazonaws.com", "bucket.s3.amazonaws.com", 443, "deny-rule", "*.amazonaws.com"],
  // deny comes first, whatever is more exact
  ["a.example.com", "a.example.com", 443, "deny-rule", "*.example.com"],
  ["a.example.com:443", "a.example.com", 443, "deny-rule", "a.example.com"],
  ["example.com", "example.com", 80, "allow-rule", "example.com:443"],
  ["example.com", "example.com", 443, "deny-rule", "example.com:443"],
  ["example.com", "example.com", 443, "allow-rule", "*.example.com"],
  ["10.1.2.3", "10.1.2.3", 443, "deny-rule", "10.0.0.0/8"],
  ["10.0.0.0/8", "10.1.2.3", 443, "deny-rule", "10.1.2.3"],
  ["10.0.0.0/8:5432", "10.1.2.3", 5432, "deny-rule", "10.1.0.0/16:5432"],
  ["10.0.0.0/8:5432", "10.1.2.3", 5432, "allow-rule", "10.1.0.0/16:5433"],
  ["2001:db8::1", "2001:db8::1", 443, "deny-rule", "2001:db8::/48"],
  ["EXAMPLE.com", "example.COM", 443, "deny-rule", "Example.Com."],
];

const JUDGED = HOSTS.map(([rules, host, port, reason, deny = ""]) => ({ rules, host, port, reason, deny }));

test.each(JUDGED)("with $rules allowed and $deny denied, $host on $port is judged $reason", ({ rules, host, port, reason, deny }) => {
  expect(decide(parsePolicy({ allow: rules, deny }), host, port)).toMatchObject({
    reason,
    verdict: reason === "allow-rule" ? "allow" : "deny",
  });
});

const LINES: readonly (readonly [line: string, rules: number])[] = [
  ["\ufeffexample.com", 1],
  ["\ufeff# only a comment", 0],
  ["example.com\r\n\texample.org\t\r\n", 2],
  ["example.com#no space\n#\n##\n \t \n", 1],
  ["GET,HEAD\t \texample.com/x # why", 1],
  ["example.com/# a path, then a comment", 1],
  ["Localhost", 1],
  ["localhost:8080", 1],
  ["[::1]/128:443", 1],
  ["10.0.0.0/8/x", 1],
];

test.each(LINES)("the list %j holds as many rules as it looks", (text, count) => {
  expect(parsePolicy({ allow: text, deny: text }).allow).toHaveLength(count);
});

const BROKEN = [
  "example.com\rother.com",
  "example.com\u2028evil.com",
  "example.com\u0085evil.com",
  "example.com\u3000evil.com",
  "GET\u00a0example.com",
  "example.com:０",
  "example.com:+443",
  "example.com: 443",
  "*.рф",
  "*.blogspot.com",
  "*.foo.kawasaki.jp",
  "*.in-addr.arpa",
  "*.1.2.3.4",
  "*.[::1]",
  "[::1/128]",
  "[1.1.1.1]",
  "fe80::1%eth0",
  "10.0.0.0/7",
  "NPM",
  "GET npm",
  "npm/x",
  "npm.",
  "GET,HEAD pip/**",
  "!example.com",
  "- example.com",
  "'example.com'",
  "example.com;",
  "//example.com",
  "GET example.com/a\\b",
  "GET example.com/***",
  "GET example.com/./x",
];

test.each(BROKEN)("the line %j is an error in either list", (line) => {
  for (const lists of [
    { allow: line, deny: "" },
    { allow: "", deny: line },
  ])
    expect(() => parsePolicy(lists)).toThrow(expect.objectContaining({ code: "policy.invalid" }));
});

const REQUESTS: readonly (readonly [allow: string, deny: string, method: string, path: string, reason: string])[] = [
  ["GET example.com/a/*", "", "GET", "/a/b", "allow-rule"],
  ["GET example.com/a/*", "", "GET", "/a/b/c", "path"],
  ["GET example.com/a/*", "", "GET", "/A/b", "path"],
  ["GET example.com/a/*", "", "get", "/a/b", "method"],
  ["GET example.com/a/**", "", "GET", "/a/../b", "ambiguous-path"],
  ["GET example.com/a/**", "", "GET", "/a/%2e%2e/b", "ambiguous-path"],
  ["GET example.com/a/**", "", "GET", "/a/..;/b", "ambiguous-path"],
  ["GET example.com/a/**", "", "GET", "/a%2f..%2fb", "ambiguous-path"],
  ["GET example.com/a/**", "", "GET", "//a/b", "ambiguous-path"],
  ["GET example.com/a/**", "", "GET", "/a/%252e%252e/b", "ambiguous-path"],
  ["GET example.com/a/**", "", "GET", "/a/%c0%ae%c0%ae/b", "ambiguous-path"],
  ["GET example.com/a/**", "", "GET", "/a/%ff", "ambiguous-path"],
  ["GET example.com/a/**", "", "GET", "/a/%ef%bc%8e%ef%bc%8e/b", "ambiguous-path"],
  ["GET example.com/a/**", "", "GET", "/a%ef%bc%8f..%ef%bc%8fb", "ambiguous-path"],
  ["GET example.com/a/**", "", "GET", "/a/%C3%A9%20b", "allow-rule"],
  ["GET example.com/a/**", "", "GET", "/%61/b", "allow-rule"],
  ["example.com", "POST example.com/admin/**", "POST", "/ADMIN/x", "deny-rule"],
  ["example.com", "POST example.com/admin/**", "POST", "/%61dmin/x", "deny-rule"],
  ["example.com", "POST example.com/admin/**", "GET", "/admin/x", "allow-rule"],
  ["GET example.com/**\nPOST example.com/x", "", "POST", "/y", "path"],
  ["GET example.com/**\nexample.com", "", "DELETE", "/y", "allow-rule"],
];

test.each(REQUESTS)("with %j allowed and %j denied, %s %s is judged %s", (allow, deny, method, path, reason) => {
  expect(decideRequest(parsePolicy({ allow, deny }), { host: "example.com", port: 443, method, path })).toMatchObject({ reason });
});

test("a denied range on one port does not hold for the addresses of names on another", () => {
  const policy = parsePolicy({ allow: "example.com", deny: "203.0.113.0/24:8443" });
  const address = parseAddress("203.0.113.9");
  if (address === undefined) throw new Error("not an address");
  expect(judgeAddress(policy, address, 8443).denied).toBe("203.0.113.0/24:8443");
  expect(judgeAddress(policy, address, 443).denied).toBeUndefined();
});

test("a list of twenty thousand lines is read, and its last line counts", () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `host-${index}.example.com`);
  const policy = parsePolicy({ allow: lines.join("\n"), deny: lines.map((line) => `x.${line}`).join("\r\n") });
  expect(decide(policy, "host-19999.example.com", 443).reason).toBe("allow-rule");
  expect(decide(policy, "x.host-19999.example.com", 443).reason).toBe("deny-rule");
  expect(() => parsePolicy({ allow: `${lines.join("\n")}\n*`, deny: "" })).toThrow("Line 20001 of `allow`");
});

test("the audit proposes no wildcard for hosts that it would not cover", () => {
  const used = ["sts", "ec2", "iam", "bucket.s3"].map((name) => ({ host: `${name}.amazonaws.com`, port: 443 }));
  const proposed = proposeAllow(used);
  expect(proposed).toEqual(["*.amazonaws.com", "bucket.s3.amazonaws.com"]);
  for (const { host } of used) expect(decide(parsePolicy({ allow: proposed.join("\n"), deny: "" }), host, 443).verdict).toBe("allow");
});
