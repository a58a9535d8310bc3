import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { State } from "./state.ts";

export interface ProxyOptions {
  readonly state: State;
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
  try {
    const far = await box.machine.connect(Number(port));
    far.on("error", () => far.destroy());
    const lines = pairs(request.rawHeaders).filter(([name]) => name.toLowerCase() !== "e2b-traffic-access-token");
    far.write(`GET ${request.url ?? "/"} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`);
    if (head.length > 0) far.write(head);
    far.pipe(socket);
    socket.pipe(far);
    far.once("close", () => socket.destroy());
    socket.once("close", () => far.destroy());
  } catch {
    refuse(socket, 502, { sandboxId: id, message: "The sandbox is running but port is not open", port: Number(port), code: 502 });
  }
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
