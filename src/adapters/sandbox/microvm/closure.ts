import { createHash } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { chmod, copyFile, lstat, mkdir, open, readdir, readlink, realpath, stat, symlink } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { findProgram } from "../../programs/find-program.ts";
import { GROUPS, LINK_TIME_FILES, MAX_CLOSURE_BYTES, type ProgramGroup, RUN_TIME_LIBRARIES, SETTINGS_FILES } from "./closure-contents.ts";
import { isElf } from "./elf.ts";
import { linkedLibraries, placeFile } from "./linked-files.ts";

/** One path of the image. */
export type PlannedEntry =
  | { readonly target: string; readonly source: string; readonly size: number; readonly mtimeMs: number; readonly mode: number }
  | { readonly target: string; readonly linkTo: string };

export interface ClosurePlan {
  readonly entries: readonly PlannedEntry[];
  readonly bytes: number;
  /** Groups left out because the image would have grown too large. */
  readonly leftOut: readonly string[];
}

interface ClosureOptions {
  readonly ldd: string;
  readonly nodeBinary: string;
  readonly groups?: readonly ProgramGroup[];
  readonly maxBytes?: number;
}

/** Changes whenever the rules below do, so that an older image is not taken for a new one. */
const RECIPE = "closure-1";
/** Where node is in every sandbox. */
export const NODE_TARGET = "/opt/airlock/bin/node";
const LIBRARY_FOLDER = "/usr/lib/x86_64-linux-gnu";
const SKIPPED_FOLDERS = new Set(["__pycache__", "test", "tests", "idlelib", "turtledemo", "ensurepip"]);

/** Decides what an image of the runner's own programs holds. Reads names and sizes; copies nothing. */
export async function planClosure(options: ClosureOptions): Promise<ClosurePlan> {
  const entries = new Map<string, PlannedEntry>();
  const leftOut: string[] = [];
  const maxBytes = options.maxBytes ?? MAX_CLOSURE_BYTES;
  let bytes = 0;
  const groups = [nodeGroup(options.nodeBinary), ...(options.groups ?? GROUPS)];
  for (const group of groups) {
    const added = await planGroup(await group, options.ldd);
    const fresh = added.filter((entry) => !entries.has(entry.target));
    const size = fresh.reduce((sum, entry) => sum + ("size" in entry ? entry.size : 0), 0);
    if (bytes + size > maxBytes) {
      leftOut.push((await group).name);
      continue;
    }
    bytes += size;
    for (const entry of fresh) entries.set(entry.target, entry);
  }
  return { entries: [...entries.values()].sort((a, b) => (a.target < b.target ? -1 : 1)), bytes, leftOut };
}

/**
 * Names the image without looking at every file: the package database changes whenever a package does, and the rest is
 * looked at one by one.
 */
export async function closureKey(nodeBinary: string): Promise<string> {
  const watched = ["/var/lib/dpkg/status", "/etc/ld.so.cache", "/etc/ssl/certs", "/usr/bin", "/usr/bin/npm", nodeBinary, ...SETTINGS_FILES];
  const states = await Promise.all(
    watched.map(async (path) => {
      const status = await stat(path).catch(() => null);
      return status === null ? [path] : [path, status.size, status.mtimeMs, status.ino];
    }),
  );
  return createHash("sha256")
    .update(JSON.stringify([RECIPE, GROUPS, SETTINGS_FILES, states]))
    .digest("hex")
    .slice(0, 32);
}

type NodeGroup = ProgramGroup & { readonly nodeBinary?: string };

/** Airlock's own node, and npm where the runner has one beside its node. */
async function nodeGroup(nodeBinary: string): Promise<NodeGroup> {
  return { name: "node", programs: [], trees: [], nodeBinary: await realpath(nodeBinary) };
}

async function planGroup(group: NodeGroup, ldd: string): Promise<readonly PlannedEntry[]> {
  const entries: PlannedEntry[] = [];
  const linked: string[] = [...(group.nested ?? [])];
  if (group.nodeBinary !== undefined) {
    push(entries, await planFile(group.nodeBinary, NODE_TARGET));
    entries.push(...(await planNpm(group.nodeBinary)));
  }
  for (const name of group.programs) {
    const path = await findSystemProgram(name);
    if (path !== null) push(entries, await planFile(path, `/usr/bin/${name}`));
  }
  for (const tree of group.trees) entries.push(...(await planTree(tree)));
  linked.push(...(await linkedPrograms(entries)));
  if (group.name === "base") entries.push(...(await planBaseFiles()));
  if (group.programs.includes("gcc")) entries.push(...(await planLinkTimeFiles()));
  for (const library of await linkedLibraries(ldd, [...new Set(linked)])) push(entries, await planFile(library.source, library.target));
  return entries;
}

async function linkedPrograms(entries: readonly PlannedEntry[]): Promise<readonly string[]> {
  const linked: string[] = [];
  for (const entry of entries) {
    if ("source" in entry && (await isLinkedProgram(entry))) linked.push(entry.source);
  }
  return linked;
}

function push(entries: PlannedEntry[], entry: PlannedEntry | null): void {
  if (entry !== null) entries.push(entry);
}

/** Programs of the system only: what a tool manager put into PATH needs files we do not take. */
async function findSystemProgram(name: string): Promise<string | null> {
  const path = await findProgram(name);
  if (path === undefined || path.startsWith("/usr/local/")) {
    return await realpath(`/usr/bin/${name}`).catch(() => null);
  }
  return await realpath(path);
}

async function isLinkedProgram(entry: { readonly source: string; readonly mode: number; readonly size: number }): Promise<boolean> {
  const isCandidate = (entry.mode & 0o111) !== 0 || /\.so(?:\.|$)/.test(entry.source);
  if (!isCandidate || entry.size < 64) return false;
  const file = await open(entry.source, "r");
  try {
    const head = Buffer.alloc(4);
    await file.read(head, 0, head.length, 0);
    return isElf(head);
  } finally {
    await file.close();
  }
}

async function planBaseFiles(): Promise<readonly PlannedEntry[]> {
  const entries: PlannedEntry[] = [];
  for (const path of SETTINGS_FILES) push(entries, await planFile(path, path));
  for (const name of RUN_TIME_LIBRARIES) push(entries, await planFile(join(LIBRARY_FOLDER, name), join(LIBRARY_FOLDER, name)));
  return entries;
}

async function planLinkTimeFiles(): Promise<readonly PlannedEntry[]> {
  const names = (await readdir(LIBRARY_FOLDER).catch(() => [])).filter((name) => LINK_TIME_FILES.test(name));
  const planned = await Promise.all(names.map((name) => planFile(join(LIBRARY_FOLDER, name), join(LIBRARY_FOLDER, name))));
  return planned.filter((entry) => entry !== null);
}

async function planNpm(nodeBinary: string): Promise<readonly PlannedEntry[]> {
  const beside = join(dirname(dirname(nodeBinary)), "lib/node_modules/npm");
  const system = await placeFile("/usr/bin/npm");
  const candidates = [beside, ...(system === null ? [] : [dirname(dirname(system.source))])];
  for (const folder of candidates) {
    if (basename(folder) !== "npm" || !(await stat(join(folder, "bin/npm-cli.js")).catch(() => null))) continue;
    const tree = await planTree(folder, "/opt/airlock/lib/node_modules/npm");
    const links = ["npm", "npx"].map((name) => ({
      target: `/usr/local/bin/${name}`,
      linkTo: `/opt/airlock/lib/node_modules/npm/bin/${name}-cli.js`,
    }));
    return [...tree, ...links];
  }
  return [];
}

async function planTree(folder: string, target = folder): Promise<readonly PlannedEntry[]> {
  const root = await realpath(folder).catch(() => null);
  if (root === null || !(await stat(root)).isDirectory()) return [];
  const place = await placeFile(target);
  const base = target === folder ? (place?.target ?? target) : target;
  const entries: PlannedEntry[] = [];
  const walk = async (from: string, to: string): Promise<void> => {
    for (const entry of await readdir(from, { withFileTypes: true }).catch(() => [])) {
      const source = join(from, entry.name);
      const destination = join(to, entry.name);
      if (entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)) await walk(source, destination);
      if (entry.isFile()) push(entries, await planFile(source, destination));
      if (entry.isSymbolicLink()) push(entries, await planLink({ source, destination, root }));
    }
  };
  await walk(root, base);
  return entries;
}

/** A link that stays in its tree is kept; one that leads out is replaced by what it leads to. */
async function planLink(options: {
  readonly source: string;
  readonly destination: string;
  readonly root: string;
}): Promise<PlannedEntry | null> {
  const { source, destination, root } = options;
  const resolved = await realpath(source).catch(() => null);
  if (resolved === null) return null;
  const to = await readlink(source);
  const staysInside = !relative(root, resolved).startsWith("..") && !to.startsWith("/");
  return staysInside ? { target: destination, linkTo: to } : await planFile(source, destination);
}

/** Null for what is no regular file, or what not everybody may read. */
async function planFile(source: string, target: string): Promise<PlannedEntry | null> {
  const real = await realpath(source).catch(() => null);
  const status: Stats | null = real === null ? null : await stat(real).catch(() => null);
  if (real === null || status === null || !status.isFile() || (status.mode & 0o004) === 0) return null;
  const mode = (status.mode & 0o111) === 0 ? 0o644 : 0o755;
  return { source: real, target, size: status.size, mtimeMs: status.mtimeMs, mode };
}

/** Copies what was planned below `stage`. */
export async function stageClosure(plan: ClosurePlan, stage: string): Promise<void> {
  for (const folder of ["bin", "sbin", "lib", "lib64"]) {
    await mkdir(join(stage, "usr", folder), { recursive: true });
    await symlink(`usr/${folder}`, join(stage, folder));
  }
  const made = new Set<string>();
  for (const entry of plan.entries) {
    const path = join(stage, entry.target);
    if (!made.has(dirname(path))) {
      await mkdir(dirname(path), { recursive: true, mode: 0o755 });
      made.add(dirname(path));
    }
    await put(entry, path);
  }
}

async function put(entry: PlannedEntry, path: string): Promise<void> {
  // Two ways to one place (`/lib/x` and `/usr/lib/x`) are the same file.
  if ((await lstat(path).catch(() => null)) !== null) return;
  if ("linkTo" in entry) {
    await symlink(entry.linkTo, path);
    return;
  }
  await copyFile(entry.source, path, constants.COPYFILE_FICLONE);
  await chmod(path, entry.mode);
}
