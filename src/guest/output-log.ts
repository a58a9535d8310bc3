import { EventEmitter, once } from "node:events";
import { type FileHandle, open } from "node:fs/promises";
import type { Readable } from "node:stream";

const PIECE_BYTES = 65_536;

/** One output stream of a command, kept in a file that never outgrows its cap. */
export interface OutputLog {
  /** Takes everything from the stream; beyond the cap it is counted and dropped. */
  collect(source: Readable): Promise<void>;
  append(bytes: Uint8Array): Promise<void>;
  /** Marks the end of the output. */
  end(): Promise<void>;
  droppedBytes(): number;
  /** When bytes last came, in milliseconds since the epoch. */
  lastMs(): number;
  /** The output from `offset` to the end, waiting for what is still to come. */
  follow(offset: number, signal: AbortSignal): AsyncGenerator<Buffer>;
  size(): number;
  /** Whether there are bytes that are not on disk yet. */
  isBusy(): boolean;
}

interface Log {
  readonly path: string;
  readonly file: FileHandle;
  readonly maxBytes: number;
  readonly events: EventEmitter;
  size: number;
  dropped: number;
  lastMs: number;
  ended: boolean;
  writes: number;
}

export async function openOutputLog(path: string, maxBytes: number): Promise<OutputLog> {
  const file = await open(path, "wx", 0o600);
  const events = new EventEmitter().setMaxListeners(0);
  const log: Log = { path, file, maxBytes, events, size: 0, dropped: 0, lastMs: Date.now(), ended: false, writes: 0 };
  return {
    append: (bytes) => append(log, bytes),
    async collect(source) {
      for await (const chunk of source) await append(log, chunk as Buffer);
    },
    async end() {
      log.ended = true;
      events.emit("change");
      await file.close();
    },
    droppedBytes: () => log.dropped,
    lastMs: () => log.lastMs,
    follow: (offset, signal) => follow(log, offset, signal),
    size: () => log.size,
    isBusy: () => log.writes > 0,
  };
}

async function append(log: Log, bytes: Uint8Array): Promise<void> {
  log.lastMs = Date.now();
  const kept = bytes.subarray(0, Math.max(0, log.maxBytes - log.size));
  log.dropped += bytes.length - kept.length;
  if (kept.length === 0) return;
  log.writes++;
  try {
    await writeAll(log.file, kept, log.size);
  } catch {
    // A full disk must not stop the command: what does not fit counts as dropped.
    log.dropped += kept.length;
    return;
  } finally {
    log.writes--;
  }
  log.size += kept.length;
  log.events.emit("change");
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
  }
}

async function* follow(log: Log, offset: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  const file = await open(log.path, "r");
  try {
    for (let at = offset; ; ) {
      while (at < log.size) {
        const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, log.size - at));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
      if (log.ended) return;
      await once(log.events, "change", { signal });
    }
  } finally {
    await file.close();
  }
}
