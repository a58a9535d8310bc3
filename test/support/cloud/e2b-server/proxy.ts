import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Fault } from "../faults.ts";
import type { E2bFaults } from "./faults.ts";
import type { Box, State } from "./state.ts";

export interface ProxyOptions {
  readonly state: State;
  readonly faults: E2bFaults;
  readonly domain: string;
  readonly complain: (text: string) => void;
}

/** The way to a sandbox's ports: `<port>-<id>.<domain>`, with a token unless its ports are public. */
export async function leadUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, options: ProxyOptions): Promise<void> {
  socket.on("error", () => socket.destroy());
  const [, port = "", id = "", domain] = /^([0-9]+)-([a-z0-9]+)\.(.+)$/.exec(request.headers.host ?? "") ?? [];
  if (domain !== options.domain) options.complain(`No sandbox is behind the host ${request.headers.host ?? ""}.`);
  if ((request.url ?? "").includes("?")) options.complain("The address of a port has a query.");
  const box = options.state.boxes.get(id);
  if (box === undefined) return refuse(socket, 502, { sandboxId: id, message: "The sandbox was not found", code: 502 });
  if (box.trafficToken !== undefined && request.headers["e2b-traffic-access-token"] !== box.trafficToken) {
    return refuse(socket, 403, { sandboxId: id, message: "Sandbox is secured with a traffic access token", code: 403 });
  }
  const fault = options.faults.take("tunnel");
  if (fault !== undefined) return strike({ request, socket, head }, fault);
  await leadTo({ request, socket, head }, box, Number(port));
}

interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

async function leadTo({ request, socket, head }: Upgrade, box: Box, port: number): Promise<void> {
  try {
    const far = await box.machine.connect(port);
    far.on("error", () => far.destroy());
    const lines = pairs(request.rawHeaders).filter(([name]) => name.toLowerCase() !== "e2b-traffic-access-token");
    far.write(`GET ${request.url ?? "/"} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`);
    if (head.length > 0) far.write(head);
    far.pipe(socket);
    socket.pipe(far);
    far.once("close", () => socket.destroy());
    socket.once("close", () => far.destroy());
  } catch {
    refuse(socket, 502, { sandboxId: box.id, message: "The sandbox is running but port is not open", port, code: 502 });
  }
}

/** A lie: somebody answers who is not the guest and does not know its token. */
function strike({ request, socket, head }: Upgrade, fault: Fault): void {
  if (fault.kind === "status") refuse(socket, fault.status, { message: "A fault was injected.", code: fault.status });
  else if (fault.kind === "lie") pretend({ request, socket, head });
  else socket.destroy();
}

function pretend({ request, socket, head }: Upgrade): void {
  new WebSocketServer({ noServer: true }).handleUpgrade(request, socket, head, (accepted) => {
    accepted.on("error", () => undefined).send(Buffer.alloc(512, 1));
  });
}

function pairs(raw: readonly string[]): readonly (readonly [string, string])[] {
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ""] as const] : []));
}

function refuse(socket: Duplex, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} Refused\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\nconnection: close\r\n\r\n${text}`,
  );
}
