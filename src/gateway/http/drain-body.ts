import type { IncomingMessage } from "node:http";

const LINGER_MS = 5_000;

/** After a refusal: reads and drops the rest of the body for a while, so that a reset does not destroy the response; then closes the connection. */
export function drainBody(request: IncomingMessage): void {
  const { socket } = request;
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(timer));
  request.unpipe();
  request.resume();
}
