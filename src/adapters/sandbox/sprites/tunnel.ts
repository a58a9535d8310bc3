import type { Duplex } from "node:stream";
import { openCloudTunnel } from "../shared/cloud-tunnel.ts";
import type { SpritesClient } from "./client.ts";
import { SPRITES } from "./errors.ts";

export interface SpritesTunnelOptions {
  readonly client: SpritesClient;
  readonly name: string;
  readonly token: Uint8Array;
  readonly notify: (line: string) => void;
}

/** The guest's two streams through Sprites' authenticated proxy. */
export function openSpritesTunnel({ client, name, token, notify }: SpritesTunnelOptions): {
  readonly control: Duplex;
  readonly egress: Duplex;
} {
  return openCloudTunnel({
    vendor: SPRITES,
    id: name,
    token,
    notify,
    dial: (port, signal) => client.dial(name, port, signal),
    exists: async () => (await client.find(name)) !== undefined,
  });
}
