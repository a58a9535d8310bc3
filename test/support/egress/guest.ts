import { Buffer } from "node:buffer";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import { parsePolicy } from "../../../src/domain/egress/policy.ts";
import { type GatewayOverrides, openGateway } from "../../../src/gateway/gateway.ts";
import { CA_BUNDLE_PATH } from "../../../src/gateway/tunnel/guest-env.ts";
import { openRelay, type Relay } from "../../../src/guest/relay.ts";
import type { Gateway, GatewayOptions, InjectionRule, Tunnel, TunnelOptions } from "../../../src/ports/gateway.ts";
import type { Upstream } from "./upstream.ts";

export interface GuestOptions {
  readonly allow: string;
  readonly deny?: string;
  readonly mode?: GatewayOptions["mode"];
  readonly secrets?: readonly InjectionRule[];
  readonly model?: GatewayOptions["model"];
  /** Default: a dollar, any number of turns. */
  readonly limits?: GatewayOptions["limits"];
  readonly upstream: Upstream;
  /** Successive answers of the runner's resolver; the last one stays. */
  readonly resolves: readonly (readonly string[])[];
  readonly refuseDials?: boolean;
  /** Dials never complete. */
  readonly blackhole?: boolean;
  readonly overrides?: GatewayOverrides;
}

/** A gateway, the real relay before it, and what the gateway asked of the outside. */
export interface Guest extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly tunnel: Tunnel;
  readonly port: number;
  /** Where the broker is reached; 0 without a model. */
  readonly modelPort: number;
  /** PEM of the run's authority and of the upstream's. */
  readonly ca: string[];
  readonly resolved: string[];
  readonly dialled: string[];
  connect(): Promise<net.Socket>;
  /** Another tunnel over the same byte stream. */
  reopen(options: Omit<TunnelOptions, "sandbox">): Tunnel;
  /** A second sandbox of the same run, with a relay of its own. */
  openSecond(options: Omit<TunnelOptions, "sandbox"> & { readonly id: string }): Promise<AsyncDisposable & { readonly modelPort: number }>;
  readLog(): Promise<string>;
}

/** Two ends of one byte stream. A socket, because http2 reuses the memory of what it wrote, and a stream in memory would pass it on. */
async function openPipe(path: string): Promise<readonly [Duplex, Duplex]> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const accepted = new Promise<Duplex>((resolve) => server.once("connection", resolve));
  const client = net.connect({ path });
  const other = await accepted;
  server.close();
  for (const end of [client, other]) end.on("error", () => undefined);
  return [other, client];
}

export async function openGuest(options: GuestOptions): Promise<Guest> {
  const directory = await mkdtemp(join(tmpdir(), "airlock-egress-"));
  const resolved: string[] = [];
  const dialled: string[] = [];
  const overrides = watchDials(options, { resolved, dialled });
  const policy = parsePolicy({ allow: options.allow, deny: options.deny ?? "" });
  const logPath = join(directory, "egress.jsonl");
  const gateway = await openGateway(
    {
      policy,
      mode: options.mode ?? "allowlist",
      model: options.model,
      limits: options.limits ?? { maxCostUsd: 1, maxTurns: 0 },
      logPath,
      secrets: options.secrets ?? [],
    },
    overrides,
  );
  const [runnerEnd, guestEnd] = await openPipe(join(directory, "tunnel"));
  const sandbox = { id: "guest", egress: runnerEnd };
  const tunnel = gateway.openTunnel({ sandbox, phase: "agent" });
  const relay: Relay = openRelay({ stream: guestEnd });
  await relay.listen(tunnel.listeners.map(({ name }) => ({ port: 0, name })));
  const port = relay.ports.get("proxy") ?? 0;
  return {
    gateway,
    tunnel,
    port,
    modelPort: relay.ports.get("model") ?? 0,
    ca: [
      ...gateway.files.filter(({ path }) => path === CA_BUNDLE_PATH).map((file) => Buffer.from(file.content).toString()),
      options.upstream.ca,
    ],
    resolved,
    dialled,
    connect: () => dialLoopback(port),
    reopen: (again) => gateway.openTunnel({ sandbox, ...again }),
    async openSecond({ id, ...rest }) {
      const [nearEnd, farEnd] = await openPipe(join(directory, id));
      const { listeners } = gateway.openTunnel({ sandbox: { id, egress: nearEnd }, ...rest });
      const other = openRelay({ stream: farEnd });
      await other.listen(listeners.map(({ name }) => ({ port: 0, name })));
      return { modelPort: other.ports.get("model") ?? 0, [Symbol.asyncDispose]: async () => other.close() };
    },
    async readLog() {
      await gateway[Symbol.asyncDispose]();
      return await readFile(logPath, "utf8").catch(() => "");
    },
    async [Symbol.asyncDispose]() {
      relay.close();
      await gateway[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The outside as the test has it: notes what is resolved and dialled, and leads to the upstream. */
function watchDials(options: GuestOptions, { resolved, dialled }: Pick<Guest, "resolved" | "dialled">): GatewayOverrides {
  let lookups = 0;
  return {
    resolve: async (host) => {
      resolved.push(host);
      const answer = options.resolves[Math.min(lookups, options.resolves.length - 1)] ?? [];
      lookups += 1;
      return answer;
    },
    dial: async ({ address, port, signal }) => {
      dialled.push(address);
      if (options.blackhole === true)
        return await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      if (options.refuseDials === true) throw new Error("connection refused");
      return await dialLoopback(port === 443 || port === 8443 ? options.upstream.tlsPort : options.upstream.httpPort);
    },
    ownAddresses: () => ["127.0.0.1", "::1", "20.1.2.3", "10.9.8.7"],
    upstreamCa: [options.upstream.ca],
    ...options.overrides,
  };
}

function dialLoopback(port: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      socket.on("error", () => undefined);
      resolve(socket);
    });
  });
}

/** Collects what a stream sends, until it is closed, until `enough` says so, or until the time is up, which is for hangs: nothing waits for it that passes. */
export function collect(
  stream: Duplex,
  options: { readonly timeoutMs?: number; readonly enough?: (text: string) => boolean } = {},
): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const finish = (): void => {
      clearTimeout(timer);
      stream.off("data", take);
      stream.off("close", finish);
      stream.off("end", finish);
      resolve(text);
    };
    const take = (chunk: Buffer): void => {
      text += chunk.toString("latin1");
      if (options.enough?.(text) === true) finish();
    };
    const timer = setTimeout(finish, options.timeoutMs ?? 30_000);
    stream.on("data", take);
    stream.once("close", finish);
    stream.once("end", finish);
    stream.on("error", () => undefined);
    if (stream.destroyed || stream.readableEnded) finish();
  });
}

/** The text with the framing of its chunks taken out: what was cut into chunks is whole again. */
export function joinChunks(text: string): string {
  return text.replaceAll(/\r\n[0-9a-f]+\r\n/gi, "");
}

/** Whether a text holds a whole head and, where its length is given, the whole body. */
export function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return false;
  const length = /^content-length: (\d+)$/im.exec(text.slice(0, end))?.[1];
  if (length !== undefined) return text.length >= end + 4 + Number(length);
  return !/^transfer-encoding: chunked$/im.test(text.slice(0, end)) || text.endsWith("0\r\n\r\n");
}

/** Opens TLS over a tunnel that is up. */
export function openTls(
  socket: net.Socket,
  options: { readonly servername: string | null; readonly ca: string[] },
): Promise<tls.TLSSocket> {
  return new Promise((resolve, reject) => {
    const secured = tls.connect({
      socket,
      ca: options.ca,
      ...(options.servername === null ? { checkServerIdentity: () => undefined } : { servername: options.servername }),
    });
    secured.once("secureConnect", () => resolve(secured));
    secured.on("error", reject);
    secured.once("close", () => reject(new Error("closed during the handshake")));
  });
}
