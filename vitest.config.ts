import { defineConfig } from "vitest/config";
import { rounds } from "./test/support/fuzz.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/support/fuzz-seed.ts"],
    testTimeout: rounds(60_000),
    hookTimeout: 120_000,
    // A poll ends as soon as it is answered; its limit is there for hangs, not for busy machines.
    expect: { poll: { timeout: 20_000 } },
    allowOnly: false,
    fileParallelism: true,
    maxWorkers: 2,
  },
});
