import net from "node:net";
import { Transform } from "node:stream";
import { listen } from "../model/broker-bench.ts";

export interface UnsteadyLink extends Disposable {
  readonly port: number;
  /** Cuts every connection there is, in the middle of whatever it carries. */
  cut(): void;
  /** From now on bytes are swallowed without a word, as by a middlebox that forgot the connection. */
  swallow(on: boolean): void;
  readonly connections: number;
}

/** A TCP hop to `target` that delays some of what it carries and can be cut. */
export async function openUnsteadyLink(
  target: number,
  options: { readonly delayedShare: number; readonly delayMs: number },
): Promise<UnsteadyLink> {
  const open = new Set<net.Socket>();
  let swallowing = false;
  let connections = 0;
  let seed = 42;
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  const hop = (): Transform =>
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        if (swallowing) done();
        else if (random() < options.delayedShare) setTimeout(() => done(null, chunk), options.delayMs);
        else done(null, chunk);
      },
    });
  const server = net.createServer((near) => {
    connections++;
    const far = net.connect(target, "127.0.0.1");
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => {
        open.delete(socket);
        // One that ended in peace may have last bytes that are still delayed; the pipe ends the other after them.
        if (!socket.readableEnded) other.destroy();
      });
      socket.pipe(hop()).pipe(other);
    }
  });
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  const port = await listen(server);
  return {
    port,
    cut,
    swallow(on) {
      swallowing = on;
    },
    get connections() {
      return connections;
    },
    [Symbol.dispose]() {
      cut();
      server.close();
    },
  };
}
