import { type E2bOptions, openE2bProvider } from "../../../src/adapters/sandbox/e2b/provider.ts";
import { Secret } from "../../../src/domain/secret.ts";
import type { SandboxProvider } from "../../../src/ports/sandbox.ts";
import { bundleGuest } from "../sandbox/guest-bundle.ts";
import type { E2bServer } from "./e2b-server.ts";

/** The provider against the server, impatient enough for tests. */
export async function openE2bBench(server: E2bServer, changes: Partial<E2bOptions> = {}): Promise<SandboxProvider> {
  return openE2bProvider(await e2bOptions(server, changes));
}

export async function e2bOptions(server: E2bServer, changes: Partial<E2bOptions> = {}): Promise<E2bOptions> {
  return {
    apiKey: new Secret(server.apiKey),
    guestFile: await bundleGuest(),
    nodeBinary: process.execPath,
    env: server.env,
    pausesMs: [50, 100, 200],
    requestTimeoutMs: 3_000,
    stallMs: 2_000,
    ...changes,
  };
}
