import { startVitest } from "vitest/node";

/** Runs the laws against a provider itself. These files are no `*.test.ts`, so that no ordinary run calls a service. */
const [provider = ""] = process.argv.slice(2);
const vitest = await startVitest("test", [], {
  run: true,
  include: [`test/live/${provider}.live.ts`],
  passWithNoTests: false,
  hookTimeout: 300_000,
});
await vitest.close();
