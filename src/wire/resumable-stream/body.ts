import { Duplex } from "node:stream";
import { type Frame, MAX_PAYLOAD_BYTES } from "./frames.ts";
import { type Inbox, openInbox } from "./inbox.ts";
import { type Outbox, openOutbox } from "./outbox.ts";

const ACK_EVERY_BYTES = 256 * 1024;

export interface BodyOptions {
  readonly windowBytes: number;
  /** Sends frames over the current link. Without a link they are dropped, because everything unacknowledged is sent again. */
  readonly send: (frames: Iterable<Frame>) => void;
  /** Called when the stream is over. */
  readonly onDestroy: () => void;
}

/** The carried stream, with what is kept to survive a broken link. Does not know about links. */
export interface Body {
  readonly stream: Duplex;
  /** @throws Error if no honest peer could have sent this frame */
  take(frame: Frame): void;
  /** Continues over a new link, from the peer's offset. False if the peer has lost its state. */
  resume(peerReceived: number): boolean;
  /** Sends this end's offset if it has grown by at least this many bytes. */
  acknowledge(atLeastBytes: number): void;
  /** Offset up to which this end has read. */
  readonly taken: number;
  /** Offset up to which this end has written. */
  readonly sent: number;
}

export function openBody(options: BodyOptions): Body {
  const outbox = openOutbox(options.windowBytes);
  const ackEveryBytes = Math.min(ACK_EVERY_BYTES, Math.ceil(options.windowBytes / 4));
  let acknowledged = 0;
  const acknowledge = (atLeastBytes: number): void => {
    if (inbox.taken - acknowledged < atLeastBytes) return;
    acknowledged = inbox.taken;
    options.send([{ type: "ack", offset: acknowledged }]);
  };
  const stream = new Duplex({
    readableHighWaterMark: MAX_PAYLOAD_BYTES,
    writableHighWaterMark: MAX_PAYLOAD_BYTES,
    read() {
      inbox.want();
      inbox.drain();
      acknowledge(inbox.finished ? 1 : ackEveryBytes);
    },
    write(chunk: Buffer, _encoding, done) {
      const offset = outbox.sent;
      outbox.add(chunk, done);
      options.send(framesFrom(offset));
    },
    final(done) {
      const offset = outbox.sent;
      outbox.end(done);
      options.send(framesFrom(offset));
    },
    destroy(error, done) {
      options.onDestroy();
      done(error);
    },
  });
  const inbox = openInbox(options.windowBytes + MAX_PAYLOAD_BYTES, (chunk) => stream.push(chunk));
  const framesFrom = function* (offset: number): Generator<Frame> {
    for (const piece of outbox.from(offset)) yield { type: "data", ...piece };
    if (outbox.endsAt !== undefined && offset <= outbox.endsAt) yield { type: "end", offset: outbox.endsAt };
  };
  return {
    stream,
    acknowledge,
    take(frame) {
      if (frame.type === "data" || frame.type === "end") {
        inbox.take(frame);
        inbox.drain();
        // The end is acknowledged at once: the other side may be waiting only for that.
        acknowledge(inbox.finished ? 0 : ackEveryBytes);
      } else if (frame.type === "reset") stream.destroy(new Error("The other end gave the stream up."));
      else checkOffset(frame, inbox, outbox);
    },
    resume(peerReceived) {
      if (!outbox.acknowledge(peerReceived)) return false;
      acknowledge(0);
      options.send(framesFrom(peerReceived));
      return true;
    },
    get taken() {
      return inbox.taken;
    },
    get sent() {
      return outbox.sent;
    },
  };
}

/** Checks that the offsets of the other end are possible. */
function checkOffset(frame: Frame, inbox: Inbox, outbox: Outbox): void {
  if (frame.type === "ping" && frame.offset > inbox.received) throw new Error("Bytes are missing that the other end has sent.");
  if (frame.type === "ack" && !outbox.acknowledge(frame.offset)) throw new Error("The other end acknowledges bytes that were never sent.");
}
