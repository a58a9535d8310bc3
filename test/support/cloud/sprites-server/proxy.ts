import { createWebSocketStream, type WebSocket } from "ws";
import { z } from "zod";
import type { SpritesFault } from "./faults.ts";
import type { Sprite } from "./state.ts";

const initSchema = z.strictObject({ host: z.literal("localhost"), port: z.int().min(1).max(65535) });

export interface ProxyOptions {
  readonly sprite: Sprite;
  readonly fault: SpritesFault | undefined;
  readonly complain: (text: string) => void;
}

/** One connection to a port in the sprite: a JSON message each way, then bytes. */
export function serveProxy(socket: WebSocket, { sprite, fault, complain }: ProxyOptions): void {
  if (fault?.kind === "half-open") return;
  socket.once("message", (data, isBinary) => {
    const parsed = isBinary ? undefined : initSchema.safeParse(JSON.parse(String(data)));
    if (parsed?.success !== true) {
      complain("A proxy was asked for something else than a port.");
      return socket.close(1003);
    }
    void lead(socket, sprite, parsed.data.port, fault);
  });
}

async function lead(socket: WebSocket, sprite: Sprite, port: number, fault: SpritesFault | undefined): Promise<void> {
  socket.pause();
  try {
    const far = await (await sprite.machine()).connect(port);
    socket.send(JSON.stringify({ status: "connected", target: `localhost:${port}` }));
    // Somebody who is not the guest, and does not know its token.
    if (fault?.kind === "lie") return socket.send(Buffer.alloc(512, 1), () => far.destroy());
    if (fault?.kind === "truncate") socket.send(JSON.stringify({ type: "notice" }));
    const near = createWebSocketStream(socket);
    socket.resume();
    for (const stream of [near, far]) stream.on("error", () => undefined);
    near.pipe(far).pipe(near);
    near.once("close", () => far.destroy());
    far.once("close", () => socket.terminate());
  } catch {
    socket.send(JSON.stringify({ status: "error", error: `connection to localhost:${port} refused` }));
    socket.resume();
    socket.close(1011);
  }
}
