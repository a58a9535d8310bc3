import type { Duplex } from "node:stream";
import { NO_USAGE } from "../domain/model/usage.ts";
import type { Gateway, GatewayOptions, TunnelOptions } from "../ports/gateway.ts";
import { type Broker, openBroker } from "./broker/broker.ts";
import { listToolDomains } from "./broker/server-side-tools.ts";
import { openProxy, type ProxyOverrides, type RunProxy } from "./proxy/proxy.ts";
import { openLinks } from "./tunnel/links.ts";
import { writeSingly } from "./tunnel/single-writes.ts";

/** Ports on the guest's loopback. */
const PROXY_PORT = 3128;
const MODEL_PORT = 3129;

export type GatewayOverrides = ProxyOverrides;

/** Opens the gateway of one run: proxy, broker, log. Nothing listens on the runner; guests arrive through their tunnels. */
export async function openGateway(options: GatewayOptions, overrides: GatewayOverrides = {}): Promise<Gateway> {
  await using opened = new AsyncDisposableStack();
  const proxy = opened.use(openProxy(options, PROXY_PORT, overrides));
  const { model, limits } = options;
  const { prices = {} } = limits;
  const broker = model === undefined ? undefined : openBroker({ model, limits, prices, toolDomains: listToolDomains(options) });
  const links = openLinks((error) => options.onTunnelFailure?.(error));
  opened.move();
  return {
    openTunnel: (tunnel) => openTunnel({ options, proxy, broker, links }, tunnel),
    env: proxy.env,
    files: proxy.files,
    tryModel: async () => await broker?.tryCredential(),
    usage: async () => broker?.usage() ?? NO_USAGE,
    egress: async () => proxy.summary(),
    exhausted: broker?.exhausted ?? new AbortController().signal,
    async [Symbol.asyncDispose]() {
      links.close();
      await broker?.close();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

interface Parts {
  readonly options: GatewayOptions;
  readonly proxy: RunProxy;
  readonly broker: Broker | undefined;
  readonly links: ReturnType<typeof openLinks>;
}

function openTunnel({ options, proxy, broker, links }: Parts, { sandbox, phase, view }: TunnelOptions): ReturnType<Gateway["openTunnel"]> {
  const model = view?.model === false ? undefined : broker;
  const lane = proxy.openLane({ sandbox: sandbox.id, phase, view });
  const connections = new Set<Duplex>();
  const leave = links.join(sandbox.egress, (name, stream) => {
    writeSingly(stream);
    connections.add(stream);
    stream.once("close", () => connections.delete(stream));
    if (name === "proxy") lane.serve(stream);
    else if (name === "model" && model !== undefined) model.serve(stream, lane.add);
    else stream.destroy();
  });
  const modelListener = model === undefined ? [] : [{ port: MODEL_PORT, name: "model" }];
  return {
    listeners: [{ port: PROXY_PORT, name: "proxy" }, ...modelListener],
    model:
      options.model === undefined || model === undefined
        ? undefined
        : { api: options.model.api, baseUrl: `http://127.0.0.1:${MODEL_PORT}`, surrogate: model.surrogate },
    enter: lane.enter,
    close() {
      leave();
      lane.close();
      for (const stream of connections) stream.destroy();
    },
  };
}
