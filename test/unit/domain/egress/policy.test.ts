import { expect, test } from "vitest";
import { allowsUpgrade, decide, decideRequest, isReadable, parsePolicy } from "../../../../src/domain/egress/policy.ts";
import { AirlockError } from "../../../../src/domain/errors.ts";

const allow = (text: string, deny = ""): ReturnType<typeof parsePolicy> => parsePolicy({ allow: text, deny });

function problemOf(text: string, list: "allow" | "deny" = "allow"): AirlockError {
  try {
    parsePolicy({ allow: "", deny: "", [list]: text });
  } catch (error) {
    if (error instanceof AirlockError) return error;
    throw error;
  }
  throw new Error(`accepted: ${text}`);
}

const UNREADABLE = [
  "*",
  "*.*",
  "*.com",
  "*.co.uk",
  "*.github.io",
  "*.s3.amazonaws.com",
  "*.localhost",
  "ex*.com",
  "example.*",
  "*example.com",
  "*.*.example.com",
  "*.0.0.1",
  "..",
  ".",
  "-",
  ".example.com",
  "example..com",
  "https://example.com",
  "example.com https://example.org",
  "user@example.com",
  "example.com:0",
  "example.com:65536",
  "example.com:080",
  "example.com:",
  "example.com:http",
  "example.com:443:443",
  "2130706433",
  "0x7f.0.0.1",
  "127.1",
  "[example.com]",
  "[::1",
  "::1]:80",
  "10.0.0.0/33",
  "10.0.0.0/08",
  "0.0.0.0/0",
  "0.0.0.0",
  "0.0.0.0:8124",
  "0.0.0.0/8",
  "0.1.2.0/24:80",
  "GET 0.0.0.0/x",
  "[::]",
  "[::]:8125",
  "::/128",
  "[::ffff:0.0.0.0]",
  "128.0.0.0/1",
  "::/0",
  "2000::/3",
  "a.example.com, b.example.com",
  "GET,POST",
  "get example.com",
  "GET, HEAD example.com",
  "CONNECT example.com",
  "GET,TRACE example.com",
  "GET example.com/x POST",
  "example.com/../x",
  "example.com//x",
  "example.com/%2e%2e/b",
  "example.com/x?q=1",
  "example.com/a**",
  "example.com/%zz",
  "exa mple.com:443 x y",
  "exam\u0000ple.com",
  "exam\u202eple.com:x",
  "nmp",
  "${{ secrets.X }}",
];

test.each(UNREADABLE)("the line %j is an error when read, with its number and a remedy", (line) => {
  const error = problemOf(`example.org\n# note\n${line}\n`);
  expect(error.code).toBe("policy.invalid");
  expect(error.message).toContain("Line 3 of `allow`");
  expect(error.remedy.length).toBeGreaterThan(5);
  expect(problemOf(line, "deny").message).toContain("Line 1 of `deny`");
});

test("comments, blank lines, tabs and Windows line ends are no rules", () => {
  const policy = allow("\n# all\r\n  example.com\t# why\r\n\n\tGET  example.org/x # y\n#\n");
  expect(policy.allow.map(({ text }) => text)).toEqual(["example.com", "GET  example.org/x"]);
});

test("an empty list allows nothing", () => {
  for (const host of ["example.com", "localhost", "127.0.0.1", ""]) expect(decide(allow(""), host, 443).verdict).toBe("deny");
});

const DECISIONS = [
  { rules: "example.com", host: "example.com", port: 80, reason: "allow-rule" },
  { rules: "example.com", host: "example.com", port: 8080, reason: "port" },
  { rules: "example.com:8080", host: "example.com", port: 80, reason: "port" },
  { rules: "example.com", host: "www.example.com", port: 443, reason: "default-deny" },
  { rules: "*.example.com", host: "a.b.example.com", port: 443, reason: "allow-rule" },
  { rules: "*.example.com", host: "example.com", port: 443, reason: "default-deny" },
  { rules: "203.0.113.0/24", host: "203.0.113.9", port: 443, reason: "allow-rule" },
  { rules: "203.0.113.0/24", host: "203.0.114.9", port: 443, reason: "ip-literal" },
  { rules: "203.0.113.0/24:5432", host: "203.0.113.9", port: 5432, reason: "allow-rule" },
  { rules: "[2001:db8::1]:8443", host: "2001:DB8:0:0::1", port: 8443, reason: "allow-rule" },
  { rules: "[2001:db8::1]:8443", host: "[2001:db8::1]", port: 443, reason: "port" },
  { rules: "2001:db8::/32", host: "2001:db8:ffff::1", port: 443, reason: "allow-rule" },
  { rules: "203.0.113.7", host: "::ffff:203.0.113.7", port: 443, reason: "ip-literal" },
  { rules: "example.com", host: "example.com", port: 443.5, reason: "bad-port" },
  { rules: "example.com", host: "example.com", port: Number.NaN, reason: "bad-port" },
  { rules: "example.com", host: "example.com", port: -443, reason: "bad-port" },
  { rules: "example.com", host: "example.com\n", port: 443, reason: "bad-host" },
  { rules: "github", host: "github.com", port: 443, reason: "allow-rule" },
  { rules: "github", host: "gist.github.com", port: 443, reason: "default-deny" },
] as const;

test.each(DECISIONS)("with the rule $rules, $host on $port is judged $reason", ({ rules, host, port, reason }) => {
  expect(decide(allow(rules), host, port)).toMatchObject({ reason, verdict: reason === "allow-rule" ? "allow" : "deny" });
});

test("a deny line without a port denies every port, and beats every allow line", () => {
  const policy = allow("*.example.com:8443\nsecret.example.com:8443\nexample.com", "secret.example.com\nexample.com:80");
  expect(decide(policy, "secret.example.com", 8443)).toEqual({ verdict: "deny", reason: "deny-rule", rule: "secret.example.com" });
  expect(decide(policy, "example.com", 80).verdict).toBe("deny");
  expect(decide(policy, "example.com", 443).verdict).toBe("allow");
});

test("limits are judged per request, and a deny line with limits leaves the rest of the host open", () => {
  const policy = allow("GET,HEAD example.com/a/*\nPOST example.com/b\nexample.org", "POST example.org/**/publish");
  const judge = (host: string, method: string, path: string): string => decideRequest(policy, { host, port: 443, method, path }).reason;
  expect(judge("example.com", "GET", "/a/x")).toBe("allow-rule");
  expect(judge("example.com", "GET", "/a/x/y")).toBe("path");
  expect(judge("example.com", "POST", "/a/x")).toBe("path");
  expect(judge("example.com", "PUT", "/a/x")).toBe("method");
  expect(judge("example.com", "GET", "/a/../b")).toBe("ambiguous-path");
  expect(judge("example.org", "POST", "/x/y/publish")).toBe("deny-rule");
  expect(judge("example.org", "POST", "/x/Publish")).toBe("deny-rule");
  expect(judge("example.org", "POST", "/x/%70ublish")).toBe("deny-rule");
  expect(judge("example.org", "POST", "/x%2fpublish")).toBe("allow-rule");
  expect(judge("example.org", "GET", "/x/publish")).toBe("allow-rule");
  expect([isReadable(policy, "example.com", 443), isReadable(policy, "example.com", 8443), isReadable(policy, "example.org", 443)]).toEqual(
    [true, false, true],
  );
});

test("a change of protocol needs a rule without a method limit", () => {
  const policy = allow("GET example.com/**\nexample.org/ws\nexample.net");
  const asks = (host: string, path: string): boolean => allowsUpgrade(policy, { host, port: 443, method: "GET", path });
  expect([asks("example.com", "/ws"), asks("example.org", "/ws"), asks("example.org", "/x"), asks("example.net", "/x")]).toEqual([
    false,
    true,
    false,
    true,
  ]);
});

test("a policy is plain data: reading it twice gives the same", () => {
  const text = "example.com\n*.example.org:8443\nGET example.net/**\n10.0.0.0/8";
  expect(allow(text)).toEqual(allow(text));
  expect(structuredClone(allow(text))).toEqual(allow(text));
});
