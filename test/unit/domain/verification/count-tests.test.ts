import { expect, test } from "vitest";
import { countTests } from "../../../../src/domain/verification/count-tests.ts";

test.each<[string, string, object | undefined]>([
  ["node --test", "ℹ tests 4\nℹ pass 3\nℹ fail 1\n", { passed: 3, failed: 1 }],
  ["TAP of node --test", "# tests 2\n# pass 2\n# fail 0\n", { passed: 2, failed: 0 }],
  ["jest", "Tests:       1 failed, 5 passed, 6 total\n", { passed: 5, failed: 1 }],
  ["vitest", " Test Files  1 failed (1)\n      Tests  2 failed | 7 passed (9)\n", { passed: 7, failed: 2 }],
  ["pytest", "===== 1 failed, 12 passed in 0.3s =====\n", { passed: 12, failed: 1 }],
  [
    "cargo, for each crate",
    "test result: ok. 3 passed; 0 failed; 0 ignored\ntest result: FAILED. 1 passed; 2 failed;\n",
    { passed: 4, failed: 2 },
  ],
  ["mocha", "  4 passing (10ms)\n  1 failing\n", { passed: 4, failed: 1 }],
  ["whatever else", "all 7 tests passed, none failed\n", undefined],
])("the totals of %s are read, or nothing is", (_name, output, counts) => {
  expect(countTests(output)).toEqual(counts);
});

test("only the end of an output is read, however long it is", () => {
  expect(countTests(`# pass 1\n${"x".repeat(1_000_000)}`)).toBeUndefined();
});
