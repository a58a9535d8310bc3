import { expect, test } from "vitest";
import { AirlockError, messageOf } from "../../../src/domain/errors.ts";

test.each([
  [new Error("the disk is full"), "the disk is full"],
  [new AirlockError("internal", { message: "a defect", remedy: "Report it." }), "a defect"],
  ["a string", "a string"],
  [undefined, "undefined"],
  [42, "42"],
])("messageOf gives the words of %o", (thrown, words) => {
  expect(messageOf(thrown)).toBe(words);
});
