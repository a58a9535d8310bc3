import { afterAll, expect } from "vitest";
import { openSpritesProvider } from "../../src/adapters/sandbox/sprites/provider.ts";
import { Secret } from "../../src/domain/secret.ts";
import { bundleGuest } from "../support/guest-bundle.ts";
import { startSprites } from "../support/sprites-server.ts";
import { testSandboxLaws } from "./sandbox.ts";

const server = await startSprites();
const guestFile = await bundleGuest();

afterAll(async () => {
  expect([...server.state.sprites.keys()], "sandboxes left behind").toEqual([]);
  expect(server.complaints).toEqual([]);
  await server[Symbol.asyncDispose]();
});

testSandboxLaws({
  name: "the Sprites provider",
  openProvider: async () =>
    openSpritesProvider({
      token: new Secret(server.token),
      guestFile,
      nodeBinary: process.execPath,
      env: server.env,
      pausesMs: [100, 200, 400],
    }),
  slowness: 2,
  bulkMib: 96,
  env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: "/home/agent", LANG: "C.UTF-8" },
  broken: {
    "a layer that is not there": (spec) => ({
      ...spec,
      layers: [{ name: "missing", directory: "/nowhere/airlock", mountPath: "/opt/missing", digest: "0".repeat(64) }],
    }),
    "a layer outside the places for layers": (spec) => ({
      ...spec,
      layers: [{ name: "misplaced", directory: import.meta.dirname, mountPath: "/etc/passwd/below", digest: "0".repeat(64) }],
    }),
    "a template, which Sprites has not": (spec) => ({ ...spec, template: "base" }),
  },
});
