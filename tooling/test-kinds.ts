/** A kind of test: one vitest project, whose name stands before each failure. */
export interface TestKind {
  readonly name: string;
  /** What it tests, and what it needs. */
  readonly holds: string;
  readonly include: readonly string[];
}

/**
 * Every kind, in order: a file is of the first that takes it, and the last takes what is left, so that no test file is of none.
 * test/unit/tooling/test-kinds.test.ts holds `quick` to what it promises.
 */
export const TEST_KINDS: readonly TestKind[] = [
  {
    name: "quick",
    holds: "values and decisions; no sandbox, no build, no root",
    include: [
      "test/*.test.ts",
      "test/unit/*.test.ts",
      "test/unit/{config,domain,tooling}/**/*.test.ts",
      "test/unit/stages/!(publish-*).test.ts",
      "test/unit/stages/*/**/*.test.ts",
      "test/unit/wire/{*,resumable-stream/frames}.test.ts",
      "test/attack/trigger-{actors,config,frozen}.test.ts",
    ],
  },
  {
    name: "gateway",
    holds: "proxy, tunnel, broker and what an attacker sends them",
    include: ["test/unit/gateway/**/*.test.ts", "test/attack/{broker,credential,declared,egress}-*.test.ts"],
  },
  {
    name: "sandbox",
    holds: "the guest, its streams and the providers: the contract, their own tests, attempts to get out",
    include: [
      "test/contract/**/*.test.ts",
      "test/unit/adapters/sandbox/**/*.test.ts",
      "test/unit/{guest,wire}/**/*.test.ts",
      "test/attack/{cloud,hostile,microvm,no,runner}-*.test.ts",
    ],
  },
  {
    name: "forge",
    holds: "GitHub, git, patches and what is published",
    include: [
      "test/unit/adapters/{forge,repository}/**/*.test.ts",
      "test/unit/stages/publish-*.test.ts",
      "test/attack/{patch,publish,review}-*.test.ts",
    ],
  },
  { name: "runs", holds: "whole runs on fakes", include: ["test/unit/runs/**/*.test.ts", "test/attack/{run,trigger}-*.test.ts"] },
  { name: "end-to-end", holds: "dist/ as the runner runs it", include: ["test/end-to-end/**/*.test.ts"] },
  {
    name: "runner",
    holds: "the job's machine: inputs, log, programs, the agents' packages; what no other kind takes",
    include: ["test/**/*.test.ts"],
  },
];

/** What the kind leaves to those before it. */
export function excludedFrom(kind: TestKind): readonly string[] {
  return TEST_KINDS.slice(0, TEST_KINDS.indexOf(kind)).flatMap(({ include }) => include);
}
