import type { Duplex } from "node:stream";
import type { Sandbox } from "e2b";
import { openResumedStreams } from "../shared/resumed-streams.ts";
import { dialWebSocket, UpgradeRefused } from "../shared/web-socket.ts";
import type { E2bApi } from "./api.ts";

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
/** How long a stream may be without a link before the sandbox counts as lost. */
const GIVE_UP_MS = 90_000;
/** A refused link is normal while the guest starts; only then is E2B asked whether the sandbox is still there. */
const PATIENCE_MS = 3_000;

/** The guest's two streams over WebSockets through E2B's proxy. A sandbox that is gone ends them at once. */
export function openE2bTunnel(options: E2bTunnelOptions): { readonly control: Duplex; readonly egress: Duplex } {
  const { sandbox, trafficToken, token, tunnelUrl, notify } = options;
  const watch = watchExistence(options, (reason) => {
    for (const stream of [streams.control, streams.egress]) stream.destroy(new Error(reason));
  });
  const streams = openResumedStreams({
    token,
    notify,
    giveUpMs: GIVE_UP_MS,
    async dial(port, signal) {
      const host = sandbox.getHost(port);
      const headers = { "e2b-traffic-access-token": trafficToken, ...(tunnelUrl === undefined ? {} : { host }) };
      try {
        const link = await dialWebSocket({ url: `${tunnelUrl ?? `wss://${host}`}/`, headers, openTimeoutMs: OPEN_TIMEOUT_MS, signal });
        watch.linked();
        return link;
      } catch (error) {
        if (error instanceof UpgradeRefused) await watch.refused();
        throw error;
      }
    },
  });
  return streams;
}

interface Watch {
  linked(): void;
  refused(): Promise<void>;
}

function watchExistence({ api, sandbox }: E2bTunnelOptions, onGone: (reason: string) => void): Watch {
  let nextCheckMs = performance.now() + PATIENCE_MS;
  return {
    linked() {
      nextCheckMs = performance.now();
    },
    async refused() {
      if (performance.now() < nextCheckMs) return;
      nextCheckMs = performance.now() + PATIENCE_MS;
      if ((await api.exists(sandbox.sandboxId)) === false) onGone(`E2B has no sandbox ${sandbox.sandboxId} any more.`);
    },
  };
}
