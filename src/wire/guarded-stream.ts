import { Duplex } from "node:stream";

/** More than a peer that respects our session window can make us hold: `SESSION_WINDOW_BYTES` plus the overhead of frames. */
const MAX_HELD_BYTES = 24 * 1024 * 1024;

/**
 * Stands between a stream and an HTTP/2 session, against two traps of Node. A session does not read while a write of its own is unfinished:
 * if both ends write over a stream with little buffer, both would wait for ever. So a write is finished as soon as it is accepted; flow
 * control bounds what is held. A stream that exists only in JavaScript ends itself when it reads its end. If the session still writes then,
 * an assertion ends the process. So the session never sees the stream's end. `onGone` has to destroy the session instead.
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
    // A session that was already closing waits for this end.
    setImmediate(() => guard.push(null));
  };
  const guard = new Duplex({
    readableHighWaterMark: 1024 * 1024,
    writableHighWaterMark: 1024 * 1024,
    read() {
      if (!gone) stream.resume();
    },
    // Everything that a session writes at one moment is sent in one piece: a frame's header alone is not worth a system call.
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
