import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { promisify } from "node:util";
import { askMaven } from "./shared/maven.ts";

/** Base URLs by preset key, from the configuration of this runner's package managers. The one asked by default stands first. */
export type ReadRegistries = Readonly<Record<string, readonly string[]>>;

const TIMEOUT_MS = 20_000;
const MAX_OUTPUT_BYTES = 4 << 20;

/** Runs one program in an empty directory; empty text if it is missing or fails. */
type Ask = (program: string, ...args: readonly string[]) => Promise<string>;

/**
 * Asks each package manager for its own registry, so that mirrors work. Always in an empty directory: configuration that a repository
 * carries (`.npmrc`, `pip.conf`, `.cargo/config.toml`) is hostile and never read (I11). What is not installed is left out.
 */
export async function readRegistries(): Promise<ReadRegistries> {
  const directory = await mkdtemp(join(tmpdir(), "airlock-registries-"));
  const ask: Ask = async (program, ...args) => {
    const run = promisify(execFile)(program, args, { cwd: directory, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES });
    return await run.then(({ stdout }) => stdout).catch(() => "");
  };
  try {
    const [npm, pypi, go, cargo, rubygems, apt, maven, composer, nuget] = await Promise.all([
      askNpm(ask),
      askPip(ask),
      askGo(ask),
      askCargo(ask),
      askGem(ask),
      askApt(ask),
      askMaven(ask),
      askComposer(ask),
      askNuget(ask),
    ]);
    const github = [env["GITHUB_SERVER_URL"] ?? ""].filter(isUrl);
    return { npm, pypi, go, cargo, rubygems, apt, maven: maven.flatMap(findUrls), composer, nuget, github };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function isUrl(text: string): boolean {
  return /^https?:\/\/[^\s/]+/.test(text);
}

function findUrls(text: string): readonly string[] {
  return [...new Set(text.match(/https?:\/\/[^\s"'|,;<>]+/g) ?? [])].map(withoutUserinfo);
}

/** Credentials in a registry's URL stay on the runner. */
function withoutUserinfo(text: string): string {
  const url = URL.parse(text);
  return url === null ? text : `${url.protocol}//${url.host}${url.pathname}`;
}

/** The default registry, then those of scopes; npm, pnpm and yarn 1 use them. */
async function askNpm(ask: Ask): Promise<readonly string[]> {
  const config: unknown = parseJson(await ask("npm", "config", "ls", "--json", "--long"));
  const entries = typeof config === "object" && config !== null ? Object.entries(config) : [];
  const isDefault = ([key]: readonly [string, unknown]): boolean => key === "registry";
  const scoped = entries.filter(([key]) => key.endsWith(":registry"));
  return [...entries.filter(isDefault), ...scoped].flatMap(([, value]) => findUrls(String(value)));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** pip's own default index and file host, which its configuration does not show, replaced by a configured index. */
const PIP_DEFAULTS = "from pip._internal.models.index import PyPI; print(PyPI.simple_url); print('https://' + PyPI.file_storage_domain)";

async function askPip(ask: Ask): Promise<readonly string[]> {
  const configured = await ask("python3", "-m", "pip", "config", "list");
  const lines = configured.split("\n");
  const index = lines.filter((line) => /(?:^|\.)index-url=/.test(line));
  const first = index.length > 0 ? index.join("\n") : await ask("python3", "-I", "-c", PIP_DEFAULTS);
  const extra = lines.filter((line) => /(?:^|\.)extra-index-url=/.test(line));
  return findUrls([first, ...extra].join("\n"));
}

async function askGo(ask: Ask): Promise<readonly string[]> {
  const lines = (await ask("go", "env", "GOPROXY", "GOSUMDB")).trim().split("\n");
  const [proxies = "", sums = ""] = lines;
  const sumHost = /^[a-z0-9.-]+\.[a-z]+$/.test(sums) ? `https://${sums}` : "";
  return findUrls(`${proxies}\n${sumHost}`);
}

/** A replaced source or a named registry; else cargo's built-in sparse index, and the host that this index names for its files. */
async function askCargo(ask: Ask): Promise<readonly string[]> {
  const home = env["CARGO_HOME"] ?? join(homedir(), ".cargo");
  const text = await readFile(join(home, "config.toml"), "utf8").catch(() => "");
  const configured = findUrls(text.replaceAll("sparse+", ""));
  const builtIn = configured.length === 0 ? await findBuiltInIndex(ask) : [];
  const indexes = [...configured, ...builtIn];
  const files = await Promise.all(indexes.map(readIndexConfig));
  return [...new Set([...indexes, ...files.flat()])];
}

async function findBuiltInIndex(ask: Ask): Promise<readonly string[]> {
  const program = (await ask("rustup", "which", "cargo")).trim() || (await ask("sh", "-c", "command -v cargo")).trim();
  if (program === "") return [];
  const bytes = await readFile(program).catch(() => undefined);
  const match = /sparse\+(https:\/\/[a-z0-9.-]+\/)/.exec(bytes?.toString("latin1") ?? "");
  return match?.[1] === undefined ? [] : [match[1]];
}

/** `config.json` of a sparse index names the host of the crates. Source: the Cargo book, registry index format. */
async function readIndexConfig(index: string): Promise<readonly string[]> {
  const url = URL.parse("config.json", index.endsWith("/") ? index : `${index}/`);
  if (url === null) return [];
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: "error" }).catch(() => undefined);
  const config: unknown = answer?.ok === true ? await answer.json().catch(() => undefined) : undefined;
  return typeof config === "object" && config !== null && "dl" in config ? findUrls(String(config.dl).replaceAll(/\{.*$/g, "")) : [];
}

async function askGem(ask: Ask): Promise<readonly string[]> {
  return findUrls(await ask("gem", "environment", "remotesources"));
}

async function askApt(ask: Ask): Promise<readonly string[]> {
  return findUrls(await ask("apt-get", "indextargets", "--format", "$(REPO_URI)"));
}

/** Composer writes its own default as `https?://`. */
async function askComposer(ask: Ask): Promise<readonly string[]> {
  const config = await ask("composer", "config", "--global", "--list", "--no-interaction", "--no-ansi");
  const urls = [...config.matchAll(/^\[repositories\.\S{1,200}\.url\] (\S+)/gm)].map((match) => match[1] ?? "");
  return findUrls(urls.join("\n").replaceAll("https?://", "https://"));
}

/** The sources that are switched on: the letter E begins their lines. */
async function askNuget(ask: Ask): Promise<readonly string[]> {
  const sources = await ask("dotnet", "nuget", "list", "source", "--format", "short");
  return findUrls(
    sources
      .split("\n")
      .filter((line) => line.startsWith("E"))
      .join("\n"),
  );
}
