import { expect, test } from "vitest";
import { compareWithBase } from "../../../../src/domain/verification/outcome.ts";

test("the patch is blamed only for what passed without it", () => {
  const [green, red] = [{ passed: true }, { passed: false }];
  expect([compareWithBase(red, green), compareWithBase(green, green), compareWithBase(green, red), compareWithBase(red, red)]).toEqual([
    "passed",
    "passed",
    "failed",
    "base-fails",
  ]);
  expect(compareWithBase(undefined, red)).toBe("failed");
});
