import { readFile } from "node:fs/promises";
import { runProgram } from "../../programs/run-program.ts";

/** A kernel of the distribution, by the name of its metapackage. */
export interface PackagedKernel {
  readonly name: string;
  /** The packages that hold the image and its modules today; null when apt does not know them. */
  resolve(): Promise<readonly string[] | null>;
}

/** In order of preference: the small cloud flavour first, the one with every module last. */
const METAPACKAGES: Readonly<Record<string, readonly string[]>> = {
  debian: ["linux-image-cloud-amd64", "linux-image-amd64"],
  ubuntu: ["linux-image-virtual", "linux-image-generic"],
};

export async function listKernelPackages(osReleasePath = "/etc/os-release"): Promise<readonly PackagedKernel[]> {
  const family = distribution(await readFile(osReleasePath, "utf8").catch(() => ""));
  const names = family === null ? [] : (METAPACKAGES[family] ?? []);
  return names.map((name) => ({
    name,
    async resolve() {
      const result = await runProgram(["apt-cache", "depends", "--no-recommends", "--no-suggests", name], { timeoutMs: 30_000 });
      return result.code === 0 ? kernelPackages(result.stdout) : null;
    },
  }));
}

/** `debian` or `ubuntu`, also for distributions made from them. */
export function distribution(osRelease: string): "debian" | "ubuntu" | null {
  const field = (name: string): string => new RegExp(`^${name}="?([^"\n]*)"?$`, "m").exec(osRelease)?.[1] ?? "";
  const words = `${field("ID")} ${field("ID_LIKE")}`.split(" ");
  if (words.includes("ubuntu")) return "ubuntu";
  return words.includes("debian") ? "debian" : null;
}

/**
 * The concrete packages behind `apt-cache depends` of a metapackage. Debian ships image and modules in one package,
 * Ubuntu in two or three (`linux-image-…`, `linux-modules-…`, `linux-modules-extra-…`).
 */
export function kernelPackages(depends: string): readonly string[] | null {
  const names = [...depends.matchAll(/^\s*\|?Depends: (linux-(?:image|modules-extra)-(?:unsigned-)?(\d[\w.-]*))$/gm)];
  const image = names.find((match) => match[1]?.startsWith("linux-image-"));
  if (image?.[1] === undefined || image[2] === undefined) return null;
  const isSplit = /-(?:generic|azure|virtual|aws|gcp)$/.test(image[2]);
  const extra = names.map((match) => match[1] ?? "").filter((name) => name.startsWith("linux-modules-extra-"));
  return isSplit ? [image[1], `linux-modules-${image[2]}`, ...extra] : [image[1]];
}
