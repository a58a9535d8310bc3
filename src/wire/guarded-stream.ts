import { Duplex } from "node:stream";

/** More than a peer that keeps to our session window can make us hold: `SESSION_WINDOW_BYTES` and what frames add. */
const MAX_HELD_BYTES = 24 * 1024 * 1024;

/**
 * Stands between a carrier and an HTTP/2 session, against two traps of Node.
 * A session does not read while a write of its own is unfinished: with both ends writing over a carrier that holds little, both
 * would wait for ever. So a write is finished as soon as it is taken; flow control bounds what is held.
 * A stream that lives in JavaScript only ends itself when it reads its end, and then asserts, ending the process, when the
 * session still writes: so the session never sees the carrier's end. `onGone` has to destroy the session instead.
 */
export function guardCarrier(carrier: Duplex, onGone: (error: Error | undefined) => void): Duplex {
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
    onGone(carrier.errored ?? undefined);
    // A session that was already taking its leave waits for this end.
    setImmediate(() => guard.push(null));
  };
  const guard = new Duplex({
    readableHighWaterMark: 1024 * 1024,
    writableHighWaterMark: 1024 * 1024,
    read() {
      if (!gone) carrier.resume();
    },
    // Everything a session has to say at one moment leaves in one piece: a frame's header alone is not worth a system call.
    writev(chunks, done) {
      if (!gone) {
        carrier.cork();
        for (const { chunk } of chunks) carrier.write(chunk as Buffer);
        carrier.uncork();
      }
      if (gone || carrier.writableLength < MAX_HELD_BYTES) done();
      else resume = done;
    },
    destroy(_error, done) {
      gone = true;
      carrier.destroy();
      done(null);
    },
  });
  carrier.pause();
  carrier.on("data", (chunk: Buffer) => {
    if (!gone && !guard.push(chunk)) carrier.pause();
  });
  carrier.on("drain", proceed);
  carrier.on("error", () => undefined);
  for (const event of ["end", "close"]) carrier.once(event, leave);
  if (carrier.destroyed) queueMicrotask(leave);
  return guard;
}
