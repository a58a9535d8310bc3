import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 20;

interface Member {
  readonly pid: number;
  readonly group: number;
}

/** Live processes of a command: its process group, and processes of its session in groups of their own. */
export function findMembers(leader: number): readonly Member[] {
  return fs
    .readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((name) => readMember(Number(name), leader) ?? []);
}

function readMember(pid: number, leader: number): Member | undefined {
  let stat: string;
  try {
    stat = fs.readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // The name in parentheses may contain anything, so the fields are counted from its end: state, ppid, pgrp, session.
  const [state, , group, session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (state === "Z" || state === "X") return undefined;
  return Number(group) === leader || Number(session) === leader ? { pid, group: Number(group) } : undefined;
}

/** Sends a signal to every member exactly once: to some programs a second SIGINT means something else. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  const strays = findMembers(leader).filter((member) => member.group !== leader);
  for (const target of [-leader, ...strays.map((member) => member.pid)]) {
    try {
      process.kill(target, signal);
    } catch {
      // The process ended after it was listed.
    }
  }
}

/** Ends the rest of a group whose leader has ended: a moment to finish, then SIGKILL until nothing is left. */
export async function reapGroup(leader: number, graceMs: number, maxMs: number): Promise<void> {
  const startedMs = performance.now();
  while (findMembers(leader).length > 0) {
    const elapsedMs = performance.now() - startedMs;
    if (elapsedMs > maxMs) return;
    if (elapsedMs >= graceMs) signalGroup(leader, "SIGKILL");
    await sleep(POLL_MS);
  }
}
