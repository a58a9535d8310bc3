import { execFile } from "node:child_process";
import http2 from "node:http2";
import { duplexPair } from "node:stream";
import { expect, test } from "vitest";
import { renderHosts } from "../../src/domain/render/markdown.ts";
import { Secret } from "../../src/domain/secret.ts";
import { lookUpProcess } from "../../src/gateway/tunnel/process-lookup.ts";
import { serveTunnel } from "../../src/gateway/tunnel/tunnel.ts";
import { ask, decisionOf } from "../support/egress/ask.ts";
import { type Guest, openGuest } from "../support/egress/guest.ts";
import { openUpstream } from "../support/egress/upstream.ts";

const PUBLIC = [["93.184.215.14"]];

/** Runs a program outside this process, with the proxy of this guest; how it ends does not matter. */
function run(guest: Guest, program: string, ...argv: readonly string[]): Promise<string> {
  const env = { PATH: process.env["PATH"], http_proxy: `http://127.0.0.1:${guest.port}`, https_proxy: `http://127.0.0.1:${guest.port}` };
  return new Promise(
    (resolve) => void execFile(program, argv, { env, timeout: 30_000 }, (_error, stdout, stderr) => resolve(stdout + stderr)),
  );
}

/** A refusal waits half a second for the guest's answer, which is little on a busy machine: the host is asked for a second time then. */
async function runKnown(guest: Guest, host: string, ...argv: readonly string[]): Promise<void> {
  const isKnown = async (): Promise<boolean> =>
    (await guest.gateway.egress()).hosts.some((row) => row.host === host && row.command !== undefined);
  for (let tries = 0; tries < 2 && !(await isKnown()); tries += 1) await run(guest, "curl", "-sS", ...argv);
}

async function linesOf(guest: Guest): Promise<readonly Record<string, unknown>[]> {
  return (await guest.readLog())
    .trim()
    .split("\n")
    .map((line): Record<string, unknown> => JSON.parse(line));
}

test("a refused host is logged and summed up with the command that asked, over CONNECT, plain HTTP and SOCKS", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: PUBLIC });
  await runKnown(guest, "one.example.net", "https://one.example.net/");
  await runKnown(guest, "two.example.net", "http://two.example.net/");
  await runKnown(guest, "three.example.net", "--proxy", `socks5h://127.0.0.1:${guest.port}`, "https://three.example.net/");
  await run(guest, "curl", "-sS", "http://example.com/");
  const hosts = (await guest.gateway.egress()).hosts;
  for (const name of ["one", "two", "three"])
    expect(hosts.find(({ host }) => host === `${name}.example.net`)?.command).toMatch(new RegExp(`^curl .*${name}\\.example\\.net/`));
  const lines = await linesOf(guest);
  expect(lines.filter(({ command }) => command !== undefined)).toHaveLength(3);
  expect(lines.find(({ verdict }) => verdict === "allow")).not.toHaveProperty("command");
  expect(renderHosts(hosts)).toContain("Asked by");
});

test("I14, I15: a hostile command line is one bounded line without secrets, and inert in the summary", async () => {
  await using upstream = await openUpstream();
  const secret = "npm_0123456789abcdef";
  const rule = { host: "api.example.com", header: "authorization", surrogate: "surrogate-7f3a41", value: new Secret(secret, "NPM_TOKEN") };
  await using guest = await openGuest({ allow: "GET api.example.com/**", secrets: [rule], upstream, resolves: PUBLIC });
  const hostile = `\u001b[31m\n::set-output name=x::y\r\u202e| [x](https://evil.com) <img src=x> @maria ${secret}`;
  await runKnown(guest, "one.example.net", "-o", hostile, "https://one.example.net/");
  const [row] = (await guest.gateway.egress()).hosts;
  expect(row?.command).toContain("curl -sS -o");
  expect(row?.command).not.toMatch(/\p{C}/u);
  expect(row?.command).not.toContain(secret);
  expect(row?.command?.length).toBeLessThanOrEqual(200);
  const shown = renderHosts((await guest.gateway.egress()).hosts);
  expect(shown.split("\n")).toHaveLength(3);
  expect(await guest.readLog()).not.toContain(secret);
});

test("the same host is asked about twice at most, and a process that is gone leaves no command", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: PUBLIC });
  for (let round = 0; round < 4; round += 1) await run(guest, "curl", "-sS", "https://one.example.net/");
  // This process holds the relay itself, which is not looked at.
  expect(decisionOf(await ask(guest, "GET http://two.example.net/ HTTP/1.1\r\nHost: two.example.net\r\n\r\n"))).toBe("default-deny");
  const lines = await linesOf(guest);
  expect(lines.map(({ command }) => command !== undefined)).toEqual([true, true, false, false, false]);
});

test("I18: a guest that never answers delays a refusal by a moment, three times at most", async () => {
  const [runnerEnd, guestEnd] = duplexPair();
  for (const end of [runnerEnd, guestEnd]) end.on("error", () => undefined);
  const asked: Promise<string | undefined>[] = [];
  const tunnel = serveTunnel(runnerEnd, (_name, stream) => void asked.push(lookUpProcess(stream)));
  const session = http2.connect("http://tunnel.airlock", { createConnection: () => guestEnd });
  const open = async (headers: http2.OutgoingHttpHeaders = {}): Promise<void> => {
    const stream = session.request({ ":method": "CONNECT", ":authority": "proxy.airlock:1", ...headers });
    stream.on("error", () => undefined);
    await new Promise((resolve) => stream.once("response", resolve));
  };
  for (let round = 0; round < 3; round += 1) await open();
  expect(await Promise.all(asked)).toEqual([undefined, undefined, undefined]);
  await open();
  const immediate = await Promise.race([asked[3], new Promise((resolve) => setTimeout(() => resolve("late"), 200))]);
  expect(immediate).toBeUndefined();
  // Answers that nobody asked for, or that are no answers, change nothing.
  await open({ ":authority": "answers.airlock:1", "airlock-stream": "999", "airlock-command": "Y3VybA" });
  await open({ ":authority": "answers.airlock:1", "airlock-command": "\u00ff!" });
  await open({ ":authority": "answers.airlock:1" });
  expect(asked).toHaveLength(4);
  session.destroy();
  tunnel.close();
});

test("I4: what is sent behind a request whose refusal waits for an answer is not looked at", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: PUBLIC });
  const head = "POST http://one.example.net/ HTTP/1.1\r\nHost: one.example.net\r\nContent-Length: 2\r\n\r\nhi";
  const behind = "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n";
  const answer = await ask(guest, head + behind + behind, { toEnd: true });
  expect(decisionOf(answer)).toBe("default-deny");
  expect(answer.match(/^HTTP\/1\.1 /gm)).toHaveLength(1);
  expect(answer).toMatch(/^connection: close$/im);
  expect(upstream.requests).toEqual([]);
});
