import type { Duplex } from "node:stream";
import { openResumedStreams } from "./resumed-streams.ts";

export interface CloudTunnelOptions {
  /** Named, with `id`, in the error when the sandbox is gone. */
  readonly vendor: { readonly name: string };
  readonly id: string;
  /** 32 random bytes, given to the guest in a file. */
  readonly token: Uint8Array;
  readonly notify: (line: string) => void;
  /** Dials the guest's loopback port through the provider's authenticated way in. */
  readonly dial: (port: number, signal: AbortSignal) => Promise<Duplex>;
  /** Asks the provider whether the sandbox still exists. undefined: unknown. */
  readonly exists: () => Promise<boolean | undefined>;
  /** Pause before the provider is asked for the first time, and between two questions. Default 3 s. */
  readonly patienceMs?: number;
}

/** How long a stream may be without a link before the sandbox counts as lost. */
const GIVE_UP_MS = 90_000;
/** A closed port is normal while the guest starts. If it stays closed, the provider is asked whether the sandbox still exists. */
const PATIENCE_MS = 3_000;

/** The guest's two streams through the provider's authenticated proxy; no port is public. If the sandbox is gone, both end at once. */
export function openCloudTunnel(options: CloudTunnelOptions): { readonly control: Duplex; readonly egress: Duplex } {
  const { vendor, id, token, notify, dial, exists, patienceMs = PATIENCE_MS } = options;
  let nextCheckMs = performance.now() + patienceMs;
  let linked = false;
  const checkExistence = async (): Promise<void> => {
    if (performance.now() < nextCheckMs) return;
    nextCheckMs = performance.now() + patienceMs;
    // If that is unknown, the streams give up by themselves in time.
    if ((await exists().catch(() => undefined)) !== false) return;
    for (const stream of [streams.control, streams.egress]) stream.destroy(new Error(`${vendor.name} has no sandbox ${id} any more.`));
  };
  const streams = openResumedStreams({
    token,
    // Refused links are expected until the guest listens.
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
