import { Buffer } from "node:buffer";
import { duplexPair } from "node:stream";
import { expect, test } from "vitest";
import type { AirlockError } from "../../src/domain/errors.ts";
import { serveTunnel } from "../../src/gateway/tunnel/tunnel.ts";
import { readCorpus } from "../support/egress/corpus.ts";
import { collect, isWhole, openGuest } from "../support/egress/guest.ts";
import { openUpstream } from "../support/egress/upstream.ts";

test("I3: no bytes on the proxy port make it resolve or ask for another host", async () => {
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

test.each(readCorpus("tunnel-frames"))("I3: the frames %s end their own session at most, and open nothing", async (bytes) => {
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
