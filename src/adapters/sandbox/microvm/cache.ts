import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";

/** One prepared artefact: a folder of files whose digests are written beside them. */
export interface CacheEntry {
  readonly directory: string;
  readonly builtMs: number;
  /** sha256 in hex by file name. */
  readonly digests: Readonly<Record<string, string>>;
}

interface EntryRequest {
  /** `[a-z0-9._-]`; names everything the artefact is made from. */
  readonly key: string;
  /** Puts the artefact's files into an empty folder. */
  readonly build: (directory: string) => Promise<void>;
}

/**
 * Artefacts prepared on this machine and kept between runs. Nothing that came from a sandbox is ever put here.
 * An entry appears whole or not at all (rename); one whose bytes do not match its digests is built again.
 */
export interface ArtefactCache {
  entry(request: EntryRequest): Promise<CacheEntry>;
  /** Entries whose key starts so, sound ones only, newest first. */
  find(prefix: string): Promise<readonly CacheEntry[]>;
}

const MANIFEST = "manifest.json";
const STALE_BUILD_MS = 3_600_000;
const UNUSED_ENTRY_MS = 14 * 86_400_000;
const manifestSchema = z.strictObject({ builtMs: z.number(), files: z.record(z.string(), z.string()) });

export function openArtefactCache(root: string): ArtefactCache {
  const sound = new Map<string, Promise<CacheEntry>>();
  const obtain = async ({ key, build }: EntryRequest): Promise<CacheEntry> => {
    await mkdir(root, { recursive: true, mode: 0o755 });
    const found = await readSound(join(root, key));
    if (found !== null) return found;
    await removeStale(root);
    return await buildEntry(root, key, build);
  };
  return {
    entry(request) {
      const known = sound.get(request.key);
      if (known !== undefined) return known;
      const made = obtain(request);
      sound.set(request.key, made);
      made.catch(() => sound.delete(request.key));
      return made;
    },
    async find(prefix) {
      const names = await readdir(root).catch(() => []);
      const entries = await Promise.all(names.filter((name) => name.startsWith(prefix)).map((name) => readSound(join(root, name))));
      return entries.filter((entry) => entry !== null).sort((a, b) => b.builtMs - a.builtMs);
    },
  };
}

/** Null when there is none, or when its bytes are not those that were built. */
async function readSound(directory: string): Promise<CacheEntry | null> {
  try {
    const manifest = manifestSchema.parse(JSON.parse(await readFile(join(directory, MANIFEST), "utf8")));
    const names = (await readdir(directory)).filter((name) => name !== MANIFEST).sort();
    if (names.join("\n") !== Object.keys(manifest.files).sort().join("\n")) return null;
    const state = await fileStates(directory, names);
    const seal = openSeal(directory);
    if ((await seal.read()) !== state) {
      for (const name of names) {
        if ((await digestFile(join(directory, name))) !== manifest.files[name]) return null;
      }
    }
    // Written at every use, so that its time is that of the last use.
    await seal.write(state);
    return { directory, builtMs: manifest.builtMs, digests: manifest.files };
  } catch {
    return null;
  }
}

/**
 * Hashing an image takes a second, so it is done once per boot of the machine and whenever a file's inode says that it was
 * touched. The change time cannot be set back as the modification time can.
 */
async function fileStates(directory: string, names: readonly string[]): Promise<string> {
  const bootId = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
  const states = await Promise.all(
    names.map(async (name) => {
      const { ino, size, mtimeNs, ctimeNs } = await lstat(join(directory, name), { bigint: true });
      return `${name} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
    }),
  );
  return `${bootId.trim()}\n${states.join("\n")}`;
}

function sealOf(directory: string): string {
  return join(dirname(directory), `.seal-${basename(directory)}`);
}

function openSeal(directory: string): { read(): Promise<string>; write(state: string): Promise<void> } {
  const path = sealOf(directory);
  return {
    read: () => readFile(path, "utf8").catch(() => ""),
    async write(state) {
      const temporary = `${path}.${randomBytes(4).toString("hex")}`;
      await writeFile(temporary, state);
      await rename(temporary, path);
    },
  };
}

async function buildEntry(root: string, key: string, build: EntryRequest["build"]): Promise<CacheEntry> {
  const temporary = join(root, `.build-${key}-${randomBytes(6).toString("hex")}`);
  await mkdir(temporary, { recursive: true, mode: 0o755 });
  try {
    await build(temporary);
    const files: Record<string, string> = {};
    for (const name of (await readdir(temporary)).sort()) files[name] = await digestFile(join(temporary, name));
    await writeFile(join(temporary, MANIFEST), JSON.stringify({ builtMs: Date.now(), files }));
    return await putInPlace(temporary, join(root, key));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Whoever comes first wins; a broken entry in the way is moved aside. */
async function putInPlace(temporary: string, target: string): Promise<CacheEntry> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await rename(temporary, target);
    } catch (error) {
      if (!isOccupied(error)) throw error;
      const theirs = await readSound(target);
      if (theirs !== null) return theirs;
      const aside = join(`${temporary}-broken`);
      await rename(target, aside).catch(() => {});
      await rm(aside, { recursive: true, force: true });
      continue;
    }
    const entry = await readSound(target);
    if (entry !== null) return entry;
  }
  throw new Error(`the cache entry ${target} changes while it is being written`);
}

function isOccupied(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === "ENOTEMPTY" || code === "EEXIST";
}

/** Removes unfinished builds, and entries that no run has used for long. A running sandbox keeps the files it has open. */
async function removeStale(root: string): Promise<void> {
  const names = await readdir(root).catch(() => []);
  for (const name of names) {
    const isBuild = name.startsWith(".build-");
    if (!isBuild && name.startsWith(".")) continue;
    const path = join(root, name);
    const status = (await stat(sealOf(path)).catch(() => null)) ?? (await stat(path).catch(() => null));
    const ageMs = status === null ? 0 : Date.now() - status.mtimeMs;
    if (ageMs < (isBuild ? STALE_BUILD_MS : UNUSED_ENTRY_MS)) continue;
    await rm(path, { recursive: true, force: true });
    await rm(sealOf(path), { force: true });
  }
}

export async function digestFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}
