import { execFileSync } from "node:child_process";

/**
 * Runs a module's text in a process of its own and returns what it prints. Work that never yields would stop a test's own time limit,
 * too; here it is ended. The limit is for hangs: what is asserted is that the work ends, not how fast.
 */
export function runApart(script: string): string {
  return execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
    env: { PATH: process.env["PATH"] },
    encoding: "utf8",
    timeout: 120_000,
    killSignal: "SIGKILL",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** The address of a source file, for an import in such a text. */
export const source = (path: string): string => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
