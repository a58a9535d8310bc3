import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readQemuView } from "../../../../../src/adapters/sandbox/microvm/confinement.ts";
import type { GuestKernel } from "../../../../../src/adapters/sandbox/microvm/kernel.ts";
import { type Acceleration, findAcceleration } from "../../../../../src/adapters/sandbox/microvm/kvm.ts";
import { findPrivilege } from "../../../../../src/adapters/sandbox/microvm/privilege.ts";
import { findTools } from "../../../../../src/adapters/sandbox/microvm/tools.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "airlock-kvm-"));
  await chmod(folder, 0o755);
  await writeFile(join(folder, "kernel"), "no kernel");
  await writeFile(join(folder, "device"), "");
  await chmod(join(folder, "device"), 0o666);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const SAY_NONCE = 'for word in "$@"; do case "$word" in *airlock.nonce=*) echo "airlock-probe ${word##*airlock.nonce=}" ;; esac; done';

/** Probes with a program in QEMU's place that acts as told, in the same confinement. */
async function probe(name: string, script: string, device = join(folder, "device")): Promise<Acceleration> {
  const qemu = join(folder, `qemu-${name}`);
  await writeFile(qemu, `#!/bin/sh\n${script}\n`);
  await chmod(qemu, 0o755);
  const tools = { ...(await findTools(() => undefined)), qemu };
  const kernel = { bzImage: join(folder, "kernel"), digest: `digest-of-${name}-0123456789` } as unknown as GuestKernel;
  return await findAcceleration({
    tools,
    privilege: await findPrivilege(tools),
    view: await readQemuView(tools),
    kernel,
    cacheDirectory: join(folder, "cache", name),
    runDirectory: join(folder, "run"),
    device,
    patience: { silenceMs: 700, totalMs: 3_000 },
  });
}

describe("KVM is used", () => {
  test("when the guest comes up and says the nonce of this very probe", async () => {
    expect((await probe("good", `echo booting; ${SAY_NONCE}`)).kind).toBe("kvm");
  });

  test("never when the guest falls silent, as on a machine whose KVM can't boot a kernel", async () => {
    expect(await probe("silent", "echo booting; while :; do :; done")).toEqual({ kind: "tcg", reason: expect.stringContaining("hangs") });
  });

  test("never when the guest talks for ever and does not come up", async () => {
    const chatter = "while :; do echo still booting; done";
    expect(await probe("chatter", chatter)).toEqual({ kind: "tcg", reason: expect.stringContaining("in time") });
  });

  test("never when QEMU ends, with the way it ended", async () => {
    expect(await probe("aborts", "kill -ABRT $$")).toEqual({
      kind: "tcg",
      reason: expect.stringMatching(/QEMU ended with .*(134|SIGABRT)/),
    });
  });

  test("never for a nonce that is not ours", async () => {
    expect((await probe("forged", "echo airlock-probe 0000000000000000; exit 0")).kind).toBe("tcg");
  });

  test("never where there is no device", async () => {
    const found = await probe("nowhere", SAY_NONCE, join(folder, "no-device"));
    expect(found).toEqual({ kind: "tcg", reason: expect.stringContaining("no-device") });
  });

  test("without asking again until the machine boots again", async () => {
    await probe("good", `echo booting; ${SAY_NONCE}`);
    expect((await probe("good", "exit 1")).kind).toBe("kvm");
  });

  test("and no probe leaves a folder or a process behind", async () => {
    expect(await readdir(join(folder, "run"))).toEqual([]);
  });
});
