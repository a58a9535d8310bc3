import { Buffer } from "node:buffer";
import { open, readdir, readFile, readlink } from "node:fs/promises";
import type http2 from "node:http2";
import type { Socket } from "node:net";
import { COMMAND_HEADER, LOOKUP_REQUEST, LOOKUP_STREAM, MAX_COMMAND_BYTES, STREAM_HEADER } from "../wire/process-lookup.ts";
import { authorityOf } from "../wire/tunnel.ts";

/** Maximum number of waiting questions; further ones are not answered. */
const MAX_WAITING = 16;
const MAX_PROCESSES = 2_000;
const MAX_DESCRIPTORS = 4_000;
const MAX_TABLE_BYTES = 4 << 20;

/**
 * Tells the runner, on request, which command opened a connection. Nothing is looked up earlier, so allowed connections get no slower. Best
 * effort: a process may be gone, and root in the guest can claim anything.
 */
export function openProcessLookups(session: http2.ClientHttp2Session): (stream: http2.ClientHttp2Stream, socket: Socket) => void {
  const sockets = new Map<number, Socket>();
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();
  session.on("altsvc", (alt, _origin, id) => {
    const socket = sockets.get(id);
    if (alt !== LOOKUP_REQUEST || socket === undefined || waiting >= MAX_WAITING) return;
    waiting += 1;
    last = last
      .then(() => answer(session, id, socket))
      .finally(() => {
        waiting -= 1;
      });
  });
  return (stream, socket) => {
    const remember = (): void => void sockets.set(stream.id ?? 0, socket);
    if (stream.pending) stream.once("ready", remember);
    else remember();
    stream.once("close", () => sockets.delete(stream.id ?? 0));
  };
}

async function answer(session: http2.ClientHttp2Session, id: number, socket: Socket): Promise<void> {
  const command = await findProcessCommand(socket.remotePort ?? 0, socket.localPort ?? 0).catch(() => "");
  if (session.destroyed || session.closed) return;
  const stream = session.request(
    {
      ":method": "CONNECT",
      ":authority": authorityOf(LOOKUP_STREAM),
      [STREAM_HEADER]: String(id),
      [COMMAND_HEADER]: Buffer.from(command).subarray(0, MAX_COMMAND_BYTES).toString("base64url"),
    },
    { endStream: true },
  );
  stream.on("error", () => undefined);
  stream.resume();
}

/**
 * The command line of the process on this machine that holds the connection from `port` to `listener` on loopback; empty if it cannot be
 * found.
 */
export async function findProcessCommand(port: number, listener: number): Promise<string> {
  const inode = await findInode(port, listener);
  return inode === undefined ? "" : await findHolder(`socket:[${inode}]`);
}

async function findInode(port: number, listener: number): Promise<string | undefined> {
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const text = await readHead(table, MAX_TABLE_BYTES).catch(() => "");
    const line = new RegExp(
      `^ *\\d+: [0-9A-F]+:${toHex(port)} [0-9A-F]+:${toHex(listener)} \\S+ \\S+ \\S+ \\S+ +\\d+ +\\d+ (\\d+)`,
      "m",
    ).exec(text);
    if (line?.[1] !== undefined && line[1] !== "0") return line[1];
  }
  return undefined;
}

function toHex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}

async function findHolder(link: string): Promise<string> {
  const own = String(process.pid);
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && name !== own);
  let left = MAX_DESCRIPTORS;
  // The newest first: a process that has just connected has usually just started.
  for (const pid of pids.reverse().slice(0, MAX_PROCESSES)) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      left -= 1;
      if (left < 0) return "";
      if ((await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => "")) === link) return await readCommand(pid);
    }
  }
  return "";
}

async function readCommand(pid: string): Promise<string> {
  const words = (await readHead(`/proc/${pid}/cmdline`, MAX_COMMAND_BYTES)).split("\0").join(" ").trim();
  return words === "" ? (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim() : words;
}

async function readHead(path: string, maxBytes: number): Promise<string> {
  const handle = await open(path);
  try {
    const chunks: Buffer[] = [];
    let bytes = 0;
    while (bytes < maxBytes) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(65_536, maxBytes - bytes)));
      if (bytesRead === 0) break;
      bytes += bytesRead;
      chunks.push(buffer.subarray(0, bytesRead));
    }
    return Buffer.concat(chunks).toString();
  } finally {
    await handle.close();
  }
}
