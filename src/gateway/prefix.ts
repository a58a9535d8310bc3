import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";

export interface PrefixOptions<T> {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** Looks at all bytes so far: undefined asks for more. `used` bytes are taken off the stream, the rest is put back. */
  readonly examine: (bytes: Buffer) => { readonly value: T; readonly used: number } | undefined;
}

/**
 * Looks at the first bytes of a stream and leaves on it what was only looked at.
 * Resolves to undefined when the stream ends, the time is up or `maxBytes` are not enough: too little is not the same as nothing.
 */
export function readPrefix<T>(stream: Duplex, options: PrefixOptions<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    let bytes: Buffer = Buffer.alloc(0);
    const finish = (result: { readonly value: T; readonly used: number } | undefined): void => {
      clearTimeout(timer);
      stream.off("readable", take);
      stream.off("end", stop);
      stream.off("close", stop);
      stream.off("error", stop);
      const rest = bytes.subarray(result?.used ?? 0);
      if (rest.length > 0 && !stream.destroyed && !stream.readableEnded) stream.unshift(rest);
      resolve(result?.value);
    };
    const stop = (): void => finish(undefined);
    const timer = setTimeout(stop, options.timeoutMs);
    const take = (): void => {
      const chunk: Buffer | null = stream.read();
      if (chunk === null) return;
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      const result = options.examine(bytes);
      if (result !== undefined || bytes.length >= options.maxBytes) finish(result);
    };
    stream.on("readable", take);
    stream.once("end", stop);
    stream.once("close", stop);
    stream.once("error", stop);
    take();
  });
}
