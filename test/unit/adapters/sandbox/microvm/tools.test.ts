import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { hasInterpreter } from "../../../../../src/adapters/sandbox/microvm/elf.ts";
import { findTools } from "../../../../../src/adapters/sandbox/microvm/tools.ts";

describe("programs of the runner", () => {
  test("that the sandbox needs are all there, and busybox needs no loader", async () => {
    const tools = await findTools(() => undefined);
    expect(hasInterpreter(await readFile(tools.busybox))).toBe(false);
    expect(hasInterpreter(await readFile(process.execPath))).toBe(true);
    expect(hasInterpreter(Buffer.from("no program"))).toBe(false);
  });
});
