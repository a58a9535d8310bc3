import { type ChildProcess, execFileSync } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { findProgram } from "../../../../src/adapters/programs/find-program.ts";
import { lastWords, runProgram } from "../../../../src/adapters/programs/run-program.ts";

const ROOT = join(import.meta.dirname, "../../../..");
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "airlock-programs-"));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** A program of this test, in shell. */
function writeProgram(script: string): string {
  const path = join(folder, "program");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe("A program of the runner", () => {
  test("is found in the system's folders, whatever PATH says", async () => {
    vi.stubEnv("PATH", "/nowhere");
    expect(await findProgram("cat")).toMatch(/^\/(?:usr\/)?bin\/cat$/);
    expect(await findProgram("airlock-no-such-program")).toBeUndefined();
    expect(await runProgram(["true"], { timeoutMs: 10_000 })).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("may end before its input does, as on a busy runner", async () => {
    const endFirst = (message: unknown): void => {
      const { process: child } = message as { readonly process: ChildProcess };
      // The package listens for the end after it started the child, and closes its input after that.
      child.on("newListener", (event) => {
        if (event === "exit") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
      });
    };
    subscribe("child_process", endFirst);
    try {
      expect(await runProgram(["true"], { timeoutMs: 10_000 })).toEqual({ code: 0, stdout: "", stderr: "" });
    } finally {
      unsubscribe("child_process", endFirst);
    }
  });

  test("never gets the Action's environment, which holds tokens", async () => {
    vi.stubEnv("AIRLOCK_TEST_TOKEN", "ghs_secret");
    const { stdout } = await runProgram(["env"], { timeoutMs: 10_000, env: { EXTRA: "1" } });
    expect(stdout).not.toContain("ghs_secret");
    const names = stdout
      .trim()
      .split("\n")
      .map((line) => line.split("=")[0]);
    expect(names.sort()).toEqual(["EXTRA", "HOME", "LC_ALL", "PATH"]);
  });

  test("gets its arguments as they are, without a shell", async () => {
    const words = ["$HOME", "`id`", "a b", '"', "\\", "*", ";true", "", "ü\n"];
    const { stdout } = await runProgram([writeProgram('printf "%s\\0" "$@"'), ...words], { timeoutMs: 10_000 });
    expect(stdout.split("\0").slice(0, -1)).toEqual(words);
  });

  test("that fails is a result with its words", async () => {
    const result = await runProgram([writeProgram("echo told; echo 'no space left' >&2; exit 3")], { timeoutMs: 10_000 });
    expect(result).toEqual({ code: 3, stdout: "told\n", stderr: "no space left\n" });
    expect(lastWords(result)).toBe("no space left");
  });

  test("that is not there is a result", async () => {
    expect(await runProgram(["/nowhere/program"], { timeoutMs: 10_000 })).toMatchObject({
      code: 127,
      stderr: expect.stringContaining("/nowhere/program"),
    });
    expect(await runProgram(["true"], { timeoutMs: 10_000, prefix: ["/nowhere/sudo"] })).toMatchObject({ code: 127 });
    expect(await runProgram(["true"], { timeoutMs: 10_000, cwd: "/nowhere" })).toMatchObject({ code: 127 });
  });

  test.each([
    ["a NUL", ["true", "a\0b"]],
    ["one too long", ["true", "x".repeat(3e5)]],
    ["too many", ["true", ...new Array(3e4).fill("x".repeat(99))]],
  ])("that could not be started for an argument with %s is a result", async (_, argv) => {
    expect(await runProgram(argv, { timeoutMs: 10_000 })).toMatchObject({ code: 127, stderr: expect.stringContaining("argument") });
  });

  test("that hangs is killed with all it started", async () => {
    const path = writeProgram(`sleep 3001 &\necho $! > ${folder}/child\nsleep 3002`);
    const result = await runProgram([path], { timeoutMs: 1_000 });
    expect(result.code).toBe(137);
    expect(lastWords(result)).toContain("took too long");
    await expect.poll(() => isAlive(Number(readFileSync(join(folder, "child"), "utf8")))).toBe(false);
  });

  test("that reads its input finds none", async () => {
    expect(await runProgram(["cat"], { timeoutMs: 60_000 })).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("has its time limit behind the prefix that makes it root", async () => {
    const prefix = writeProgram(`echo "$@" > ${folder}/asked\nexec "$@"`);
    expect((await runProgram(["sleep", "3003"], { timeoutMs: 500, prefix: [prefix] })).code).toBe(137);
    expect(readFileSync(join(folder, "asked"), "utf8")).toMatch(/^\S+\/timeout \S+ 0\.5 sleep 3003\n$/);
  });
});

describe("What a program of the runner says", () => {
  test("is kept to its last character, with or without a line feed, however it is cut into pieces", async () => {
    const lines: string[] = [];
    const path = writeProgram("printf 'a\\303'; sleep 0.1; printf '\\274b\\nlast'");
    const { stdout } = await runProgram([path], { timeoutMs: 10_000, log: (line) => lines.push(line) });
    expect(stdout).toBe("aüb\nlast");
    expect(lines).toEqual(["aüb", "last"]);
  });

  test("is all there when it is long", async () => {
    const { code, stdout } = await runProgram(["seq", "1", "400000"], { timeoutMs: 60_000 });
    expect(code).toBe(0);
    expect(stdout.trimEnd().split("\n")).toHaveLength(400_000);
  });

  test("is cut, and the program failed, when it is more than may be kept", async () => {
    const result = await runProgram(["seq", "1", "100000"], { timeoutMs: 60_000, maxOutputBytes: 1_000 });
    expect(result).toMatchObject({ code: 127, stderr: "it printed more than 1000 bytes" });
    expect(result.stdout).toHaveLength(1_000);
  });

  test("reaches the log in bounded lines", async () => {
    const lines: string[] = [];
    const path = writeProgram("seq 1 5000; printf '%9000s' x");
    await runProgram([path], { timeoutMs: 60_000, log: (line) => lines.push(line) });
    expect(lines).toHaveLength(201);
    expect(lines.at(-1)).toContain("left out");
    const long: string[] = [];
    await runProgram([writeProgram("printf '%9000s' x")], { timeoutMs: 60_000, log: (line) => long.push(line) });
    expect(long.map((line) => line.length)).toEqual([500]);
  });

  test("is inert in the job's log, which names no command (I15)", () => {
    const path = writeProgram("echo '::error::owned'; echo '##[add-mask]x' >&2; printf '::set-output name=a::b'");
    const log = join(ROOT, "src/adapters/runner/shared/log.ts");
    const run = join(ROOT, "src/adapters/programs/run-program.ts");
    const script = `import { openLog } from ${JSON.stringify(log)};
      import { runProgram } from ${JSON.stringify(run)};
      const log = openLog();
      await runProgram([${JSON.stringify(path)}], { timeoutMs: 10_000, log: (line) => log.info(line) });`;
    writeFileSync(join(folder, "say.mts"), script);
    const printed = execFileSync(process.execPath, [join(folder, "say.mts")], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    expect(printed).toContain("owned");
    expect(printed).not.toMatch(/^\s*(?:::|##\[|\[command\])/m);
    expect(printed.split("\n").filter((line) => line !== "")).toHaveLength(3);
  });
});

/** A killed process whose parent does not ask for it stays in the list as `Z`. */
function isAlive(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) && !/\) [ZX] /.test(readFileSync(file, "latin1"));
}
