import { EventEmitter, once } from "node:events";
import { type FileHandle, open } from "node:fs/promises";
import type { Readable } from "node:stream";

const PIECE_BYTES = 65_536;

/** One output stream of a command, kept in a file that never outgrows its cap. */
export interface OutputLog {
  /** Takes everything the stream gives; past the cap it is counted and dropped. */
  collect(source: Readable): Promise<void>;
  append(bytes: Uint8Array): Promise<void>;
  /** No more comes. */
  end(): void;
  droppedBytes(): number;
  /** Milliseconds since the epoch when bytes last came. */
  lastMs(): number;
  /** From `offset` to the end, waiting for what is still to come. */
  follow(offset: number, signal: AbortSignal): AsyncGenerator<Buffer>;
  size(): number;
  close(): Promise<void>;
}

export async function openOutputLog(path: string, maxBytes: number): Promise<OutputLog> {
  const file = await open(path, "wx+", 0o600);
  const events = new EventEmitter().setMaxListeners(0);
  let size = 0;
  let dropped = 0;
  let lastMs = Date.now();
  let ended = false;
  const append = async (bytes: Uint8Array): Promise<void> => {
    lastMs = Date.now();
    const kept = bytes.subarray(0, Math.max(0, maxBytes - size));
    dropped += bytes.length - kept.length;
    if (kept.length === 0) return;
    try {
      await writeAll(file, kept, size);
    } catch {
      // A full disk must not stop the command: what does not fit counts as dropped.
      dropped += kept.length;
      return;
    }
    size += kept.length;
    events.emit("change");
  };
  async function* follow(offset: number, signal: AbortSignal): AsyncGenerator<Buffer> {
    for (let at = offset; ; ) {
      while (at < size) {
        const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, size - at));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
      if (ended) return;
      await once(events, "change", { signal });
    }
  }
  return {
    append,
    async collect(source) {
      for await (const chunk of source) await append(chunk as Buffer);
    },
    end() {
      ended = true;
      events.emit("change");
    },
    droppedBytes: () => dropped,
    lastMs: () => lastMs,
    follow,
    size: () => size,
    close: () => file.close(),
  };
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
  }
}
