import { Buffer } from "node:buffer";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import type { Sink } from "../../ports/runner.ts";

/**
 * A file of lines with a cap. Past the cap lines are counted and dropped, and the
 * closing line says how many. Writes are queued by the stream; the queue is bounded
 * because every producer is itself bounded by the sandbox's output caps.
 */
export function openSink(path: string, maxBytes: number): Sink {
  const stream = createWriteStream(path, { flags: "w", mode: 0o600 });
  let failure: Error | undefined;
  stream.on("error", (error) => {
    failure = error;
  });
  let written = 0;
  let dropped = 0;
  return {
    path,
    write(line) {
      const bytes = Buffer.byteLength(line) + 1;
      if (written + bytes > maxBytes || failure !== undefined) {
        dropped += bytes;
        return;
      }
      written += bytes;
      stream.write(`${line}\n`);
    },
    async close() {
      if (failure !== undefined) return;
      if (dropped > 0) stream.write(`${JSON.stringify({ type: "cut", droppedBytes: dropped, maxBytes })}\n`);
      stream.end();
      await finished(stream).catch(() => undefined);
    },
  };
}
