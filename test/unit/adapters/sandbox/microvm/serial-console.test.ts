import { PassThrough } from "node:stream";
import { setImmediate as settle } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { watchSerial } from "../../../../../src/adapters/sandbox/microvm/serial-console.ts";

describe("the sandbox's console", () => {
  test("I18: is kept in bounded memory, its end and not its start", async () => {
    const stream = new PassThrough();
    const console = watchSerial(stream);
    for (let index = 0; index < 400; index += 1) stream.write(`line ${index} ${"x".repeat(1_000)}\n`);
    await console.firstByte;
    await settle();
    expect(console.includes("line 399 ")).toBe(true);
    expect(console.includes("line 0 ")).toBe(false);
    expect(console.tail(3).split("\n")).toHaveLength(3);
  });

  test("I15: is inert when shown: no escape codes, no workflow commands, no endless lines", async () => {
    const stream = new PassThrough();
    const console = watchSerial(stream);
    stream.write(`\x1b[31mred\x1b[0m\r\n::set-output name=x::y\r\n\u202eevil\n${"a".repeat(10_000)}\n\0\n`);
    await console.firstByte;
    await settle();
    const lines = console.tail(10).split("\n");
    expect(lines).toHaveLength(4);
    for (const line of lines) {
      expect(line).toMatch(/^ {2}\| [\x20-\x7e]+$/);
      expect(line.length).toBeLessThan(210);
    }
    expect(lines[1]).toBe("  | ::set-output name=x::y");
  });
});
