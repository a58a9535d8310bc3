import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AirlockError } from "../../../domain/errors.ts";
import { lastWords, runProgram } from "../../programs/run-program.ts";

const FETCH_TIMEOUT_MS = 300_000;
const UNPACK_TIMEOUT_MS = 300_000;
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

export interface FetchOptions {
  readonly cacheDirectory: string;
  /** Gets what npm and tar say. */
  readonly log: (line: string) => void;
}

/**
 * Fetches a package's archive with npm, checks its integrity and unpacks it into the cache. No install script runs: the archive is only
 * unpacked. npm runs in an empty directory, so no project's `.npmrc` applies.
 * @throws AirlockError `agent.install`
 */
export async function fetchPackage(pinned: PinnedPackage, { cacheDirectory, log }: FetchOptions): Promise<FetchedPackage> {
  const home = join(cacheDirectory, "agents");
  await mkdir(home, { recursive: true, mode: 0o755 });
  const directory = join(home, `${pinned.name.replace(/[^a-z0-9.-]/gi, "_")}@${pinned.version}`);
  const cached = await readCached(directory, pinned);
  if (cached !== undefined) return cached;
  const staging = await mkdtemp(join(home, ".staging-"));
  try {
    const archive = await pack(pinned, { directory: staging, log });
    const integrity = await checkArchive(archive, pinned);
    const content = join(staging, "content");
    await mkdir(content, { mode: 0o755 });
    await unpack(archive, { content, log });
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

/** Settings and logins that npm reads; everything else of this process's environment stays here, the job's tokens above all. */
const NPM_VARIABLES =
  /^(?:PATH|HOME|npm_config_.+|node_auth_token|npm_token|(?:https?|no|all)_proxy|node_extra_ca_certs|ssl_cert_(?:file|dir)|xdg_config_home)$/i;

function npmEnv(): Readonly<Record<string, string>> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] => NPM_VARIABLES.test(entry[0]) && entry[1] !== undefined,
  );
  // The system's certificates, too: a company's proxy is known there and not to Node's own list.
  return { ...Object.fromEntries(kept), NODE_USE_SYSTEM_CA: "1" };
}

interface PackOptions {
  readonly directory: string;
  readonly log: (line: string) => void;
}

async function pack(pinned: PinnedPackage, { directory, log }: PackOptions): Promise<string> {
  const spec = `${pinned.name}@${pinned.version}`;
  const command = ["npm", "pack", "--loglevel=error", "--ignore-scripts", "--", spec];
  const result = await runProgram(command, { cwd: directory, env: npmEnv(), timeoutMs: FETCH_TIMEOUT_MS, log });
  if (result.code !== 0) {
    throw new AirlockError("agent.install", {
      message: `npm could not fetch ${spec}: ${lastWords(result)}`,
      remedy:
        "Check that `npm` is on the runner's path, that its registry is reachable, that `agent-version` names a published version, and that a login it needs stands in npm's settings, `NODE_AUTH_TOKEN` or `NPM_TOKEN`.",
    });
  }
  const archive = (await readdir(directory)).find((name) => name.endsWith(".tgz"));
  if (archive === undefined)
    throw new AirlockError("agent.install", { message: `npm fetched ${spec} but left no archive.`, remedy: "Update npm on the runner." });
  return join(directory, archive);
}

async function unpack(
  archive: string,
  { content, log }: { readonly content: string; readonly log: (line: string) => void },
): Promise<void> {
  const options = ["--strip-components=1", "--no-same-owner", "--no-same-permissions"];
  const result = await runProgram(["tar", "-xzf", archive, "-C", content, ...options], { timeoutMs: UNPACK_TIMEOUT_MS, log });
  if (result.code === 0) return;
  throw new AirlockError("agent.install", {
    message: `tar could not unpack the agent's package: ${lastWords(result)}`,
    remedy: "Check that `tar` and `gzip` are in the runner's system folders, and that its disk is not full.",
  });
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
