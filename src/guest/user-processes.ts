import { spawn } from "node:child_process";
import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { RequestFailure } from "./body.ts";

const MAX_ROUNDS = 10;
const LOOKS = 20;
const LOOK_MS = 50;
const KILLER_TIMEOUT_MS = 30_000;

/**
 * Kills whatever it may signal as the user. The kernel does that in one step, so that nothing can fork ahead of it. It becomes the user only
 * when it runs already: a program cannot be started as a user whose processes are as many as it may have.
 */
const KILLER = `
process.setgroups([]);
process.setgid(Number(process.argv[2]));
process.setuid(Number(process.argv[1]));
try {
  process.kill(-1, "SIGKILL");
} catch (error) {
  if (error.code !== "ESRCH") throw error;
}
`;

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Kills every process of a user, whatever it has done to be left alone, until none is left.
 * @throws RequestFailure `failed` when one is left after all.
 */
export async function endUserProcesses(user: User): Promise<void> {
  // A supervisor that is no root has that user's own processes around it, and itself among them.
  if (process.getuid?.() !== 0) throw new RequestFailure("failed", "Only root can end another user's processes.");
  let left: readonly number[] = [];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    // Stopped, it makes no new ones where the killer cannot be started for lack of process ids.
    signalAll(listUserProcesses(user.uid), "SIGSTOP");
    const killed = await runKiller(user);
    left = await awaitNone(user.uid);
    if (killed && left.length === 0) return;
  }
  throw new RequestFailure("failed", `The user ${user.uid} still has ${left.length} processes, such as ${left[0] ?? "one that hides"}.`);
}

/** What is left after a moment. The killer may not signal what has taken another id, so each is also signalled by itself. */
async function awaitNone(uid: number): Promise<readonly number[]> {
  let left: readonly number[] = [];
  for (let look = 0; look < LOOKS; look++) {
    left = listUserProcesses(uid);
    if (left.length === 0) return left;
    signalAll(left, "SIGKILL");
    await sleep(LOOK_MS);
  }
  return left;
}

/** True when it has killed and ended by itself. */
function runKiller({ uid, gid }: User): Promise<boolean> {
  return new Promise((resolve) => {
    // The program that runs here, even where its file has been replaced.
    const argv = ["--input-type=commonjs", "-e", KILLER, String(uid), String(gid)];
    const child = spawn("/proc/self/exe", argv, { cwd: "/", env: {}, stdio: "ignore", timeout: KILLER_TIMEOUT_MS, killSignal: "SIGKILL" });
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // Gone since it was listed.
    }
  }
}

/** Live processes that have the user's id as real, effective or saved one, or are in a user namespace that is not ours. */
function listUserProcesses(uid: number): readonly number[] {
  const ours = fs.readFileSync("/proc/self/uid_map", "latin1");
  return fs
    .readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter((pid) => belongsTo(pid, uid, ours));
}

function belongsTo(pid: number, uid: number, ourMap: string): boolean {
  try {
    const status = fs.readFileSync(`/proc/${pid}/status`, "latin1");
    if (isGone(status)) return false;
    const ids = /^Uid:\t(\d+)\t(\d+)\t(\d+)/m.exec(status)?.slice(1) ?? [];
    // Ids in a namespace of the user's own may be others outside; only such a process has another map than we.
    return ids.includes(String(uid)) || fs.readFileSync(`/proc/${pid}/uid_map`, "latin1") !== ourMap;
  } catch {
    return false;
  }
}

/** A process whose first thread has ended is shown as a zombie too; it lives on in the others. */
function isGone(status: string): boolean {
  return /^State:\t[ZX]/m.test(status) && Number(/^Threads:\t(\d+)/m.exec(status)?.[1] ?? 0) <= 1;
}
