import type { Duplex } from "node:stream";
import type { Sandbox } from "e2b";
import { openCloudTunnel } from "../shared/cloud-tunnel.ts";
import { dialWebSocket } from "../shared/web-socket.ts";
import type { E2bApi } from "./api.ts";
import { E2B } from "./errors.ts";

export interface E2bTunnelOptions {
  readonly api: E2bApi;
  readonly sandbox: Sandbox;
  /** The key to the sandbox's ports, which are closed to the public. */
  readonly trafficToken: string;
  readonly token: Uint8Array;
  /** Instead of the sandbox's own host. */
  readonly tunnelUrl: string | undefined;
  readonly notify: (line: string) => void;
}

const OPEN_TIMEOUT_MS = 10_000;

/** The guest's two streams over WebSockets through E2B's proxy. */
export function openE2bTunnel(options: E2bTunnelOptions): { readonly control: Duplex; readonly egress: Duplex } {
  const { api, sandbox, trafficToken, token, tunnelUrl, notify } = options;
  return openCloudTunnel({
    vendor: E2B,
    id: sandbox.sandboxId,
    token,
    notify,
    async dial(port, signal) {
      const host = sandbox.getHost(port);
      const headers = { "e2b-traffic-access-token": trafficToken, ...(tunnelUrl === undefined ? {} : { host }) };
      return await dialWebSocket({ url: `${tunnelUrl ?? `wss://${host}`}/`, headers, openTimeoutMs: OPEN_TIMEOUT_MS, signal });
    },
    exists: () => api.exists(sandbox.sandboxId),
  });
}
