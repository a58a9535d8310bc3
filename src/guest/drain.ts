import fs from "node:fs";
import type { Readable } from "node:stream";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { OutputLog } from "./output-log.ts";

const POLL_MS = 5;
/** For streams whose descriptor we do not have: how long one may stay silent before it is let go. */
const IDLE_MS = 5_000;
const MAX_MS = 60_000;
/** More than a pipe can hold: past that somebody outside the group is writing. */
const MAX_BYTES = 2 * 1024 * 1024;
const PIECE_BYTES = 65_536;

/** Where a command's output comes from. */
export interface Source {
  readonly stream: Readable;
  /** The stream's own non-blocking descriptor, when it is known. */
  readonly fd: number | undefined;
}

/** Collects into the log until the stream ends or `finish` is called, once the group is gone. */
export interface Collector {
  /** Takes what the pipe still holds; whoever left the group may keep it open for ever and is not waited for. */
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

/** False when there is nothing left to wait for. */
async function step(source: Source, log: OutputLog): Promise<boolean> {
  const { stream, fd } = source;
  // A piece on its way from the stream to the log is in neither; when the loop has turned it has arrived.
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

/** What is in the pipe at this moment; undefined when it is empty, at its end or not. */
function readNow(fd: number): Buffer | undefined {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  try {
    const count = fs.readSync(fd, buffer, 0, buffer.length, null);
    return count === 0 ? undefined : buffer.subarray(0, count);
  } catch {
    return undefined;
  }
}
