import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readQemuView } from "../../src/adapters/sandbox/microvm/confinement.ts";
import { findPrivilege, type Privilege } from "../../src/adapters/sandbox/microvm/privilege.ts";
import { findTools, type Tools } from "../../src/adapters/sandbox/microvm/tools.ts";
import { type Mutant, type Mutants, openMutants } from "../support/sandbox/adapter-mutants.ts";

type Adapter = typeof import("../../src/adapters/sandbox/microvm/confinement.ts") &
  typeof import("../../src/adapters/sandbox/microvm/qemu-arguments.ts") &
  typeof import("../../src/adapters/sandbox/microvm/run-directory.ts");

/** What the laws judge from inside a machine that runs is judged here without a boot: the confined process, the machine's devices, its end. */
let mutants: Mutants<Adapter>;
let tools: Tools;
let privilege: Privilege;
let folder: string;

beforeAll(async () => {
  mutants = await openMutants("microvm", ["confinement.ts", "qemu-arguments.ts", "run-directory.ts"]);
  tools = await findTools(() => undefined);
  privilege = await findPrivilege(tools);
  folder = await mkdtemp(join(tmpdir(), "airlock-mutants-"));
  await writeFile(join(folder, "disk.img"), Buffer.alloc(1 << 20));
});

afterAll(async () => {
  await mutants[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const CANARY = "value-of-the-runner";
const LIFETIME_MS = 1_000;
const PATIENCE_MS = 20_000;
const RUN = { repository: "o/r", runId: "7", attempt: 1 };

interface Ran {
  readonly output: string;
  /** undefined: it was still there when nobody waited any longer. */
  readonly ended: string | undefined;
}

/** Runs a program and gives it `input`; its input stays open. */
async function run([file = "", ...argv]: readonly string[], input: string, patienceMs = PATIENCE_MS): Promise<Ran> {
  const child = spawn(file, argv, { stdio: ["pipe", "pipe", "pipe"], env: { PATH: "/usr/bin:/bin", AIRLOCK_CANARY: CANARY } });
  const pieces: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => pieces.push(piece));
  child.stdin.on("error", () => undefined);
  child.stdin.write(input);
  const exited = new Promise<string>((resolve) => child.once("close", (code, signal) => resolve(signal ?? String(code))));
  const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  const ended = await exited;
  const inTime = child.signalCode !== "SIGKILL" || !child.killed;
  clearTimeout(timer);
  return { output: Buffer.concat(pieces).toString(), ended: inTime ? ended : undefined };
}

type Note = (name: string, holds: boolean) => void;

/** "no-interfaces", "users", "environment" and "lifetime", of the process that QEMU is. */
async function judgeConfinement({ confine }: Adapter, note: Note): Promise<void> {
  const request = { tools, view: await readQemuView(tools), privilege, bindings: [], lifetimeMs: 60_000 };
  const look = "cat /proc/net/dev /proc/self/status; tr '\\0' '\\n' < /proc/self/environ 2>/dev/null || cat /proc/self/environ";
  const { output } = await run(confine(request, [tools.sh, "-c", look]), "");
  const interfaces = [...output.matchAll(/^ *([a-z0-9]+):(?: +\d+){16}/gm)].map(([, name]) => name);
  note("no interface but loopback", interfaces.join() === "lo");
  note("no capability", /^CapEff:\s+0+$/m.test(output) && /^CapBnd:\s+0+$/m.test(output));
  note("nobody", /^Uid:\s+65534\s+65534\s+65534\s+65534$/m.test(output));
  note("no new privileges", /^NoNewPrivs:\s+1$/m.test(output));
  note("nothing in the environment", output.includes("PATH=") && !output.includes(CANARY));
  const within = confine({ ...request, lifetimeMs: LIFETIME_MS }, [tools.cat]);
  note("an end of its own", (await run(within, "", 8 * LIFETIME_MS)).ended !== undefined);
}

/** "no-interfaces" and read-only layers, of a machine that was made and never started. */
async function judgeMachine({ qemuArguments }: Adapter, note: Note): Promise<void> {
  const argv = qemuArguments({
    ...{ id: "airlock-0123456789abcdef", acceleration: "tcg", cpus: 1, memoryMib: 128, kernel: "-", initrd: "-", append: "" },
    disks: [{ file: join(folder, "disk.img"), serial: "layer", writable: false }],
  });
  const drop = (name: string, words: readonly string[]): readonly string[] => {
    const at = words.indexOf(name);
    return words.toSpliced(at, 2);
  };
  const unloaded = ["-kernel", "-initrd", "-append", "-serial"].reduce((words, name) => drop(name, words), argv);
  const asked = [tools.qemu, ...unloaded, "-S", "-serial", "none", "-monitor", "stdio"];
  const { output } = await run(asked, "info pci\ninfo block\ninfo network\nquit\n");
  note("a machine was made", /Host bridge/.test(output));
  note("no network device", !/Ethernet controller|netdev|\bnet\d|hub \d/i.test(output));
  note("no display and no other device", !/VGA controller|USB controller|Audio/.test(output));
  note("read-only layers", /disk\.img \(raw, read-only\)/.test(output));
  note("QEMU under seccomp", argv.join(" ").includes("-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny"));
  note("no network by default", argv.join(" ").includes("-nodefaults") && argv.join(" ").includes("-nic none"));
}

/** "dispose-twice", "find-by-run" and "sweep", of sandboxes whose QEMU is a shell. */
async function judgeFolder({ openRunDirectory }: Adapter, note: Note): Promise<void> {
  const root = await mkdtemp(join(folder, "runs-"));
  const runs = openRunDirectory(root);
  const { id } = await runs.add({ run: RUN, purpose: "agent", lifetimeMs: 60_000 });
  await runs.add({ run: { ...RUN, attempt: 2 }, purpose: "agent", lifetimeMs: 60_000 });
  const child = spawn("sh", ["-c", "read -r line; :", "-name", id], { stdio: ["pipe", "ignore", "ignore"] });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  await new Promise((resolve) => child.once("spawn", resolve));
  note("found by its run alone", (await runs.findByRun(RUN)).join() === id);
  note("overdue later", (await runs.sweep(Date.now())).length === 0);
  const timer = setTimeout(() => child.stdin.end(), 10_000);
  await runs.destroy(id).catch(() => undefined);
  const killed = exited.then(() => child.signalCode === "SIGKILL");
  note("killed", await Promise.race([killed, sleep(2_000, false)]));
  note("its folder removed", !(await readdir(root)).includes(id));
  note("swept", (await runs.sweep(Date.now() + 120_000)).length === 1);
  clearTimeout(timer);
  child.stdin.end();
  await exited;
}

const JUDGES = { confinement: judgeConfinement, machine: judgeMachine, folder: judgeFolder };

async function listFindings(adapter: Adapter, judges: readonly (keyof typeof JUDGES)[]): Promise<readonly string[]> {
  const findings: string[] = [];
  for (const judge of judges) await JUDGES[judge](adapter, (name, holds) => void (holds || findings.push(name)));
  return findings;
}

type Judged = Mutant & { readonly judge: keyof typeof JUDGES };
const CONFINEMENT = { judge: "confinement", file: "confinement.ts" } as const;
const MACHINE = { judge: "machine", file: "qemu-arguments.ts" } as const;
const FOLDER = { judge: "folder", file: "run-directory.ts" } as const;

const MUTANTS: readonly Judged[] = [
  { ...MACHINE, name: "a network device", from: '"-nic", "none"', to: '"-nic", "user"', finding: /^no network device$/m },
  { ...MACHINE, name: "no word against a network", from: '"-nic", "none", ', to: "", finding: /no network by default/ },
  { ...MACHINE, name: "default devices", from: '"-nodefaults", ', to: "", finding: /no display and no other device/ },
  { ...MACHINE, name: "writable layers", from: '"readonly=on";', to: '"cache=unsafe";', finding: /read-only layers/ },
  {
    ...MACHINE,
    name: "QEMU without seccomp",
    from: '["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"],',
    to: "",
    finding: /seccomp/,
  },
  { ...CONFINEMENT, name: "the runner's network", from: '"--unshare-net", ', to: "", finding: /no interface but loopback/ },
  { ...CONFINEMENT, name: "the runner's environment", from: '"--clearenv",', to: "", finding: /nothing in the environment/ },
  {
    ...CONFINEMENT,
    name: "the deadline dropped",
    from: '[tools.timeout, "--foreground", "--signal=KILL", String(seconds), ...program]',
    to: "[...program]",
    finding: /an end of its own/,
  },
  { ...FOLDER, name: "kill skipped", from: "const left = await killProcesses(id);", to: "const left = 0;", finding: /killed/ },
  { ...FOLDER, file: "processes.ts", name: "nothing killed", from: 'process.kill(target.pid, "SIGKILL");', to: "", finding: /killed/ },
  {
    ...FOLDER,
    name: "deadline at once",
    from: "deadlineMs: createdMs + lifetimeMs",
    to: "deadlineMs: createdMs",
    finding: /overdue later/,
  },
  { ...FOLDER, name: "any attempt", from: " && a.attempt === b.attempt", to: "", finding: /found by its run alone/ },
];

describe("I3, I7: the adapter for microVMs", () => {
  test("the adapter for microVMs gives no finding as it is", { timeout: 60_000 }, async () => {
    expect(await listFindings(await mutants.load("none"), ["confinement", "machine", "folder"])).toEqual([]);
  });

  test.each(MUTANTS)(
    "the adapter for microVMs is caught with $name",
    { timeout: 60_000 },
    async ({ name, finding, judge, ...mutation }) => {
      expect((await listFindings(await mutants.load(name, mutation), [judge])).join("\n")).toMatch(finding);
    },
  );
});
