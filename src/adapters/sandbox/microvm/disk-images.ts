import { cp, mkdtemp, open, rm, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AirlockError } from "../../../domain/errors.ts";
import type { Layer } from "../../../ports/sandbox.ts";
import { lastWords, runProgram } from "../../programs/run-program.ts";
import type { ArtefactCache } from "./cache.ts";
import { closureKey, planClosure, stageClosure } from "./closure.ts";
import type { GuestKernel } from "./kernel.ts";
import { rootPrefix, type Tools } from "./tools.ts";

const RECIPE = "4";
const IMAGE = "disk.img";
const MAKE_TIMEOUT_MS = 180_000;

export interface DiskImage {
  readonly file: string;
  readonly type: "erofs" | "ext4";
  /** sha256 in hex of the whole image. */
  readonly digest: string;
}

interface ImageRequest {
  readonly cache: ArtefactCache;
  readonly tools: Tools;
  readonly kernel: GuestKernel;
  readonly notify: (line: string) => void;
  /** Gets what the programs say that make the image. */
  readonly log: (line: string) => void;
}

/** erofs, which reads faster, if its mkfs and the kernel's module exist; else ext4, which is everywhere. */
export function imageType(tools: Tools, kernel: GuestKernel): "erofs" | "ext4" {
  return tools.mkfsErofs !== null && kernel.features.erofs.missing.length === 0 ? "erofs" : "ext4";
}

/** The read-only root made of the runner's own programs. */
export async function prepareClosureImage(request: ImageRequest & { readonly nodeBinary: string }): Promise<DiskImage> {
  const { cache, tools, kernel, notify, log } = request;
  const type = imageType(tools, kernel);
  const entry = await cache.entry({
    key: `root-${type}-r${RECIPE}-${await closureKey(request.nodeBinary)}`,
    build: async (directory) => {
      const plan = await planClosure({ ldd: tools.ldd, nodeBinary: request.nodeBinary });
      notify(`Preparing the sandbox's root image from this runner's programs (${Math.round(plan.bytes / 1e6)} MB, kept for later runs).`);
      if (plan.leftOut.length > 0) notify(`Left out of the root image, which would grow too large: ${plan.leftOut.join(", ")}.`);
      await withScratch(directory, async (stage) => {
        await stageClosure(plan, stage);
        await makeImage({ tools, log, type, stage, file: join(directory, IMAGE) });
      });
    },
  });
  return { file: join(entry.directory, IMAGE), type, digest: entry.digests[IMAGE] ?? "" };
}

/** A read-only disk of a layer, made once per digest. */
export async function prepareLayerImage(request: ImageRequest & { readonly layer: Layer }): Promise<DiskImage> {
  const { cache, tools, kernel, layer, notify, log } = request;
  requireSoundLayer(layer);
  const type = imageType(tools, kernel);
  const entry = await cache.entry({
    key: `layer-${type}-${layer.name}-${layer.digest.slice(0, 32)}-r${RECIPE}`,
    build: async (directory) => {
      notify(`Preparing a disk of the layer ${layer.name} (kept for later runs).`);
      const file = join(directory, IMAGE);
      if (type === "erofs") return await makeImage({ tools, log, type, stage: layer.directory, file });
      // ext4 keeps owners, so they are changed on a copy.
      await withScratch(directory, async (stage) => {
        await cp(layer.directory, stage, { recursive: true, verbatimSymlinks: true });
        await makeImage({ tools, log, type, stage, file });
      });
    },
  });
  return { file: join(entry.directory, IMAGE), type, digest: entry.digests[IMAGE] ?? "" };
}

/** A layer's words become part of a file name and of the configuration that the first process in the sandbox reads. */
function requireSoundLayer(layer: Layer): void {
  const isNamed = /^[a-z0-9-]{1,40}$/.test(layer.name) && /^[0-9a-f]{64}$/.test(layer.digest);
  const isPlaced = /^\/(?:opt|srv|usr\/local)\/[A-Za-z0-9._/-]+$/.test(layer.mountPath) && !layer.mountPath.split("/").includes("..");
  if (isNamed && isPlaced) return;
  throw new AirlockError("internal", {
    message: `The layer ${JSON.stringify(layer.name)} cannot be mounted at ${JSON.stringify(layer.mountPath)}.`,
    remedy:
      "Report this. A layer has a name of lower-case letters, digits and dashes, a sha256 digest and a place below /opt, /srv or /usr/local.",
  });
}

/** A scratch folder on the same disk, beside the entry that is being built. */
async function withScratch(directory: string, use: (stage: string) => Promise<void>): Promise<void> {
  const stage = await mkdtemp(join(dirname(directory), ".build-stage-"));
  try {
    await use(stage);
  } finally {
    await removeStage(stage);
  }
}

async function removeStage(stage: string): Promise<void> {
  const removed = await rm(stage, { recursive: true, force: true }).then(
    () => true,
    () => false,
  );
  const prefix = removed ? null : await rootPrefix();
  if (prefix !== null) await runProgram(["rm", "-rf", "--one-file-system", stage], { timeoutMs: 60_000, prefix });
}

interface MakeRequest {
  readonly tools: Tools;
  readonly log: (line: string) => void;
  readonly type: "erofs" | "ext4";
  readonly stage: string;
  readonly file: string;
}

async function makeImage({ tools, log, type, stage, file }: MakeRequest): Promise<void> {
  const argv =
    type === "erofs"
      ? [tools.mkfsErofs ?? "", "-T0", "-U", "00000000-0000-0000-0000-000000000000", "--all-root", "--quiet", file, stage]
      : await ext4Command(tools, stage, file);
  const options = { timeoutMs: MAKE_TIMEOUT_MS, maxOutputBytes: 256 << 20, log };
  let result = await runProgram(argv, options);
  // Older versions of mkfs.erofs do not know --quiet and name every file.
  if (result.code !== 0 && type === "erofs") {
    result = await runProgram(
      argv.filter((word) => word !== "--quiet"),
      options,
    );
  }
  if (result.code !== 0) {
    throw new AirlockError("sandbox.unavailable", {
      message: `The sandbox's disk image could not be made: ${lastWords(result)}.`,
      remedy: "Free disk space on the runner, or choose a cloud provider with the input `provider`.",
    });
  }
}

/** Files belong to root in the sandbox: the copy is given to root first, or seen through a user namespace where it is. */
async function ext4Command(tools: Tools, stage: string, file: string): Promise<readonly string[]> {
  const megabytes = Math.ceil((await sizeOf(stage)) * 1.15) + 64;
  const make = [tools.mkfsExt4, "-q", "-F", "-m", "0", "-O", "^has_journal", "-d", stage, file, `${megabytes}M`];
  if (process.getuid?.() === 0) {
    await runProgram(["chown", "-Rh", "0:0", stage], { timeoutMs: 60_000 });
    return make;
  }
  const prefix = await rootPrefix();
  if (prefix === null) return [tools.bwrap, "--unshare-user", "--uid", "0", "--gid", "0", "--dev-bind", "/", "/", ...make];
  await runProgram(["chown", "-Rh", "0:0", stage], { timeoutMs: 60_000, prefix });
  return make;
}

async function sizeOf(folder: string): Promise<number> {
  const result = await runProgram(["du", "-sm", "--apparent-size", folder], { timeoutMs: 60_000 });
  const blocks = await runProgram(["du", "-sm", folder], { timeoutMs: 60_000 });
  return Math.max(Number.parseInt(result.stdout, 10) || 0, Number.parseInt(blocks.stdout, 10) || 0);
}

const MAX_UPPER_BYTES = 16 * 1024 ** 3;

/** The sandbox's writable disk: sparse, so that it costs what is written. Bounded by what the runner's disk has left. */
export async function createUpperDisk(tools: Tools, file: string): Promise<number> {
  const free = await statfs(dirname(file));
  const bytes = Math.min(MAX_UPPER_BYTES, Math.floor(free.bavail * free.bsize * 0.8));
  if (bytes < 512 << 20) {
    throw new AirlockError("sandbox.unavailable", {
      message: `The runner has ${Math.round(bytes / 1e6)} MB of disk left for the sandbox; it needs 512 MB.`,
      remedy: "Free disk space on the runner.",
    });
  }
  const handle = await open(file, "w", 0o666);
  await handle.truncate(bytes);
  await handle.chmod(0o666);
  await handle.close();
  const options = "lazy_itable_init=1,lazy_journal_init=1,nodiscard";
  const result = await runProgram([tools.mkfsExt4, "-q", "-F", "-m", "0", "-E", options, "-O", "^has_journal", file], {
    timeoutMs: 60_000,
  });
  if (result.code !== 0) {
    throw new AirlockError("sandbox.unavailable", {
      message: `The sandbox's disk could not be made: ${lastWords(result)}.`,
      remedy: "Free disk space on the runner.",
    });
  }
  return bytes;
}
