import type { Duplex } from "node:stream";
import { NO_USAGE } from "../domain/model/usage.ts";
import type { Gateway, GatewayOptions } from "../ports/gateway.ts";
import { openBroker } from "./broker/broker.ts";
import { openProxy, type ProxyOverrides } from "./proxy/proxy.ts";
import { writeSingly } from "./tunnel/single-writes.ts";
import { serveTunnel, type Tunnel } from "./tunnel/tunnel.ts";

/** Ports on the guest's loopback. */
const PROXY_PORT = 3128;
const MODEL_PORT = 3129;

export type GatewayOverrides = ProxyOverrides;

/** Opens the gateway of one run: proxy, broker, log. Nothing listens on the runner; the guest arrives through `attach`. */
export async function openGateway(options: GatewayOptions, overrides: GatewayOverrides = {}): Promise<Gateway> {
  await using opened = new AsyncDisposableStack();
  const proxy = opened.use(openProxy(options, PROXY_PORT, overrides));
  const { model, limits } = options;
  const { prices = {} } = limits;
  const broker = model === undefined ? undefined : openBroker({ model, limits, prices, log: (line) => proxy.log.add(line) });
  const tunnels = new Set<Tunnel>();
  const onStream = (name: string, stream: Duplex): void => {
    writeSingly(stream);
    if (name === "proxy") proxy.serve(stream);
    else if (name === "model" && broker !== undefined) broker.serve(stream);
    else stream.destroy();
  };
  opened.move();
  return {
    attach(stream) {
      const tunnel = serveTunnel(stream, onStream, {
        onFailure: (error) => options.onTunnelFailure?.(error),
        onClose: () => tunnels.delete(tunnel),
      });
      tunnels.add(tunnel);
    },
    listeners: [{ port: PROXY_PORT, name: "proxy" }, ...(broker === undefined ? [] : [{ port: MODEL_PORT, name: "model" }])],
    model:
      model === undefined || broker === undefined
        ? undefined
        : { api: model.api, baseUrl: `http://127.0.0.1:${MODEL_PORT}`, surrogate: broker.surrogate },
    env: proxy.env,
    files: proxy.files,
    enter: (phase) => proxy.log.enter(phase),
    usage: () => broker?.usage() ?? NO_USAGE,
    egress: () => proxy.summary(),
    exhausted: broker?.exhausted ?? new AbortController().signal,
    async [Symbol.asyncDispose]() {
      for (const tunnel of tunnels) tunnel.close();
      await broker?.close();
      await proxy[Symbol.asyncDispose]();
    },
  };
}
