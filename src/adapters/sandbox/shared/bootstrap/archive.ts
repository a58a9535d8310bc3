import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { PassThrough, type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { AirlockError } from "../../../../domain/errors.ts";
import { MINIMAL_ENV } from "../../../programs/find-program.ts";
import { type BareMachine, Interrupted, retryRun, runScript } from "./machine.ts";
import { UNPACK_SCRIPT } from "./scripts.ts";

const UPLOAD_TIMEOUT_MS = 1_800_000;
/** An upload that makes no progress for this long, or whose end is not confirmed, is started again. */
const STALL_MS = 30_000;
const UNPACK_TIMEOUT_MS = 300_000;

export interface ArchiveOptions {
  readonly machine: BareMachine;
  readonly signal: AbortSignal;
  /** `[a-z0-9-]`. */
  readonly name: string;
  /** Folder on the runner. */
  readonly directory: string;
  /** The entry to send: `.` for all. */
  readonly entry: string;
  /** Absolute path on the machine. Its former contents are removed. */
  readonly place: string;
  readonly digest: string;
  /** Files that are not sent since the machine has them: its own path, by the name in `place`. */
  readonly borrowed: ReadonlyMap<string, string>;
  /** Default 30 s. */
  readonly stallMs?: number;
}

/**
 * Sends a folder to the machine as one compressed archive. Its hash is computed while it is sent and compared on the machine, so that a
 * damaged or missing upload is noticed.
 * @throws AirlockError `sandbox.unavailable`
 */
export async function bringArchive(options: ArchiveOptions): Promise<void> {
  const { machine, signal, name, place, digest, borrowed } = options;
  const archive = `/opt/airlock/upload/${name}.tgz`;
  await retryRun(`bring ${name}`, signal, async () => {
    const sha256 = await upload(archive, options);
    const args = [place, digest, archive, sha256, ...[...borrowed].flat()];
    const output = await runScript({ machine, signal, script: UNPACK_SCRIPT, args, timeoutMs: UNPACK_TIMEOUT_MS });
    if (!output.includes("unpacked=yes")) throw new Interrupted(`${name} arrived damaged.`);
  });
}

/** Returns the sha256 of what was sent. */
async function upload(path: string, options: ArchiveOptions): Promise<string> {
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(new Interrupted("An upload came to a stand.")), options.stallMs ?? STALL_MS);
  const sent = packFolder(options, () => void timer.refresh());
  try {
    const signal = AbortSignal.any([options.signal, stall.signal]);
    await options.machine.writeFile(path, sent.stream, { timeoutMs: UPLOAD_TIMEOUT_MS, signal });
    return await sent.sha256;
  } finally {
    clearTimeout(timer);
    sent.stream.destroy();
  }
}

interface Sent {
  readonly stream: Readable;
  readonly sha256: Promise<string>;
}

/** The archive as a stream: memory use does not grow with the folder. */
function packFolder({ directory, entry, borrowed, signal }: ArchiveOptions, onProgress: () => void): Sent {
  const excluded = [...borrowed.keys()].map((path) => `--exclude=./${path}`);
  const args = ["--create", "--file=-", `--directory=${directory}`, "--owner=0", "--group=0", "--numeric-owner", ...excluded, "--", entry];
  const child = spawn("tar", args, { stdio: ["ignore", "pipe", "pipe"], env: MINIMAL_ENV, signal });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = `${complaint}${chunk.toString("utf8")}`.slice(-500);
  });
  const ended = new Promise<number | null>((settle) => {
    child.once("error", () => settle(null));
    child.once("close", settle);
  });
  const hash = createHash("sha256");
  const { promise: sha256, resolve, reject } = Promise.withResolvers<string>();
  sha256.catch(() => undefined);
  const tap = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      onProgress();
      done(null, chunk);
    },
    flush(done) {
      ended.then((code) => {
        if (code === 0) resolve(hash.digest("hex"));
        done(code === 0 ? null : unpackable(directory, complaint));
      }, done);
    },
  });
  const stream = new PassThrough({ highWaterMark: 262_144 });
  pipeline(child.stdout, createGzip({ level: 1 }), tap, stream).catch((error: unknown) => {
    child.kill("SIGKILL");
    reject(error);
    stream.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  return { stream, sha256 };
}

function unpackable(directory: string, complaint: string): AirlockError {
  return new AirlockError("sandbox.unavailable", {
    message: `tar could not read ${directory} on the runner: ${complaint.trim()}`,
    remedy: "Make sure that `tar` is on the runner's path and that its cache is readable; run again.",
  });
}
