import assert from "node:assert/strict";
import test from "node:test";
import { mean } from "../src/mean.js";

test("of two readings", () => {
  assert.equal(mean([2, 4]), 3);
});

test("of no reading", () => {
  assert.equal(mean([]), undefined);
});
