import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { MINIMAL_ENV } from "../../programs/find-program.ts";

const MAX_MODULE_BYTES = 64 << 20;

/** A module ready to load, uncompressed. */
export interface KernelModule {
  readonly name: string;
  readonly content: Buffer;
}

/** The modules found for one list of wanted ones. */
export interface ResolvedModules {
  /** In load order: every module after those it depends on. Built-in ones are left out. */
  readonly modules: readonly KernelModule[];
  /** Wanted or depended on, but neither built in nor found. */
  readonly missing: readonly string[];
}

export interface ModuleWishes {
  readonly required: readonly string[];
  /** Loaded if they exist; not counted as missing otherwise. */
  readonly optional?: readonly string[];
}

/**
 * Resolves modules of one kernel from `/lib/modules/<release>` without depmod: dependencies are read from each
 * module's own `.modinfo`. Soft dependencies are not written there, so they are named as wishes by the caller.
 */
export async function openModuleIndex(modulesDirectory: string): Promise<{ resolve(wishes: ModuleWishes): Promise<ResolvedModules> }> {
  const files = await indexModules(join(modulesDirectory, "kernel"));
  const builtIn = await readBuiltIn(modulesDirectory);
  return {
    async resolve(wishes) {
      const resolution: Resolution = { files, builtIn, modules: [], missing: [], seen: new Set() };
      for (const name of wishes.optional ?? []) await need(resolution, name, true);
      for (const name of wishes.required) await need(resolution, name, false);
      return { modules: resolution.modules, missing: resolution.missing };
    },
  };
}

interface Resolution {
  readonly files: ReadonlyMap<string, string>;
  readonly builtIn: ReadonlySet<string>;
  readonly modules: KernelModule[];
  readonly missing: string[];
  readonly seen: Set<string>;
}

async function need(resolution: Resolution, wanted: string, isOptional: boolean): Promise<void> {
  const name = canonical(wanted);
  if (resolution.seen.has(name) || resolution.builtIn.has(name)) return;
  const file = resolution.files.get(name);
  if (file === undefined) {
    if (!isOptional) resolution.missing.push(name);
    return;
  }
  resolution.seen.add(name);
  const content = await readModule(file);
  for (const dependency of dependencies(content)) await need(resolution, dependency, false);
  resolution.modules.push({ name, content });
}

/** The `depends=` line of a module's `.modinfo`. */
export function dependencies(module: Buffer): readonly string[] {
  const key = Buffer.from("\0depends=");
  const start = module.indexOf(key);
  if (start < 0) return [];
  const end = module.indexOf(0, start + key.length);
  const list = module.subarray(start + key.length, end).toString("latin1");
  return list.split(",").filter((name) => name !== "");
}

function canonical(name: string): string {
  return name.replaceAll("-", "_");
}

async function indexModules(directory: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const match = /^(.+)\.ko(?:\.zst|\.xz|\.gz)?$/.exec(entry.name);
    if (match?.[1] !== undefined && entry.isFile()) files.set(canonical(match[1]), join(entry.parentPath, entry.name));
  }
  return files;
}

async function readBuiltIn(directory: string): Promise<Set<string>> {
  const list = await readFile(join(directory, "modules.builtin"), "utf8").catch(() => "");
  const names = list.split("\n").filter((line) => line !== "");
  return new Set(names.map((line) => canonical(basename(line).replace(/\.ko.*$/, ""))));
}

async function readModule(file: string): Promise<Buffer> {
  if (file.endsWith(".xz")) {
    const { stdout } = await promisify(execFile)("xz", ["-dc", file], {
      encoding: "buffer",
      maxBuffer: MAX_MODULE_BYTES,
      env: MINIMAL_ENV,
    });
    return stdout;
  }
  const content = await readFile(file);
  if (file.endsWith(".zst")) return zstdDecompressSync(content, { maxOutputLength: MAX_MODULE_BYTES });
  if (file.endsWith(".gz")) return gunzipSync(content, { maxOutputLength: MAX_MODULE_BYTES });
  return content;
}
