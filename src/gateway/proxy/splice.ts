import type { Duplex } from "node:stream";
import type { Entry } from "./egress-log.ts";

export interface SpliceOptions {
  readonly guest: Duplex;
  readonly upstream: Duplex;
  readonly entry: Entry;
  readonly idleTimeoutMs: number;
}

/** Joins two byte streams: backpressure and half-close work in both directions, and an error on one side ends the other. Ends the entry. */
export function splice(options: SpliceOptions): void {
  const { guest, upstream, entry } = options;
  const abort = (): void => {
    guest.destroy();
    upstream.destroy();
  };
  const idle = setTimeout(() => {
    entry.deny("limit-idle");
    abort();
  }, options.idleTimeoutMs);
  guest.on("data", (chunk: Uint8Array) => {
    idle.refresh();
    if (entry.up(chunk.length) !== undefined) abort();
  });
  upstream.on("data", (chunk: Uint8Array) => {
    idle.refresh();
    entry.down(chunk.length);
  });
  let open = [guest, upstream].filter((stream) => !stream.closed).length;
  const closed = (one: Duplex, other: Duplex) => (): void => {
    open -= 1;
    if (!one.readableEnded || one.errored) other.destroy();
    if (open > 0) return;
    clearTimeout(idle);
    entry.end();
  };
  guest.once("close", closed(guest, upstream));
  upstream.once("close", closed(upstream, guest));
  guest.on("error", abort);
  upstream.on("error", abort);
  guest.pipe(upstream);
  upstream.pipe(guest);
  if (guest.destroyed || upstream.destroyed) abort();
  if (open === 0) entry.end();
}
