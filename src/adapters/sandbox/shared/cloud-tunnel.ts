import type { Duplex } from "node:stream";
import { openResumedStreams } from "./resumed-streams.ts";

export interface CloudTunnelOptions {
  /** As the vendor writes itself, and the sandbox's id, for the reason why the streams end. */
  readonly vendor: { readonly name: string };
  readonly id: string;
  /** 32 random bytes, given to the guest in a file. */
  readonly token: Uint8Array;
  readonly notify: (line: string) => void;
  /** Dials the guest's loopback port through the provider's authenticated way in. */
  readonly dial: (port: number, signal: AbortSignal) => Promise<Duplex>;
  /** Asks the provider whether the sandbox is still there. undefined: that cannot be found out now. */
  readonly exists: () => Promise<boolean | undefined>;
  /** Before the provider is asked, and between two times. Default 3 s. */
  readonly patienceMs?: number;
}

/** How long a stream may be without a link before the sandbox counts as lost. */
const GIVE_UP_MS = 90_000;
/** A port that is not open is normal while the guest starts; only then is the provider asked whether the sandbox is still there. */
const PATIENCE_MS = 3_000;

/** The guest's two streams through a provider's own way in; no port is public. A sandbox that is gone ends them at once. */
export function openCloudTunnel(options: CloudTunnelOptions): { readonly control: Duplex; readonly egress: Duplex } {
  const { vendor, id, token, notify, dial, exists, patienceMs = PATIENCE_MS } = options;
  let nextCheckMs = performance.now() + patienceMs;
  let linked = false;
  const checkExistence = async (): Promise<void> => {
    if (performance.now() < nextCheckMs) return;
    nextCheckMs = performance.now() + patienceMs;
    // Unsure means yes: the streams give up by themselves in time.
    if ((await exists().catch(() => undefined)) !== false) return;
    for (const stream of [streams.control, streams.egress]) stream.destroy(new Error(`${vendor.name} has no sandbox ${id} any more.`));
  };
  const streams = openResumedStreams({
    token,
    // Until the guest listens, a refused link is no news.
    notify: (line) => (linked ? notify(line) : undefined),
    giveUpMs: GIVE_UP_MS,
    async dial(port, signal) {
      try {
        const link = await dial(port, signal);
        nextCheckMs = performance.now();
        linked = true;
        return link;
      } catch (error) {
        if (!signal.aborted) await checkExistence();
        throw error;
      }
    },
  });
  return streams;
}
