// What is measured, the same for every route to the target.
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export const MIB = 1024 * 1024;

export interface Route {
  readonly name: "gateway" | "squid" | "relayed-squid" | "direct";
  /** Proxy to ask for a tunnel; undefined: straight to the target. */
  readonly proxyPort: number | undefined;
  readonly pid: number | undefined;
}

/** A connection to the target, through the route's proxy if it has one. */
async function dial(route: Route, targetPort: number): Promise<net.Socket> {
  const socket = net.connect({ port: route.proxyPort ?? targetPort, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  if (route.proxyPort === undefined) return socket;
  socket.write(`CONNECT 127.0.0.1:${targetPort} HTTP/1.1\r\nHost: 127.0.0.1:${targetPort}\r\n\r\n`);
  const [head] = (await once(socket, "data")) as [Buffer];
  if (!/^HTTP\/1\.[01] 200/.test(head.toString("latin1"))) throw new Error(`${route.name}: ${head.toString("latin1").split("\r\n", 1)[0]}`);
  return socket;
}

/** One request on an open connection; resolves when the whole answer is there. */
function get(socket: net.Socket, bytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let missing = Number.NaN;
    const onData = (chunk: Buffer): void => {
      if (Number.isNaN(missing)) {
        const end = chunk.indexOf("\r\n\r\n");
        missing = bytes - (chunk.length - end - 4);
      } else missing -= chunk.length;
      if (missing > 0) return;
      socket.off("data", onData);
      socket.off("close", onClose);
      resolve();
    };
    const onClose = (): void => reject(new Error("The connection closed too early."));
    socket.on("data", onData);
    socket.once("close", onClose);
    socket.write(`GET /${bytes} HTTP/1.1\r\nHost: t\r\n\r\n`);
  });
}

export async function measureDownload(
  route: Route,
  target: number,
  options: { readonly bytes: number; readonly streams: number },
): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: options.streams }, () => dial(route, target)));
  const startMs = performance.now();
  await Promise.all(sockets.map((socket) => get(socket, options.bytes)));
  const seconds = (performance.now() - startMs) / 1000;
  for (const socket of sockets) socket.destroy();
  return (options.bytes * options.streams) / MIB / seconds;
}

export async function measureUpload(route: Route, target: number, bytes: number): Promise<number> {
  const socket = await dial(route, target);
  const block = Buffer.alloc(64 * 1024, 0x62);
  const startMs = performance.now();
  const answered = once(socket, "data");
  socket.write(`POST /1 HTTP/1.1\r\nHost: t\r\nContent-Length: ${bytes}\r\n\r\n`);
  for (let sent = 0; sent < bytes; sent += block.length) if (!socket.write(block)) await once(socket, "drain");
  await answered;
  const seconds = (performance.now() - startMs) / 1000;
  socket.destroy();
  return bytes / MIB / seconds;
}

export async function measureRequests(
  route: Route,
  target: number,
  options: { readonly connections: number; readonly ms: number },
): Promise<{ readonly perSecond: number; readonly p50: number; readonly p99: number }> {
  const latencies: number[] = [];
  const sockets = await Promise.all(Array.from({ length: options.connections }, () => dial(route, target)));
  const startMs = performance.now();
  await Promise.all(
    sockets.map(async (socket) => {
      while (performance.now() - startMs < options.ms) {
        const sentMs = performance.now();
        await get(socket, 1024);
        latencies.push(performance.now() - sentMs);
      }
      socket.destroy();
    }),
  );
  const perSecond = latencies.length / ((performance.now() - startMs) / 1000);
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0;
  return { perSecond, p50: at(0.5), p99: at(0.99) };
}

export async function measureConnections(route: Route, target: number, ms: number): Promise<number> {
  const startMs = performance.now();
  let count = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() - startMs < ms) {
      const socket = await dial(route, target);
      await get(socket, 1);
      socket.destroy();
      count++;
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return count / ((performance.now() - startMs) / 1000);
}

/** Resident memory of the proxy's process, in MiB. */
export function memoryOf(pid: number): number {
  const status = fs.readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

/** Processor time a process has used so far, in seconds; fields 14 and 15 of /proc/pid/stat in hundredths, see proc(5). */
export function processorSecondsOf(pid: number): number {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export async function measureMemory(route: Route, target: number, streams: number): Promise<number> {
  const sockets: net.Socket[] = [];
  while (sockets.length < streams) {
    const batch = Math.min(50, streams - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: batch }, () => dial(route, target)))));
  }
  await Promise.all(sockets.map((socket) => get(socket, 64 * 1024)));
  const mib = memoryOf(route.pid ?? 0);
  for (const socket of sockets) socket.destroy();
  await sleep(300);
  return mib;
}
