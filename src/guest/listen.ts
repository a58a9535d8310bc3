import fs from "node:fs";
import net, { type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { openResumableStream } from "../wire/resumable-stream/resumable-stream.ts";
import { acceptWebSocket } from "./web-socket.ts";

/** How long the runner's end may be away: a lost link is dialled again, but a lost runner is not waited for. */
const GIVE_UP_MS = 120_000;
const FIRST_BYTES_MS = 15_000;
const GET = 0x47;

export interface ListenOptions {
  /** On the loopback interface; the provider's own authenticated proxy leads here. */
  readonly port: number;
  readonly token: Uint8Array;
}

/**
 * A byte stream whose links arrive at a loopback port: raw or as WebSockets, distinguished by their first byte. A link counts only after it
 * has proved that it knows the token.
 */
export async function listenForStream(options: ListenOptions): Promise<Duplex> {
  const resumable = openResumableStream({ role: "guest", token: options.token, giveUpMs: GIVE_UP_MS });
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    socket.on("error", () => undefined);
    openLink(socket).then(
      (link) => resumable.accept(link),
      () => socket.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  resumable.stream.once("close", () => server.close());
  return resumable.stream;
}

async function openLink(socket: Socket): Promise<Duplex> {
  const timer = setTimeout(() => socket.destroy(), FIRST_BYTES_MS);
  try {
    const first = await peek(socket);
    return first === GET ? await acceptWebSocket(socket) : socket;
  } finally {
    clearTimeout(timer);
  }
}

/** The first byte of a connection, left in place. */
async function peek(socket: Socket): Promise<number> {
  return await new Promise((resolve, reject) => {
    socket.once("close", () => reject(new Error("A connection ended before its first byte.")));
    socket.once("readable", () => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) return reject(new Error("A connection ended before its first byte."));
      socket.unshift(chunk);
      resolve(chunk[0] ?? 0);
    });
  });
}

/** Reads hex digits from a file that only root can read, and removes it, so that nothing in the sandbox finds it later. */
export function takeToken(path: string): Uint8Array {
  const text = fs.readFileSync(path, "utf8").trim();
  fs.rmSync(path);
  if (!/^[0-9a-f]{64}$/.test(text)) throw new TypeError(`${path} holds no token of 64 hex digits.`);
  return Buffer.from(text, "hex");
}
