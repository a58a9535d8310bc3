import type { Duplex } from "node:stream";
import { serveTunnel } from "../../../src/gateway/tunnel/tunnel.ts";
import type { Sandbox } from "../../../src/ports/sandbox.ts";

type OnStream = (name: string, stream: Duplex) => void;

const sessions = new WeakMap<Sandbox, { onStream: OnStream }>();

/** Stands in for the gateway from now on. The session is one for all laws that share a sandbox, and ends with it. */
export function serveGateway(sandbox: Sandbox, onStream: OnStream): void {
  const known = sessions.get(sandbox);
  if (known !== undefined) {
    known.onStream = onStream;
    return;
  }
  const session = { onStream };
  sessions.set(sandbox, session);
  serveTunnel(sandbox.egress, (name, stream) => {
    stream.on("error", () => undefined);
    session.onStream(name, stream);
  });
}
