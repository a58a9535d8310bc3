import assert from "node:assert/strict";
import test from "node:test";
import { toCelsius, toFahrenheit } from "../src/convert.js";

test("water freezes at 32 °F", () => {
  assert.equal(toFahrenheit(0), 32);
});

test("there and back again", () => {
  assert.equal(toCelsius(toFahrenheit(37)), 37);
});
