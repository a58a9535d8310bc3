import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { openControlledSandbox } from "../../../src/adapters/sandbox/shared/control-client.ts";
import { AirlockError } from "../../../src/domain/errors.ts";
import type { Room } from "../../../src/domain/sandbox/shares.ts";
import type { Gap, RunLabel, Sandbox, SandboxProvider, SandboxSpec } from "../../../src/ports/sandbox.ts";

/**
 * The real guest program in Linux namespaces: no machine is booted, so a sandbox is ready in a fraction of a second.
 * It isolates well enough for tests and for nothing else. Needs `bwrap` and root, or a user with subordinate ids.
 */
export interface NamespaceProviderOptions {
  /** Where sandboxes are registered; sandboxes of other directories are not ours. Default: a directory of its own, gone with its last sandbox. */
  readonly registry?: string;
  readonly gaps?: readonly Gap[];
  /** What the machine has for all sandboxes. Default: enough. */
  readonly room?: Room;
  /** Bytes that `/work` may hold. Default 1 GiB. */
  readonly workBytes?: number;
  /** The bundled guest program, absolute. Default: the sources. */
  readonly guestBundle?: string;
  /** The folder with the sources. Default: this repository. */
  readonly guestSources?: string;
  /** Called when a sandbox's processes run and nobody has greeted it. */
  readonly onLaunch?: (spec: SandboxSpec) => void;
}

const REPOSITORY_ROOT = resolve(import.meta.dirname, "../../..");
const GREET_TIMEOUT_MS = 60_000;

interface Registration {
  readonly label: RunLabel;
  readonly purpose: string;
  readonly deadlineMs: number;
  readonly pid: number;
  /** Start time in clock ticks: with the pid it names one process for good. */
  readonly startTicks: string;
}

export function openNamespaceProvider(options: NamespaceProviderOptions = {}): SandboxProvider {
  const path = options.registry ?? join(tmpdir(), `airlock-namespace-${randomUUID()}`);
  const registry = async (): Promise<string> => {
    await mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  };
  const read = (): Promise<ReadonlyMap<string, Registration>> => readRegistrations(path);
  const destroy = (id: string): Promise<void> => destroyById(path, id);
  return {
    name: "microvm",
    gaps: options.gaps ?? [],
    room: async () => options.room,
    create: async (spec) => create(await registry(), spec, options),
    findByRun: async (run) => [...(await read())].filter(([, found]) => isSameRun(found.label, run)).map(([id]) => id),
    destroy,
    async sweep(nowMs) {
      const overdue = [...(await read())].filter(([, found]) => found.deadlineMs < nowMs).map(([id]) => id);
      for (const id of overdue) await destroy(id);
      return overdue;
    },
  };
}

function isSameRun(a: RunLabel, b: RunLabel): boolean {
  return a.repository === b.repository && a.runId === b.runId && a.attempt === b.attempt;
}

async function create(registry: string, spec: SandboxSpec, options: NamespaceProviderOptions): Promise<Sandbox> {
  spec.signal.throwIfAborted();
  const id = `namespace-${randomUUID()}`;
  const home = join(registry, id);
  await using opened = new AsyncDisposableStack();
  opened.defer(() => forget(registry, id));
  await mkdir(home, { recursive: true, mode: 0o700 });
  for (const layer of spec.layers) {
    if (existsSync(layer.directory)) continue;
    throw new AirlockError("sandbox.unavailable", {
      message: `The layer ${layer.name} is not at ${layer.directory}.`,
      remedy: "Prepare the layer first.",
    });
  }
  const child = await launch(home, spec, options);
  opened.defer(() => killTree(child));
  await register(home, spec, child);
  const cleanup = opened.move();
  const destroy = once(() => cleanup.disposeAsync());
  const lifetime = setTimeout(() => void destroy(), Math.min(spec.lifetimeMs, 2 ** 31 - 1));
  lifetime.unref();
  child.once("exit", () => clearTimeout(lifetime));
  options.onLaunch?.(spec);
  const [, , , control, egress] = child.stdio as unknown as readonly Duplex[];
  if (control === undefined || egress === undefined) throw new Error("The sandbox was started without its streams.");
  return openControlledSandbox({
    control,
    egress,
    id,
    facts: { provider: "microvm", isolation: "namespace (test only)", versions: { node: process.version } },
    destroy,
    greetTimeoutMs: GREET_TIMEOUT_MS,
    signal: spec.signal,
  });
}

async function register(home: string, spec: SandboxSpec, child: ChildProcess): Promise<void> {
  const pid = child.pid ?? 0;
  const entry: Registration = {
    label: spec.run,
    purpose: spec.purpose,
    deadlineMs: Date.now() + spec.lifetimeMs,
    pid,
    startTicks: readStartTicks(pid) ?? "",
  };
  await writeFile(join(home, "registration.json"), JSON.stringify(entry));
}

async function launch(home: string, spec: SandboxSpec, options: NamespaceProviderOptions): Promise<ChildProcess> {
  await writeFile(
    join(home, "passwd"),
    "root:x:0:0:root:/root:/bin/sh\nagent:x:1000:1000::/home/agent:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n",
  );
  await writeFile(join(home, "group"), "root:x:0:\nagent:x:1000:\nnogroup:x:65534:\n");
  await writeFile(join(home, "hosts"), "127.0.0.1 localhost airlock\n");
  const argv = [...asRoot(), "setpriv", "--pdeathsig", "KILL", "timeout", "-s", "KILL", String(Math.ceil(spec.lifetimeMs / 1000) + 1)];
  const [program = "", ...args] = [...argv, "bwrap", ...namespaceArguments(home, spec, options)];
  const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit", "pipe", "pipe"], env: { PATH: process.env.PATH ?? "" } });
  for (const stream of child.stdio) stream?.on("error", () => undefined);
  await new Promise((settle, reject) => {
    child.once("spawn", settle);
    child.once("error", (error) =>
      reject(
        new AirlockError("sandbox.unavailable", {
          message: `Cannot start ${program}.`,
          remedy: "Install util-linux and bubblewrap.",
          cause: error,
        }),
      ),
    );
  });
  return child;
}

/** Without root: a user namespace in which the agent's uid exists too. */
function asRoot(): readonly string[] {
  return process.getuid?.() === 0 ? [] : ["unshare", "--user", "--map-root-user", "--map-auto", "--"];
}

/** What a virtual machine's root has over its own files and processes, and nothing over the host's clock, network or devices. */
const CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "MKNOD"];

function namespaceArguments(home: string, spec: SandboxSpec, options: NamespaceProviderOptions): readonly string[] {
  const node = process.execPath;
  return [
    ...["--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...["--die-with-parent", "--new-session", "--hostname", "airlock", "--clearenv"],
    ...["--cap-drop", "ALL", ...CAPABILITIES.flatMap((name) => ["--cap-add", `CAP_${name}`])],
    ...["--setenv", "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "--setenv", "UV_THREADPOOL_SIZE", "8"],
    ...["--perms", "0755", "--tmpfs", "/", "--ro-bind", "/usr", "/usr"],
    ...["bin", "sbin", "lib", "lib64"].flatMap((name) => ["--symlink", `usr/${name}`, `/${name}`]),
    ...["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp"],
    ...["/etc", "/home", "/opt", "/run", "/opt/airlock", "/opt/node"].flatMap(directory),
    ...["passwd", "group", "hosts"].flatMap((name) => ["--ro-bind", join(home, name), `/etc/${name}`]),
    ...["/etc/ssl", "/etc/alternatives", "/etc/ld.so.cache", ...toolSettings()].flatMap((path) => ["--ro-bind-try", path, path]),
    ...[
      "--perms",
      "0700",
      "--dir",
      "/root",
      "--perms",
      "0755",
      "--dir",
      "/home/agent",
      "--perms",
      "0755",
      "--size",
      String(options.workBytes ?? 1 << 30),
      "--tmpfs",
      "/work",
    ],
    ...["--ro-bind", dirname(node), "/opt/node/bin"],
    ...guestProgram(options).binds.flatMap(([from, to]) => ["--ro-bind", from, to]),
    ...spec.layers.flatMap((layer) => [...parents(layer.mountPath).flatMap(directory), "--ro-bind", layer.directory, layer.mountPath]),
    ...["--chdir", "/", "--", "/bin/sh", "-c", 'chown 1000:1000 /home/agent /work && exec "$@"', "sh"],
    ...["/opt/node/bin/node", "--no-warnings", guestProgram(options).main, "serve", "--fd", "3", "4"],
  ];
}

/** What distributions keep apart from `/usr` and some languages do not start without. */
function toolSettings(): readonly string[] {
  return readdirSync("/etc")
    .filter((name) => /^(?:java|maven|php|R|gradle)\b/.test(name))
    .map((name) => `/etc/${name}`);
}

interface GuestProgram {
  readonly binds: readonly (readonly [from: string, to: string])[];
  readonly main: string;
}

function guestProgram(options: NamespaceProviderOptions): GuestProgram {
  if (options.guestBundle !== undefined)
    return { binds: [[dirname(options.guestBundle), "/opt/airlock/dist"]], main: `/opt/airlock/dist/${basename(options.guestBundle)}` };
  const sources = ["package.json", "src/guest", "src/wire"];
  return {
    binds: sources.map((path) => [join(options.guestSources ?? REPOSITORY_ROOT, path), `/opt/airlock/${path}`] as const),
    main: "/opt/airlock/src/guest/main.ts",
  };
}

function directory(path: string): readonly string[] {
  return ["--perms", "0755", "--dir", path];
}

function parents(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === "/" ? [] : [...parents(parent), parent];
}

/** The sandbox's first process is `bwrap`'s child: when it is killed the kernel kills the whole namespace. */
async function killTree(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((settle) => child.once("exit", () => settle()));
  killWithDescendants(child.pid ?? 0);
  await gone;
}

function killWithDescendants(pid: number): void {
  const children = readChildren(pid);
  for (const target of [...children.flatMap((child) => [...readChildren(child), child]), pid]) {
    try {
      process.kill(target, "SIGKILL");
    } catch {
      // Gone already.
    }
  }
}

function readChildren(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function readStartTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

async function readRegistrations(registry: string): Promise<ReadonlyMap<string, Registration>> {
  const found = new Map<string, Registration>();
  for (const id of await readdir(registry).catch(() => [])) {
    const text = await readFile(join(registry, id, "registration.json"), "utf8").catch(() => undefined);
    if (text !== undefined) found.set(id, JSON.parse(text) as Registration);
  }
  return found;
}

async function destroyById(registry: string, id: string): Promise<void> {
  const found = (await readRegistrations(registry)).get(id);
  if (found === undefined) return;
  if (readStartTicks(found.pid) === found.startTicks) killWithDescendants(found.pid);
  for (let tries = 0; tries < 500 && readStartTicks(found.pid) === found.startTicks && isRunning(found.pid); tries++) await sleep(10);
  await forget(registry, id);
}

/** The registry goes with its last sandbox. */
async function forget(registry: string, id: string): Promise<void> {
  await rm(join(registry, id), { recursive: true, force: true });
  await rmdir(registry).catch(() => undefined);
}

function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return !stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
  } catch {
    return false;
  }
}

function once<T>(act: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => {
    done ??= act();
    return done;
  };
}
