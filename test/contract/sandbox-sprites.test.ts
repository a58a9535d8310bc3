import { afterAll, expect } from "vitest";
import { openSpritesProvider } from "../../src/adapters/sandbox/sprites/provider.ts";
import { Secret } from "../../src/domain/secret.ts";
import { startSprites } from "../support/cloud/sprites-server.ts";
import { bundleGuest } from "../support/sandbox/guest-bundle.ts";
import { BROKEN_LAYERS, MACHINE_ENV, testSandboxLaws } from "./sandbox.ts";

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
  env: MACHINE_ENV,
  cut: () => server.cutProxies(),
  broken: {
    ...BROKEN_LAYERS,
    "a template, which Sprites has not": (spec) => ({ ...spec, template: "base" }),
  },
});
