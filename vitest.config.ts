import { configDefaults, defineConfig } from "vitest/config";
import { timeLimit } from "./test/support/fuzz.ts";
import { excludedFrom, TEST_KINDS } from "./tooling/test-kinds.ts";

export default defineConfig({
  test: {
    setupFiles: ["test/support/fuzz-seed.ts"],
    testTimeout: timeLimit(60_000),
    hookTimeout: 120_000,
    // A poll ends as soon as it is answered; its limit is there for hangs, not for busy machines.
    expect: { poll: { timeout: 20_000 } },
    allowOnly: false,
    fileParallelism: true,
    maxWorkers: 2,
    projects: TEST_KINDS.map((kind) => ({
      extends: true,
      test: { name: kind.name, include: [...kind.include], exclude: [...configDefaults.exclude, ...excludedFrom(kind)] },
    })),
  },
});
