import http from "node:http";
import net from "node:net";
import type { ModelTool } from "../../../src/domain/model-tools.ts";
import { Secret } from "../../../src/domain/secret.ts";
import { type Broker, type BrokerOptions, openBroker } from "../../../src/gateway/broker/broker.ts";
import type { BrokerLogLine } from "../../../src/gateway/broker/log-line.ts";
import type { ModelApi } from "../../../src/ports/gateway.ts";

/** A key such as no service ever gave out, with every kind of character a key can have. */
export const REAL_KEY = "sk-ant-api03-REAL_k3y+with/slash=and-Tail_9f8e7d6c5b4a3210";

export interface BrokerBench extends AsyncDisposable {
  readonly broker: Broker;
  /** What a client in the guest would connect to. */
  readonly port: number;
  readonly url: string;
  readonly log: readonly BrokerLogLine[];
  /** Requests that reached the service, with their raw headers. */
  readonly reached: readonly {
    readonly method: string;
    readonly url: string;
    readonly rawHeaders: readonly string[];
    readonly body: string;
  }[];
}

export interface BrokerBenchOptions {
  readonly api?: ModelApi;
  /** The service, as hostile as the test likes; or the URL of one that runs already. */
  readonly service: http.RequestListener | string;
  readonly options?: Partial<BrokerOptions>;
  readonly kind?: "api-key" | "oauth-token";
  readonly allowedModels?: readonly string[];
  readonly tools?: readonly ModelTool[];
  readonly prefix?: string;
}

/** A broker on a loopback port before a service on another. */
export async function openBrokerBench(setup: BrokerBenchOptions): Promise<BrokerBench> {
  const reached: { method: string; url: string; rawHeaders: readonly string[]; body: string }[] = [];
  const service = setup.service;
  const upstream = typeof service === "string" ? undefined : http.createServer((request, response) => void collect(request, response));
  const collect = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const entry = {
      method: request.method ?? "",
      url: request.url ?? "",
      rawHeaders: request.rawHeaders,
      body: Buffer.concat(chunks).toString(),
    };
    reached.push(entry);
    if (typeof service !== "string") service(request, response);
  };
  const base = upstream === undefined ? String(service) : `http://127.0.0.1:${await listen(upstream)}`;
  const log: BrokerLogLine[] = [];
  const broker = openBroker({
    model: {
      api: setup.api ?? "anthropic",
      baseUrl: base + (setup.prefix ?? ""),
      credential: { kind: setup.kind ?? "api-key", value: new Secret(REAL_KEY, "anthropic-api-key") },
      allowedModels: setup.allowedModels ?? [],
      ...(setup.tools === undefined ? {} : { tools: setup.tools }),
    },
    limits: { maxCostUsd: 100, maxTurns: 0 },
    log: (line) => log.push(line),
    ...setup.options,
  });
  const front = net.createServer((socket) => broker.serve(socket));
  const port = await listen(front);
  return {
    broker,
    port,
    url: `http://127.0.0.1:${port}`,
    log,
    reached,
    async [Symbol.asyncDispose]() {
      await broker.close();
      upstream?.closeAllConnections();
      upstream?.close();
      front.close();
    },
  };
}

export function listen(server: net.Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

export const ASK = { model: "claude-opus-5-5", max_tokens: 1000, tools: [{ name: "Bash" }], messages: [{ role: "user", content: "go" }] };

/** An ordinary request of an agent, with the surrogate. */
export function ask(bench: BrokerBench, body: unknown = ASK, init: RequestInit & { readonly path?: string } = {}): Promise<Response> {
  const { path = "/v1/messages", ...rest } = init;
  return fetch(bench.url + path, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    redirect: "manual",
    ...rest,
    headers: { "content-type": "application/json", "x-api-key": bench.broker.surrogate.reveal(), ...rest.headers },
  });
}

/** Sends bytes as they are and returns every byte that came back until the other side closed. */
export function exchangeRaw(port: number, bytes: string | Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = net.connect(port, "127.0.0.1", () => void socket.write(bytes));
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("error", () => undefined);
    socket.once("close", () => resolve(Buffer.concat(chunks)));
  });
}

/** The bytes of a request with this head and body, on a connection that closes after it. */
export function rawRequest(head: readonly string[], body = ""): string {
  const length = body === "" ? [] : [`content-length: ${Buffer.byteLength(body)}`];
  return [...head, ...length, "connection: close", "", body].join("\r\n");
}
