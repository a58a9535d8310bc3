import { afterAll, expect } from "vitest";
import { openE2bProvider } from "../../src/adapters/sandbox/e2b/provider.ts";
import { Secret } from "../../src/domain/secret.ts";
import { startE2b } from "../support/cloud/e2b-server.ts";
import { bundleGuest } from "../support/sandbox/guest-bundle.ts";
import { BROKEN_LAYERS, MACHINE_ENV, testSandboxLaws } from "./sandbox.ts";

const server = await startE2b();
const guestFile = await bundleGuest();

afterAll(async () => {
  expect([...server.state.boxes.keys()], "sandboxes left behind").toEqual([]);
  expect(server.complaints).toEqual([]);
  await server[Symbol.asyncDispose]();
});

testSandboxLaws({
  name: "the E2B provider",
  openProvider: async () =>
    openE2bProvider({
      apiKey: new Secret(server.apiKey),
      guestFile,
      nodeBinary: process.execPath,
      env: server.env,
      pausesMs: [100, 200, 400],
    }),
  slowness: 2,
  bulkMib: 32,
  env: MACHINE_ENV,
  cut: () => server.cutTunnels(),
  broken: {
    ...BROKEN_LAYERS,
    "a template that is not there": (spec) => ({ ...spec, template: "no-such-template" }),
  },
});
