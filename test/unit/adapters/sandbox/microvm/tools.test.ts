import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { hasInterpreter } from "../../../../../src/adapters/sandbox/microvm/elf.ts";
import { runHost } from "../../../../../src/adapters/sandbox/microvm/host-command.ts";
import { findProgram, findTools } from "../../../../../src/adapters/sandbox/microvm/tools.ts";

describe("programs of the runner", () => {
  test("are taken from the system's folders, whatever PATH says", async () => {
    const before = process.env.PATH;
    process.env.PATH = "/nowhere";
    try {
      expect(await findProgram("cat")).toMatch(/^\/(?:usr\/)?bin\/cat$/);
      expect(await findProgram("airlock-no-such-program")).toBeUndefined();
    } finally {
      process.env.PATH = before;
    }
  });

  test("never get the Action's environment, which holds tokens", async () => {
    process.env.AIRLOCK_TEST_TOKEN = "ghs_secret";
    try {
      const { stdout } = await runHost(["/usr/bin/env"], { timeoutMs: 10_000, env: { EXTRA: "1" } });
      expect(stdout).not.toContain("ghs_secret");
      expect(
        stdout
          .trim()
          .split("\n")
          .map((line) => line.split("=")[0])
          .sort(),
      ).toEqual(["EXTRA", "HOME", "LC_ALL", "PATH"]);
    } finally {
      delete process.env.AIRLOCK_TEST_TOKEN;
    }
  });

  test("that hang are killed, and one that is not there is a result", async () => {
    expect((await runHost(["/bin/sleep", "60"], { timeoutMs: 100 })).code).not.toBe(0);
    expect((await runHost(["/nowhere/program"], { timeoutMs: 1_000 })).code).toBe(127);
  });

  test("that the sandbox needs are all there, and busybox needs no loader", async () => {
    const tools = await findTools(() => undefined);
    expect(hasInterpreter(await readFile(tools.busybox))).toBe(false);
    expect(hasInterpreter(await readFile(process.execPath))).toBe(true);
    expect(hasInterpreter(Buffer.from("no program"))).toBe(false);
  });
});
