import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { WebSocket } from "ws";
import type { CloudMachine, MachineProcess } from "../cloud-host.ts";
import type { SpritesFault } from "./faults.ts";
import { IMAGE_USER, type Sprite, SUDO } from "./state.ts";

/** A command as it was asked for. */
export interface AskedCommand {
  readonly sprite: string;
  readonly argv: readonly string[];
  readonly keepMs: number;
  /** All that was sent to its input. */
  stdin: string;
}

export interface ExecOptions {
  readonly sprite: Sprite;
  readonly url: URL;
  readonly fault: SpritesFault | undefined;
  readonly commands: AskedCommand[];
  readonly complain: (text: string) => void;
}

const KNOWN = new Set(["cmd", "path", "stdin", "dir", "env", "tty", "rows", "cols", "detachable", "max_run_after_disconnect"]);
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const DEFAULT_KEEP_MS = 10_000;
/** The real service holds the socket about five seconds after the exit frame. */
const HOLD_MS = 5_000;

/** What was asked for; undefined when the real service would not understand it. */
export function parseExec({ sprite, url, complain }: Omit<ExecOptions, "fault" | "commands">): AskedCommand | undefined {
  const query = url.searchParams;
  const argv = query.getAll("cmd");
  for (const name of query.keys()) if (!KNOWN.has(name)) complain(`A command was asked for with the unknown word ${name}.`);
  if (query.has("env")) complain("A command's environment is in an address.");
  if (sprite.rules.length === 0) complain("A command ran before the network was closed.");
  const [, amount, unit = ""] = /^([0-9]+)(ms|s|m|h)$/.exec(query.get("max_run_after_disconnect") ?? "") ?? [];
  if (amount === undefined) complain("A command does not say how long it may go on alone.");
  if (argv.length === 0 || query.get("path") !== argv[0] || query.get("stdin") !== "true") return undefined;
  return { sprite: sprite.name, argv, keepMs: amount === undefined ? DEFAULT_KEEP_MS : Number(amount) * (UNITS[unit] ?? 1), stdin: "" };
}

/** One session without a terminal: real processes, framed output. */
export async function serveExec(
  socket: WebSocket,
  asked: AskedCommand,
  { sprite, fault }: Pick<ExecOptions, "sprite" | "fault">,
): Promise<void> {
  const send = (data: string | Buffer): void => {
    if (socket.readyState === socket.OPEN) socket.send(data);
  };
  // What arrives before the command is there to read it waits.
  socket.pause();
  if (fault?.kind === "slow") await sleep(fault.delayMs);
  if (fault?.kind === "lie") return send(Buffer.of(3, 0));
  const machine = await sprite.machine();
  const isRoot = asked.argv[0] === "sudo" && (await hasSudo(machine));
  const argv = isRoot ? asked.argv.slice(2) : asked.argv;
  const started = await machine.start({ argv, user: isRoot ? "root" : IMAGE_USER });
  const info = { session_id: String(started.pid), command: asked.argv.join(" "), created: 1, cols: 0, rows: 0, is_owner: true, tty: false };
  send(JSON.stringify({ type: "session_info", ...info }));
  takeInput(socket, started, asked);
  endAlone(socket, { machine, started, keepMs: asked.keepMs });
  if (fault?.kind === "drop" && fault.after !== true) return socket.terminate();
  const copies = fault?.kind === "duplicate" ? 2 : 1;
  const tell = (stream: number, piece: Buffer): void => {
    const told = fault?.kind === "truncate" ? piece.subarray(0, Math.floor(piece.length / 2)) : piece;
    for (let copy = 0; copy < copies; copy++) send(Buffer.concat([Buffer.of(stream), told]));
  };
  const ended = [follow(started.stdout, 1, tell), follow(started.stderr, 2, tell)];
  const { code, signal } = await started.exit;
  await Promise.race([Promise.all(ended), sleep(1_000)]);
  if (fault?.kind === "drop") return socket.terminate();
  send(Buffer.of(3, signal === null ? (code ?? 0) & 0xff : 137));
  const hold = setTimeout(() => socket.close(1000), HOLD_MS);
  socket.once("close", () => clearTimeout(hold));
}

async function hasSudo(machine: CloudMachine): Promise<boolean> {
  const { exit, stdout, stderr } = await machine.start({ argv: ["/usr/bin/test", "-u", SUDO], user: "root" });
  stdout.resume();
  stderr.resume();
  return (await exit).code === 0;
}

function takeInput(socket: WebSocket, { stdin }: MachineProcess, asked: AskedCommand): void {
  socket.on("message", (data, isBinary) => {
    const message = data as Buffer;
    if (!isBinary) return;
    if (message[0] === 0) {
      asked.stdin += message.toString("utf8", 1);
      stdin.write(message.subarray(1));
    } else if (message[0] === 4) stdin.end();
    else socket.close(1003);
  });
  socket.resume();
}

/** Left alone, a command goes on for as long as was asked for, and no longer. */
function endAlone(
  socket: WebSocket,
  { machine, started, keepMs }: { readonly machine: CloudMachine; readonly started: MachineProcess; readonly keepMs: number },
): void {
  let timer: NodeJS.Timeout | undefined;
  const leave = (): void => {
    timer = setTimeout(() => void machine.signal(started.pid, "KILL").catch(() => undefined), Math.min(keepMs, 2 ** 31 - 1));
    timer.unref();
  };
  if (socket.readyState === socket.OPEN) socket.once("close", leave);
  else leave();
  void started.exit.then(() => {
    socket.off("close", leave);
    clearTimeout(timer);
  });
}

async function follow(source: Readable, stream: number, tell: (stream: number, piece: Buffer) => void): Promise<void> {
  for await (const piece of source as AsyncIterable<Buffer>) tell(stream, piece);
}
