import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openRunAuthority } from "../../../../src/gateway/tls/run-authority.ts";
import { ask, askSecure, decisionOf, openSecure, statusOf, tunnel } from "../../../support/egress/ask.ts";
import { collect, isWhole, openGuest } from "../../../support/egress/guest.ts";
import { openUpstream } from "../../../support/egress/upstream.ts";

const PUBLIC = [["93.184.215.14"]];
const get = (host: string, path = "/"): string => `GET http://${host}${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

test("audit lets public hosts through, logs them, and ends with the shortest list that would have sufficed", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "known.example.com", deny: "bad.example.net", mode: "audit", upstream, resolves: PUBLIC });
  for (const host of ["known.example.com", "a.example.org", "b.example.org", "c.example.org", "one.example.edu:8080"])
    expect(statusOf(await ask(guest, get(host)))).toBe(200);
  expect(decisionOf(await ask(guest, get("bad.example.net")))).toBe("deny-rule");
  const summary = await guest.gateway.egress();
  expect(summary.proposedAllow).toEqual(["*.example.org", "known.example.com", "one.example.edu:8080"]);
  expect(summary.hosts).toContainEqual({ host: "a.example.org", port: 80, verdict: "allow", reason: "audit", count: 1 });
  expect([summary.allowed, summary.denied]).toEqual([5, 1]);
});

test("audit still refuses private addresses, bad names and fronting", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "", mode: "audit", upstream, resolves: [["10.0.0.5"]] });
  expect(decisionOf(await ask(guest, get("intranet.example.com")))).toBe("address-private");
  expect(decisionOf(await ask(guest, get("169.254.169.254")))).toBe("address-metadata");
  expect(statusOf(await ask(guest, get("0x7f.1")))).toBe(400);
  for (const host of ["denied.invalid", "metadata.google.internal", "printer.local", "db"])
    expect(decisionOf(await ask(guest, get(host)))).toBe("default-deny");
  expect(guest.resolved).toEqual(["intranet.example.com"]);
  expect(guest.dialled).toEqual([]);
  expect((await guest.gateway.egress()).proposedAllow).toEqual([]);
});

test("none refuses every host, whatever the rules say", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com", mode: "none", upstream, resolves: PUBLIC });
  expect(decisionOf(await ask(guest, get("example.com")))).toBe("no-network");
  expect(guest.resolved).toEqual([]);
});

test("each refused host is summed up with how often, why, and the line that would allow it", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com\nGET api.example.com/x", upstream, resolves: PUBLIC });
  for (let round = 0; round < 3; round += 1) await ask(guest, get("other.example.org"));
  await ask(guest, get("example.com:8080"));
  await ask(guest, get("203.0.113.7"));
  await ask(guest, get("api.example.com", "/y"));
  const { hosts, proposedAllow } = await guest.gateway.egress();
  expect(hosts).toEqual([
    { host: "other.example.org", port: 80, verdict: "deny", reason: "default-deny", count: 3, suggestion: "other.example.org" },
    { host: "example.com", port: 8080, verdict: "deny", reason: "port", count: 1, suggestion: "example.com:8080" },
    { host: "203.0.113.7", port: 80, verdict: "deny", reason: "ip-literal", count: 1, suggestion: "203.0.113.7" },
    { host: "api.example.com", port: 80, verdict: "deny", reason: "path", count: 1 },
  ]);
  expect(proposedAllow).toEqual([]);
});

test("the log has one line per connection with the stage it came in, and a request's method and status where they can be read", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com\nGET api.example.com/**", upstream, resolves: PUBLIC });
  guest.tunnel.enter("agent");
  await askSecure(guest, "api.example.com", "GET /a?b=c HTTP/1.1\r\nHost: api.example.com\r\n\r\n");
  const opaque = await openSecure(guest, "example.com");
  opaque.write("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n");
  await collect(opaque, { enough: isWhole });
  opaque.destroy();
  guest.tunnel.enter("verify");
  await tunnel(guest, "evil.example.net:443");
  const lines = (await guest.readLog())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toHaveLength(3);
  const byHost = new Map(lines.map((line) => [line.host, line]));
  expect(byHost.get("api.example.com")).toMatchObject({
    port: 443,
    verdict: "allow",
    method: "GET",
    path: "/a",
    status: 200,
    phase: "agent",
    address: "93.184.215.14",
  });
  expect(byHost.get("example.com")).toMatchObject({ verdict: "allow", method: "CONNECT", rule: "example.com", phase: "agent" });
  expect(byHost.get("example.com").bytesUp).toBeGreaterThan(200);
  expect(byHost.get("evil.example.net")).toMatchObject({ verdict: "deny", reason: "default-deny", phase: "verify" });
});

test("no authority is put into the guest where nothing is read", async () => {
  await using upstream = await openUpstream();
  await using plain = await openGuest({ allow: "example.com", upstream, resolves: PUBLIC });
  expect(plain.gateway.files.filter(({ path }) => !path.startsWith("/home/agent/"))).toEqual([]);
  expect(plain.gateway.env).not.toHaveProperty("SSL_CERT_FILE");
  await using read = await openGuest({ allow: "GET example.com", upstream, resolves: PUBLIC });
  expect(read.gateway.files.map(({ path }) => path)).toContain(read.gateway.env["SSL_CERT_FILE"]);
  const pem = Buffer.from(read.gateway.files[0]?.content ?? []).toString();
  expect(pem.split("BEGIN CERTIFICATE").length).toBeGreaterThan(100);
  expect(pem).not.toContain("PRIVATE KEY");
});

test("the run's authority makes certificates that verify for exactly their host", () => {
  const authority = openRunAuthority(Date.now());
  const other = openRunAuthority(Date.now());
  const root = new X509Certificate(authority.certificate);
  expect(root.ca).toBe(true);
  expect(root.verify(root.publicKey)).toBe(true);
  expect(new X509Certificate(other.certificate).fingerprint256).not.toBe(root.fingerprint256);
  expect(Date.parse(root.validTo) - Date.now()).toBeLessThan(8 * 86_400_000);
  expect(authority.contextFor("a.example.com")).toBe(authority.contextFor("a.example.com"));
});

test("the decision records and the page on egress name the same reasons as the code", () => {
  const page = readFileSync(new URL("../../../../docs/egress.md", import.meta.url), "utf8");
  const code = readFileSync(new URL("../../../../src/gateway/http/refusal.ts", import.meta.url), "utf8");
  const reasons = [
    ...code.slice(code.indexOf("export type Reason"), code.indexOf("export interface Refusal")).matchAll(/\| "([a-z0-9-]+)"/g),
  ].map((match) => match[1] ?? "");
  expect(reasons.length).toBeGreaterThan(20);
  expect(reasons.filter((reason) => !page.includes(`\`${reason}\``))).toEqual([]);
});
