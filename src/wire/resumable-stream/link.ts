import type { Duplex } from "node:stream";
import { encodeHeader, type Frame, openFrameReader } from "./frames.ts";

export interface LinkOptions {
  readonly idleMs: number;
  readonly onFrame: (frame: Frame) => void;
  readonly onDown: (reason: string) => void;
  /** Called before each ping; tells how far this end has written. */
  readonly onBeat: () => number;
}

/** One underlying connection, in use. */
export interface Link {
  send(frames: Iterable<Frame>): void;
  /** Ends it after what was sent; `onDown` is not called any more. */
  end(): void;
  /** Ends it now; `onDown` is not called any more. */
  drop(): void;
}

/** Puts a connection whose handshake is over to use. Any error of its bytes ends the connection, nothing else. */
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
      // Long enough for the last acknowledgement to leave.
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
