import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { dialWebSocket, UpgradeRefused } from "../../../../../src/adapters/sandbox/shared/web-socket.ts";

const stack: (() => void)[] = [];

afterEach(() => {
  for (const close of stack.splice(0)) close();
});

async function serve(): Promise<{ readonly port: number; readonly heads: http.IncomingHttpHeaders[] }> {
  const heads: http.IncomingHttpHeaders[] = [];
  const server = http.createServer();
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: true });
  server.on("upgrade", (request, socket, head) => {
    heads.push(request.headers);
    if (request.url === "/refuse") {
      socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
      return;
    }
    if (request.url === "/redirect") {
      socket.end("HTTP/1.1 302 Found\r\nlocation: /echo\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
      return;
    }
    if (request.url === "/silent") return;
    sockets.handleUpgrade(request, socket, head, (link) => {
      link.send(Buffer.from("first"));
      link.on("message", (bytes) => link.send(bytes));
    });
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  stack.push(() => {
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, heads };
}

const signal = new AbortController().signal;

describe("A WebSocket to a sandbox", () => {
  test("gives the bytes of its messages, also those that come with the answer to the upgrade, and compresses nothing", async () => {
    const { port, heads } = await serve();
    const link = await dialWebSocket({ url: `ws://127.0.0.1:${port}/echo`, headers: { "x-key": "k" }, signal });
    stack.push(() => link.destroy());
    await new Promise((settle) => setTimeout(settle, 50));
    link.write("second");
    let heard = "";
    for await (const chunk of link.iterator({ destroyOnReturn: false })) {
      heard += String(chunk);
      if (heard.length >= 11) break;
    }
    expect(heard).toBe("firstsecond");
    expect(heads[0]).toMatchObject({ "x-key": "k" });
    expect(heads[0]).not.toHaveProperty("sec-websocket-extensions");
  });

  test("says with which status the upgrade was refused, and follows no redirect", async () => {
    const { port, heads } = await serve();
    await expect(dialWebSocket({ url: `ws://127.0.0.1:${port}/refuse`, headers: {}, signal })).rejects.toMatchObject({ status: 403 });
    await expect(dialWebSocket({ url: `ws://127.0.0.1:${port}/redirect`, headers: {}, signal })).rejects.toBeInstanceOf(UpgradeRefused);
    expect(heads).toHaveLength(2);
  });

  test("gives up when the upgrade is not answered in time, or is not wanted any more", async () => {
    const { port } = await serve();
    const url = `ws://127.0.0.1:${port}/silent`;
    await expect(dialWebSocket({ url, headers: {}, openTimeoutMs: 100, signal })).rejects.toThrow(/timed out/);
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 50);
    await expect(dialWebSocket({ url, headers: {}, signal: cancel.signal })).rejects.toThrow();
    await expect(dialWebSocket({ url, headers: {}, signal: cancel.signal })).rejects.toThrow();
  });

  test.each([
    ["ws://sandbox.example/", /wss/],
    ["http://127.0.0.1/", /wss/],
    ["wss://sandbox.example/?token=x", /belong into headers/],
    ["wss://user:pass@sandbox.example/", /belong into headers/],
  ])("I2: is not dialled at %s", async (url, words) => {
    await expect(dialWebSocket({ url, headers: {}, signal })).rejects.toThrow(words);
  });
});
