import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { openFrameParser, type WebSocketFrame } from "./web-socket-frames.ts";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const MAX_HEAD_BYTES = 16_384;
const MAX_WRITE_BYTES = 65_535;
const OPCODE = { binary: 2, close: 8, ping: 9, pong: 10 } as const;

/**
 * The server's end of a WebSocket (RFC 6455) on a connection that has sent only an HTTP upgrade so far. Binary messages are the bytes of
 * the stream; message boundaries have no meaning. No extension is negotiated, so nothing is compressed.
 * @throws Error if the request is not a WebSocket upgrade
 */
export async function acceptWebSocket(socket: Socket): Promise<Duplex> {
  const head = await readHead(socket);
  const key = /^sec-websocket-key:[ \t]*([A-Za-z0-9+/]{22}==)[ \t]*$/im.exec(head)?.[1];
  const isUpgrade = /^GET \S+ HTTP\/1\.1\r\n/.test(head) && /^upgrade:[ \t]*websocket[ \t]*$/im.test(head);
  if (key === undefined || !isUpgrade) {
    socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    throw new Error("A connection is no WebSocket upgrade.");
  }
  const accept = createHash("sha1").update(`${key}${GUID}`).digest("base64");
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`);
  return openStream(socket);
}

async function readHead(socket: Socket): Promise<string> {
  let head = Buffer.alloc(0);
  while (true) {
    const end = head.indexOf("\r\n\r\n");
    if (end >= 0) {
      const rest = head.subarray(end + 4);
      if (rest.length > 0) socket.unshift(rest);
      return head.subarray(0, end + 2).toString("latin1");
    }
    if (head.length > MAX_HEAD_BYTES) throw new Error("The head of an upgrade request is too long.");
    head = Buffer.concat([head, await readSome(socket)]);
  }
}

function readSome(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      socket.off("readable", onReadable).off("end", onEnd).off("error", onEnd).off("close", onEnd);
      act();
    };
    const onReadable = (): void => {
      const chunk = socket.read() as Buffer | null;
      if (chunk !== null) settle(() => resolve(chunk));
    };
    const onEnd = (): void => settle(() => reject(new Error("A connection ended before its upgrade.")));
    socket.on("readable", onReadable).on("end", onEnd).on("error", onEnd).on("close", onEnd);
    onReadable();
  });
}

function openStream(socket: Socket): Duplex {
  const stream = new Duplex({
    read: () => void socket.resume(),
    write(chunk: Buffer, _encoding, done) {
      for (let at = 0; at < chunk.length; at += MAX_WRITE_BYTES) sendFrame(socket, OPCODE.binary, chunk.subarray(at, at + MAX_WRITE_BYTES));
      if (socket.writableNeedDrain) socket.once("drain", () => done());
      else done();
    },
    final(done) {
      sendFrame(socket, OPCODE.close, Buffer.of(0x03, 0xe8));
      socket.end(() => done());
    },
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  const parser = openFrameParser((frame) => take(socket, stream, frame));
  socket.on("data", (chunk: Buffer) => {
    try {
      parser.push(chunk);
    } catch (error) {
      stream.destroy(error as Error);
    }
  });
  socket.on("end", () => stream.push(null));
  socket.on("error", (error) => stream.destroy(error));
  socket.on("close", () => stream.destroy());
  return stream;
}

function take(socket: Socket, stream: Duplex, frame: WebSocketFrame): void {
  if (frame.opcode === OPCODE.ping) sendFrame(socket, OPCODE.pong, frame.payload);
  else if (frame.opcode === OPCODE.close) stream.push(null);
  else if (frame.opcode <= OPCODE.binary && !stream.push(frame.payload)) socket.pause();
}

/** A server's frames are not masked (RFC 6455, 5.1). */
function sendFrame(socket: Socket, opcode: number, payload: Buffer): void {
  if (socket.destroyed || socket.writableEnded) return;
  const header = Buffer.alloc(payload.length < 126 ? 2 : 4);
  header[0] = 0x80 | opcode;
  header[1] = Math.min(payload.length, 126);
  if (payload.length >= 126) header.writeUInt16BE(payload.length, 2);
  socket.cork();
  socket.write(header);
  socket.write(payload);
  socket.uncork();
}
