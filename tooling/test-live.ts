import { startVitest } from "vitest/node";

/** Runs the laws against a provider itself. These files are no `*.test.ts`, so that no ordinary run calls a service. */
const [provider = ""] = process.argv.slice(2);
const vitest = await startVitest("test", [], {
  run: true,
  // The suite's projects leave these files out.
  config: false,
  setupFiles: ["test/support/fuzz-seed.ts"],
  testTimeout: 60_000,
  expect: { poll: { timeout: 20_000 } },
  include: [`test/live/${provider}.live.ts`],
  passWithNoTests: false,
  hookTimeout: 300_000,
});
await vitest.close();
