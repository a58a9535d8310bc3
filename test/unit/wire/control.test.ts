import { describe, expect, test } from "vitest";
import { CONTROL_VERSION, parseHello, renderHello } from "../../../src/wire/control.ts";

const hello = { version: CONTROL_VERSION, now: 1_700_000_000_000, seed: "ab".repeat(32), nonce: "cd".repeat(16) };

describe("the greeting", () => {
  test("what the runner writes is what the guest reads", () => {
    const line = renderHello(hello);
    expect(line.endsWith("\n")).toBe(true);
    expect(parseHello(line.slice(0, -1))).toEqual(hello);
  });

  test.each([
    ["another word", "HELO {}"],
    ["no JSON", "HELLO x"],
    ["no object", "HELLO 1"],
    ["null", "HELLO null"],
    ["another version", `HELLO ${JSON.stringify({ ...hello, version: CONTROL_VERSION + 1 })}`],
    ["a clock that is a text", `HELLO ${JSON.stringify({ ...hello, now: "now" })}`],
    ["a short seed", `HELLO ${JSON.stringify({ ...hello, seed: "ab" })}`],
    ["a nonce that is not hex", `HELLO ${JSON.stringify({ ...hello, nonce: "x".repeat(32) })}`],
  ])("%s is refused", (_what, line) => {
    expect(() => parseHello(line)).toThrow();
  });
});
