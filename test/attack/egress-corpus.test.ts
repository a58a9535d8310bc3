import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { duplexPair } from "node:stream";
import { expect, test } from "vitest";
import { canonicalHost } from "../../src/domain/egress/host.ts";
import { decide, decideRequest, parsePolicy } from "../../src/domain/egress/policy.ts";
import { canonicalPath } from "../../src/domain/egress/request-path.ts";
import type { AirlockError } from "../../src/domain/errors.ts";
import { openGateway } from "../../src/gateway/gateway.ts";
import { serveTunnel } from "../../src/gateway/tunnel/tunnel.ts";
import { collect, isWhole, openGuest } from "../support/egress/guest.ts";
import { openUpstream } from "../support/egress/upstream.ts";

/** Inputs that fuzzing and thought brought up, kept in `test/fixtures/fuzz/` and played again; what breaks something later is added there. */
function readCorpus(name: string): readonly string[] {
  const parsed: unknown = JSON.parse(readFileSync(new URL(`../fixtures/fuzz/${name}.json`, import.meta.url), "utf8"));
  if (!Array.isArray(parsed) || parsed.length < 20) throw new Error(`the corpus ${name} is gone`);
  return parsed.map(String);
}

const STRANGERS = ["stranger.com", "evil.com", "169.254.169.254", "10.0.0.1", "::1"];

test.each(readCorpus("policy-lines"))("I4 corpus: the line %j lets no stranger in, or is an error that says why", (line) => {
  try {
    const policy = parsePolicy({ allow: line, deny: "" });
    for (const host of STRANGERS) expect(decide(policy, host, 443).verdict).toBe("deny");
  } catch (error) {
    expect(error).toMatchObject({ code: "policy.invalid", remedy: expect.stringMatching(/\w/) });
  }
});

test.each(readCorpus("hosts"))("I4 corpus: the host %j is refused, or is its own canonical spelling", (raw) => {
  const host = canonicalHost(raw);
  const policy = parsePolicy({ allow: "example.com\n*.example.org", deny: "" });
  expect(decide(policy, raw, 443).verdict).toBe("deny");
  if (host === undefined) return;
  expect(host.text).toMatch(/^[a-z0-9._:-]+$/);
  expect(canonicalHost(host.text)).toEqual(host);
});

test.each(readCorpus("paths"))("N5 corpus: the path %j has one meaning or none, and no rule for another path lets it through", (raw) => {
  const policy = parsePolicy({ allow: "POST example.com/a/*/b", deny: "" });
  const decision = decideRequest(policy, { host: "example.com", port: 443, method: "POST", path: raw });
  if (decision.verdict === "allow") expect(decision.path).toMatch(/^\/a\/(?!\.{1,2}\/)[^/]+\/b$/);
  const path = canonicalPath(raw);
  if (path === undefined) return;
  expect(canonicalPath(path)).toBe(path);
  expect(decodeURIComponent(path).split("/")).not.toContain("..");
});

test("I3 corpus: no bytes on the proxy port make it resolve or ask for another host", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({
    allow: "example.com",
    upstream,
    resolves: [["93.184.215.14"]],
    overrides: { proxyLimits: { headerTimeoutMs: 300 } },
  });
  const answers = readCorpus("proxy-requests").map(async (bytes) => {
    const socket = await guest.connect();
    socket.write(Buffer.from(bytes, "base64"));
    await collect(socket, { timeoutMs: 400, enough: isWhole });
    socket.destroy();
  });
  await Promise.all(answers);
  expect(guest.resolved.every((host) => host === "example.com")).toBe(true);
  expect(upstream.requests.every(({ host }) => host === "example.com")).toBe(true);
  const log = await guest.readLog();
  expect(log.split("\n").filter((line) => line.includes('"verdict":"allow"') && !line.includes('"host":"example.com"'))).toEqual([]);
});

test.each(readCorpus("tunnel-frames"))("I3 corpus: the frames %s end their own session at most, and open nothing", async (bytes) => {
  const [runnerEnd, guestEnd] = duplexPair();
  for (const end of [runnerEnd, guestEnd]) end.on("error", () => undefined);
  const opened: string[] = [];
  const failures: AirlockError[] = [];
  const ended = Promise.withResolvers<void>();
  const tunnel = serveTunnel(runnerEnd, (name) => void opened.push(name), {
    onFailure: (error) => void failures.push(error),
    onClose: () => ended.resolve(),
  });
  guestEnd.resume();
  guestEnd.write(Buffer.from(bytes, "base64"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  tunnel.close();
  guestEnd.destroy();
  runnerEnd.destroy();
  await ended.promise;
  expect(opened).toEqual([]);
  expect(failures.every(({ code }) => code === "egress.unusable")).toBe(true);
});

test("I6: a tunnel that the guest breaks is told, once and by its code; one that is closed is not", async () => {
  const failures: AirlockError[] = [];
  const options = {
    policy: parsePolicy({ allow: "", deny: "" }),
    mode: "allowlist",
    model: undefined,
    limits: { maxCostUsd: 1, maxTurns: 0 },
    logPath: "/dev/null",
    onTunnelFailure: (error: AirlockError) => void failures.push(error),
  } as const;
  const gateway = await openGateway(options);
  const [runnerEnd, guestEnd] = duplexPair();
  for (const end of [runnerEnd, guestEnd]) end.on("error", () => undefined);
  const [otherEnd] = duplexPair();
  gateway.attach(runnerEnd);
  gateway.attach(otherEnd);
  guestEnd.write("GET / HTTP/1.1\r\n\r\n");
  await expect.poll(() => failures.length).toBe(1);
  expect(failures[0]).toMatchObject({ code: "egress.unusable", id: "AL312" });
  await gateway[Symbol.asyncDispose]();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(failures).toHaveLength(1);
});
