import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import { openMicrovmProvider } from "../../src/adapters/sandbox/microvm/provider.ts";
import { bundleGuest, PREPARED_DIRECTORY } from "../support/sandbox/guest-bundle.ts";
import { BROKEN_LAYERS, MACHINE_ENV, testSandboxLaws } from "./sandbox.ts";

const runDirectory = await mkdtemp(join(tmpdir(), "airlock-microvm-contract-"));
const guestFile = await bundleGuest();

const told: string[] = [];

afterAll(async () => {
  // What holds for the whole run, such as emulation, is told once, however many sandboxes it has.
  const facts = told.filter((line) => line.startsWith("The sandbox "));
  expect(facts).toEqual([...new Set(facts)]);
  expect(await readdir(runDirectory)).toEqual([]);
  await rm(runDirectory, { recursive: true, force: true });
});

testSandboxLaws({
  name: "the microvm provider",
  openProvider: async () => {
    const provider = openMicrovmProvider({
      cacheDirectory: PREPARED_DIRECTORY,
      runDirectory,
      guestFile,
      nodeBinary: process.execPath,
      notify: () => undefined,
    });
    return { ...provider, create: (spec) => provider.create({ ...spec, notify: (line) => told.push(line) }) };
  },
  slowness: 15,
  bulkMib: 8,
  env: MACHINE_ENV,
  broken: BROKEN_LAYERS,
});
