import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { RequestFailure } from "./body.ts";
import { AGENT_GID, AGENT_UID } from "./supervisor.ts";

const MAX_STDERR_BYTES = 16_384;

/** Nothing but the command line controls git: no configuration, hooks, filters or monitors, and bytes stay as they are. */
const SETTINGS = [
  "core.autocrlf=false",
  "core.safecrlf=false",
  "core.eol=lf",
  "core.fileMode=true",
  "core.symlinks=true",
  "core.ignoreCase=false",
  "core.precomposeUnicode=false",
  "core.protectHFS=false",
  "core.protectNTFS=false",
  "core.attributesFile=/dev/null",
  "core.excludesFile=/dev/null",
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.untrackedCache=false",
  "core.checkStat=default",
  "core.trustctime=true",
  "core.splitIndex=false",
  "core.sparseCheckout=false",
  "index.sparse=false",
  "submodule.recurse=false",
  "protocol.allow=never",
  "gc.auto=0",
  "maintenance.auto=false",
].flatMap((setting) => ["-c", setting]);

/** Turns off every conversion for every path, overriding `.gitattributes`. */
export const ATTRIBUTES = "* -text !eol !filter -ident !working-tree-encoding\n";
/** What Airlock itself adds to the work tree. */
export const EXCLUDES = "/.airlock/\n";

const ENVIRONMENT = {
  HOME: "/nonexistent",
  XDG_CONFIG_HOME: "/nonexistent",
  LC_ALL: "C",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_NO_LAZY_FETCH: "1",
};

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface GitCall {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly user: "agent" | "root";
  readonly input?: Readable | Buffer;
  /** Exit statuses that are not failures. Default: only 0. */
  readonly okStatuses?: readonly number[];
  readonly timeoutMs: number;
  /** Receives the output piece by piece; throwing ends git. */
  readonly onOutput?: (piece: Buffer) => void;
}

/** @throws RequestFailure `failed`, or what `onOutput` threw */
export async function runGit(call: GitCall): Promise<number> {
  const drop = call.user === "agent" && process.getuid?.() === 0 ? { uid: AGENT_UID, gid: AGENT_GID } : {};
  const env = { PATH: process.env.PATH ?? DEFAULT_PATH, ...ENVIRONMENT, ...call.env };
  const child = spawn("git", [...SETTINGS, ...call.args], { cwd: call.cwd, env, ...drop, stdio: ["pipe", "pipe", "pipe"] });
  const stderr = { text: "" };
  child.stderr.on("data", (piece: Buffer) => {
    if (stderr.text.length < MAX_STDERR_BYTES) stderr.text += piece.toString("utf8");
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), call.timeoutMs);
  const exited = new Promise<{ readonly status: number | null; readonly error?: Error }>((resolve) => {
    child.once("close", (status) => resolve({ status }));
    child.once("error", (error) => resolve({ status: null, error }));
  });
  const fed = feed(child.stdin, call.input);
  try {
    for await (const piece of child.stdout as AsyncIterable<Buffer>) call.onOutput?.(piece);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  } finally {
    await exited;
    clearTimeout(timer);
  }
  const { status, error } = await exited;
  const sourceError = await fed;
  if (sourceError !== undefined) throw new RequestFailure("failed", "The runner stopped sending.", sourceError);
  if (status !== null && (call.okStatuses ?? [0]).includes(status)) return status;
  throw new RequestFailure("failed", explain(call, status, error?.message ?? stderr.text), error);
}

function explain(call: GitCall, status: number | null, detail: string): string {
  const ending = status === null ? `did not finish within ${call.timeoutMs} ms or could not be started` : `ended with status ${status}`;
  return `git ${call.args[0] ?? ""} ${ending}: ${detail.trim().slice(0, 2_000)}`;
}

/** Returns the error of the source, if it failed. git may stop reading at any time; the source stays open for an answer. */
async function feed(stdin: Writable, input: Readable | Buffer | undefined): Promise<Error | undefined> {
  stdin.on("error", () => undefined);
  if (input === undefined || Buffer.isBuffer(input)) {
    stdin.end(input);
    return undefined;
  }
  try {
    for await (const piece of input.iterator({ destroyOnReturn: false })) {
      if (stdin.destroyed) return undefined;
      if (!stdin.write(piece)) await drained(stdin);
    }
    stdin.end();
    return undefined;
  } catch (error) {
    stdin.destroy();
    return error instanceof Error ? error : new Error(String(error));
  }
}

function drained(stdin: Writable): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      stdin.off("drain", settle);
      stdin.off("close", settle);
      resolve();
    };
    stdin.on("drain", settle);
    stdin.on("close", settle);
  });
}

/** Splits output at NUL bytes, across the borders of pieces. */
export function splitRecords(onRecord: (record: string) => void): (piece: Buffer) => void {
  let pending = "";
  return (piece) => {
    const records = (pending + piece.toString("latin1")).split("\0");
    pending = records.pop() ?? "";
    for (const record of records) onRecord(record);
  };
}
