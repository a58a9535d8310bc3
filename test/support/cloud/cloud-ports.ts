import { spawn } from "node:child_process";
import net from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";

/** The loopback ports of a machine, reached from the host. */
export interface Ports {
  connect(port: number): Promise<Duplex>;
  close(): Promise<void>;
}

/** `enter` is the command that runs another in the machine's network; `internet` an address where something is to answer, or empty. */
export async function openPorts(enter: readonly string[], path: string, internet: string): Promise<Ports> {
  const script = join(import.meta.dirname, "cloud-ports-inside.mjs");
  const [program = "", ...args] = [...enter, process.execPath, script, path, internet];
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"], env: { PATH: process.env["PATH"] ?? "" } });
  child.stdin.on("error", () => undefined);
  await new Promise<void>((settle, reject) => {
    child.stdout.once("data", () => settle());
    child.once("error", reject);
    child.once("exit", () => reject(new Error("The machine's ports cannot be reached.")));
  });
  const gone = new Promise<void>((settle) => child.once("exit", () => settle()));
  return {
    connect: (port) => connectThrough(path, port),
    async close() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

function connectThrough(path: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ path, allowHalfOpen: true });
    const closed = (): void => reject(new Error(`Nobody listens at port ${port}.`));
    socket.once("error", closed);
    socket.once("close", closed);
    socket.write(`${port}\n`);
    const read = (): void => {
      const answer = socket.read(1) as Buffer | null;
      if (answer === null) return;
      socket.off("readable", read);
      if (answer[0] === 43) resolve(socket);
      else socket.destroy();
    };
    socket.on("readable", read);
    socket.on("error", () => undefined);
  });
}
