import { Buffer } from "node:buffer";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import http from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parsePolicy } from "../../../src/domain/egress/policy.ts";
import type { Registries } from "../../../src/domain/egress/presets.ts";
import { Secret } from "../../../src/domain/secret.ts";
import { openGateway } from "../../../src/gateway/gateway.ts";
import { CA_BUNDLE_PATH } from "../../../src/gateway/tunnel/guest-env.ts";
import type { Gateway, InjectionRule, Tunnel } from "../../../src/ports/gateway.ts";
import { listen, REAL_KEY } from "../model/broker-bench.ts";
import { openGatewayGuest, runAsAgent, runInGuest } from "../sandbox/gateway-guest.ts";
import { openUpstream, type Upstream } from "./upstream.ts";

export interface SandboxedOptions {
  readonly allow: string;
  readonly deny?: string;
  /** Where the runner's package managers download from. Default: none is configured. */
  readonly registries?: Registries;
  /** Default: none is declared. */
  readonly secrets?: readonly InjectionRule[];
  /** What the runner's resolver says; default one public address for every name. */
  readonly resolve?: (host: string) => readonly string[];
}

/** A sandbox of namespaces behind a gateway with a model, and a server on loopback that stands for every host outside. */
export interface Sandboxed extends AsyncDisposable {
  readonly upstream: Upstream;
  readonly gateway: Gateway;
  readonly tunnel: Tunnel;
  /** Names that the runner resolved. */
  readonly resolved: readonly string[];
  /** Runs a script as root inside; `$MODEL` is the model's base URL there, `$KEY` its surrogate. */
  inside(script: string): Promise<string>;
  /** Runs a script as the agent in `/work`, with a command's own environment and Go's folder in `PATH`. */
  asAgent(script: string): Promise<string>;
  readLog(): Promise<string>;
  readonly model: ModelService;
}

/** The service that gets the real key. */
export interface ModelService {
  readonly port: number;
  /** The keys that arrived, in order. */
  readonly keys: readonly string[];
  answer: http.RequestListener;
}

export async function openSandboxed({
  allow,
  deny = "",
  registries = {},
  secrets = [],
  resolve = () => ["93.184.215.14"],
}: SandboxedOptions): Promise<Sandboxed> {
  await using opened = new AsyncDisposableStack();
  const upstream = opened.use(await openUpstream());
  const model = await openModelService(opened);
  const directory = await mkdtemp(join(tmpdir(), "airlock-sandbox-egress-"));
  opened.defer(() => rm(directory, { recursive: true, force: true }));
  const logPath = join(directory, "egress.jsonl");
  const resolved: string[] = [];
  const gateway = opened.use(
    await openGateway(
      {
        policy: parsePolicy({ allow: allow.replaceAll("MODEL_PORT", String(model.port)), deny }, registries),
        mode: "allowlist",
        model: {
          api: "anthropic",
          baseUrl: `http://127.0.0.1:${model.port}`,
          credential: { kind: "api-key", value: new Secret(REAL_KEY, "anthropic-api-key") },
          allowedModels: [],
        },
        limits: { maxCostUsd: 100, maxTurns: 0 },
        logPath,
        secrets,
      },
      {
        resolve: async (host) => {
          resolved.push(host);
          return resolve(host);
        },
        dial: async ({ port }) => {
          const socket = connect({ port: port === 443 ? upstream.tlsPort : upstream.httpPort, host: "127.0.0.1", allowHalfOpen: true });
          await new Promise((done, fail) => socket.once("connect", done).once("error", fail));
          return socket;
        },
        upstreamCa: [upstream.ca],
      },
    ),
  );
  const { sandbox, tunnel } = await openGatewayGuest(gateway);
  opened.use(sandbox);
  const bundle = Buffer.concat([
    gateway.files.find(({ path }) => path === CA_BUNDLE_PATH)?.content ?? Buffer.alloc(0),
    Buffer.from(upstream.ca),
  ]);
  await sandbox.writeFiles([{ path: CA_BUNDLE_PATH, content: bundle, owner: "root" }]);
  const variables = `MODEL='${tunnel.model?.baseUrl}' KEY='${tunnel.model?.surrogate.reveal()}' MODEL_PORT='${model.port}'; `;
  const owned = opened.move();
  return {
    upstream,
    gateway,
    tunnel,
    resolved,
    model,
    asAgent: (script) => runAsAgent(sandbox, gateway, script),
    inside: (script) => runInGuest(sandbox, gateway, variables + script),
    readLog: () => readFile(logPath, "utf8"),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function openModelService(opened: AsyncDisposableStack): Promise<ModelService> {
  const keys: string[] = [];
  const state = { answer: ((_request, response) => void response.end("{}")) as http.RequestListener };
  const server = http.createServer((request, response) => {
    keys.push(String(request.headers["x-api-key"]));
    request.resume().once("end", () => state.answer(request, response));
  });
  const port = await listen(server);
  opened.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    port,
    keys,
    get answer() {
      return state.answer;
    },
    set answer(answer) {
      state.answer = answer;
    },
  };
}
