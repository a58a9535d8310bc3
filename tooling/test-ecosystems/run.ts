import { execFile } from "node:child_process";
import { lookup } from "node:dns/promises";
import { accessSync, chmodSync, constants, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { readRegistries } from "../../src/adapters/runner/registries.ts";
import { classifyAddress } from "../../src/domain/egress/address.ts";
import type { Registries } from "../../src/domain/egress/presets.ts";
import { GUEST_ENV } from "../../src/domain/sandbox/env.ts";
import { Secret } from "../../src/domain/secret.ts";
import type { Layer, SandboxProvider } from "../../src/ports/sandbox.ts";
import { labeled } from "../../test/support/forge/fake-event.ts";
import { openWorld } from "../../test/support/forge/triggered.ts";
import { makeWorkTree } from "../../test/support/forge/work-tree.ts";
import { type JobResult, runJob } from "../../test/support/runner/run-job.ts";
import { openNamespaceProvider } from "../../test/support/sandbox/namespace-provider.ts";
import { FIX, type Sample } from "./samples.ts";

/** Nobody may reach it. */
const OTHER = "other.invalid";
const TOOLS = "/home/agent/.local/bin";

/** What became of a sample: undefined if it passed. */
export type Ending = { readonly skipped: string } | { readonly failed: string } | undefined;

/** Runs a sample twice as a job, without set-up and with `auto`, and compares what its test says. */
export async function tryEcosystem(sample: Sample): Promise<Ending> {
  const toolchain = await findToolchain(sample);
  if ("skipped" in toolchain) return toolchain;
  const scratch = mkdtempSync(join(tmpdir(), "airlock-ecosystem-"));
  // The sandbox's agent reads it.
  chmodSync(scratch, 0o755);
  try {
    const registries = await readRegistries();
    const layers = toolchain.directory === undefined ? [] : mountTools(sample, toolchain.directory, scratch);
    const given = { sample, layers, registries };
    const bare = await play({ ...given, setup: "none" });
    if (!sample.missing.test(bare.said)) return { failed: `without set-up the test did not name what is missing:\n${bare.said}` };
    return judge(await play({ ...given, setup: "auto" }));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function judge({ job, said }: Played): Ending {
  const { egress, error, ecosystems } = job.record.notes;
  const refused = (egress?.hosts ?? []).filter(({ verdict }) => verdict === "deny").map(({ host }) => host);
  const needed = refused.filter((host) => host !== OTHER);
  const changes = job.record.notes.patch?.changes?.map(({ path }) => path) ?? [];
  const facts = `${ecosystems?.line ?? "nothing found"}\n${error?.message ?? ""}\n${said}`;
  if (!said.includes("AIRLOCK PASSED")) return { failed: `the test did not pass:\n${facts}\nrefused: ${refused.join(", ")}` };
  if (needed.length > 0) return { failed: `hosts were refused that the install asked for: ${needed.join(", ")}` };
  if (!refused.includes(OTHER)) return { failed: `${OTHER} was not refused` };
  return changes.length === 1 ? undefined : { failed: `the patch holds more than the fix: ${changes.join(", ")}` };
}

interface Play {
  readonly sample: Sample;
  readonly layers: readonly Layer[];
  readonly registries: Registries;
  readonly setup: string;
}

interface Played {
  readonly job: JobResult;
  /** What the agent's commands printed. */
  readonly said: string;
}

async function play({ sample, layers, registries, setup }: Play): Promise<Played> {
  const work = makeWorkTree(sample.files);
  const nowIso = new Date().toISOString();
  const world = openWorld({ branches: new Map([["main", work.commit("base")]]), nowMs: Date.now() });
  const forge = { ...world, remote: { url: work.url, token: new Secret("") } };
  const lines: string[] = [];
  const agent = `${FIX}
curl -sS -o /dev/null --max-time 20 https://${OTHER}/ || true
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy
if ( ${sample.test} ) 2>&1; then echo AIRLOCK PASSED; else echo AIRLOCK FAILED; fi`;
  try {
    const job = await runJob({
      forge,
      event: labeled({ issue: { updated_at: nowIso } }),
      agent,
      settings: {
        network: { mode: "allowlist", allow: ["auto", ...(await specialAddresses(registries))].join("\n"), deny: "" },
        sandbox: { setup, env: { PATH: `${TOOLS}:${GUEST_ENV.PATH}`, ...tellRegistries(registries) } },
      },
      onLine: (line) => lines.push(line),
      provider: withLayers(layers),
      world: { readRegistries: () => Promise.resolve(registries) },
    });
    return { job, said: [job.outcome.reason, ...lines, job.read("agent.log")].join("\n") };
  } finally {
    work[Symbol.dispose]();
  }
}

function withLayers(layers: readonly Layer[]): SandboxProvider {
  const provider = openNamespaceProvider();
  return { ...provider, create: (spec) => provider.create({ ...spec, layers: [...spec.layers, ...layers] }) };
}

/** Registries at special addresses, as on a test machine, are allowed by address for this run. */
async function specialAddresses(registries: Registries): Promise<readonly string[]> {
  const hosts = new Set(Object.values(registries).flatMap((urls) => urls.flatMap((url) => URL.parse(url)?.hostname ?? [])));
  const found = await Promise.all([...hosts].map((host) => lookup(host, { all: true }).catch(() => [])));
  const special = found.flat().filter(({ address }) => classifyAddress(address) !== "public");
  return [...new Set(special.map(({ address, family }) => (family === 6 ? `[${address}]:443` : `${address}:443`)))];
}

/** A registry that is not the tool's own default has to be told to the guest. */
function tellRegistries({ npm = [], pypi = [], go = [] }: Registries): Readonly<Record<string, string>> {
  const [registry, index, proxy] = [npm[0], pypi[0], go[0]];
  return {
    ...(registry === undefined ? {} : { npm_config_registry: registry }),
    ...(index === undefined ? {} : { PIP_INDEX_URL: index }),
    ...(proxy === undefined ? {} : { GOPROXY: proxy.replace(/\/$/, "") }),
  };
}

type Toolchain = { readonly directory: string | undefined } | { readonly skipped: string };

/** The folder of a toolchain that is not below `/usr/bin`, such as Rust's in a home. */
async function findToolchain({ programs, toolchains }: Sample): Promise<Toolchain> {
  const first = toolchains[0];
  const folders = first === undefined ? ["/usr/bin", "/usr/local/bin"] : [await locate(first)];
  const lacking = programs.filter((name) => !folders.some((folder) => isExecutable(join(folder, name))));
  if (lacking.length > 0) return { skipped: `${lacking.join(" and ")} is not on this machine` };
  return { directory: first === undefined ? undefined : dirname(folders[0] ?? "") };
}

/** rustup's programs on the path are not the toolchain itself. */
async function locate(program: string): Promise<string> {
  const rustup = await promisify(execFile)("rustup", ["which", program]).then(
    ({ stdout }) => stdout.trim(),
    () => "",
  );
  const found =
    rustup !== ""
      ? rustup
      : (process.env["PATH"] ?? "")
          .split(delimiter)
          .map((folder) => join(folder, program))
          .find(isExecutable);
  return found === undefined ? "" : dirname(realpathSync(found));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The toolchain's folder, and its programs where the agent's PATH finds them. */
function mountTools({ name, programs }: Sample, directory: string, scratch: string): readonly Layer[] {
  const mountPath = `/opt/toolchain-${name}`;
  for (const program of programs) symlinkSync(`${mountPath}/bin/${program}`, join(scratch, basename(program)));
  const digest = "0".repeat(64);
  return [
    { name: `toolchain-${name}`, directory, mountPath, digest },
    { name: "tools", directory: scratch, mountPath: TOOLS, digest },
  ];
}
