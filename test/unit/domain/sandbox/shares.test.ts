import { describe, expect, test } from "vitest";
import { LEAST_SECOND_MIB, shareOut } from "../../../../src/domain/sandbox/shares.ts";

describe("the memory of a run's sandboxes", () => {
  test.each([
    ["a cloud's is its own affair", 0, undefined, { memoryMib: 0, together: 2 }],
    ["a size that was asked of a cloud is passed on", 4_096, undefined, { memoryMib: 4_096, together: 2 }],
    [
      "on a large machine each gets the usual size",
      0,
      { memoryMib: 9_000, freeMib: 5_000, usualMib: 2_048 },
      { memoryMib: 2_048, together: 2 },
    ],
    ["on a smaller one each gets a half", 0, { memoryMib: 3_000, freeMib: 5_000, usualMib: 2_048 }, { memoryMib: 1_500, together: 2 }],
    [
      "a half of exactly the least is enough for two",
      0,
      { memoryMib: 2 * LEAST_SECOND_MIB, freeMib: 5_000, usualMib: 2_048 },
      { memoryMib: 1_024, together: 2 },
    ],
    [
      "with less than that each waits for the other and gets it all",
      0,
      { memoryMib: 2_047, freeMib: 5_000, usualMib: 2_048 },
      { memoryMib: 2_047, together: 1 },
    ],
    [
      "one that is alone gets no more than the usual size",
      0,
      { memoryMib: 2_047, freeMib: 5_000, usualMib: 1_000 },
      { memoryMib: 1_000, together: 1 },
    ],
    [
      "a size that was asked for is kept, twice where that much is free",
      1_500,
      { memoryMib: 3_000, freeMib: 5_000, usualMib: 2_048 },
      { memoryMib: 1_500, together: 2 },
    ],
    [
      "and one at a time where it does not",
      2_501,
      { memoryMib: 3_000, freeMib: 5_000, usualMib: 2_048 },
      { memoryMib: 2_501, together: 1 },
    ],
  ])("%s", (_title, asked, room, shares) => {
    expect(shareOut(asked, room)).toEqual(shares);
  });
});
