import { appendFileSync, closeSync, constants, openSync } from "node:fs";
import type { Sink } from "../../../ports/runner.ts";

const PRIVATE = 0o600;
/** Never through a link that somebody left there. */
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND | constants.O_NOFOLLOW;

/**
 * A file of lines. Lines are written at once, so that a killed run keeps what it had and no queue grows with guest output (I18). Once a
 * line no longer fits, every later line is dropped and counted.
 */
export function openSink(path: string, maxBytes: number): Sink {
  const file = openSync(path, FLAGS, PRIVATE);
  const dropped = { lines: 0, bytes: 0 };
  let written = 0;
  let open = true;
  return {
    path,
    write(line) {
      const bytes = Buffer.from(`${line}\n`);
      const fits = open && dropped.lines === 0 && written + bytes.length <= maxBytes && append(file, bytes);
      if (fits) written += bytes.length;
      else {
        dropped.lines += 1;
        dropped.bytes += bytes.length;
      }
    },
    async close() {
      if (!open) return;
      open = false;
      if (dropped.lines > 0)
        append(
          file,
          Buffer.from(`${JSON.stringify({ type: "cut", droppedLines: dropped.lines, droppedBytes: dropped.bytes, maxBytes })}\n`),
        );
      closeSync(file);
    },
  };
}

/** False if the disk is full: that must not end a run. */
function append(file: number, bytes: Uint8Array): boolean {
  try {
    appendFileSync(file, bytes);
    return true;
  } catch {
    return false;
  }
}
