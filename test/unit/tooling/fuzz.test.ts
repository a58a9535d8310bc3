import { execFileSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FUZZ_SEED, ownSeed, rounds } from "../../support/fuzz.ts";

const ROOT = join(import.meta.dirname, "../../..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const files = globSync("test/{attack,contract,end-to-end,support,unit}/**/*.ts", { cwd: ROOT }).filter((file) =>
  read(file).includes(`import fc from "fast-check"`),
);

describe("The properties", () => {
  test("run under one seed, which moves only when it is asked to", () => {
    expect(fc.readConfigureGlobal()).toEqual({ seed: FUZZ_SEED, numRuns: rounds(100) });
    const asked = process.env["AIRLOCK_FUZZ_SEED"] ?? "";
    if (asked === "") expect([FUZZ_SEED, ownSeed(11)]).toEqual([20_261_123, 11]);
    else expect(ownSeed(11)).toBe((FUZZ_SEED + 11) % 2 ** 31);
    const values = (): unknown[] => fc.sample(fc.string(), { numRuns: rounds(5) });
    expect(values()).toEqual(values());
  });

  test.each(files)("of %s have no seed and no count of rounds that a search with new seeds could not move", (file) => {
    expect(read(file)).not.toMatch(/\bnumRuns: (?!rounds\()|\bseed: \d/);
  });

  test.each([
    ["0.1", { rounds: [10, 1], limit: 5_000 }],
    ["1", { rounds: [100, 3], limit: 5_000 }],
    ["20", { rounds: [2_000, 60], limit: 100_000 }],
  ])("run %s times as often as they say, once at least, and no time limit shrinks", (times, expected) => {
    const script = `import { rounds, timeLimit } from ${JSON.stringify(join(ROOT, "test/support/fuzz.ts"))};
      console.log(JSON.stringify({ rounds: [rounds(100), rounds(3)], limit: timeLimit(5_000) }));`;
    const env = { ...process.env, AIRLOCK_FUZZ_TIMES: times };
    const printed = execFileSync(process.execPath, ["--input-type=module-typescript", "--eval", script], { env, encoding: "utf8" });
    expect(JSON.parse(printed)).toEqual(expected);
  });

  test("are searched with new seeds every night, all of them", () => {
    expect(read(".github/workflows/nightly.yml")).toContain("run: script/fuzz\n");
    expect(read("script/fuzz")).toMatch(/AIRLOCK_FUZZ_SEED="\$\{1:-random\}"/);
    expect(files.length).toBeGreaterThan(20);
  });
});
