import assert from "node:assert/strict";
import test from "node:test";
import { mean } from "../src/mean.js";

test("of two readings", () => {
  assert.ok(mean([2, 4]) !== undefined);
});

test("of the last of two readings", () => {
  assert.ok(mean([2, 4], 1) !== undefined);
});
