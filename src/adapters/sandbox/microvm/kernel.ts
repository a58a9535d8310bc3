import { createHash } from "node:crypto";
import { copyFile, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { AirlockError, messageOf } from "../../../domain/errors.ts";
import { lastWords, runProgram } from "../../programs/run-program.ts";
import type { ArtefactCache, CacheEntry } from "./cache.ts";
import { type ModuleWishes, openModuleIndex } from "./kernel-modules.ts";
import { listKernelPackages, type PackagedKernel } from "./kernel-packages.ts";
import { fetchPackages, rootPrefix } from "./tools.ts";
import { extractVmlinux } from "./vmlinux.ts";

/** What a kernel must be able to do for a part of the sandbox. */
export const FEATURES = {
  // crc32c_generic is a soft dependency of libcrc32c that `depends=` does not show.
  base: {
    required: ["virtio_pci", "virtio_blk", "virtio_console", "overlay", "ext4"],
    optional: ["crc32c_generic", "virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_rng"],
  },
  erofs: { required: ["erofs"], optional: ["crc32c_generic"] },
  "9p": { required: ["9p", "9pnet_virtio"] },
} as const satisfies Record<string, ModuleWishes>;
export type Feature = keyof typeof FEATURES;

const featureSchema = z.strictObject({ modules: z.array(z.string()), missing: z.array(z.string()) });
const descriptionSchema = z.strictObject({
  release: z.string(),
  source: z.string(),
  hasVmlinux: z.boolean(),
  features: z.strictObject({ base: featureSchema, erofs: featureSchema, "9p": featureSchema }),
});
type Description = z.infer<typeof descriptionSchema>;

/** A kernel ready to boot, with its modules uncompressed. */
export interface GuestKernel extends Description {
  readonly bzImage: string;
  /** Uncompressed, for software emulation; null when it could not be extracted. */
  readonly vmlinux: string | null;
  readonly digest: string;
  readModule(name: string): Promise<Buffer>;
}

const RECIPE = "2";
const PACKAGE_KERNEL_AGE_MS = 7 * 86_400_000;
const FETCH_TIMEOUT_MS = 180_000;

interface KernelRequest {
  readonly cache: ArtefactCache;
  /** Beyond `base`. */
  readonly needs: readonly Feature[];
  readonly notify: (line: string) => void;
}

/**
 * The runner's own kernel if its file and modules will do, else the distribution's kernel package, unpacked into the
 * cache. Nothing is installed on the runner.
 * @throws AirlockError `sandbox.unavailable`.
 */
export async function findKernel(request: KernelRequest): Promise<GuestKernel> {
  const reasons: string[] = [];
  const serves = (kernel: GuestKernel | string): kernel is GuestKernel => {
    const reason = typeof kernel === "string" ? kernel : lacks(kernel, request.needs);
    if (reason !== null) reasons.push(reason);
    return reason === null;
  };
  const host = await hostKernel(request);
  if (serves(host)) return host;
  for (const packaged of await listKernelPackages()) {
    const kernel = await packageKernel(request, packaged);
    if (serves(kernel)) return kernel;
  }
  throw new AirlockError("sandbox.unavailable", {
    message: `No kernel for the sandbox: ${reasons.join("; ") || "this distribution's kernel packages are not known"}.`,
    remedy: "Let the runner reach its package mirror once, or choose a cloud provider with the input `provider`.",
  });
}

function lacks(kernel: GuestKernel, needs: readonly Feature[]): string | null {
  const missing = (["base", ...needs] as const).flatMap((feature) => kernel.features[feature].missing);
  return missing.length === 0 ? null : `${kernel.source} has no module ${[...new Set(missing)].join(", ")}`;
}

async function hostKernel(request: KernelRequest): Promise<GuestKernel | string> {
  const image = `/boot/vmlinuz-${release()}`;
  const modules = `/lib/modules/${release()}`;
  const status = await stat(image).catch(() => null);
  if (status === null) return `the runner has no ${image}`;
  if ((await stat(join(modules, "kernel")).catch(() => null)) === null) return `the runner has no ${modules}`;
  const key = createHash("sha256").update(`${image} ${status.size} ${status.mtimeMs} ${RECIPE}`).digest("hex").slice(0, 16);
  try {
    return await open(
      await request.cache.entry({
        key: `kernel-host-${release()}-${key}`,
        build: async (directory) => {
          const copied = await readAsRoot(image, join(directory, "bzImage"));
          if (copied !== null) throw new Error(`${image} cannot be read: ${copied}`);
          await describe({ directory, modules, release: release(), source: `the runner's kernel ${release()}` });
        },
      }),
    );
  } catch (error) {
    return messageOf(error);
  }
}

/** Ubuntu keeps kernel files readable by root only. Returns why it could not be read, or null. */
async function readAsRoot(source: string, target: string): Promise<string | null> {
  const copied = await copyFile(source, target).then(
    () => true,
    () => false,
  );
  if (copied) return null;
  const prefix = await rootPrefix();
  if (prefix === null) return "only root may, and there is no sudo without a password";
  const owner = String(process.getuid?.() ?? 0);
  const result = await runProgram(["install", "-m", "0600", "-o", owner, "--", source, `${target}.part`], { timeoutMs: 30_000, prefix });
  if (result.code !== 0) return lastWords(result);
  await rename(`${target}.part`, target);
  return null;
}

async function packageKernel(request: KernelRequest, packaged: PackagedKernel): Promise<GuestKernel | string> {
  const prefix = `kernel-package-${packaged.name}-r${RECIPE}-`;
  const [newest] = await request.cache.find(prefix);
  if (newest !== undefined && Date.now() - newest.builtMs < PACKAGE_KERNEL_AGE_MS) return await open(newest);
  const packages = await packaged.resolve();
  if (packages === null) return newest === undefined ? `apt does not know the package ${packaged.name}` : await open(newest);
  request.notify(`Fetching ${packages.join(", ")} for the sandbox's kernel; it is unpacked into the cache, not installed.`);
  try {
    const key = createHash("sha256").update(packages.join(" ")).digest("hex").slice(0, 16);
    return await open(
      await request.cache.entry({
        key: `${prefix}${key}`,
        build: (directory) => buildFromPackages(directory, { packages, log: request.notify }),
      }),
    );
  } catch (error) {
    if (newest !== undefined) return await open(newest);
    return messageOf(error);
  }
}

interface PackagesToUnpack {
  readonly packages: readonly string[];
  readonly log: (line: string) => void;
}

async function buildFromPackages(directory: string, { packages, log }: PackagesToUnpack): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), "airlock-kernel-"));
  try {
    const fetched = await fetchPackages({ packages, into: scratch, timeoutMs: FETCH_TIMEOUT_MS, log });
    if (!fetched.ok) throw new Error(`${packages.join(", ")} could not be fetched: ${fetched.detail}`);
    const images = await readdir(join(scratch, "root/boot")).catch(() => []);
    const image = images.find((name) => name.startsWith("vmlinuz-"));
    if (image === undefined) throw new Error(`${packages.join(", ")} holds no kernel image`);
    const name = image.slice("vmlinuz-".length);
    const modules = await firstDirectory([join(scratch, "root/lib/modules", name), join(scratch, "root/usr/lib/modules", name)]);
    await copyFile(join(scratch, "root/boot", image), join(directory, "bzImage"));
    await describe({ directory, modules, release: name, source: `${packages[0]}` });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function firstDirectory(paths: readonly string[]): Promise<string> {
  for (const path of paths) {
    if ((await stat(path).catch(() => null))?.isDirectory()) return path;
  }
  throw new Error(`no modules at ${paths.join(" or ")}`);
}

interface KernelParts {
  readonly directory: string;
  readonly modules: string;
  readonly release: string;
  readonly source: string;
}

/** Resolves and unpacks the modules, extracts vmlinux and writes down the result. */
async function describe(parts: KernelParts): Promise<void> {
  const index = await openModuleIndex(parts.modules);
  const features: Record<string, { modules: string[]; missing: readonly string[] }> = {};
  for (const [feature, wishes] of Object.entries(FEATURES)) {
    const { modules, missing } = await index.resolve(wishes);
    for (const { name, content } of modules) await writeFile(join(parts.directory, `${name}.ko`), content);
    features[feature] = { modules: modules.map(({ name }) => name), missing };
  }
  const vmlinux = await extractVmlinux(await readFile(join(parts.directory, "bzImage")));
  if (vmlinux !== null) await writeFile(join(parts.directory, "vmlinux"), vmlinux);
  const description = { release: parts.release, source: parts.source, hasVmlinux: vmlinux !== null, features };
  await writeFile(join(parts.directory, "kernel.json"), JSON.stringify(description));
}

async function open(entry: CacheEntry): Promise<GuestKernel> {
  const description = descriptionSchema.parse(JSON.parse(await readFile(join(entry.directory, "kernel.json"), "utf8")));
  return {
    ...description,
    bzImage: join(entry.directory, "bzImage"),
    vmlinux: description.hasVmlinux ? join(entry.directory, "vmlinux") : null,
    digest: entry.digests.bzImage ?? "",
    readModule: (name) => readFile(join(entry.directory, `${name}.ko`)),
  };
}
