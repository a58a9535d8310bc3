import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { carriesId, findProcesses, identifyProcess } from "../../../../../src/adapters/sandbox/microvm/processes.ts";
import { openRunDirectory } from "../../../../../src/adapters/sandbox/microvm/run-directory.ts";

const RUN = { repository: "o/r", runId: "7", attempt: 1 };
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "airlock-runs-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe("the folder of running sandboxes", () => {
  test("tells the sandboxes of one run from all others", async () => {
    const runs = openRunDirectory(root);
    const mine = await runs.add({ run: RUN, purpose: "agent", lifetimeMs: 1000 });
    const verify = await runs.add({ run: RUN, purpose: "verify-1", lifetimeMs: 1000 });
    await runs.add({ run: { ...RUN, attempt: 2 }, purpose: "agent", lifetimeMs: 1000 });
    await runs.add({ run: { ...RUN, repository: "o/other" }, purpose: "agent", lifetimeMs: 1000 });
    expect([...(await runs.findByRun(RUN))].sort()).toEqual([mine.id, verify.id].sort());
  });

  test("sweeps what is overdue and nothing else", async () => {
    const runs = openRunDirectory(root);
    const soon = await runs.add({ run: RUN, purpose: "agent", lifetimeMs: 1_000 });
    const late = await runs.add({ run: RUN, purpose: "agent", lifetimeMs: 3_600_000 });
    expect(await runs.sweep(Date.now())).toEqual([]);
    expect(await runs.sweep(Date.now() + 60_000)).toEqual([soon.id]);
    expect(await readdir(root)).toEqual([late.id]);
  });

  test("keeps a folder without a label while it is young, and sweeps it when it is old", async () => {
    const id = "airlock-0123456789abcdef";
    await mkdir(join(root, id));
    const runs = openRunDirectory(root);
    expect(await runs.sweep(Date.now())).toEqual([]);
    await utimes(join(root, id), new Date(0), new Date(0));
    expect(await runs.sweep(Date.now())).toEqual([id]);
  });

  test("is not led astray by a label that names another sandbox, by broken labels or by foreign folders", async () => {
    const runs = openRunDirectory(root);
    const { id } = await runs.add({ run: RUN, purpose: "agent", lifetimeMs: 1000 });
    const forged = "airlock-ffffffffffffffff";
    await mkdir(join(root, forged));
    await writeFile(join(root, forged, "sandbox.json"), JSON.stringify({ id, run: RUN, purpose: "x", createdMs: 0, deadlineMs: 0 }));
    await mkdir(join(root, "somebody-else"));
    await writeFile(join(root, "somebody-else", "sandbox.json"), "{");
    expect(await runs.findByRun(RUN)).toEqual([id]);
    await runs.destroy("../somebody-else");
    await runs.destroy("somebody-else");
    expect(await readdir(root)).toContain("somebody-else");
  });
});

describe("the processes of a sandbox", () => {
  test("are known by their argv, and only our own programs count", () => {
    const id = "airlock-0123456789abcdef";
    expect(carriesId(["/usr/bin/bwrap", "--tmpfs", "/", "/usr/bin/qemu-system-x86_64", "-name", id, "-M", "q35"], id)).toBe(true);
    expect(carriesId(["/usr/bin/qemu-system-x86_64", "-name", "airlock-ffffffffffffffff"], id)).toBe(false);
    expect(carriesId(["less", "-name", id], id)).toBe(false);
    expect(carriesId(["/usr/bin/qemu-system-x86_64", "-drive", `file=${id}`], id)).toBe(false);
    expect(carriesId([""], id)).toBe(false);
  });

  test("are ended by destroying, and a bystander with the same words in its argv is not", async () => {
    const runs = openRunDirectory(root);
    const { id } = await runs.add({ run: RUN, purpose: "agent", lifetimeMs: 1000 });
    const ours = spawn("sh", ["-c", "read -r line; :", "-name", id], { stdio: ["pipe", "ignore", "ignore"] });
    const bystander = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)", "--", "-name", id], { stdio: "ignore" });
    try {
      await Promise.all([ours, bystander].map((child) => new Promise((resolve) => child.once("spawn", resolve))));
      const exited = new Promise((resolve) => ours.once("exit", (_code, signal) => resolve(signal)));
      expect((await findProcesses(id)).map(({ pid }) => pid)).toEqual([ours.pid]);
      await runs.destroy(id);
      expect(await exited).toBe("SIGKILL");
      expect(await identifyProcess(bystander.pid ?? 0)).not.toBeNull();
      expect(await readdir(root)).toEqual([]);
    } finally {
      bystander.kill("SIGKILL");
      ours.kill("SIGKILL");
    }
  });
});
