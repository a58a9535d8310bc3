import http from "node:http";
import type { Duplex } from "node:stream";
import { listen } from "../model/broker-bench.ts";
import { answerApi, type CreateBody } from "./e2b-server/api.ts";
import { answerEnvd } from "./e2b-server/envd.ts";
import type { E2bFaults, Stage } from "./e2b-server/faults.ts";
import { leadUpgrade } from "./e2b-server/proxy.ts";
import { openState, type State, type Template } from "./e2b-server/state.ts";
import { openFaults } from "./faults.ts";

/**
 * E2B on the wire, for the real SDK: the control API, the daemon in each sandbox, and the proxy to sandboxes' ports. Written from the SDK's
 * types and the service's published protocol; behind it are real processes in namespaces. Strict: whatever the real service would not
 * understand is answered as there and noted as a complaint.
 */
export interface E2bServer extends AsyncDisposable {
  readonly apiKey: string;
  /** For the adapter and for a job: `E2B_API_URL` and its kin. */
  readonly env: Readonly<Record<string, string>>;
  readonly tunnelPort: number;
  /** Cuts every connection to a sandbox's port. Returns how many there were. */
  cutTunnels(): number;
  readonly state: State;
  readonly faults: E2bFaults;
  /** Creations, as they were asked for. */
  readonly asked: readonly CreateBody[];
  /** Command lines given to the daemon. */
  readonly commands: readonly string[];
  /** Their time limits; 0: none. */
  readonly limitsMs: readonly number[];
  /** What the real service would not have understood. */
  readonly complaints: readonly string[];
}

export interface E2bServerOptions {
  readonly templates?: Readonly<Record<string, Template>>;
  /** Default 24. */
  readonly maxHours?: number;
  /** Default 100. */
  readonly maxSandboxes?: number;
  readonly breaksPromise?: "no network" | "private ports" | "secured daemon";
}

const DOMAIN = "e2b.test";
const TEMPLATES = { base: { node: "current" }, claude: { node: "current" }, bare: { node: "none" } } as const;

export async function startE2b(options: E2bServerOptions = {}): Promise<E2bServer> {
  await using opened = new AsyncDisposableStack();
  const apiKey = "e2b_0123456789abcdef0123456789abcdef01234567";
  const state = opened.use(openState({ ...TEMPLATES, ...options.templates }));
  const faults = openFaults<Stage>();
  const asked: CreateBody[] = [];
  const commands: string[] = [];
  const limitsMs: number[] = [];
  const complaints: string[] = [];
  const complain = (text: string): void => void complaints.push(text);
  const { maxHours = 24, maxSandboxes = 100, breaksPromise } = options;
  const apiOptions = { state, faults, apiKey, domain: DOMAIN, maxHours, maxSandboxes, breaksPromise, asked, complain };
  const api = await serve(opened, (request, response) => answerApi(request, response, apiOptions));
  const envd = await serve(opened, (request, response) => answerEnvd(request, response, { state, faults, commands, limitsMs, complain }));
  const tunnel = await serve(opened, async (_request, response) => void response.writeHead(404).end());
  tunnel.server.on(
    "upgrade",
    (request, socket: Duplex, head: Buffer) => void leadUpgrade(request, socket, head, { state, faults, domain: DOMAIN, complain }),
  );
  const moved = opened.move();
  return {
    apiKey,
    env: {
      E2B_API_URL: `http://127.0.0.1:${api.port}`,
      E2B_SANDBOX_URL: `http://127.0.0.1:${envd.port}`,
      AIRLOCK_E2B_TUNNEL_URL: `ws://127.0.0.1:${tunnel.port}`,
    },
    tunnelPort: tunnel.port,
    cutTunnels: tunnel.cut,
    state,
    faults,
    asked,
    commands,
    limitsMs,
    complaints,
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => Promise<void>;

interface Served {
  readonly server: http.Server;
  readonly port: number;
  cut(): number;
}

async function serve(opened: AsyncDisposableStack, handle: Handler): Promise<Served> {
  const server = http.createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  server.requestTimeout = 0;
  const sockets = new Set<Duplex>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const port = await listen(server);
  const cut = (): number => {
    const count = sockets.size;
    for (const socket of sockets) socket.destroy();
    return count;
  };
  opened.defer(() => {
    cut();
    server.close();
  });
  return { server, port, cut };
}
