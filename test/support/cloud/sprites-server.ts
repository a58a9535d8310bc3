import http, { type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { listen } from "../model/broker-bench.ts";
import { openFaults } from "./faults.ts";
import { type ApiOptions, answerApi, type CreateBody } from "./sprites-server/api.ts";
import { type AskedCommand, parseExec, serveExec } from "./sprites-server/exec.ts";
import type { SpritesFault, SpritesFaults, Stage } from "./sprites-server/faults.ts";
import { serveProxy } from "./sprites-server/proxy.ts";
import { openState, type Rule, type Sprite, type State } from "./sprites-server/state.ts";

/**
 * Fly Sprites on the wire: REST, exec and proxy sockets, written from the published API reference and SDK types. Behind it are real
 * processes in namespaces. Strict: whatever the real service would not understand is answered as there and noted as a complaint.
 */
export interface SpritesServer extends AsyncDisposable {
  readonly token: string;
  /** For the adapter and for a job. */
  readonly env: Readonly<Record<string, string>>;
  readonly state: State;
  readonly faults: SpritesFaults;
  /** Creations, as they were asked for. */
  readonly asked: readonly CreateBody[];
  /** Commands, in the order in which they were asked for. */
  readonly commands: readonly AskedCommand[];
  /** Method and path with query of every request, in order. */
  readonly requests: readonly string[];
  readonly complaints: readonly string[];
  /** Cuts every proxied connection there is. Returns how many. */
  cutProxies(): number;
  /** Settings that a test may change while the server runs. */
  readonly behaviour: Behaviour;
}

export interface Behaviour {
  /** What the policy is said to be, instead of what it is. */
  toldRules: readonly Rule[] | undefined;
  forcedAuth: string | undefined;
  listsLabels: boolean;
  maxSprites: number;
}

export interface SpritesServerOptions {
  readonly node?: "current" | "none";
  /** The policy is accepted and answered for, and does nothing. */
  readonly ignoresPolicy?: boolean;
}

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

export async function startSprites({ node = "current", ignoresPolicy = false }: SpritesServerOptions = {}): Promise<SpritesServer> {
  await using opened = new AsyncDisposableStack();
  const token = "test-org/0000000000/sprites-token-0123456789abcdef";
  const state = opened.use(openState({ node, ignoresPolicy }));
  const faults = openFaults<Stage, SpritesFault>();
  const behaviour: Behaviour = { toldRules: undefined, forcedAuth: undefined, listsLabels: true, maxSprites: 100 };
  const [asked, commands, requests, complaints]: [CreateBody[], AskedCommand[], string[], string[]] = [[], [], [], []];
  const complain = (text: string): void => void complaints.push(text);
  const proxies = new Set<WebSocket>();
  const apiOptions = (): ApiOptions => ({ state, faults, token, asked, complain, ...behaviour });
  const server = http.createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answerApi(request, response, apiOptions()).catch(() => request.socket.destroy());
  });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    requests.push(`WS ${request.url}`);
    upgrade({ request, socket, head }, { state, faults, token, commands, complain, sockets, proxies });
  });
  const port = await listen(server);
  opened.defer(async () => {
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
    await new Promise((settle) => server.close(settle));
  });
  const moved = opened.move();
  return {
    ...{ token, state, faults, asked, commands, requests, complaints, behaviour },
    env: { SPRITES_API_URL: `http://127.0.0.1:${port}` },
    cutProxies() {
      const count = proxies.size;
      for (const socket of proxies) socket.terminate();
      return count;
    },
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

interface UpgradeOptions {
  readonly state: State;
  readonly faults: SpritesFaults;
  readonly token: string;
  readonly commands: AskedCommand[];
  readonly complain: (text: string) => void;
  readonly sockets: WebSocketServer;
  readonly proxies: Set<WebSocket>;
}

function upgrade({ request, socket, head }: Upgrade, options: UpgradeOptions): void {
  socket.on("error", () => socket.destroy());
  const found = admit(request, options);
  if (typeof found === "number") {
    refuse(socket, found);
    return;
  }
  const { sprite, asked } = found;
  const fault = isHold(asked) ? undefined : options.faults.take(asked === undefined ? "proxy" : "exec");
  if (fault?.kind === "status") refuse(socket, fault.status, fault.retryAfterS);
  else if (fault?.kind === "drop" && asked === undefined) socket.destroy();
  else options.sockets.handleUpgrade(request, socket, head, (accepted) => serve(accepted, { ...options, sprite, asked, fault }));
}

interface Admitted {
  readonly sprite: Sprite;
  /** undefined: a proxy. */
  readonly asked: AskedCommand | undefined;
}

/** A number is the status of a refusal. */
function admit(request: IncomingMessage, { state, token, complain }: UpgradeOptions): Admitted | number {
  const url = new URL(request.url ?? "/", "http://api");
  if (url.href.includes(encodeURIComponent(token))) complain("The token is in an address.");
  if (request.headers.authorization !== `Bearer ${token}`) return 401;
  const [, name = "", kind] = /^\/v1\/sprites\/([^/]+)\/(exec|proxy)$/.exec(url.pathname) ?? [];
  const sprite = state.sprites.get(name);
  if (sprite === undefined) return 404;
  if (kind === "proxy") {
    if (url.search !== "") complain("The address of a proxy has a query.");
    return { sprite, asked: undefined };
  }
  const asked = parseExec({ sprite, url, complain });
  return asked === undefined ? 400 : { sprite, asked };
}

/** The session that only keeps a sprite awake meets no faults meant for commands. */
function isHold(asked: AskedCommand | undefined): boolean {
  return asked?.argv[0] === "sleep";
}

interface Serving extends UpgradeOptions {
  readonly sprite: Sprite;
  readonly asked: AskedCommand | undefined;
  readonly fault: SpritesFault | undefined;
}

function serve(accepted: WebSocket, { sprite, asked, fault, commands, complain, proxies }: Serving): void {
  const { sockets } = sprite;
  sockets.add(accepted);
  accepted.on("error", () => undefined);
  accepted.once("close", () => {
    sockets.delete(accepted);
    proxies.delete(accepted);
  });
  if (fault?.kind === "half-open") accepted.pause();
  if (asked === undefined) {
    proxies.add(accepted);
    serveProxy(accepted, { sprite, fault, complain });
    return;
  }
  commands.push(asked);
  if (fault?.kind === "half-open") return;
  serveExec(accepted, asked, { sprite, fault }).catch(() => accepted.terminate());
}

function refuse(socket: Duplex, status: number, retryAfterS?: number): void {
  const retry = retryAfterS === undefined ? "" : `retry-after: ${retryAfterS}\r\n`;
  socket.end(`HTTP/1.1 ${status} Refused\r\n${retry}content-length: 0\r\nconnection: close\r\n\r\n`);
}
