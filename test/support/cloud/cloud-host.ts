import { type ChildProcess, type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex, Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { openPorts } from "./cloud-ports.ts";

/**
 * What stands behind the wire-level servers of cloud providers: a machine made of Linux namespaces in which real commands run as root, with
 * files of its own, loopback, and a network that leads nowhere. It isolates well enough for tests and for nothing else.
 */
export interface CloudMachine extends AsyncDisposable {
  readonly id: string;
  /** False once it is gone. */
  readonly alive: boolean;
  /** Starts a program. `pid` is the one inside. */
  start(options: StartOptions): Promise<MachineProcess>;
  /** Sends a signal to one process, by its pid inside. False: there is none. */
  signal(pid: number, name: string): Promise<boolean>;
  writeFile(path: string, user: string, content: Readable): Promise<void>;
  /** undefined: there is no such file. */
  readFile(path: string): Promise<Buffer | undefined>;
  /** A connection to a port on the machine's loopback interface. @throws Error when nobody listens */
  connect(port: number): Promise<Duplex>;
  readonly gone: Promise<void>;
}

export interface StartOptions {
  readonly argv: readonly string[];
  readonly user: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface MachineProcess {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exit: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

export interface MachineOptions {
  /** The image's ordinary user, uid 1000. */
  readonly user: string;
  /** `current`: this Node is on the image's PATH; `none`: the image has no Node. */
  readonly node: "current" | "none";
  /** Files and folders of the host that the image holds, by their path inside; read-only. */
  readonly image?: Readonly<Record<string, string>>;
  /** A network that leads to the internet: something answers at 1.1.1.1:443. */
  readonly internet: boolean;
}

const run = promisify(execFile);
const INTERNET_ADDRESS = "1.1.1.1";
const CAPABILITIES = ["chown", "dac_override", "fowner", "fsetid", "kill", "setgid", "setuid", "mknod", "net_admin"];
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const isRoot = process.getuid?.() === 0;

/** @throws Error when `bwrap`, `nsenter` or `ip` are missing */
export async function openMachine(options: MachineOptions): Promise<CloudMachine> {
  await using opened = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), "airlock-machine-"));
  opened.defer(() => rm(home, { recursive: true, force: true }));
  await writeImageFiles(home, options);
  const { child, pid } = await boot(home, options);
  opened.defer(() => end(child, pid));
  const enter = (spaces: readonly string[]): readonly string[] => [
    "nsenter",
    ...["--target", String(pid), ...(isRoot ? [] : ["--user", "--preserve-credentials"]), ...spaces],
  ];
  await setUpNetwork(enter(["--net"]), options.internet);
  const ports = await openPorts(enter(["--net"]), join(home, "ports.sock"), options.internet ? INTERNET_ADDRESS : "");
  opened.defer(() => ports.close());
  const gone = new Promise<void>((settle) => child.once("exit", () => settle()));
  const inside = { enter: enter(["--mount", "--net", "--pid", "--ipc", "--uts"]), user: options.user };
  const moved = opened.move();
  let disposal: Promise<void> | undefined;
  return {
    id: randomUUID(),
    get alive() {
      return child.exitCode === null && child.signalCode === null && disposal === undefined;
    },
    gone,
    start: (asked) => start(inside, asked),
    signal: (target, name) => signal(inside, target, name),
    writeFile: (path, user, content) => writeInside(inside, { path, user, content }),
    readFile: (path) => readInside(inside, path),
    connect: (port) => ports.connect(port),
    [Symbol.asyncDispose]() {
      disposal ??= moved.disposeAsync();
      return disposal;
    },
  };
}

async function writeImageFiles(home: string, { user }: MachineOptions): Promise<void> {
  const passwd = `root:x:0:0:root:/root:/bin/bash\n${user}:x:1000:1000::/home/${user}:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n`;
  await writeFile(join(home, "passwd"), passwd);
  await writeFile(join(home, "group"), `root:x:0:\n${user}:x:1000:\nnogroup:x:65534:\n`);
  await writeFile(join(home, "hosts"), "127.0.0.1 localhost\n");
  await mkdir(join(home, "scratch"));
}

/** Without root: a user namespace in which the ordinary user's uid exists too. */
const AS_ROOT: readonly string[] = isRoot ? [] : ["unshare", "--user", "--map-root-user", "--map-auto", "--"];

async function boot(home: string, options: MachineOptions): Promise<{ readonly child: ChildProcess; readonly pid: number }> {
  const [program = "", ...args] = [...AS_ROOT, "setpriv", "--pdeathsig", "KILL", "bwrap", ...imageArguments(home, options)];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit", "pipe"], env: { PATH: process.env["PATH"] ?? "" } });
  const [info] = await Promise.all([readInfo(child), awaitReady(child)]);
  const pid = (JSON.parse(info) as { "child-pid": number })["child-pid"];
  return { child, pid };
}

async function readInfo(child: ChildProcess): Promise<string> {
  let text = "";
  for await (const chunk of child.stdio[3] as Readable) text += String(chunk);
  return text;
}

async function awaitReady(child: ChildProcess): Promise<void> {
  await new Promise<void>((settle, reject) => {
    child.once("error", reject);
    child.once("exit", () => reject(new Error("The machine did not come up.")));
    child.stdout?.once("data", () => settle());
  });
}

function imageArguments(home: string, options: MachineOptions): readonly string[] {
  const directory = (path: string): readonly string[] => ["--perms", "0755", "--dir", path];
  return [
    ...["--info-fd", "3", "--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...["--die-with-parent", "--new-session", "--hostname", "machine", "--clearenv", "--setenv", "PATH", PATH],
    ...["--perms", "0755", "--tmpfs", "/", "--ro-bind", "/usr", "/usr", "--perms", "0755", "--tmpfs", "/usr/local"],
    ...["bin", "sbin", "lib", "lib64"].flatMap((name) => ["--symlink", `usr/${name}`, `/${name}`]),
    ...["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp"],
    ...["/etc", "/home", "/opt", "/run", "/usr/local/bin", "/usr/local/sbin", `/home/${options.user}`].flatMap(directory),
    ...["--perms", "0700", "--dir", "/root"],
    ...["passwd", "group", "hosts"].flatMap((name) => ["--bind", join(home, name), `/etc/${name}`]),
    ...["/etc/ssl", "/etc/alternatives", "/etc/ld.so.cache"].flatMap((path) => ["--ro-bind-try", path, path]),
    ...(options.node === "current" ? ["--ro-bind", process.execPath, "/usr/local/bin/node"] : []),
    ...hideHostNode(options.node),
    ...Object.entries(options.image ?? {}).flatMap(([inside, outside]) => ["--ro-bind", outside, inside]),
    ...["--chdir", "/", "--", "/bin/sh", "-c", `chown 1000:1000 /home/${options.user}; echo ready; exec sleep infinity`],
  ];
}

/** The host's own Node is not the image's. */
function hideHostNode(node: MachineOptions["node"]): readonly string[] {
  return node === "none" ? ["--bind-try", "/dev/null", "/usr/bin/node"] : [];
}

/** Every way out is refused at once, by the kernel; with a route, as on a real machine. */
async function setUpNetwork(enter: readonly string[], internet: boolean): Promise<void> {
  const ip = async (...args: readonly string[]): Promise<void> => {
    const [program = "", ...rest] = [...enter, "ip", ...args];
    await run(program, rest);
  };
  await ip("link", "set", "lo", "up");
  await ip("route", "add", "prohibit", "default");
  await ip("-6", "route", "add", "prohibit", "default").catch(() => undefined);
  if (internet) await ip("addr", "add", `${INTERNET_ADDRESS}/32`, "dev", "lo");
}

interface Inside {
  readonly enter: readonly string[];
  readonly user: string;
}

const UIDS: Readonly<Record<string, string>> = { root: "0" };

function argvFor(inside: Inside, { argv, user, cwd = "/", env = {} }: StartOptions): readonly string[] {
  const uid = UIDS[user] ?? (user === inside.user || user === "agent" ? "1000" : undefined);
  if (uid === undefined) throw new Error(`The machine has no user ${user}.`);
  const home = uid === "0" ? "/root" : `/home/${inside.user}`;
  const bounds = `-all,${CAPABILITIES.map((name) => `+${name}`).join(",")}`;
  return [
    ...[...inside.enter, "setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "--bounding-set", bounds],
    ...[
      "env",
      "-i",
      "-C",
      cwd,
      `PATH=${PATH}`,
      `HOME=${home}`,
      `USER=${user}`,
      ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
    ],
    ...argv,
  ];
}

function launch(inside: Inside, options: StartOptions): ChildProcessByStdio<Writable, Readable, Readable> {
  const [program = "", ...args] = argvFor(inside, options);
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], env: { PATH: process.env["PATH"] ?? "" } });
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on("error", () => undefined);
  child.on("error", () => undefined);
  return child;
}

/** The first line of its errors is the pid inside; everything after is the program's own. */
async function start(inside: Inside, options: StartOptions): Promise<MachineProcess> {
  const child = launch(inside, { ...options, argv: ["/bin/sh", "-c", 'echo $$ >&2; exec "$@"', "sh", ...options.argv] });
  const exit = new Promise<{ code: number | null; signal: string | null }>((settle) =>
    child.once("exit", (code, signal) => settle({ code, signal })),
  );
  const pid = Number(await readLine(child.stderr));
  if (!Number.isInteger(pid) || pid < 1) throw new Error("The machine could not start a process.");
  return { pid, stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exit };
}

function readLine(stream: Readable): Promise<string> {
  return new Promise((resolve) => {
    let line = "";
    const finish = (): void => {
      stream.off("readable", read);
      stream.off("end", finish);
      resolve(line);
    };
    const read = (): void => {
      for (let byte = stream.read(1) as Buffer | null; byte !== null; byte = stream.read(1) as Buffer | null) {
        if (byte[0] === 10) {
          finish();
          return;
        }
        line += byte.toString("latin1");
      }
    };
    stream.on("readable", read);
    stream.once("end", finish);
  });
}

async function signal(inside: Inside, pid: number, name: string): Promise<boolean> {
  const child = launch(inside, { argv: ["/bin/sh", "-c", `kill -${name} ${pid}`], user: "root" });
  return (await settled(child)) === 0;
}

interface Upload {
  readonly path: string;
  readonly user: string;
  readonly content: Readable;
}

async function writeInside(inside: Inside, { path, user, content }: Upload): Promise<void> {
  const child = launch(inside, { argv: ["/bin/sh", "-c", 'mkdir -p "$(dirname "$0")" && exec cat > "$0"', path], user });
  const code = settled(child);
  await pipeline(content, child.stdin).catch(async (error: unknown) => {
    child.stdin.destroy();
    await code;
    throw error;
  });
  if ((await code) !== 0) throw new Error(`The machine cannot write ${path}.`);
}

async function readInside(inside: Inside, path: string): Promise<Buffer | undefined> {
  const child = launch(inside, { argv: ["/bin/cat", "--", path], user: "root" });
  const code = settled(child);
  const pieces: Buffer[] = [];
  for await (const piece of child.stdout) pieces.push(piece as Buffer);
  return (await code) === 0 ? Buffer.concat(pieces) : undefined;
}

function settled(child: ChildProcess): Promise<number | null> {
  return new Promise((settle) => {
    child.once("close", settle);
    child.once("error", () => settle(null));
  });
}

/** The machine's first process takes everything in its namespace along. */
async function end(child: ChildProcess, first: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((settle) => child.once("exit", () => settle()));
  for (const pid of [first, child.pid ?? 0]) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Gone already.
    }
  }
  await exited;
}
