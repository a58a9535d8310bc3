import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";

export interface PeekOptions<T> {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** Examines all bytes so far; undefined means that more are needed. `used` bytes are consumed, the rest is put back. */
  readonly examine: (bytes: Buffer) => { readonly value: T; readonly used: number } | undefined;
}

/** Why there is no value: the stream ended, the time was over, or `maxBytes` were not enough. */
export type PeekFailure = "ended" | "late" | "full";

/** Examines the first bytes of a stream and puts back what was not consumed. */
export function peek<T extends object | number | boolean>(stream: Duplex, options: PeekOptions<T>): Promise<T | PeekFailure> {
  return new Promise((resolve) => {
    let bytes: Buffer = Buffer.alloc(0);
    const finish = (result: { readonly value: T | PeekFailure; readonly used: number }): void => {
      clearTimeout(timer);
      stream.off("readable", take);
      stream.off("end", stop);
      stream.off("close", stop);
      stream.off("error", stop);
      const rest = bytes.subarray(result.used);
      if (rest.length > 0 && !stream.destroyed && !stream.readableEnded) stream.unshift(rest);
      resolve(result.value);
    };
    const miss = (value: PeekFailure): void => finish({ value, used: 0 });
    const stop = (): void => miss("ended");
    const timer = setTimeout(() => miss("late"), options.timeoutMs);
    const take = (): void => {
      const chunk: Buffer | null = stream.read();
      if (chunk === null) return;
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      const result = options.examine(bytes);
      if (result !== undefined) finish(result);
      else if (bytes.length >= options.maxBytes) miss("full");
    };
    stream.on("readable", take);
    stream.once("end", stop);
    stream.once("close", stop);
    stream.once("error", stop);
    take();
    // A stream that ended earlier emits no more events.
    if (stream.readableEnded || stream.destroyed) stop();
  });
}
