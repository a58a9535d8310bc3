import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { AirlockError } from "../../../domain/errors.ts";

const run = promisify(execFile);
const FETCH_TIMEOUT_MS = 300_000;
const STAMP = "airlock-package.json";

/** A package as the registry publishes it, pinned by the hash of its archive. */
export interface PinnedPackage {
  readonly name: string;
  readonly version: string;
  /** Subresource-integrity string of the archive. Undefined: nothing is pinned, and the result says which archive was fetched. */
  readonly integrity: string | undefined;
}

export interface FetchedPackage {
  readonly directory: string;
  /** sha256 over the names and contents of all files. */
  readonly digest: string;
  readonly integrity: string;
}

/**
 * Fetches a package's archive with npm, checks its integrity and unpacks it into the cache. No install script runs: the archive is only
 * unpacked. npm runs in an empty directory, so no project's `.npmrc` applies.
 * @throws AirlockError `agent.install`
 */
export async function fetchPackage(pinned: PinnedPackage, cacheDirectory: string): Promise<FetchedPackage> {
  const home = join(cacheDirectory, "agents");
  await mkdir(home, { recursive: true, mode: 0o755 });
  const directory = join(home, `${pinned.name.replace(/[^a-z0-9.-]/gi, "_")}@${pinned.version}`);
  const cached = await readCached(directory, pinned);
  if (cached !== undefined) return cached;
  const staging = await mkdtemp(join(home, ".staging-"));
  try {
    const archive = await pack(pinned, staging);
    const integrity = await checkArchive(archive, pinned);
    const content = join(staging, "content");
    await mkdir(content, { mode: 0o755 });
    await run("tar", ["-xzf", archive, "-C", content, "--strip-components=1", "--no-same-owner", "--no-same-permissions"]);
    const digest = await digestTree(content);
    await writeFile(join(staging, STAMP), JSON.stringify({ ...pinned, integrity, digest }));
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { mode: 0o755 });
    await rename(content, join(directory, "content"));
    await rename(join(staging, STAMP), join(directory, STAMP));
    return { directory: join(directory, "content"), digest, integrity };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** A cached copy is used only if its files still have the hash of what was unpacked. */
async function readCached(directory: string, pinned: PinnedPackage): Promise<FetchedPackage | undefined> {
  try {
    const stamp = JSON.parse(await readFile(join(directory, STAMP), "utf8")) as { integrity: string; digest: string };
    if (pinned.integrity !== undefined && stamp.integrity !== pinned.integrity) return undefined;
    const content = join(directory, "content");
    if ((await digestTree(content)) !== stamp.digest) return undefined;
    return { directory: content, digest: stamp.digest, integrity: stamp.integrity };
  } catch {
    return undefined;
  }
}

async function pack(pinned: PinnedPackage, directory: string): Promise<string> {
  const spec = `${pinned.name}@${pinned.version}`;
  try {
    // Adds the system's certificates: they include a company's proxy, which Node's own list does not know.
    const env = { ...process.env, NODE_USE_SYSTEM_CA: "1" };
    await run("npm", ["pack", "--silent", "--ignore-scripts", spec], {
      cwd: directory,
      env,
      timeout: FETCH_TIMEOUT_MS,
      maxBuffer: 1 << 20,
    });
  } catch (cause) {
    throw new AirlockError("agent.install", {
      message: `npm could not fetch ${spec}.`,
      remedy:
        "Check that `npm` is on the runner's path, that its registry is reachable, and that `agent-version` names a published version.",
      cause,
    });
  }
  const archive = (await readdir(directory)).find((name) => name.endsWith(".tgz"));
  if (archive === undefined)
    throw new AirlockError("agent.install", { message: `npm fetched ${spec} but left no archive.`, remedy: "Update npm on the runner." });
  return join(directory, archive);
}

async function checkArchive(archive: string, pinned: PinnedPackage): Promise<string> {
  const integrity = `sha512-${(await hashFile(archive, "sha512")).toString("base64")}`;
  if (pinned.integrity !== undefined && integrity !== pinned.integrity) {
    throw new AirlockError("agent.install", {
      message: `${pinned.name}@${pinned.version} has integrity ${integrity}, but ${pinned.integrity} is pinned.`,
      remedy: "Do not run this package. Check the registry or mirror that npm uses on this runner.",
    });
  }
  return integrity;
}

async function hashFile(file: string, algorithm: "sha256" | "sha512"): Promise<Buffer> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest();
}

async function digestTree(directory: string): Promise<string> {
  const total = createHash("sha256");
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) {
    total.update(`${file.slice(directory.length)}\0`).update(await hashFile(file, "sha256"));
  }
  return total.digest("hex");
}
