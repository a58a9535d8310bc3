import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runProgram } from "../../programs/run-program.ts";
import { rootPrefix } from "./tools.ts";

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to the process's start: a pid alone may have been used again. */
  readonly startTicks: number;
}

const OUR_PROGRAMS = new Set(["sudo", "bwrap", "setpriv", "sh", "dash", "timeout", "qemu-system-x86_64"]);
const GONE_TIMEOUT_MS = 8_000;

/** Null when the process is gone. Field 22 of /proc/pid/stat, see proc(5). */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | null> {
  const text = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const isZombie = fields[0] === "Z";
  const startTicks = Number(fields[19]);
  return isZombie || !Number.isSafeInteger(startTicks) || startTicks <= 0 ? null : { pid, startTicks };
}

/**
 * Processes that carry `-name <id>` in their argv and run one of the programs we start. The id is random, so no process
 * of somebody else does, not even one that shows our paths.
 */
export async function findProcesses(id: string): Promise<readonly ProcessIdentity[]> {
  const pids = (await readdir("/proc")).filter((name) => /^[0-9]+$/.test(name)).map(Number);
  const found: ProcessIdentity[] = [];
  for (const pid of pids) {
    const argv = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
    const identity = carriesId(argv, id) ? await identifyProcess(pid) : null;
    if (identity !== null) found.push(identity);
  }
  return found;
}

/** Exported for its test. */
export function carriesId(argv: readonly string[], id: string): boolean {
  const at = argv.lastIndexOf("-name");
  return at >= 0 && argv[at + 1] === id && OUR_PROGRAMS.has(basename(argv[0] ?? ""));
}

/** Kills every process of a sandbox and waits until all are gone. Returns how many were left, 0 when all is well. */
export async function killProcesses(id: string): Promise<number> {
  const deadline = Date.now() + GONE_TIMEOUT_MS;
  let left = await findProcesses(id);
  while (left.length > 0 && Date.now() < deadline) {
    for (const target of left) await kill(target);
    await sleep(20);
    left = await findProcesses(id);
  }
  return left.length;
}

async function kill(target: ProcessIdentity): Promise<void> {
  const now = await identifyProcess(target.pid);
  if (now?.startTicks !== target.startTicks) return;
  try {
    process.kill(target.pid, "SIGKILL");
  } catch (error) {
    if ((error as { code?: unknown }).code !== "EPERM") return;
    const prefix = await rootPrefix();
    if (prefix !== null) await runProgram(["kill", "-9", String(target.pid)], { timeoutMs: 5_000, prefix });
  }
}
