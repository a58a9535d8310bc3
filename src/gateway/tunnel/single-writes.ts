import type { Duplex } from "node:stream";

/**
 * Makes a stream write its chunks one at a time. Node 24.21 sends freed memory of this process when an HTTP/2 stream writes a string and
 * a buffer together, which is what `node:http` does with a head and a body: the guest would read the runner's memory instead of a status line.
 */
export function writeSingly<T extends Duplex>(stream: T): T {
  Object.defineProperty(stream, "_writev", { value: null });
  return stream;
}
