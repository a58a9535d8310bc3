import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdir } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { Duplex, Readable } from "node:stream";
import { MINIMAL_ENV } from "../../programs/find-program.ts";
import { type ConfinementRequest, confine } from "./confinement.ts";
import { killProcesses } from "./processes.ts";
import { type ChannelAddress, type MachineRequest, qemuArguments } from "./qemu-arguments.ts";
import { type SerialConsole, watchSerial } from "./serial-console.ts";

/** A running QEMU. */
export interface Machine {
  /** Both resolve once QEMU holds the other end. */
  readonly channels: Promise<{ readonly control: Duplex; readonly egress: Duplex }>;
  readonly console: SerialConsole;
  /** QEMU's own complaints. */
  readonly complaints: SerialConsole;
  /** Resolves with how it ended. */
  readonly exited: Promise<string>;
  /** Kills it and resolves when every process of it is gone. */
  stop(): Promise<void>;
}

interface MachineOptions {
  /** The sandbox's own folder, for sockets. */
  readonly directory: string;
  readonly confinement: ConfinementRequest;
  readonly machine: Omit<MachineRequest, "control" | "egress">;
  /** False for the probe, which needs no ports. */
  readonly hasChannels: boolean;
}

/** Where sockets are in QEMU's view. */
const SOCKETS_TARGET = "/sockets";

export async function startMachine(options: MachineOptions): Promise<Machine> {
  const channels = options.hasChannels ? await openChannels(options) : null;
  const bindings = [...options.confinement.bindings, ...(channels?.bindings ?? [])];
  const program = [options.confinement.tools.qemu, ...qemuArguments({ ...options.machine, ...channels?.addresses })];
  const [file = "", ...argv] = confine({ ...options.confinement, bindings }, program);
  const child = spawn(file, argv, {
    // A session of its own: an interrupt typed at a terminal is for Airlock alone.
    detached: true,
    env: { ...MINIMAL_ENV },
    // Under sudo, stdin is the lifetime pipe; else the console would read it.
    stdio: [options.confinement.privilege.kind === "sudo" ? "pipe" : "ignore", "pipe", "pipe", ...(channels?.stdio ?? [])],
  });
  return watch(child, { id: options.machine.id, channels });
}

interface Channels {
  readonly addresses: { readonly control: ChannelAddress; readonly egress: ChannelAddress };
  readonly stdio: readonly "pipe"[];
  readonly bindings: readonly { readonly source: string; readonly target: string; readonly writable: boolean }[];
  connect(child: ChildProcess): Promise<{ control: Duplex; egress: Duplex }>;
  close(): void;
}

async function openChannels({ directory, confinement }: MachineOptions): Promise<Channels> {
  if (confinement.privilege.kind !== "sudo") {
    return {
      addresses: { control: { fd: 3 }, egress: { fd: 4 } },
      stdio: ["pipe", "pipe"],
      bindings: [],
      connect: async (child) => ({ control: duplexAt(child, 3), egress: duplexAt(child, 4) }),
      close: () => {},
    };
  }
  const folder = join(directory, "s");
  await mkdir(folder, { mode: 0o711 });
  await chmod(folder, 0o711);
  const [control, egress] = await Promise.all([listenOnce(join(folder, "ctl")), listenOnce(join(folder, "net"))]);
  return {
    addresses: { control: { socket: `${SOCKETS_TARGET}/ctl` }, egress: { socket: `${SOCKETS_TARGET}/net` } },
    stdio: [],
    bindings: [{ source: folder, target: SOCKETS_TARGET, writable: true }],
    connect: async () => ({ control: await control.accepted, egress: await egress.accepted }),
    close: () => {
      control.close();
      egress.close();
    },
  };
}

function duplexAt(child: ChildProcess, fd: number): Duplex {
  const stream = child.stdio[fd] as Socket | null | undefined;
  if (stream === null || stream === undefined) throw new Error(`no stream at descriptor ${fd}`);
  return stream;
}

/** Takes one connection and stops listening. The folder above is closed to everybody else. */
async function listenOnce(path: string): Promise<{ readonly accepted: Promise<Socket>; close(): void }> {
  const server = createServer();
  const accepted = new Promise<Socket>((resolve, reject) => {
    server.once("connection", (socket) => {
      server.close();
      resolve(socket);
    });
    server.once("error", reject);
  });
  accepted.catch(() => {});
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o666);
  return { accepted, close: () => server.close() };
}

function watch(child: ChildProcess, { id, channels }: { readonly id: string; readonly channels: Channels | null }): Machine {
  const exited = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal === null ? `exit status ${code}` : `signal ${signal}`));
  });
  child.on("error", () => {});
  // A write error only means that the other end is gone.
  child.stdin?.on("error", () => {});
  const connected =
    channels === null
      ? Promise.reject(new Error("no channels"))
      : Promise.race([channels.connect(child), exited.then((how) => Promise.reject(new Error(`QEMU ended: ${how}`)))]);
  connected.catch(() => {});
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    channels?.close();
    child.stdin?.end();
    // sudo runs as root: a signal from us would only be refused.
    if (child.pid !== undefined && child.stdin === null) child.kill("SIGKILL");
    await killProcesses(id);
    if (child.pid !== undefined) await exited;
  };
  return {
    channels: connected,
    console: watchSerial(child.stdout as Readable),
    complaints: watchSerial(child.stderr as Readable),
    exited,
    stop: () => (stopping ??= stop()),
  };
}
