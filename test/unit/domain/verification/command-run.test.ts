import { expect, test } from "vitest";
import { lacksProgram, readRun, tellEnd } from "../../../../src/domain/verification/command-run.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("a run keeps the end of what was printed, and says what was not kept", () => {
  const run = readRun({ code: 2, signal: null, stdout: bytes(`${"x".repeat(20_000)}\nlast`), stderr: bytes(""), droppedBytes: 7 }, 1_500);
  expect(run).toMatchObject({ passed: false, exitCode: 2, durationMs: 1_500 });
  expect(run.output).toMatch(/^…x+\nlast\n\[7 more bytes were not kept\]$/);
  expect(run.output.length).toBeLessThan(8_100);
});

test.each([
  [127, "sh: 1: vitest: not found", true],
  [126, "bash: ./run: Permission denied", true],
  [2, "make: vitest: No such file or directory\nmake: *** [Makefile:2: test] Error 127", true],
  [1, "verify: line 1: pnpm: command not found", true],
  [1, "AssertionError: the user was not found", false],
  [1, "page answers 404: not found", false],
  [0, "bash: x: command not found", false],
])("exit code %i after `%s` names a program that is missing: %s", (exitCode, output, expected) => {
  expect(lacksProgram({ passed: exitCode === 0, exitCode, output })).toBe(expected);
});

test("how commands ended is their exit code, or the signal", () => {
  expect([tellEnd({ exitCode: 3 }), tellEnd({ exitCode: null, signal: "SIGKILL" }), tellEnd({ exitCode: null })]).toEqual([
    "exit code 3",
    "SIGKILL",
    "a signal",
  ]);
});
