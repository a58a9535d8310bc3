import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findProcesses } from "../../../../../src/adapters/sandbox/microvm/processes.ts";
import { openRunDirectory } from "../../../../../src/adapters/sandbox/microvm/run-directory.ts";
import { bundleGuest } from "../../../../support/sandbox/guest-bundle.ts";

let runDirectory: string;
beforeAll(async () => {
  await bundleGuest();
  runDirectory = await mkdtemp(join(tmpdir(), "airlock-killed-"));
});
afterAll(() => rm(runDirectory, { recursive: true, force: true }));

async function holdSandbox(runId: string, how: "own" | "sudo"): Promise<{ readonly pid: number; readonly id: string }> {
  const script = join(import.meta.dirname, "../../../../support/sandbox/hold-sandbox.ts");
  const child = spawn(process.execPath, ["--no-warnings", script, runDirectory, runId, how], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  for await (const chunk of child.stdout) {
    said += String(chunk);
    const held = /^held (\S+) 0$/m.exec(said);
    if (held?.[1] !== undefined) return { pid: child.pid ?? 0, id: held[1] };
  }
  throw new Error(`no sandbox is held: ${said}`);
}

async function countAfterAWhile(id: string): Promise<number> {
  for (let tries = 0; tries < 1_000 && (await findProcesses(id)).length > 0; tries++) await sleep(50);
  return (await findProcesses(id)).length;
}

/** A process can't tidy up after SIGKILL: what is left to end the machine is the kernel (own) or the end of a pipe (sudo). */
describe.each(["own", "sudo"] as const)("I7: when Airlock is killed with no chance to tidy up (QEMU started with: %s)", (how) => {
  test("the machine is gone, and the next run's sweep removes what it left on disk", { timeout: 240_000 }, async () => {
    const runId = randomUUID();
    const { pid, id } = await holdSandbox(runId, how);
    expect((await findProcesses(id)).length).toBeGreaterThan(1);
    process.kill(pid, "SIGKILL");
    expect(await countAfterAWhile(id)).toBe(0);
    const runs = openRunDirectory(runDirectory);
    expect(await runs.findByRun({ repository: "airlock-tests/held", runId, attempt: 1 })).toEqual([id]);
    expect(await runs.sweep(Date.now() + 3_600_000)).toContain(id);
    expect(await readdir(runDirectory)).not.toContain(id);
  });
});
