import { availableParallelism, freemem } from "node:os";
import { abandonOnAbort } from "../../../domain/deadline.ts";
import { AirlockError, messageOf } from "../../../domain/errors.ts";
import { type Room, shareOut } from "../../../domain/sandbox/shares.ts";
import type { Gap, Sandbox, SandboxProvider, SandboxSpec } from "../../../ports/sandbox.ts";
import { runProgram } from "../../programs/run-program.ts";
import { openWarnOnce, type WarnOnce } from "../shared/warn-once.ts";
import { type BootAttempt, bootSandbox, type LayerDisk, type Platform, type Root } from "./boot.ts";
import { type ArtefactCache, openArtefactCache } from "./cache.ts";
import { readQemuView } from "./confinement.ts";
import { type DiskImage, prepareClosureImage, prepareLayerImage } from "./disk-images.ts";
import { readHostView } from "./host-view.ts";
import { type Feature, findKernel } from "./kernel.ts";
import { type Acceleration, findAcceleration } from "./kvm.ts";
import { onceSucceeded } from "./once-succeeded.ts";
import { findPrivilege, type Privilege } from "./privilege.ts";
import { openRunDirectory } from "./run-directory.ts";
import { findTools, type Tools } from "./tools.ts";

export interface MicrovmOptions {
  /** Artefacts kept between runs. */
  readonly cacheDirectory: string;
  /** One folder per running sandbox. */
  readonly runDirectory: string;
  /** The bundled guest program. */
  readonly guestFile: string;
  /** Node for the guest, and for the agent's work where the runner's programs hold no other. */
  readonly nodeBinary: string;
  readonly notify: (line: string) => void;
  /** How QEMU is confined. Default: found out on the runner. */
  readonly privilege?: Privilege;
}

/** Roots that `template` may name. */
const TEMPLATES = ["", "closure", "host-view"] as const;
type Template = (typeof TEMPLATES)[number];

const GAPS: readonly Gap[] = [
  {
    law: "cut-carrier",
    reason:
      "The two streams are virtio ports of a machine on the runner itself: no connection carries them that could be cut, and they end with the machine.",
  },
];

/** A microVM on the runner itself: no account, no network device, QEMU with KVM or by software emulation. */
export function openMicrovmProvider(options: MicrovmOptions): SandboxProvider {
  const runs = openRunDirectory(options.runDirectory);
  const cache = openArtefactCache(options.cacheDirectory);
  const warnOnce = openWarnOnce();
  const prepare = onceSucceeded(() => preparePlatform({ options, cache, needs: [] }));
  // Not every kernel has 9p, so it is asked for only where it is wanted.
  const prepareForView = onceSucceeded(() => preparePlatform({ options, cache, needs: ["9p"] }));
  return {
    name: "microvm",
    gaps: GAPS,
    room: async () => measureRoom(),
    async create(spec) {
      const template = readTemplate(spec.template);
      // Preparation is shared with the next sandbox, so it goes on even if this run is aborted.
      const { platform, acceleration: judged } = await abandonOnAbort(spec.signal, template === "host-view" ? prepareForView : prepare);
      const prepareImage = (): Promise<DiskImage> =>
        prepareClosureImage({ ...platform, cache, nodeBinary: options.nodeBinary, notify: spec.notify, log: options.notify });
      if (template === "") buildMeanwhile(judged, prepareImage);
      const acceleration = await abandonOnAbort(spec.signal, () => judged);
      if (acceleration.kind === "tcg") {
        warnOnce(spec, `The sandbox runs in software emulation, which is several times slower: ${acceleration.reason}.`);
      }
      const choice = { options, platform, acceleration, template, spec, prepareImage, warnOnce };
      const root = await abandonOnAbort(spec.signal, () => chooseRoot(choice));
      const layers = await abandonOnAbort(spec.signal, () => prepareLayers({ cache, platform, spec, log: options.notify }));
      const request = { platform, runs, spec, root, layers, ...chooseSize(spec, acceleration) };
      return await bootWithRetry(listAttempts(acceleration), (attempt) => bootSandbox(request, attempt), spec);
    },
    findByRun: (run) => runs.findByRun(run),
    destroy: (id) => runs.destroy(id),
    sweep: (nowMs) => runs.sweep(nowMs),
  };
}

interface Prepared {
  readonly platform: Platform;
  readonly acceleration: Promise<Acceleration>;
}

const IMAGE_HEAD_START_MS = 3_000;

/** If KVM works, the probe soon knows; one that takes long will most likely fail, and then the image is needed. */
function buildMeanwhile(judged: Promise<Acceleration>, prepareImage: () => Promise<DiskImage>): void {
  const timer = setTimeout(() => void prepareImage().catch(() => {}), IMAGE_HEAD_START_MS);
  const stop = (): void => clearTimeout(timer);
  judged.then(stop, stop);
}

interface PlatformRequest {
  readonly options: MicrovmOptions;
  readonly cache: ArtefactCache;
  readonly needs: readonly Feature[];
}

async function preparePlatform({ options, cache, needs }: PlatformRequest): Promise<Prepared> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new AirlockError("sandbox.unavailable", {
      message: `The microVM provider runs on Linux on x64; this runner is ${process.platform} on ${process.arch}.`,
      remedy: "Run the job on an x64 Linux runner, or choose a cloud provider with the input `provider`.",
    });
  }
  const tools = await findTools(options.notify);
  const [privilege, view, kernel, qemu] = await Promise.all([
    options.privilege ?? findPrivilege(tools),
    readQemuView(tools),
    findKernel({ cache, needs, notify: options.notify }),
    readQemuVersion(tools),
  ]);
  const acceleration = findAcceleration({ ...options, tools, privilege, view, kernel });
  acceleration.catch(() => {});
  const versions = { qemu, kernel: `${kernel.release} (sha256:${kernel.digest})`, node: await readNodeVersion(options.nodeBinary) };
  return { platform: { tools, privilege, view, kernel, guestFile: options.guestFile, versions }, acceleration };
}

async function readQemuVersion(tools: Tools): Promise<string> {
  const { stdout } = await runProgram([tools.qemu, "--version"], { timeoutMs: 20_000 });
  return /version (\S+)/.exec(stdout)?.[1] ?? "unknown";
}

async function readNodeVersion(nodeBinary: string): Promise<string> {
  if (nodeBinary === process.execPath) return process.versions.node;
  const { stdout } = await runProgram([nodeBinary, "--version"], { timeoutMs: 20_000 });
  return stdout.trim().replace(/^v/, "") || "unknown";
}

function readTemplate(template: string): Template {
  const known = TEMPLATES.find((name) => name === template);
  if (known !== undefined) return known;
  throw new AirlockError("input.invalid", {
    message: `The provider \`microvm\` has no template \`${template}\`.`,
    remedy: "Leave the input `template` empty, or set it to `closure` or `host-view`.",
  });
}

interface RootChoice {
  readonly options: MicrovmOptions;
  readonly platform: Platform;
  readonly acceleration: Acceleration;
  readonly prepareImage: () => Promise<DiskImage>;
  readonly template: Template;
  readonly spec: SandboxSpec;
  readonly warnOnce: WarnOnce;
}

/** The runner's whole toolchain where that is fast, which is with KVM; else an image of the common programs. */
async function chooseRoot({ options, platform, acceleration, template, spec, prepareImage, warnOnce }: RootChoice): Promise<Root> {
  const { kernel, privilege } = platform;
  const wantsView = template === "host-view" || (template === "" && acceleration.kind === "kvm");
  if (wantsView) {
    const missing = kernel.features["9p"].missing;
    const view =
      missing.length > 0
        ? `${kernel.source} has no module ${missing.join(", ")}`
        : await readHostView({ ...options, privilege, secretFolders: secretFolders(options) });
    if (typeof view !== "string") return { kind: "host-view", view };
    if (template === "host-view") {
      throw new AirlockError("sandbox.unavailable", {
        message: `The template \`host-view\` cannot be had on this runner: ${view}.`,
        remedy: "Leave the input `template` empty, or set it to `closure`.",
      });
    }
    warnOnce(spec, `The sandbox gets an image of the runner's common programs instead of all of them: ${view}.`);
  }
  return { kind: "image", image: await prepareImage() };
}

/** Folders of this job that hold its secrets or its work. */
function secretFolders(options: MicrovmOptions): string[] {
  const named = ["HOME", "RUNNER_TEMP", "RUNNER_WORKSPACE", "GITHUB_WORKSPACE"].map((name) => process.env[name] ?? "");
  return [...named, process.cwd(), options.runDirectory].filter((path) => path.startsWith("/") && path !== "/");
}

async function prepareLayers({
  cache,
  platform,
  spec,
  log,
}: {
  readonly cache: ArtefactCache;
  readonly platform: Platform;
  readonly spec: SandboxSpec;
  readonly log: (line: string) => void;
}): Promise<readonly LayerDisk[]> {
  const disks: LayerDisk[] = [];
  for (const layer of spec.layers) {
    const image = await prepareLayerImage({ cache, tools: platform.tools, kernel: platform.kernel, layer, notify: spec.notify, log });
    disks.push({ image, mountPath: layer.mountPath });
  }
  return disks;
}

/** Memory: room for an agent, a language server and a test run; most of what is free for all sandboxes together. */
function measureRoom(): Room {
  const freeMib = Math.floor(freemem() / (1 << 20));
  return { memoryMib: Math.max(512, Math.floor(freeMib * 0.6)), freeMib, usualMib: 2048 };
}

/**
 * What a spec leaves open is filled in as for a sandbox that is alone. With software emulation each processor costs the runner a core and a
 * fifth of the boot, so half of the cores are left to the runner.
 */
function chooseSize({ cpus, memoryMib }: SandboxSpec, acceleration: Acceleration): { readonly cpus: number; readonly memoryMib: number } {
  const cores = availableParallelism();
  const usual = acceleration.kind === "kvm" ? Math.min(cores, 4) : Math.max(1, Math.min(2, Math.floor(cores / 2)));
  return { cpus: cpus > 0 ? cpus : usual, memoryMib: memoryMib > 0 ? memoryMib : shareOut(0, measureRoom()).memoryMib };
}

const TCG: BootAttempt = { kvm: null, image: "vmlinux", isVerbose: false, firstByteTimeoutMs: 90_000, readyTimeoutMs: 150_000 };

/** Emulation is slower, never weaker: the boundary is the same machine without a network device. */
function listAttempts(acceleration: Acceleration): readonly BootAttempt[] {
  const emulated: BootAttempt[] = [TCG, { ...TCG, image: "bzImage", isVerbose: true, readyTimeoutMs: 240_000 }];
  if (acceleration.kind === "tcg") return emulated;
  const kvm: BootAttempt = {
    kvm: acceleration.access,
    image: "bzImage",
    isVerbose: false,
    firstByteTimeoutMs: 20_000,
    readyTimeoutMs: 60_000,
  };
  return [kvm, { ...kvm, isVerbose: true }, ...emulated];
}

async function bootWithRetry(
  attempts: readonly BootAttempt[],
  boot: (attempt: BootAttempt) => Promise<Sandbox>,
  spec: SandboxSpec,
): Promise<Sandbox> {
  const [attempt, ...rest] = attempts;
  if (attempt === undefined) throw new RangeError("no way to boot");
  try {
    return await boot(attempt);
  } catch (error) {
    const next = rest[0];
    if (spec.signal.aborted || next === undefined) throw error;
    const how = next.kvm === null && attempt.kvm !== null ? " in software emulation" : "";
    spec.notify(`${firstLine(error)} Trying again${how}.`);
  }
  return await bootWithRetry(rest, boot, spec);
}

function firstLine(error: unknown): string {
  return messageOf(error).split("\n")[0] ?? "";
}
