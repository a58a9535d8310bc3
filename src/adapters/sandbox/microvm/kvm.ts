import { randomBytes } from "node:crypto";
import { access, constants, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { messageOf } from "../../../domain/errors.ts";
import { lastWords, runProgram } from "../../programs/run-program.ts";
import type { QemuView } from "./confinement.ts";
import { buildProbeInitramfs } from "./initramfs.ts";
import type { GuestKernel } from "./kernel.ts";
import { type Machine, startMachine } from "./machine.ts";
import type { Privilege } from "./privilege.ts";
import type { Tools } from "./tools.ts";

const DEVICE = "/dev/kvm";
/** A kernel that comes up keeps talking; one that hangs falls silent. */
const PATIENCE = { silenceMs: 10_000, totalMs: 45_000 };
const PROBE_LIFETIME_MS = 60_000;

/** How a machine is run. `reason`: why not with KVM. */
export type Acceleration = { readonly kind: "kvm"; readonly access: KvmAccess } | { readonly kind: "tcg"; readonly reason: string };

/** How QEMU, which is nobody, comes to open the device. */
export interface KvmAccess {
  /** Of the device. */
  readonly path: string;
  /** A group it is put into; null when it needs none. */
  readonly group: number | null;
  /** Where only root may open the device, each sandbox gets a node of its own in its folder, which is closed to others. */
  readonly needsOwnNode: boolean;
}

export interface KvmRequest {
  readonly tools: Tools;
  readonly privilege: Privilege;
  readonly view: QemuView;
  readonly kernel: GuestKernel;
  readonly cacheDirectory: string;
  readonly runDirectory: string;
  /** Default `/dev/kvm`. */
  readonly device?: string;
  /** How long the probe's kernel may be silent, and how long it may take in all. */
  readonly patience?: { readonly silenceMs: number; readonly totalMs: number };
}

/**
 * KVM counts as usable only when the kernel really boots with it: some machines offer a /dev/kvm on which nothing that is
 * more than a few instructions long runs. The result is remembered until the runner boots again.
 */
export async function findAcceleration(request: KvmRequest): Promise<Acceleration> {
  const device = request.device ?? DEVICE;
  if ((await stat(device).catch(() => null)) === null) return { kind: "tcg", reason: `the runner has no ${device}` };
  const access = await readAccess(device, request.privilege);
  if (typeof access === "string") return { kind: "tcg", reason: access };
  const memory = openMemory(request.cacheDirectory, request.kernel.digest);
  const reason = (await memory.read()) ?? (await probe(request, access).catch(firstLine));
  await memory.write(reason);
  return reason === "" ? { kind: "kvm", access } : { kind: "tcg", reason };
}

const rememberedSchema = z.strictObject({ bootId: z.string(), kernel: z.string(), reason: z.string() });

function openMemory(cacheDirectory: string, kernel: string): { read(): Promise<string | null>; write(reason: string): Promise<void> } {
  const path = join(cacheDirectory, `kvm-${kernel.slice(0, 16)}.json`);
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

/** How QEMU may use KVM, or why it cannot. */
async function readAccess(path: string, privilege: Privilege): Promise<KvmAccess | string> {
  const status = await stat(path);
  if ((status.mode & 0o006) === 0o006) return { path, group: null, needsOwnNode: false };
  if (privilege.kind === "user-namespace") {
    const mayOpen = await access(path, constants.R_OK | constants.W_OK).then(
      () => true,
      () => false,
    );
    return mayOpen ? { path, group: null, needsOwnNode: false } : `${path} may not be opened by this user`;
  }
  const isForGroup = (status.mode & 0o060) === 0o060 && status.gid !== 0;
  return { path, group: isForGroup ? status.gid : null, needsOwnNode: !isForGroup };
}

/** The device for one sandbox. `directory`: that sandbox's own folder. */
export async function provideKvm(options: {
  readonly access: KvmAccess;
  readonly privilege: Privilege;
  readonly directory: string;
}): Promise<{ readonly device: string; readonly group: number | null }> {
  const { access, privilege, directory } = options;
  if (!access.needsOwnNode) return { device: access.path, group: access.group };
  const { rdev } = await stat(access.path);
  const device = join(directory, "kvm");
  const numbers = [String((rdev >> 8) & 0xfff), String(rdev & 0xff)];
  const prefix = privilege.kind === "sudo" ? privilege.sudo : [];
  const made = await runProgram(["mknod", "-m", "0666", device, "c", ...numbers], { timeoutMs: 5_000, prefix });
  if (made.code !== 0) throw new Error(`${access.path} may be opened by root only, and a node of it could not be made: ${lastWords(made)}`);
  return { device, group: null };
}

/** Returns the empty string when the kernel came up and said our nonce, else why it did not. */
async function probe(request: KvmRequest, access: KvmAccess): Promise<string> {
  const nonce = randomBytes(8).toString("hex");
  const id = `airlock-${randomBytes(8).toString("hex")}`;
  const directory = join(request.runDirectory, id);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  try {
    const kvm = await provideKvm({ access, privilege: request.privilege, directory });
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
      return await judge({ machine, expected: `airlock-probe ${nonce}`, ...PATIENCE, ...request.patience });
    } finally {
      await machine.stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Judgement {
  readonly machine: Machine;
  readonly expected: string;
  readonly silenceMs: number;
  readonly totalMs: number;
}

async function judge({ machine, expected, silenceMs, totalMs }: Judgement): Promise<string> {
  let end: string | null = null;
  void machine.exited.then((how) => {
    end = how;
  });
  const deadline = performance.now() + totalMs;
  while (!machine.console.includes(expected)) {
    if (end !== null) return `a kernel started with KVM does not come up: QEMU ended with ${end}`;
    if (performance.now() > deadline) return "a kernel started with KVM does not come up in time";
    if (machine.console.silentForMs() > silenceMs) return "a kernel started with KVM hangs";
    await sleep(50);
  }
  return "";
}

function firstLine(error: unknown): string {
  return messageOf(error).split("\n")[0] ?? "";
}
