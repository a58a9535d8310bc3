import type { Duplex } from "node:stream";
import { openResumedStreams } from "../shared/resumed-streams.ts";
import type { SpritesClient } from "./client.ts";

export interface SpritesTunnelOptions {
  readonly client: SpritesClient;
  readonly name: string;
  readonly token: Uint8Array;
  readonly notify: (line: string) => void;
}

/** How long a stream may be without a link before the sandbox counts as lost; a sprite that was paused wakes in two seconds. */
const GIVE_UP_MS = 90_000;
/** A port that is not open is normal while the guest starts; only then is Sprites asked whether the sprite is still there. */
const PATIENCE_MS = 3_000;

/** The guest's two streams through Sprites' authenticated proxy; no port is public. A sprite that is gone ends them at once. */
export function openSpritesTunnel({ client, name, token, notify }: SpritesTunnelOptions): {
  readonly control: Duplex;
  readonly egress: Duplex;
} {
  let nextCheckMs = performance.now() + PATIENCE_MS;
  let linked = false;
  const checkExistence = async (): Promise<void> => {
    if (performance.now() < nextCheckMs) return;
    nextCheckMs = performance.now() + PATIENCE_MS;
    if (await isThere(client, name)) return;
    for (const stream of [streams.control, streams.egress]) stream.destroy(new Error(`Sprites has no sandbox ${name} any more.`));
  };
  const streams = openResumedStreams({
    token,
    // Until the guest listens, a refused link is no news.
    notify: (line) => (linked ? notify(line) : undefined),
    giveUpMs: GIVE_UP_MS,
    async dial(port, signal) {
      try {
        const link = await client.dial(name, port, signal);
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

/** Unsure means yes: the streams give up by themselves in time. */
async function isThere(client: SpritesClient, name: string): Promise<boolean> {
  return await client.find(name).then(
    (found) => found !== undefined,
    () => true,
  );
}
