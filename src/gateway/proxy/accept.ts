import type { Duplex } from "node:stream";
import { readPrefix } from "../http/peek.ts";
import { refuse } from "../http/refusal.ts";
import { guard, type ProxyContext, refuseUnread } from "./context.ts";
import { openHttpFront, type Tunnelled } from "./http-server.ts";
import { SOCKS_VERSION, serveSocks } from "./socks.ts";
import { passOn } from "./tunnelled-bytes.ts";
import { answerRawRefusal } from "./write-refusal.ts";

/** The proxy port of the guest: every connection the relay accepted on it ends here. */
export interface GuestPort {
  serve(stream: Duplex): void;
  close(): void;
}

export function openGuestPort(context: ProxyContext): GuestPort {
  const open = new Set<Duplex>();
  const onTunnel = (tunnelled: Tunnelled): void => guard(tunnelled.guest, () => passOn(context, front, tunnelled));
  const front = openHttpFront(context, onTunnel);
  const greet = async (stream: Duplex): Promise<void> => {
    const first = await readPrefix(stream, {
      maxBytes: 1,
      timeoutMs: context.limits.headerTimeoutMs,
      examine: (bytes) => ({ value: bytes[0] ?? 0, used: 0 }),
    });
    if (first === "late") refuseUnread(context, "limit-header-timeout");
    if (typeof first === "string") return void stream.destroy();
    if (first === SOCKS_VERSION) return await serveSocks(context, stream, onTunnel);
    front.serve(stream, { kind: "proxy" });
  };
  return {
    serve(stream) {
      stream.on("error", () => undefined);
      if (open.size >= context.limits.maxConnections) {
        refuseUnread(context, "limit-connections");
        return answerRawRefusal(stream, refuse("limit-connections", 503), undefined);
      }
      open.add(stream);
      stream.once("close", () => open.delete(stream));
      guard(stream, () => greet(stream));
    },
    close() {
      front.close();
      for (const stream of open) stream.destroy();
    },
  };
}
