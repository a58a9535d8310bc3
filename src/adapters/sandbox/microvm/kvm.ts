import { randomBytes } from "node:crypto";
import { access, chmod, constants, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { QemuView } from "./confinement.ts";
import { runHost } from "./host-command.ts";
import { buildProbeInitramfs } from "./initramfs.ts";
import type { GuestKernel } from "./kernel.ts";
import { type Machine, startMachine } from "./machine.ts";
import type { Privilege } from "./privilege.ts";
import type { Tools } from "./tools.ts";

const DEVICE = "/dev/kvm";
/** A kernel that comes up keeps talking; one that hangs falls silent. */
const SILENCE_MS = 10_000;
const NONCE_MS = 45_000;
const PROBE_LIFETIME_MS = 60_000;

/** How a machine is run. `reason`: why not with KVM. */
export type Acceleration = { readonly kind: "kvm"; readonly access: KvmAccess } | { readonly kind: "tcg"; readonly reason: string };

/** A device node that QEMU may open, and the group it needs for that. */
export interface KvmAccess {
  readonly device: string;
  readonly group: number | null;
}

export interface KvmRequest {
  readonly tools: Tools;
  readonly privilege: Privilege;
  readonly view: QemuView;
  readonly kernel: GuestKernel;
  readonly cacheDirectory: string;
  readonly runDirectory: string;
}

/**
 * KVM counts as usable only when the kernel really boots with it: some machines offer a /dev/kvm on which nothing that is
 * more than a few instructions long runs. What was found is remembered until the runner boots again.
 */
export async function findAcceleration(request: KvmRequest): Promise<Acceleration> {
  if ((await stat(DEVICE).catch(() => null)) === null) return { kind: "tcg", reason: `the runner has no ${DEVICE}` };
  const access = await grantAccess(request);
  if (typeof access === "string") return { kind: "tcg", reason: access };
  const memory = openMemory(request.cacheDirectory, request.kernel.digest);
  const reason = (await memory.read()) ?? (await probe(request, access));
  await memory.write(reason);
  return reason === "" ? { kind: "kvm", access } : { kind: "tcg", reason };
}

const rememberedSchema = z.strictObject({ bootId: z.string(), kernel: z.string(), reason: z.string() });

function openMemory(cacheDirectory: string, kernel: string): { read(): Promise<string | null>; write(reason: string): Promise<void> } {
  const path = join(cacheDirectory, "kvm.json");
  const bootId = readFile("/proc/sys/kernel/random/boot_id", "utf8").then(
    (text) => text.trim(),
    () => "unknown",
  );
  return {
    async read() {
      try {
        const known = rememberedSchema.parse(JSON.parse(await readFile(path, "utf8")));
        return known.bootId === (await bootId) && known.kernel === kernel ? known.reason : null;
      } catch {
        return null;
      }
    },
    async write(reason) {
      await mkdir(cacheDirectory, { recursive: true });
      const temporary = `${path}.${randomBytes(4).toString("hex")}`;
      await writeFile(temporary, JSON.stringify({ bootId: await bootId, kernel, reason }));
      await rename(temporary, path);
    },
  };
}

/** Says why not, or how. Where only root may open the device, QEMU gets a node of its own in a folder closed to others. */
async function grantAccess({ privilege, runDirectory }: KvmRequest): Promise<KvmAccess | string> {
  const status = await stat(DEVICE);
  const isForAll = (status.mode & 0o006) === 0o006;
  const isForGroup = (status.mode & 0o060) === 0o060 && status.gid !== 0;
  if (isForAll) return { device: DEVICE, group: null };
  if (privilege.kind === "user-namespace") {
    const mayOpen = await access(DEVICE, constants.R_OK | constants.W_OK).then(
      () => true,
      () => false,
    );
    return mayOpen ? { device: DEVICE, group: null } : `${DEVICE} may not be opened by this user`;
  }
  if (isForGroup) return { device: DEVICE, group: status.gid };
  const folder = join(runDirectory, "kvm");
  const device = join(folder, "kvm");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const major = (status.rdev >> 8) & 0xfff;
  const minor = status.rdev & 0xff;
  const prefix = privilege.kind === "sudo" ? privilege.sudo : [];
  await runHost([...prefix, "rm", "-f", device], { timeoutMs: 5_000 });
  const made = await runHost([...prefix, "mknod", "-m", "0666", device, "c", String(major), String(minor)], { timeoutMs: 5_000 });
  return made.code === 0 ? { device, group: null } : `${DEVICE} may be opened by root only`;
}

/** Returns the empty string when the kernel came up and said our nonce, else why it did not. */
async function probe(request: KvmRequest, kvm: KvmAccess): Promise<string> {
  const nonce = randomBytes(8).toString("hex");
  const id = `airlock-${randomBytes(8).toString("hex")}`;
  const directory = join(request.runDirectory, id);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  try {
    const initrd = join(directory, "initrd");
    await writeFile(initrd, await buildProbeInitramfs(request.tools.busybox), { mode: 0o644 });
    const machine = await startMachine({
      directory,
      hasChannels: false,
      confinement: {
        ...request,
        kvm,
        lifetimeMs: PROBE_LIFETIME_MS,
        bindings: [
          { source: request.kernel.bzImage, target: "/boot/kernel", writable: false },
          { source: initrd, target: "/boot/initrd", writable: false },
        ],
      },
      machine: {
        id,
        acceleration: "kvm",
        cpus: 1,
        memoryMib: 256,
        kernel: "/boot/kernel",
        initrd: "/boot/initrd",
        append: `console=ttyS0 earlyprintk=ttyS0 panic=-1 airlock.nonce=${nonce}`,
        disks: [],
      },
    });
    try {
      return await judge(machine, `airlock-probe ${nonce}`);
    } finally {
      await machine.stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function judge(machine: Machine, expected: string): Promise<string> {
  let end: string | null = null;
  void machine.exited.then((how) => {
    end = how;
  });
  const deadline = performance.now() + NONCE_MS;
  while (!machine.console.includes(expected)) {
    if (end !== null) return `a kernel started with KVM does not come up: QEMU ended with ${end}`;
    if (performance.now() > deadline) return "a kernel started with KVM does not come up in time";
    if (machine.console.silentForMs() > SILENCE_MS) return "a kernel started with KVM hangs";
    await sleep(50);
  }
  return "";
}
