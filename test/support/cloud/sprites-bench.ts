import { openSpritesProvider, type SpritesOptions } from "../../../src/adapters/sandbox/sprites/provider.ts";
import { Secret } from "../../../src/domain/secret.ts";
import type { SandboxProvider } from "../../../src/ports/sandbox.ts";
import { bundleGuest } from "../sandbox/guest-bundle.ts";
import type { SpritesServer } from "./sprites-server.ts";

/** The provider against the server, impatient enough for tests. */
export async function openSpritesBench(server: SpritesServer, changes: Partial<SpritesOptions> = {}): Promise<SandboxProvider> {
  return openSpritesProvider(await spritesOptions(server, changes));
}

export async function spritesOptions(server: SpritesServer, changes: Partial<SpritesOptions> = {}): Promise<SpritesOptions> {
  return {
    token: new Secret(server.token),
    guestFile: await bundleGuest(),
    nodeBinary: process.execPath,
    env: server.env,
    pausesMs: [50, 100, 200],
    requestTimeoutMs: 3_000,
    pulseMs: 400,
    ...changes,
  };
}
