// Throughput, requests, latency, connections and memory of the gateway, side by side with squid and with a direct connection:
// same client, same target, same payloads, same run. Prints one JSON line per figure.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { GatewayOptions } from "../src/ports/gateway.ts";
import {
  MIB,
  measureConnections,
  measureDownload,
  measureMemory,
  measureRequests,
  measureUpload,
  memoryOf,
  processorSecondsOf,
  type Route,
} from "./gateway/measure.ts";

const SELF = fileURLToPath(import.meta.url);
const PROXY_NAME = "proxy";

interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer?: string;
  readonly ratio?: number;
}

function print(figure: Figure): void {
  process.stdout.write(`${JSON.stringify(figure)}\n`);
}

/** The target: `/N` answers N bytes, once it has taken those of the request. */
function serveTarget(): void {
  const block = Buffer.alloc(MIB, 0x61);
  const server = http.createServer(async (request, response) => {
    for await (const _ of request);
    let left = Number(request.url?.slice(1)) || 0;
    response.writeHead(200, { "content-length": left });
    const pump = (): void => {
      while (left > 0) {
        const piece = left >= block.length ? block : block.subarray(0, left);
        left -= piece.length;
        if (!response.write(piece) && left > 0) {
          response.once("drain", pump);
          return;
        }
      }
      response.end();
    };
    pump();
  });
  server.keepAliveTimeout = 120_000;
  server.listen({ port: 0, host: "127.0.0.1", backlog: 2048 }, () => process.send?.((server.address() as net.AddressInfo).port));
}

/** The runner's half in this process, the guest's relay in another, between them what a microVM has: a socket pair. */
async function serveGateway(targetPort: number): Promise<void> {
  const { parsePolicy } = await import("../src/domain/egress/policy.ts");
  const { openGateway } = await import("../src/gateway/gateway.ts");
  const options: GatewayOptions = {
    policy: parsePolicy({ allow: `127.0.0.1:${targetPort}`, deny: "" }),
    mode: "allowlist",
    model: undefined,
    limits: { maxCostUsd: 0, maxTurns: 0 },
    logPath: path.join(fs.mkdtempSync(path.join(os.tmpdir(), "airlock-bench-")), "egress.jsonl"),
  };
  // The default limits on what a run may send are far below what is sent here.
  const proxyLimits = { maxBytesUp: Number.MAX_SAFE_INTEGER, maxBytesUpPerHost: Number.MAX_SAFE_INTEGER };
  const gateway = await openGateway(options, { proxyLimits });
  const guest = spawn(process.execPath, ["--no-warnings", SELF, "guest"], { stdio: ["ignore", "inherit", "inherit", "pipe", "ipc"] });
  process.once("disconnect", () => {
    guest.kill("SIGKILL");
    process.exit(0);
  });
  const carrier = guest.stdio[3];
  if (!(carrier instanceof net.Socket)) throw new Error("no carrier");
  gateway.openTunnel({ sandbox: { id: "bench", egress: carrier }, phase: "agent" });
  const [port] = await once(guest, "message");
  process.send?.(port);
}

/** What any relay costs that is a process of its own and does nothing but pass bytes on: put before squid, it has as many hops as the gateway. */
function serveHop(farPort: number): void {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = net.connect({ port: farPort, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
    near.pipe(far).pipe(near);
  });
  server.listen({ port: 0, host: "127.0.0.1", backlog: 2048 }, () => process.send?.((server.address() as net.AddressInfo).port));
}

async function serveGuest(): Promise<void> {
  const { openRelay } = await import("../src/guest/relay.ts");
  const carrier = new net.Socket({ fd: 3, readable: true, writable: true, allowHalfOpen: true });
  const relay = openRelay({ stream: carrier });
  await relay.listen([{ port: 0, name: PROXY_NAME }]);
  process.send?.(relay.ports.get(PROXY_NAME));
}

async function start(role: string, ...rest: readonly string[]): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = spawn(process.execPath, ["--no-warnings", SELF, role, ...rest], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const [port] = await once(child, "message");
  return { child, port: Number(port) };
}

async function startSquid(directory: string): Promise<{ readonly child: ChildProcess; readonly port: number } | undefined> {
  const binary = ["/usr/sbin/squid", "/usr/local/sbin/squid"].find((file) => fs.existsSync(file));
  if (binary === undefined) return undefined;
  const port = await freePort();
  const config = path.join(directory, "squid.conf");
  const lines = [
    `http_port 127.0.0.1:${port}`,
    "http_access allow all",
    "cache deny all",
    "access_log none",
    "cache_store_log none",
    "cache_log /dev/null",
    "pid_filename none",
    "shutdown_lifetime 0 seconds",
    "max_filedescriptors 8192",
    `coredump_dir ${directory}`,
    "netdb_filename none",
    "pinger_enable off",
  ];
  fs.writeFileSync(config, `${lines.join("\n")}\n`);
  fs.chmodSync(directory, 0o755);
  const child = spawn(binary, ["-N", "-f", config], { stdio: "ignore" });
  for (let tries = 0; tries < 100; tries++) {
    if (child.exitCode !== null) return undefined;
    if (await canConnect(port)) return { child, port };
    await sleep(100);
  }
  child.kill("SIGKILL");
  return undefined;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  server.close();
  return port;
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Prints the gateway's figure against each peer's. */
function compare(name: string, unit: string, results: ReadonlyMap<Route["name"], number>): void {
  const own = results.get("gateway");
  for (const [peer, value] of results) {
    print({ name: `${name}-${peer}`, value: Number(value.toPrecision(4)), unit });
    if (peer !== "gateway" && own !== undefined) {
      print({ name, value: Number(own.toPrecision(4)), unit, peer, ratio: Number((own / value).toPrecision(3)) });
    }
  }
}

async function forEachRoute(routes: readonly Route[], measure: (route: Route) => Promise<number>): Promise<Map<Route["name"], number>> {
  const results = new Map<Route["name"], number>();
  for (const route of routes) results.set(route.name, await measure(route));
  return results;
}

/** Best of three, taken in turns, so that a busy moment of the machine does not hit one route alone. */
async function bestOf(routes: readonly Route[], measure: (route: Route) => Promise<number>): Promise<Map<Route["name"], number>> {
  const best = new Map<Route["name"], number>();
  for (let round = 0; round < 3; round++) {
    for (const [name, value] of await forEachRoute(routes, measure)) best.set(name, Math.max(best.get(name) ?? 0, value));
  }
  return best;
}

async function measureAll(routes: readonly Route[], target: number): Promise<void> {
  compare("download-1", "MiB/s", await bestOf(routes, (route) => measureDownload(route, target, { bytes: 256 * MIB, streams: 1 })));
  compare("download-8", "MiB/s", await bestOf(routes, (route) => measureDownload(route, target, { bytes: 32 * MIB, streams: 8 })));
  compare("upload-1", "MiB/s", await bestOf(routes, (route) => measureUpload(route, target, 256 * MIB)));
  await measureLatency(routes, target);
  compare(
    "requests-16",
    "1/s",
    await bestOf(routes, async (route) => (await measureRequests(route, target, { connections: 16, ms: 1500 })).perSecond),
  );
  compare("connections", "1/s", await bestOf(routes, (route) => measureConnections(route, target, 1500)));
  const proxies = routes.filter((route) => route.pid !== undefined);
  for (const streams of [1, 100, 1000])
    compare(`memory-${streams}`, "MiB", await forEachRoute(proxies, (route) => measureMemory(route, target, streams)));
  await measureLongDownload(routes, target);
}

/** Lowest of three, taken in turns: one pass alone says more about the machine's moment than about the route. */
async function measureLatency(routes: readonly Route[], target: number): Promise<void> {
  const p50 = new Map<Route["name"], number>();
  const p99 = new Map<Route["name"], number>();
  const keepLeast = (least: Map<Route["name"], number>, name: Route["name"], value: number): void => {
    least.set(name, Math.min(least.get(name) ?? Number.POSITIVE_INFINITY, value));
  };
  for (let round = 0; round < 3; round++) {
    for (const route of routes) {
      const measured = await measureRequests(route, target, { connections: 1, ms: 1500 });
      keepLeast(p50, route.name, measured.p50);
      keepLeast(p99, route.name, measured.p99);
    }
  }
  compare("latency-p50", "ms", p50);
  compare("latency-p99", "ms", p99);
}

/** 1 GiB in one stream: how fast, and how much the gateway's memory grows on the way. */
async function measureLongDownload(routes: readonly Route[], target: number): Promise<void> {
  let growthMib = 0;
  const spent = new Map<Route["name"], number>();
  const results = await forEachRoute(routes, async (route) => {
    const before = route.pid === undefined ? 0 : memoryOf(route.pid);
    const secondsBefore = route.pid === undefined ? 0 : processorSecondsOf(route.pid);
    const watch = setInterval(() => {
      if (route.name === "gateway" && route.pid !== undefined) growthMib = Math.max(growthMib, memoryOf(route.pid) - before);
    }, 100);
    const speed = await measureDownload(route, target, { bytes: 1024 * MIB, streams: 1 });
    clearInterval(watch);
    if (route.pid !== undefined) spent.set(route.name, processorSecondsOf(route.pid) - secondsBefore);
    return speed;
  });
  compare("download-1gib", "MiB/s", results);
  compare("processor-1gib", "s", spent);
  print({ name: "memory-growth-1gib", value: Number(growthMib.toPrecision(3)), unit: "MiB" });
}

async function main(): Promise<void> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "airlock-bench-"));
  const target = await start("target");
  const gateway = await start("gateway", String(target.port));
  const squid = await startSquid(directory);
  if (squid === undefined)
    process.stderr.write("bench: squid is not installed or did not start; its figures are left out (apt-get install squid)\n");
  const hop = squid === undefined ? undefined : await start("hop", String(squid.port));
  const routes: Route[] = [
    { name: "gateway", proxyPort: gateway.port, pid: gateway.child.pid },
    ...(squid === undefined ? [] : [{ name: "squid" as const, proxyPort: squid.port, pid: squid.child.pid }]),
    ...(hop === undefined ? [] : [{ name: "relayed-squid" as const, proxyPort: hop.port, pid: undefined }]),
    { name: "direct", proxyPort: undefined, pid: undefined },
  ];
  // Four processes share the machine on the gateway's route and the relayed squid's, three on squid's, two on the direct one.
  const printLoad = (when: string): void =>
    print({ name: `load-${when}`, value: os.loadavg()[0] ?? 0, unit: `of ${os.availableParallelism()}` });
  printLoad("before");
  try {
    await measureAll(routes, target.port);
    printLoad("after");
  } finally {
    for (const child of [gateway.child, target.child, hop?.child, squid?.child]) {
      if (child?.connected) child.disconnect();
      child?.kill("SIGTERM");
    }
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

const [role, argument] = process.argv.slice(2);
if (role === "target") serveTarget();
else if (role === "gateway") await serveGateway(Number(argument));
else if (role === "hop") serveHop(Number(argument));
else if (role === "guest") await serveGuest();
else await main();
