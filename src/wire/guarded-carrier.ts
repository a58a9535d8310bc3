import net from "node:net";
import { Duplex } from "node:stream";

/**
 * Puts a carrier that lives in JavaScript only (a WebSocket, a resumable carrier) under an HTTP/2 session. Node ends such a
 * stream by itself when it reads its end, and then asserts, which would end the process, when the session still writes: so the
 * session never sees the end or the close of the carrier. `onGone` has to destroy the session instead.
 */
export function guardCarrier(carrier: Duplex, onGone: (error: Error | undefined) => void): Duplex {
  if (carrier instanceof net.Socket) return carrier;
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
  };
  const guard = new Duplex({
    read() {
      if (!gone) carrier.resume();
    },
    write(chunk: Buffer, _encoding, done) {
      if (gone || carrier.write(chunk)) done();
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
