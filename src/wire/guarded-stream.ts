import { Duplex } from "node:stream";

/** More than a peer that keeps to our session window can make us hold: `SESSION_WINDOW_BYTES` and what frames add. */
const MAX_HELD_BYTES = 24 * 1024 * 1024;

/**
 * Stands between a stream and an HTTP/2 session, against two traps of Node.
 * A session does not read while a write of its own is unfinished: with both ends writing over a stream that holds little, both
 * would wait for ever. So a write is finished as soon as it is taken; flow control bounds what is held.
 * A stream that lives in JavaScript only ends itself when it reads its end, and then asserts, ending the process, when the
 * session still writes: so the session never sees the stream's end. `onGone` has to destroy the session instead.
 */
export function guardStream(stream: Duplex, onGone: (error: Error | undefined) => void): Duplex {
  let gone = false;
  let resume: (() => void) | undefined;
  const proceed = (): void => {
    const waiting = resume;
    resume = undefined;
    waiting?.();
  };
  const leave = (): void => {
    if (gone) return;
    gone = true;
    proceed();
    onGone(stream.errored ?? undefined);
    // A session that was already taking its leave waits for this end.
    setImmediate(() => guard.push(null));
  };
  const guard = new Duplex({
    readableHighWaterMark: 1024 * 1024,
    writableHighWaterMark: 1024 * 1024,
    read() {
      if (!gone) stream.resume();
    },
    // Everything a session has to say at one moment leaves in one piece: a frame's header alone is not worth a system call.
    writev(chunks, done) {
      if (!gone) {
        stream.cork();
        for (const { chunk } of chunks) stream.write(chunk as Buffer);
        stream.uncork();
      }
      if (gone || stream.writableLength < MAX_HELD_BYTES) done();
      else resume = done;
    },
    destroy(_error, done) {
      gone = true;
      stream.destroy();
      done(null);
    },
  });
  stream.pause();
  stream.on("data", (chunk: Buffer) => {
    if (!gone && !guard.push(chunk)) stream.pause();
  });
  stream.on("drain", proceed);
  stream.on("error", () => undefined);
  for (const event of ["end", "close"]) stream.once(event, leave);
  if (stream.destroyed) queueMicrotask(leave);
  return guard;
}
