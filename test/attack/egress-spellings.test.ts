import { expect, test } from "vitest";
import { ask, decisionOf, statusOf } from "../support/egress/ask.ts";
import { openGuest } from "../support/egress/guest.ts";
import { openUpstream } from "../support/egress/upstream.ts";

const ALLOW = "example.com\nfaß.de\n*.example.org\n203.0.113.7\n[2001:db8::7]:80\nexample.com:8080\nGET limited.example.net/a/**";
const DENY = "no.example.org\n203.0.113.0/29:8080";

const connect = (authority: string, host = authority): string => `CONNECT ${authority} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
const get = (url: string, host: string): string => `GET ${url} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

/** What the proxy port is asked, and what it answers: 200, or the reason of the refusal. */
const ASKED: readonly (readonly [request: string, answer: string])[] = [
  // spellings of an allowed host
  [connect("EXAMPLE.com:443"), "200"],
  [connect("example.com.:443"), "200"],
  [connect("example.com:443", "EXAMPLE.COM."), "200"],
  [connect("xn--fa-hia.de:443"), "200"],
  [connect("XN--FA-HIA.DE:443"), "200"],
  [get("http://EXAMPLE.COM/", "example.com"), "200"],
  [get("HTTP://example.com:80/", "example.com:80"), "200"],
  [get("http://example.com:8080/", "example.com:8080"), "200"],
  [get("http://a.b.example.org/?x=http://evil.com/", "a.b.example.org"), "200"],
  [get("http://example.com?x", "example.com"), "200"],
  [get("http://203.0.113.7/", "203.0.113.7"), "200"],
  [get("http://[2001:db8::7]/", "[2001:db8:0::7]"), "200"],
  [connect("[2001:0db8::0007]:80"), "200"],
  // hosts that are not those
  [connect("fass.de:443"), "default-deny"],
  [connect("example.org:443"), "default-deny"],
  [connect("no.example.org:443"), "deny-rule"],
  [connect("NO.example.org.:443"), "deny-rule"],
  [get("http://no.example.org:8443/", "no.example.org:8443"), "deny-rule"],
  [get("http://203.0.113.7:8080/", "203.0.113.7:8080"), "deny-rule"],
  [connect("example.com.evil.com:443"), "default-deny"],
  [connect("203.0.113.8:443"), "ip-literal"],
  [connect("[::ffff:203.0.113.7]:443"), "ip-literal"],
  [connect("[::203.0.113.7]:443"), "ip-literal"],
  [connect("example.com:22"), "port"],
  // what is no host and port at all
  [connect("example.com..:443"), "bad-request"],
  [connect("example..com:443"), "bad-request"],
  [connect("example.com:0443"), "bad-request"],
  [connect("example.com:443:443"), "bad-request"],
  [connect("example.com:65536"), "bad-request"],
  [connect("example.com:+443"), "bad-request"],
  [connect("example.com:443/"), "bad-request"],
  [connect("user@example.com:443"), "bad-request"],
  [connect("0x7f.1:443"), "bad-request"],
  [connect("2130706433:443"), "bad-request"],
  [connect("203.0.113.07:443"), "bad-request"],
  [connect("[fe80::1%25eth0]:443"), "bad-request"],
  [connect("[203.0.113.7]:443"), "bad-request"],
  [connect("2001:db8::7:80"), "bad-request"],
  [connect("ex%61mple.com:443"), "bad-request"],
  [connect("*.example.org:443"), "bad-request"],
  [get("http://user:pass@example.com/", "example.com"), "bad-request"],
  [get("http://example.com\\@evil.com/", "example.com"), "bad-request"],
  [get("http://evil.com#@example.com/", "example.com"), "bad-request"],
  [get("http:example.com/", "example.com"), "bad-request"],
  [get("http:///example.com/", "example.com"), "bad-request"],
  [get("//example.com/", "example.com"), "bad-request"],
  [get("/", "example.com"), "bad-request"],
  [get("*", "example.com"), "bad-request"],
  [get("http://example.com:/", "example.com"), "bad-request"],
  // two names for one request
  [connect("example.com:443", "evil.com:443"), "authority-mismatch"],
  [connect("example.com:443", "example.com:80"), "authority-mismatch"],
  [get("http://example.com/", "evil.com"), "authority-mismatch"],
  [get("http://example.com/", "example.com:81"), "authority-mismatch"],
  [get("http://example.com/", "example.com, evil.com"), "bad-request"],
  [get("http://example.com/", "example.com evil.com"), "bad-request"],
  [get("http://example.com/", ""), "bad-request"],
  [get("http://example.com:443/", "example.com:443"), "not-tls"],
  // limits, and the paths that slip past them
  [get("http://limited.example.net/a/x", "limited.example.net"), "200"],
  [get("http://limited.example.net/b", "limited.example.net"), "path"],
  [get("http://limited.example.net/a/../b", "limited.example.net"), "ambiguous-path"],
  [get("http://limited.example.net/a/%2e%2e/b", "limited.example.net"), "ambiguous-path"],
  [get("http://limited.example.net/a/%c0%ae%c0%ae/b", "limited.example.net"), "ambiguous-path"],
  [get("http://limited.example.net/a/x", "limited.example.net").replace("GET", "get"), "bad-request"],
  [get("http://limited.example.net/a/x", "limited.example.net").replace("GET", "PUT"), "method"],
  [
    get("http://limited.example.net/a/x", "limited.example.net").replace("\r\nConnection", "\r\nX-HTTP-Method-Override: PUT\r\nConnection"),
    "200",
  ],
];

test("I4, N2: each spelling of a target is let through or refused for its own reason, and only names that are allowed are resolved", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: ALLOW, deny: DENY, upstream, resolves: [["93.184.215.14"]] });
  const found: [string, string][] = [];
  for (const [request] of ASKED) {
    const answer = await ask(guest, request);
    found.push([request, statusOf(answer) === 200 ? "200" : (decisionOf(answer) ?? `status ${statusOf(answer)}`)]);
  }
  expect(found).toEqual(ASKED.map(([request, answer]) => [request, answer]));
  const names = new Set(guest.resolved);
  expect([...names].sort()).toEqual(["a.b.example.org", "example.com", "limited.example.net", "xn--fa-hia.de"]);
  for (const { headers } of upstream.requests) expect(headers.map(([name]) => name.toLowerCase())).not.toContain("x-http-method-override");
}, 60_000);
