import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { AirlockError } from "../../../domain/errors.ts";
import { findProgram } from "../../programs/find-program.ts";
import { lastWords, runProgram } from "../../programs/run-program.ts";
import { hasInterpreter } from "./elf.ts";

/** A program the provider needs, and the package of Debian and Ubuntu that holds it. */
interface ToolSource {
  readonly program: string;
  readonly package: string;
}

const REQUIRED = {
  qemu: { program: "qemu-system-x86_64", package: "qemu-system-x86" },
  bwrap: { program: "bwrap", package: "bubblewrap" },
  mkfsExt4: { program: "mkfs.ext4", package: "e2fsprogs" },
  setpriv: { program: "setpriv", package: "util-linux" },
  timeout: { program: "timeout", package: "coreutils" },
  sh: { program: "sh", package: "dash" },
  cat: { program: "cat", package: "coreutils" },
  ldd: { program: "ldd", package: "libc-bin" },
  xz: { program: "xz", package: "xz-utils" },
  busybox: { program: "busybox", package: "busybox-static" },
} as const satisfies Record<string, ToolSource>;

const OPTIONAL: ToolSource = { program: "mkfs.erofs", package: "erofs-utils" };
const INSTALL_TIMEOUT_MS = 240_000;

/** Absolute paths of the programs by their role. */
export type Tools = Readonly<Record<keyof typeof REQUIRED, string>> & {
  /** Null: the root image is made as ext4. */
  readonly mkfsErofs: string | null;
};

/**
 * Finds the programs, and has apt install what is missing.
 * @throws AirlockError `runner.missing-tool`.
 */
export async function findTools(notify: (line: string) => void): Promise<Tools> {
  let found = await lookUp();
  const missing = Object.entries(REQUIRED).filter(([role]) => found[role] === undefined);
  if (missing.length > 0) {
    const packages = new Set<string>(missing.map(([, source]) => source.package));
    if (found.mkfsErofs === undefined) packages.add(OPTIONAL.package);
    await installPackages([...packages], notify);
    found = await lookUp();
  }
  const still = Object.entries(REQUIRED).filter(([role]) => found[role] === undefined);
  if (still.length > 0)
    throw missingTools(
      still.map(([, source]) => source),
      "it is still not there after the installation",
    );
  return { ...(found as Record<keyof typeof REQUIRED, string>), mkfsErofs: found.mkfsErofs ?? null };
}

async function lookUp(): Promise<Record<string, string | undefined>> {
  const found: Record<string, string | undefined> = {};
  for (const [role, source] of Object.entries(REQUIRED)) found[role] = await findProgram(source.program);
  found.mkfsErofs = await findProgram(OPTIONAL.program);
  if (found.busybox !== undefined && !(await isStatic(found.busybox))) delete found.busybox;
  return found;
}

async function isStatic(path: string): Promise<boolean> {
  const file = await open(path, "r");
  try {
    const head = Buffer.alloc(4096);
    await file.read(head, 0, head.length, 0);
    return !hasInterpreter(head);
  } finally {
    await file.close();
  }
}

async function installPackages(packages: readonly string[], notify: (line: string) => void): Promise<void> {
  const apt = await findProgram("apt-get");
  const sources = packages.map((name) => ({ program: name, package: name }));
  if (apt === undefined) throw missingTools(sources, "and apt-get is not there to install them");
  const prefix = await rootPrefix();
  if (prefix === null) throw missingTools(sources, "and installing them needs root or a sudo that asks for no password");
  notify(`Installing ${packages.join(", ")} with apt-get; the sandbox needs them.`);
  // As arguments: sudo passes on no environment.
  const environment = ["env", "DEBIAN_FRONTEND=noninteractive", ...proxySettings()];
  const aptGet = [...environment, apt, "-y", "-q", "-o", "DPkg::Lock::Timeout=60", "-o", "Acquire::Retries=2"];
  const install = [...aptGet, "install", "--no-install-recommends", ...packages];
  const options = { timeoutMs: INSTALL_TIMEOUT_MS, prefix, log: notify };
  let result = await runProgram(install, options);
  if (result.code !== 0) {
    await runProgram([...aptGet, "update"], options);
    result = await runProgram(install, options);
  }
  if (result.code !== 0) throw missingTools(sources, `and apt-get could not install them: ${lastWords(result)}`);
}

/** How to become root without a question: `[]` when we are, `null` when we can't. */
export async function rootPrefix(): Promise<readonly string[] | null> {
  if (process.getuid?.() === 0) return [];
  const sudo = await findProgram("sudo");
  if (sudo === undefined) return null;
  const result = await runProgram(["true"], { timeoutMs: 10_000, prefix: [sudo, "-n"] });
  return result.code === 0 ? [sudo, "-n"] : null;
}

/** The one part of the environment that apt may need. */
function proxySettings(): string[] {
  const names = ["http_proxy", "https_proxy", "no_proxy"];
  return names.flatMap((name) => (process.env[name] === undefined ? [] : [`${name}=${process.env[name]}`]));
}

function missingTools(sources: readonly ToolSource[], why: string): AirlockError {
  const packages = [...new Set(sources.map((source) => source.package))];
  return new AirlockError("runner.missing-tool", {
    message: `The runner lacks ${sources.map((source) => source.program).join(", ")}, ${why}.`,
    remedy: `Install the packages on the runner (apt-get install --no-install-recommends ${packages.join(" ")}), or choose a cloud provider with the input \`provider\`.`,
  });
}

/** Packages of the distribution, unpacked below `into`/root; nothing is installed and nothing of them runs. */
export async function fetchPackages(options: {
  readonly packages: readonly string[];
  readonly into: string;
  readonly timeoutMs: number;
  readonly log: (line: string) => void;
}): Promise<{ readonly ok: boolean; readonly detail: string }> {
  const { packages, into, timeoutMs, log } = options;
  const download = ["apt-get", "-q", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=2", "download", ...packages];
  const proxies = Object.fromEntries(proxySettings().map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
  const result = await runProgram(download, { timeoutMs, cwd: into, env: proxies, log });
  if (result.code !== 0) return { ok: false, detail: lastWords(result) };
  for (const archive of (await readdir(into)).filter((name) => name.endsWith(".deb"))) {
    const unpack = await runProgram(["dpkg-deb", "-x", `./${archive}`, "./root"], { timeoutMs, cwd: into, log });
    if (unpack.code !== 0) return { ok: false, detail: lastWords(unpack) };
    await rm(join(into, archive));
  }
  return { ok: true, detail: "" };
}
