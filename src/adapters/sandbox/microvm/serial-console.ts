import type { Readable } from "node:stream";

const KEPT_BYTES = 64 << 10;

/** The end of what a stream printed, in bounded memory. It comes from the guest: hostile bytes. */
export interface SerialConsole {
  /** Resolves at the first byte. */
  readonly firstByte: Promise<void>;
  /** Since the last byte, or since the start. */
  silentForMs(): number;
  includes(text: string): boolean;
  /** The last lines, made harmless for a log: printable ASCII, each line marked. */
  tail(maxLines: number): string;
}

export function watchSerial(stream: Readable): SerialConsole {
  let kept = Buffer.alloc(0);
  let lastByteMs = performance.now();
  const firstByte = new Promise<void>((resolve) => {
    stream.on("data", (chunk: Buffer) => {
      resolve();
      lastByteMs = performance.now();
      kept = Buffer.concat([kept, chunk]).subarray(-KEPT_BYTES);
    });
  });
  stream.on("error", () => {});
  return {
    firstByte,
    silentForMs: () => performance.now() - lastByteMs,
    includes: (text) => kept.includes(text),
    tail: (maxLines) => harmless(kept.toString("latin1"), maxLines),
  };
}

function harmless(text: string, maxLines: number): string {
  const lines = text
    .split(/\r?\n|\r/)
    .map((line) => line.replace(/[^\x20-\x7e]/g, "").slice(0, 200))
    .filter((line) => line.trim() !== "");
  return lines
    .slice(-maxLines)
    .map((line) => `  | ${line}`)
    .join("\n");
}
