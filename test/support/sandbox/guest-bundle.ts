import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const ROOT = resolve(import.meta.dirname, "../../..");
const CACHE = join(ROOT, "node_modules/.cache/airlock");

/** Where tests keep what takes long to prepare and never depends on a test: root images, kernels, bundles. */
export const PREPARED_DIRECTORY = join(CACHE, "microvm");

/** The guest program bundled from today's sources, as the build does it. Returns the bundle's path. */
export async function bundleGuest(): Promise<string> {
  const target = join(CACHE, `guest-${await digestSources()}`);
  if ((await stat(target).catch(() => null)) === null) await build(target);
  return join(target, "index.js");
}

async function digestSources(): Promise<string> {
  const hash = createHash("sha256");
  for (const folder of ["src/guest", "src/wire"]) {
    for (const name of (await readdir(join(ROOT, folder), { recursive: true })).sort()) {
      if (name.endsWith(".ts")) hash.update(name).update(await readFile(join(ROOT, folder, name)));
    }
  }
  return hash.digest("hex").slice(0, 16);
}

async function build(target: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const scratch = await mkdtemp(join(CACHE, ".build-"));
  try {
    const config = {
      extends: join(ROOT, "tsconfig.json"),
      compilerOptions: { rootDir: join(ROOT, "src"), outDir: join(scratch, "lib"), typeRoots: [join(ROOT, "node_modules/@types")] },
      files: [join(ROOT, "src/guest/main.ts")],
      include: [],
    };
    await writeFile(join(scratch, "tsconfig.json"), JSON.stringify(config));
    await writeFile(join(scratch, "package.json"), '{"type":"module"}');
    const run = promisify(execFile);
    const bin = (name: string): string => join(ROOT, "node_modules/.bin", name);
    await run(bin("tsc"), ["-p", join(scratch, "tsconfig.json")]);
    await run(bin("ncc"), ["build", join(scratch, "lib/guest/main.js"), "-o", join(scratch, "bundle")]);
    await rename(join(scratch, "bundle"), target).catch(async (error: unknown) => {
      if ((await stat(target).catch(() => null)) === null) throw error;
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
