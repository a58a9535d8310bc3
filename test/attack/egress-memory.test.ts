import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { collect, openGuest } from "../support/egress/guest.ts";
import { openUpstream } from "../support/egress/upstream.ts";

const SHAPES = [
  { name: "one buffer after the head", send: (response: Sender) => response.end(Buffer.alloc(20, 66)) },
  { name: "a string after the head", send: (response: Sender) => response.end("B".repeat(20)) },
  { name: "many small buffers", send: (response: Sender) => sendParts(response, 10) },
] as const;

interface Sender {
  write(chunk: Uint8Array | string): boolean;
  end(chunk?: Uint8Array | string): unknown;
}

function sendParts(response: Sender, count: number): void {
  for (let part = 0; part < count; part += 1) response.write(Buffer.alloc(2, 66));
  response.end();
}

test.each(SHAPES)("I2: a response with $name reaches the guest byte for byte, without memory of the runner", async ({ send }) => {
  await using upstream = await openUpstream();
  upstream.handler = (_request, response) => {
    response.sendDate = false;
    response.writeHead(200, { "content-length": "20", connection: "close" });
    send(response);
  };
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: [["93.184.215.14"]] });
  for (let round = 0; round < 20; round += 1) {
    const socket = await guest.connect();
    socket.write("GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n");
    const text = await collect(socket);
    socket.destroy();
    expect(text).toBe(`HTTP/1.1 200 OK\r\ncontent-length: 20\r\nConnection: close\r\n\r\n${"B".repeat(20)}`);
  }
});
