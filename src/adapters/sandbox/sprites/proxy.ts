import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { z } from "zod";
import { VendorFailure } from "../shared/vendor-failure.ts";
import { streamOf } from "../shared/web-socket.ts";

const answerSchema = z.looseObject({ status: z.string() });

/**
 * Asks an open proxy socket for a port on the sprite's loopback interface (Sprites API, Proxy): one JSON message each way, then the bytes
 * of a TCP connection.
 * @throws VendorFailure when the port is not connected in time
 */
export async function connectPort(socket: WebSocket, port: number, timeoutMs: number): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const fail = (detail: string): void => {
    socket.terminate();
    reject(new VendorFailure("interrupted", { detail }));
  };
  const timer = setTimeout(() => fail(`Port ${port} was not connected within ${timeoutMs} ms.`), timeoutMs);
  let stream: Duplex | undefined;
  // The listener stays: any later text message is not the guest's, and its bytes must not be taken for the guest's.
  socket.on("message", (data, isBinary) => {
    if (stream !== undefined) {
      if (!isBinary) stream.destroy(new Error("The proxy sent a text message into a connection."));
      return;
    }
    const status = isBinary ? undefined : answerSchema.safeParse(parseJson(String(data))).data?.status;
    if (status !== "connected") return fail(`The proxy did not connect port ${port}.`);
    stream = streamOf(socket);
    resolve(stream);
  });
  socket.once("close", () => fail(`The proxy closed the connection to port ${port}.`));
  socket.resume();
  socket.send(JSON.stringify({ host: "localhost", port }));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
