import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import type { Duplex } from "node:stream";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { serveTunnel } from "../../../../src/gateway/tunnel/tunnel.ts";
import { openRelay } from "../../../../src/guest/relay.ts";
import {
  openResumableStream,
  type ResumableStream,
  type ResumableStreamOptions,
} from "../../../../src/wire/resumable-stream/resumable-stream.ts";
import { openUnsteadyLink, type UnsteadyLink } from "../../../support/cloud/unsteady-link.ts";
import { listen } from "../../../support/model/broker-bench.ts";

const TOKEN = randomBytes(32);
const POLL = { timeout: 20_000, interval: 5 };

interface Pair extends AsyncDisposable {
  readonly runner: ResumableStream;
  readonly guest: ResumableStream;
  readonly link: UnsteadyLink;
  /** Where the guest's end takes links, past the unsteady hop. */
  readonly guestPort: number;
  /** How many links both ends have used; a link that is used by one of them only does not count. */
  links(): number;
  /** Whether both ends use a link now. */
  linked(): boolean;
}

async function openPair(options: Partial<ResumableStreamOptions> = {}, hop = { delayedShare: 0, delayMs: 0 }): Promise<Pair> {
  const ends = { runner: { ups: 0, up: false }, guest: { ups: 0, up: false } };
  const watch = (role: "runner" | "guest"): Pick<ResumableStreamOptions, "onLink"> => ({
    onLink: ({ up }) => {
      ends[role].up = up;
      if (up) ends[role].ups += 1;
    },
  });
  const guest = openResumableStream({ role: "guest", token: TOKEN, ...watch("guest"), ...options });
  const server = net.createServer((socket) => guest.accept(socket));
  const guestPort = await listen(server);
  const link = await openUnsteadyLink(guestPort, hop);
  const connect = async (): Promise<Duplex> => {
    const socket = net.connect(link.port, "127.0.0.1");
    await once(socket, "connect");
    return socket;
  };
  const runner = openResumableStream({ role: "runner", token: TOKEN, connect, ...watch("runner"), ...options });
  for (const { stream } of [runner, guest]) stream.on("error", () => undefined);
  return {
    runner,
    guest,
    link,
    guestPort,
    links: () => Math.min(ends.runner.ups, ends.guest.ups),
    linked: () => ends.runner.up && ends.guest.up,
    async [Symbol.asyncDispose]() {
      runner.stream.destroy();
      guest.stream.destroy();
      link[Symbol.dispose]();
      server.close();
    },
  };
}

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describe("a carrier outlives its links", () => {
  test("no byte is lost or doubled when the link is cut ten times under many parallel streams and some frames are late", async () => {
    await using pair = await openPair({}, { delayedShare: 0.05, delayMs: 8 });
    const linkAfter = (links: number): Promise<void> => expect.poll(() => pair.linked() && pair.links() > links, POLL).toBe(true);
    const packages = Array.from({ length: 60 }, (_, n) => randomBytes(n % 10 === 0 ? 1_500_000 : 1 + ((n * 7919) % 60_000)));
    const registry = http.createServer(async (request, response) => {
      const sent = await buffer(request);
      response.setHeader("x-received", digest(sent));
      response.end(packages[Number(request.url?.slice(1))]);
    });
    const upstream = await listen(registry);
    const tunnel = serveTunnel(pair.runner.stream, (_name, stream) => {
      const socket = net.connect({ port: upstream, host: "127.0.0.1", allowHalfOpen: true });
      socket.on("error", () => stream.destroy());
      stream.on("error", () => socket.destroy());
      stream.pipe(socket).pipe(stream);
    });
    const relay = openRelay({ stream: pair.guest.stream });
    await relay.listen([{ port: 0, name: "proxy" }]);
    let done = false;
    const cutting = (async () => {
      await linkAfter(0);
      for (let cuts = 0; cuts < 10; cuts++) {
        await sleep(40);
        const links = pair.links();
        pair.link.cut();
        // At the end, too: the farewell below needs a link, or the guest would wait out its whole patience.
        await linkAfter(links);
      }
      done = true;
    })();
    let fetched = 0;
    const install = async (from: number): Promise<void> => {
      // At least one round each, and on until the last cut.
      for (let n = from; n < packages.length || !done; n += 12) {
        const body = randomBytes(1 + ((n * 104_729) % 200_000));
        const response = await fetch(`http://127.0.0.1:${relay.ports.get("proxy")}/${n % packages.length}`, { method: "POST", body });
        expect(response.headers.get("x-received")).toBe(digest(body));
        expect(digest(await response.bytes())).toBe(digest(packages[n % packages.length] ?? new Uint8Array()));
        fetched++;
      }
    };
    await Promise.all(Array.from({ length: 12 }, (_, n) => install(n)));
    await cutting;
    expect(fetched).toBeGreaterThanOrEqual(60);
    expect(pair.link.connections).toBeGreaterThanOrEqual(10);
    tunnel.close();
    await relay.closed;
    registry.closeAllConnections();
    registry.close();
  });

  test("an end that gives up tells the other, over a slow link too", async () => {
    await using pair = await openPair({}, { delayedShare: 1, delayMs: 100 });
    await expect.poll(() => pair.linked(), POLL).toBe(true);
    pair.runner.stream.destroy();
    await expect.poll(() => pair.guest.stream.errored?.message, POLL).toBe("The other end gave the stream up.");
  });

  test("its two directions end one after the other, also when the link breaks in between", async () => {
    await using pair = await openPair();
    const heard = buffer(pair.guest.stream);
    pair.runner.stream.end("question");
    expect((await heard).toString()).toBe("question");
    pair.link.cut();
    const answer = buffer(pair.runner.stream);
    pair.guest.stream.end("answer");
    expect((await answer).toString()).toBe("answer");
    await Promise.all([pair.runner, pair.guest].map(({ stream }) => stream.closed || once(stream, "close")));
    expect([pair.runner.stream.errored, pair.guest.stream.errored]).toEqual([null, null]);
  });

  test("a writer is held back when the reader is slow, and the reader's memory stays within the window", async () => {
    const windowBytes = 256 * 1024;
    await using pair = await openPair({ windowBytes });
    let written = 0;
    const chunk = randomBytes(16 * 1024);
    const write = async (): Promise<void> => {
      while (written < 4_000_000) {
        written += chunk.length;
        if (!pair.runner.stream.write(chunk)) await once(pair.runner.stream, "drain");
      }
      pair.runner.stream.end();
    };
    const writing = write();
    await sleep(100);
    expect(written).toBeLessThan(3 * windowBytes);
    const [heard] = await Promise.all([buffer(pair.guest.stream), writing]);
    expect(heard.length).toBe(written);
    expect(written).toBeGreaterThanOrEqual(4_000_000);
  });

  test("a link that swallows everything without a word is noticed and replaced", async () => {
    await using pair = await openPair({ idleMs: 400, handshakeMs: 400 });
    const heard: Buffer[] = [];
    pair.guest.stream.on("data", (chunk: Buffer) => heard.push(chunk));
    pair.runner.stream.write("one ");
    await expect.poll(() => Buffer.concat(heard).toString(), POLL).toBe("one ");
    pair.link.swallow(true);
    pair.runner.stream.write("two");
    await expect.poll(() => pair.link.connections, POLL).toBeGreaterThan(1);
    pair.link.swallow(false);
    await expect.poll(() => Buffer.concat(heard).toString(), POLL).toBe("one two");
  });

  test("it is given up with a clear error when no link comes up in time, on both ends", async () => {
    await using pair = await openPair({ giveUpMs: 2_000, idleMs: 100 });
    pair.runner.stream.write("x");
    await once(pair.guest.stream, "readable");
    pair.link[Symbol.dispose]();
    await expect
      .poll(() => [pair.runner.stream.errored?.message, pair.guest.stream.errored?.message], POLL)
      .toEqual(Array(2).fill("No link to the other end came up within 2000 ms."));
  });

  test("a guest that starts again with nothing in mind is noticed, not joined to the old stream", async () => {
    await using pair = await openPair({ windowBytes: 1024 });
    pair.guest.stream.resume();
    pair.runner.stream.write(randomBytes(3000));
    await expect.poll(() => pair.runner.stream.writableLength, POLL).toBe(0);
    const reborn = openResumableStream({ role: "guest", token: TOKEN });
    reborn.stream.on("error", () => undefined);
    const server = net.createServer((socket) => reborn.accept(socket));
    const port = await listen(server);
    const socket = net.connect(port, "127.0.0.1");
    await once(socket, "connect");
    pair.runner.accept(socket);
    await expect.poll(() => pair.runner.stream.errored?.message, POLL).toMatch(/lost its state/);
    reborn.stream.destroy();
    server.close();
  });
});

describe("I3: only the two ends that know the token are joined", () => {
  const strangers: Readonly<Record<string, (socket: net.Socket) => void>> = {
    "sends garbage": (socket) => void socket.write(randomBytes(4096)),
    "says nothing": () => undefined,
    "greets as the runner and proves nothing": (socket) => void socket.write(Buffer.concat([Buffer.from("ALK1R"), randomBytes(16 + 38)])),
    "greets as a guest": (socket) => void socket.write(Buffer.concat([Buffer.from("ALK1G"), randomBytes(16 + 38)])),
  };
  test.each(Object.entries(strangers))("a stranger who %s gets no byte of the stream and does not disturb it", async (_name, act) => {
    await using pair = await openPair({ handshakeMs: 2_000 });
    pair.guest.stream.pipe(pair.guest.stream);
    pair.runner.stream.write("before ");
    await once(pair.runner.stream, "readable");
    const stranger = net.connect(pair.guestPort, "127.0.0.1", () => act(stranger));
    stranger.on("error", () => undefined);
    const seen: Buffer[] = [];
    stranger.on("data", (chunk: Buffer) => seen.push(chunk));
    pair.runner.stream.write("during");
    await once(stranger, "close");
    expect(Buffer.concat(seen).length).toBeLessThanOrEqual(21);
    expect(Buffer.concat(seen).includes(TOKEN)).toBe(false);
    await expect.poll(() => pair.runner.stream.readableLength, POLL).toBe("before during".length);
    expect(pair.link.connections).toBe(1);
  });

  test("two ends with different tokens never come together", async () => {
    const reasons: string[] = [];
    await using pair = await openPair({ giveUpMs: 2_000 });
    const wrong = openResumableStream({
      role: "runner",
      token: randomBytes(32),
      giveUpMs: 2_000,
      connect: async () => net.connect(pair.guestPort, "127.0.0.1"),
      onLink: ({ reason }) => reasons.push(reason),
    });
    await once(wrong.stream, "error");
    expect(reasons.length).toBeGreaterThan(0);
    expect(() => openResumableStream({ role: "guest", token: randomBytes(8) })).toThrow(TypeError);
  });
});
