import { MAX_PAYLOAD_BYTES } from "./frames.ts";

/** Bytes that were written but are not yet acknowledged: they may have to be sent again. */
export interface Outbox {
  /** Takes bytes; `done` is called once there is room for more. */
  add(chunk: Buffer, done: () => void): void;
  /** Marks the end of the stream; `done` is called when the peer has acknowledged it. */
  end(done: () => void): void;
  /** Everything up to `offset` has arrived. False if no honest peer could say so. */
  acknowledge(offset: number): boolean;
  /** Pieces from `offset` on, in order. */
  from(offset: number): Iterable<{ readonly offset: number; readonly payload: Buffer }>;
  /** Offset after the last byte; the end counts as one. */
  readonly sent: number;
  /** Offset of the end, if there is one. */
  readonly endsAt: number | undefined;
}

interface Piece {
  readonly offset: number;
  readonly payload: Buffer;
}

export function openOutbox(maxBytes: number): Outbox {
  let pieces: Piece[] = [];
  let acknowledged = 0;
  let written = 0;
  let endsAt: number | undefined;
  let room: (() => void) | undefined;
  let ended: (() => void) | undefined;
  const total = (): number => written + (endsAt === undefined ? 0 : 1);
  const wake = (): void => {
    if (room !== undefined && written - acknowledged < maxBytes) {
      const resume = room;
      room = undefined;
      resume();
    }
    if (endsAt !== undefined && acknowledged > endsAt) {
      ended?.();
      ended = undefined;
    }
  };
  return {
    add(chunk, done) {
      for (let at = 0; at < chunk.length; at += MAX_PAYLOAD_BYTES) {
        const payload = chunk.subarray(at, at + MAX_PAYLOAD_BYTES);
        pieces.push({ offset: written, payload });
        written += payload.length;
      }
      room = done;
      wake();
    },
    end(done) {
      endsAt = written;
      ended = done;
    },
    acknowledge(offset) {
      if (offset < acknowledged || offset > total()) return false;
      acknowledged = offset;
      pieces = pieces.slice(findPiece(pieces, offset));
      wake();
      return true;
    },
    *from(offset) {
      for (let at = findPiece(pieces, offset); at < pieces.length; at++) {
        const piece = pieces[at] as Piece;
        const skip = Math.max(0, offset - piece.offset);
        yield { offset: piece.offset + skip, payload: piece.payload.subarray(skip) };
      }
    },
    get sent() {
      return total();
    },
    get endsAt() {
      return endsAt;
    },
  };
}

/** Index of the first piece that holds a byte at or after `offset`. */
function findPiece(pieces: readonly Piece[], offset: number): number {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const piece = pieces[middle] as Piece;
    if (piece.offset + piece.payload.length > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}
