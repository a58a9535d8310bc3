import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { promisify } from "node:util";

/** Created together, because starting a program is expensive on an emulated machine. */
const BATCH = 32;

/** A real pipe. By default Node gives a child a socket, which a program cannot open again as /dev/stdout. */
export interface Pipe {
  readonly readEnd: Readable;
  /** The non-blocking descriptor behind `readEnd`; closed when that is destroyed. */
  readonly readFd: number;
  /** For the child; close it here after the child was created. */
  readonly writeFd: number;
}

/** Returns a pipe, or undefined if none can be created. */
export type PipeSource = () => Promise<Pipe | undefined>;

export function openPipeSource(directory: string): PipeSource {
  const ready: string[] = [];
  let filling: Promise<void> | undefined;
  const fill = async (): Promise<void> => {
    const paths = Array.from({ length: BATCH }, () => join(directory, `pipe-${randomUUID()}`));
    // Any user may open the pipe again through /proc/self/fd, but no other user can reach it by its name.
    await promisify(execFile)("mkfifo", ["-m", "666", ...paths]);
    ready.push(...paths);
  };
  return async () => {
    while (ready.length === 0) {
      filling ??= fill().finally(() => {
        filling = undefined;
      });
      try {
        await filling;
      } catch {
        return undefined;
      }
    }
    const path = ready.pop();
    return path === undefined ? undefined : takePipe(path);
  };
}

function takePipe(path: string): Pipe {
  const readFd = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  const writeFd = fs.openSync(path, fs.constants.O_WRONLY);
  fs.unlinkSync(path);
  return { readEnd: new net.Socket({ fd: readFd, readable: true, writable: false }), readFd, writeFd };
}
