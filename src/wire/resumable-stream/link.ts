import type { Duplex } from "node:stream";
import { encodeHeader, type Frame, openFrameReader } from "./frames.ts";

export interface LinkOptions {
  readonly idleMs: number;
  readonly onFrame: (frame: Frame) => void;
  readonly onDown: (reason: string) => void;
  /** Called before each ping; returns the offset up to which this end has written. */
  readonly onBeat: () => number;
}

/** One underlying connection that is in use. */
export interface Link {
  send(frames: Iterable<Frame>): void;
  /** Ends it after everything was sent; `onDown` is no longer called. */
  end(): void;
  /** Ends it now; `onDown` is no longer called. */
  drop(): void;
}

/** Starts to use a connection after its handshake. Invalid bytes end only the connection. */
export function useLink(socket: Duplex, options: LinkOptions): Link {
  let lastHeardMs = performance.now();
  let silent = false;
  const reader = openFrameReader((frame) => {
    if (frame.type === "ping") link.send([{ type: "pong" }]);
    if (frame.type !== "pong" && !silent) options.onFrame(frame);
  });
  const link: Link = {
    send(frames) {
      if (socket.destroyed) return;
      socket.cork();
      for (const frame of frames) {
        socket.write(encodeHeader(frame));
        if (frame.type === "data") socket.write(frame.payload);
      }
      socket.uncork();
    },
    end() {
      silent = true;
      socket.end();
      // Long enough to send the last acknowledgement.
      setTimeout(() => socket.destroy(), 1000).unref();
    },
    drop() {
      silent = true;
      socket.destroy();
    },
  };
  const beat = setInterval(() => {
    if (performance.now() - lastHeardMs > options.idleMs) socket.destroy(new Error(`Nothing was heard for ${options.idleMs} ms.`));
    else link.send([{ type: "ping", offset: options.onBeat() }]);
  }, options.idleMs / 4);
  beat.unref();
  socket.on("data", (chunk: Buffer) => {
    lastHeardMs = performance.now();
    try {
      reader.push(chunk);
    } catch (error) {
      socket.destroy(error as Error);
    }
  });
  socket.once("end", () => socket.destroy());
  socket.once("close", () => {
    clearInterval(beat);
    if (!silent) options.onDown(socket.errored?.message ?? "The connection was closed.");
  });
  return link;
}
