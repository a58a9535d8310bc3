import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { abandonOnAbort } from "../../../domain/deadline.ts";
import { AirlockError, findAirlockError, messageOf } from "../../../domain/errors.ts";
import type { Sandbox, SandboxFacts, SandboxSpec } from "../../../ports/sandbox.ts";
import { openControlledSandbox } from "../shared/control-client.ts";
import { NODE_TARGET } from "./closure.ts";
import type { Binding, QemuView } from "./confinement.ts";
import { createUpperDisk, type DiskImage } from "./disk-images.ts";
import { EXPORT_FOLDER, type HostView } from "./host-view.ts";
import { buildInitramfs, type LayerMount } from "./initramfs.ts";
import type { GuestKernel } from "./kernel.ts";
import { type KvmAccess, provideKvm } from "./kvm.ts";
import { type Machine, startMachine } from "./machine.ts";
import { onceSucceeded } from "./once-succeeded.ts";
import type { Privilege } from "./privilege.ts";
import type { Disk } from "./qemu-arguments.ts";
import type { RunDirectory } from "./run-directory.ts";
import type { Tools } from "./tools.ts";

/** What every sandbox of this runner has in common. */
export interface Platform {
  readonly tools: Tools;
  readonly privilege: Privilege;
  readonly view: QemuView;
  readonly kernel: GuestKernel;
  readonly guestFile: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** The sandbox's root: an image of the runner's programs, or the runner's own folders. */
export type Root = { readonly kind: "image"; readonly image: DiskImage } | { readonly kind: "host-view"; readonly view: HostView };

export interface LayerDisk {
  readonly image: DiskImage;
  readonly mountPath: string;
}

/** One way to boot; after a failure the next one is tried. */
export interface BootAttempt {
  readonly kvm: KvmAccess | null;
  /** `vmlinux` comes up faster under emulation, but needs a kernel made for it. */
  readonly image: "vmlinux" | "bzImage";
  /** The kernel tells what it does, so that a second failure explains itself. */
  readonly isVerbose: boolean;
  readonly firstByteTimeoutMs: number;
  readonly readyTimeoutMs: number;
}

export interface BootRequest {
  readonly platform: Platform;
  readonly runs: RunDirectory;
  readonly spec: SandboxSpec;
  readonly root: Root;
  readonly layers: readonly LayerDisk[];
  readonly cpus: number;
  readonly memoryMib: number;
}

/** @throws AirlockError `sandbox.unavailable`, and why `spec.signal` aborted; nothing is left behind then. */
export async function bootSandbox(request: BootRequest, attempt: BootAttempt): Promise<Sandbox> {
  const { runs, spec } = request;
  const { id, path } = await runs.add({ run: spec.run, purpose: spec.purpose, lifetimeMs: spec.lifetimeMs });
  let started: Started;
  try {
    started = await start({ request, attempt, id, path });
  } catch (error) {
    await runs.destroy(id);
    throw error;
  }
  const { machine } = started;
  const destroy = onceSucceeded(async () => {
    clearTimeout(timer);
    await machine.stop();
    await runs.destroy(id);
  });
  const timer = setTimeout(() => void destroy().catch(() => {}), Math.min(spec.lifetimeMs, MAX_TIMER_MS));
  timer.unref();
  try {
    return await waitReady({ request, attempt, id, started, destroy });
  } catch (error) {
    await destroy();
    if (spec.signal.aborted) throw error;
    throw explain(error, { machine, attempt });
  }
}

/** A longer timer fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

interface Started {
  readonly machine: Machine;
  readonly facts: SandboxFacts;
}

interface StartOptions {
  readonly request: BootRequest;
  readonly attempt: BootAttempt;
  readonly id: string;
  readonly path: string;
}

async function start({ request, attempt, id, path }: StartOptions): Promise<Started> {
  const { platform, spec, root } = request;
  const upper = join(path, "upper.img");
  await createUpperDisk(platform.tools, upper);
  const drives = planDrives(request, upper);
  const rootType = root.kind === "host-view" ? "9p" : root.image.type;
  const initramfs = await buildInitramfs({
    kernel: platform.kernel,
    busybox: platform.tools.busybox,
    guestFile: platform.guestFile,
    root: rootType,
    layers: drives.mounts,
    node: NODE_TARGET,
    nowMs: Date.now(),
  });
  const initrd = join(path, "initrd");
  await writeFile(initrd, initramfs.content, { mode: 0o644 });
  const kernelFile = attempt.image === "vmlinux" && platform.kernel.vmlinux !== null ? platform.kernel.vmlinux : platform.kernel.bzImage;
  const kvm = attempt.kvm === null ? null : await provideKvm({ access: attempt.kvm, privilege: platform.privilege, directory: path });
  const bindings: Binding[] = [
    { source: kernelFile, target: "/boot/kernel", writable: false },
    { source: initrd, target: "/boot/initrd", writable: false },
    ...drives.bindings,
    ...(root.kind === "host-view" ? root.view.bindings : []),
  ];
  const machine = await startMachine({
    directory: path,
    hasChannels: true,
    confinement: {
      tools: platform.tools,
      view: platform.view,
      privilege: platform.privilege,
      bindings,
      // The runner's own timer comes first; this one is for when Airlock hangs.
      lifetimeMs: spec.lifetimeMs + 30_000,
      ...(root.kind === "host-view" ? { exportLinks: root.view.links } : {}),
      ...(kvm === null ? {} : { kvm }),
    },
    machine: {
      id,
      acceleration: attempt.kvm === null ? "tcg" : "kvm",
      cpus: request.cpus,
      memoryMib: request.memoryMib,
      kernel: "/boot/kernel",
      initrd: "/boot/initrd",
      append: `console=ttyS0 panic=-1 ${attempt.isVerbose ? "earlyprintk=ttyS0" : "quiet"}`,
      disks: drives.disks,
      ...(root.kind === "host-view" ? { exportDirectory: EXPORT_FOLDER } : {}),
    },
  });
  return { machine, facts: describe(request, { attempt, initramfsDigest: initramfs.digest }) };
}

interface Drives {
  readonly disks: readonly Disk[];
  readonly bindings: readonly Binding[];
  readonly mounts: readonly LayerMount[];
}

function planDrives({ root, layers }: BootRequest, upper: string): Drives {
  const images = [
    ...(root.kind === "image" ? [{ serial: "root", source: root.image.file, writable: false }] : []),
    { serial: "upper", source: upper, writable: true },
    ...layers.map((layer, index) => ({ serial: `layer${index}`, source: layer.image.file, writable: false })),
  ];
  const fileOf = (serial: string): string => `/disks/${serial}.img`;
  return {
    disks: images.map(({ serial, writable }) => ({ file: fileOf(serial), serial, writable })),
    bindings: images.map(({ serial, source, writable }) => ({ source, target: fileOf(serial), writable })),
    mounts: layers.map((layer, index) => ({ serial: `layer${index}`, type: layer.image.type, path: layer.mountPath })),
  };
}

function describe(
  { platform, root }: BootRequest,
  { attempt, initramfsDigest }: { readonly attempt: BootAttempt; readonly initramfsDigest: string },
): SandboxFacts {
  return {
    provider: "microvm",
    isolation: attempt.kvm === null ? "software emulation" : "kvm",
    versions: {
      ...platform.versions,
      image: root.kind === "host-view" ? "the runner's own folders, read-only" : `sha256:${root.image.digest}`,
      initramfs: `sha256:${initramfsDigest}`,
    },
  };
}

interface ReadyOptions {
  readonly request: BootRequest;
  readonly attempt: BootAttempt;
  readonly id: string;
  readonly started: Started;
  readonly destroy: () => Promise<void>;
}

async function waitReady({ request, attempt, id, started, destroy }: ReadyOptions): Promise<Sandbox> {
  const { machine, facts } = started;
  const lost = new AbortController();
  const lose = (why: string): void => lost.abort(new Error(why));
  const silence = setTimeout(() => lose(`it said nothing for ${attempt.firstByteTimeoutMs / 1000} s`), attempt.firstByteTimeoutMs);
  void machine.console.firstByte.then(() => clearTimeout(silence));
  void machine.exited.then((how) => lose(`QEMU ended with ${how}`));
  const signal = AbortSignal.any([request.spec.signal, lost.signal]);
  try {
    const { control, egress } = await abandonOnAbort(signal, () => machine.channels);
    return await openControlledSandbox({ control, egress, id, facts, destroy, greetTimeoutMs: attempt.readyTimeoutMs, signal });
  } catch (error) {
    // The control client takes any abort for a cancelled run.
    const isOurs = lost.signal.aborted && findAirlockError(error)?.code === "run.cancelled";
    throw isOurs && !request.spec.signal.aborted ? lost.signal.reason : error;
  } finally {
    clearTimeout(silence);
  }
}

function explain(error: unknown, { machine, attempt }: { readonly machine: Machine; readonly attempt: BootAttempt }): AirlockError {
  const lines = [machine.complaints.tail(5), machine.console.tail(15)].filter((text) => text !== "").join("\n");
  const how = attempt.kvm === null ? "with software emulation" : "with KVM";
  const why = findAirlockError(error)?.message ?? messageOf(error);
  return new AirlockError("sandbox.unavailable", {
    message: `The sandbox did not come up ${how}: ${why}${lines === "" ? "" : `\nIts last words:\n${lines}`}`,
    remedy: "Run again on a runner that is less busy, give it more memory, or choose a cloud provider with the input `provider`.",
    cause: error,
  });
}
