import type { Frame } from "./frames.ts";

/** Bytes that arrived and wait to be read. */
export interface Inbox {
  /** Takes a frame's bytes once: repeated ones are dropped. @throws Error on a gap, or if the peer ignores the window */
  take(frame: Extract<Frame, { type: "data" | "end" }>): void;
  /** Passes waiting bytes to the reader until it has enough. */
  drain(): void;
  /** Called when the reader asks for more. */
  want(): void;
  /** Offset up to which everything has arrived. */
  readonly received: number;
  /** Offset up to which the reader has read. This is what is acknowledged, so that waiting bytes stay bounded. */
  readonly taken: number;
  /** The reader has read everything up to the end. */
  readonly finished: boolean;
}

/** `push` is the stream's own: false means enough for now, null ends it. */
export function openInbox(maxBytes: number, push: (chunk: Buffer | null) => boolean): Inbox {
  let waiting: Buffer[] = [];
  let received = 0;
  let taken = 0;
  let ended = false;
  let wanted = false;
  const takeEnd = (offset: number): void => {
    if (ended || offset !== received) return;
    ended = true;
    received++;
  };
  const takeBytes = (fresh: Buffer): void => {
    if (fresh.length === 0) return;
    if (ended) throw new Error("Bytes came after the end of the carried stream.");
    received += fresh.length;
    if (received - taken > maxBytes) throw new Error("The other end sends more than the stream's window.");
    waiting.push(fresh);
  };
  return {
    take(frame) {
      if (frame.offset > received) throw new Error("Bytes are missing between two frames of the stream.");
      if (frame.type === "end") takeEnd(frame.offset);
      else takeBytes(frame.payload.subarray(received - frame.offset));
    },
    want() {
      wanted = true;
    },
    drain() {
      let at = 0;
      while (wanted && at < waiting.length) {
        const chunk = waiting[at++] as Buffer;
        taken += chunk.length;
        wanted = push(chunk);
      }
      waiting = waiting.slice(at);
      if (ended && waiting.length === 0 && taken < received) {
        taken = received;
        push(null);
      }
    },
    get received() {
      return received;
    },
    get taken() {
      return taken;
    },
    get finished() {
      return ended && taken === received;
    },
  };
}
