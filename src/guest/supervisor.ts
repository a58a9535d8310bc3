import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import { mkdir, open, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { ExitReply, StartHead } from "../wire/control.ts";
import { RequestFailure } from "./body.ts";
import { type Collector, openCollector, type Source } from "./drain.ts";
import { protectFromMemoryPressure, withOrdinaryMemoryPressure } from "./memory-pressure.ts";
import { type OutputLog, openOutputLog } from "./output-log.ts";
import { openPipeSource, type Pipe, type PipeSource } from "./pipes.ts";
import { reapGroup, signalGroup } from "./process-group.ts";

export const AGENT_UID = 1000;
export const AGENT_GID = 1000;

const STRAGGLER_GRACE_MS = 100;
const STRAGGLER_MAX_MS = 30_000;

export interface Supervised {
  readonly stdout: OutputLog;
  readonly stderr: OutputLog;
  /** The command and its whole group are gone and their output is on disk. */
  readonly exit: Promise<ExitReply>;
  /** SIGINT, SIGTERM, SIGKILL, each `graceMs` after the one before. */
  stop(graceMs: number): Promise<ExitReply>;
}

export interface Supervisor {
  start(head: StartHead, stdin: AsyncIterable<Buffer>): Promise<number>;
  find(id: number): Supervised;
}

/** Runs commands whose output and exit status go to files that only root can read. */
export function openSupervisor(directory: string): Supervisor {
  const processes = new Map<number, Supervised>();
  let nextId = 1;
  const pipes = openPipeSource(directory);
  protectFromMemoryPressure();
  return {
    async start(head, stdin) {
      const id = nextId++;
      const home = join(directory, String(id));
      await mkdir(home, { recursive: true, mode: 0o700 });
      processes.set(id, await launch({ home, head, stdin, pipes }));
      return id;
    },
    find(id) {
      const found = processes.get(id);
      if (found === undefined) throw new RequestFailure("not-found", `There is no process ${id}.`);
      return found;
    },
  };
}

interface LaunchOptions {
  readonly home: string;
  readonly head: StartHead;
  readonly stdin: AsyncIterable<Buffer>;
  readonly pipes: PipeSource;
}

async function launch(options: LaunchOptions): Promise<Supervised> {
  const { home, head } = options;
  const stdin = await storeStdin(join(home, "stdin"), options.stdin);
  const stdout = await openOutputLog(join(home, "stdout"), head.maxOutputBytes);
  const stderr = await openOutputLog(join(home, "stderr"), head.maxOutputBytes);
  const pipes = [await options.pipes(), await options.pipes()] as const;
  const child = spawnCommand(head, [stdin, pipes[0]?.writeFd ?? "pipe", pipes[1]?.writeFd ?? "pipe"]);
  for (const fd of [stdin, ...pipes.map((pipe) => pipe?.writeFd)]) if (fd !== undefined) fs.closeSync(fd);
  const collectors = [openCollector(sourceOf(pipes[0], child.stdout), stdout), openCollector(sourceOf(pipes[1], child.stderr), stderr)];
  const finished = watch(child, { head, stdout, stderr, collectors, state: { timedOut: false } }).then(async (status) => {
    // For people who inspect a sandbox by hand; a full disk must not lose the answer.
    await writeFile(join(home, "exit"), JSON.stringify(status), { mode: 0o600 }).catch(() => undefined);
    return status;
  });
  return { stdout, stderr, exit: finished, stop: (graceMs) => stop(child, finished, graceMs) };
}

function sourceOf(pipe: Pipe | undefined, stream: Readable | null): Source {
  return pipe === undefined ? { stream: stream ?? Readable.from([]), fd: undefined } : { stream: pipe.readEnd, fd: pipe.readFd };
}

/** Stores the bytes in an open file without a name. */
async function storeStdin(path: string, bytes: AsyncIterable<Buffer>): Promise<number> {
  const file = await open(path, "wx", 0o644);
  try {
    for await (const piece of bytes) await file.writeFile(piece);
  } finally {
    await file.close();
  }
  const fd = fs.openSync(path, "r");
  await unlink(path);
  return fd;
}

function spawnCommand(head: StartHead, stdio: (number | "pipe")[]): ChildProcess {
  const [program = "", ...args] = head.argv;
  const drop = head.user === "agent" && process.getuid?.() === 0 ? { uid: AGENT_UID, gid: AGENT_GID } : {};
  return withOrdinaryMemoryPressure(() => spawn(program, args, { cwd: head.cwd, env: { ...head.env }, ...drop, detached: true, stdio }));
}

interface Watched {
  readonly head: StartHead;
  readonly stdout: OutputLog;
  readonly stderr: OutputLog;
  readonly collectors: readonly Collector[];
  readonly state: { timedOut: boolean };
}

async function watch(child: ChildProcess, watched: Watched): Promise<ExitReply> {
  const { stdout, stderr, state, head } = watched;
  const ending = await awaitLeader(child, watched);
  if (child.pid !== undefined) {
    // The deadline applies to the whole group, which may outlive its leader by a moment.
    await reapGroup(child.pid, state.timedOut ? 0 : STRAGGLER_GRACE_MS, STRAGGLER_MAX_MS);
  }
  await Promise.all(watched.collectors.map((collector) => collector.finish()));
  if (ending.failure !== undefined) await stderr.append(Buffer.from(`airlock: ${head.argv[0] ?? ""}: ${ending.failure}\n`));
  await Promise.all([stdout.end(), stderr.end()]);
  return {
    code: ending.code,
    signal: ending.signal,
    timedOut: state.timedOut,
    droppedBytes: stdout.droppedBytes() + stderr.droppedBytes(),
  };
}

interface LeaderExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Why the command never ran. */
  readonly failure?: string;
}

/** A command that cannot be started ends as in a shell: 127 if it does not exist, 126 if it may not run. */
function awaitLeader(child: ChildProcess, watched: Watched): Promise<LeaderExit> {
  return new Promise((resolve) => {
    const timer = setTimeout(
      () => {
        watched.state.timedOut = true;
        if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
      },
      Math.min(watched.head.timeoutMs, 2 ** 31 - 1),
    );
    const settle = (ending: LeaderExit): void => {
      clearTimeout(timer);
      resolve(ending);
    };
    child.once("exit", (code, signal) => settle({ code, signal }));
    child.once("error", (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined)
        settle({ code: error.code === "ENOENT" ? 127 : 126, signal: null, failure: describe(error, watched.head) });
    });
  });
}

function describe(error: NodeJS.ErrnoException, head: StartHead): string {
  if (error.code === "ENOENT" && !fs.existsSync(head.cwd)) return `the directory ${head.cwd} does not exist`;
  return error.code === "ENOENT" ? "not found" : error.message;
}

async function stop(child: ChildProcess, exit: Promise<ExitReply>, graceMs: number): Promise<ExitReply> {
  let gone = false;
  const ended = exit.then(() => {
    gone = true;
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
    if (gone || child.pid === undefined) break;
    signalGroup(child.pid, signal);
    const grace = new AbortController();
    await Promise.race([ended, sleep(graceMs, undefined, { signal: grace.signal }).catch(() => undefined)]);
    grace.abort();
  }
  return exit;
}
