import type { IncomingMessage } from "node:http";

const LINGER_MS = 5_000;

/** After a refusal: what the guest still sends of its body is dropped for a while, so that the answer is not lost to a reset; then the connection goes. */
export function drainBody(request: IncomingMessage): void {
  const { socket } = request;
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(timer));
  request.unpipe();
  request.resume();
}
