import { randomBytes } from "node:crypto";
import net from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { createWebSocketStream, WebSocket } from "ws";
import { listenForStream } from "../../../src/guest/listen.ts";
import { openFrameParser } from "../../../src/guest/web-socket-frames.ts";
import { openResumableStream } from "../../../src/wire/resumable-stream/resumable-stream.ts";

const opened: Duplex[] = [];

afterEach(() => {
  for (const stream of opened.splice(0)) stream.destroy();
});

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

function dialRaw(port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () => resolve(socket));
    socket.once("error", reject);
  });
}

function dialWebSocket(port: number): Promise<Duplex> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/control`, { perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve(createWebSocketStream(socket)));
    socket.once("error", reject);
  });
}

async function collect(stream: Duplex, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
    total += (chunk as Buffer).length;
    if (total >= bytes) break;
  }
  return Buffer.concat(chunks);
}

describe("a guest that waits for its runner at a loopback port", () => {
  test.each([
    ["raw connections", dialRaw],
    ["WebSockets", dialWebSocket],
  ])("a waiting guest carries bytes both ways over %s", async (_name, dial) => {
    const token = randomBytes(32);
    const port = await freePort();
    const guest = await listenForStream({ port, token });
    const runner = openResumableStream({ role: "runner", token, connect: () => dial(port) }).stream;
    opened.push(guest, runner);
    const up = randomBytes(3_000_000);
    const down = randomBytes(3_000_000);
    runner.write(up);
    guest.write(down);
    const [atGuest, atRunner] = await Promise.all([collect(guest, up.length), collect(runner, down.length)]);
    expect(atGuest.equals(up)).toBe(true);
    expect(atRunner.equals(down)).toBe(true);
  });

  test("I2: a waiting guest gives no byte of its stream to a link that does not know the token", async () => {
    const port = await freePort();
    const guest = await listenForStream({ port, token: randomBytes(32) });
    const stranger = openResumableStream({ role: "runner", token: randomBytes(32), connect: () => dialRaw(port), giveUpMs: 400 }).stream;
    opened.push(guest, stranger);
    guest.write("for the runner only");
    stranger.write("from a stranger");
    const heard: Buffer[] = [];
    guest.on("data", (chunk: Buffer) => heard.push(chunk));
    stranger.on("data", (chunk: Buffer) => heard.push(chunk));
    await new Promise((done) => stranger.once("error", done));
    expect(Buffer.concat(heard).toString()).toBe("");
  });

  test("a waiting guest refuses an upgrade that is none", async () => {
    const port = await freePort();
    opened.push(await listenForStream({ port, token: randomBytes(32) }));
    const socket = await dialRaw(port);
    opened.push(socket);
    socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    expect((await collect(socket, 12)).toString("latin1")).toContain("HTTP/1.1 400");
  });
});

describe("a client's WebSocket frames", () => {
  test("a client's WebSocket frames are refused when they are not masked, too long, or of an unknown kind", () => {
    const push = (bytes: readonly number[]) => () => openFrameParser(() => undefined).push(Buffer.from(bytes));
    expect(push([0x82, 0x01, 0x00])).toThrow(/not masked/);
    expect(push([0x82, 0xff, 0, 0, 0, 0x7f, 0, 0, 0, 0, 1, 2, 3, 4])).toThrow(/at most/);
    expect(push([0xc2, 0x80, 1, 2, 3, 4])).toThrow(/not agreed on/);
    expect(push([0x83, 0x80, 1, 2, 3, 4])).toThrow(/not agreed on/);
  });
});
