import fs from "node:fs";
import type { Readable } from "node:stream";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { OutputLog } from "./output-log.ts";

const POLL_MS = 5;
/** How long a stream whose descriptor is unknown may stay silent before it is no longer waited for. */
const IDLE_MS = 5_000;
const MAX_MS = 60_000;
/** More than a pipe can hold: beyond that, somebody outside the group is writing. */
const MAX_BYTES = 2 * 1024 * 1024;
const PIECE_BYTES = 65_536;

/** The source of a command's output. */
export interface Source {
  readonly stream: Readable;
  /** The stream's own non-blocking descriptor, if it is known. */
  readonly fd: number | undefined;
}

/** Collects into the log until the stream ends or `finish` is called, once the group is gone. */
export interface Collector {
  /** Reads what the pipe still holds. A process that left the group may keep it open for ever and is not waited for. */
  finish(): Promise<void>;
}

export function openCollector(source: Source, log: OutputLog): Collector {
  let done = false;
  const collected = log
    .collect(source.stream)
    .catch(() => undefined)
    .then(() => {
      done = true;
    });
  return {
    async finish() {
      const startedMs = Date.now();
      const startBytes = log.size() + log.droppedBytes();
      while (!done && Date.now() - startedMs < MAX_MS && log.size() + log.droppedBytes() - startBytes < MAX_BYTES) {
        if (!(await step(source, log))) break;
      }
      source.stream.destroy();
      await collected;
    },
  };
}

/** False if there is nothing left to wait for. */
async function step(source: Source, log: OutputLog): Promise<boolean> {
  const { stream, fd } = source;
  // A chunk between the stream and the log is in neither; after one turn of the event loop it has arrived.
  await nextTurn();
  if (stream.destroyed || stream.readableEnded || stream.readableLength > 0 || log.isBusy()) {
    await sleep(POLL_MS);
    return true;
  }
  if (fd === undefined) {
    await sleep(POLL_MS);
    return Date.now() - log.lastMs() < IDLE_MS;
  }
  const rest = readNow(fd);
  if (rest === undefined) return false;
  await log.append(rest);
  return true;
}

/** What is in the pipe at this moment; undefined if it is empty, whether or not it has ended. */
function readNow(fd: number): Buffer | undefined {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  try {
    const count = fs.readSync(fd, buffer, 0, buffer.length, null);
    return count === 0 ? undefined : buffer.subarray(0, count);
  } catch {
    return undefined;
  }
}
