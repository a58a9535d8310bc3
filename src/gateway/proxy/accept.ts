import type { Duplex } from "node:stream";
import { peek } from "../http/peek.ts";
import { refuse } from "../http/refusal.ts";
import { destroyOnError, type ProxyContext, refuseUnread } from "./context.ts";
import { openHttpServer, type Tunnelled } from "./http-server.ts";
import { SOCKS_VERSION, serveSocks } from "./socks.ts";
import { carryTunnel } from "./tunnelled-bytes.ts";
import { sendRawRefusal } from "./write-refusal.ts";

/** The proxy port of the guest: every connection the relay accepted on it ends here. */
export interface Acceptor {
  serve(stream: Duplex): void;
  close(): void;
}

export function openAcceptor(context: ProxyContext): Acceptor {
  const open = new Set<Duplex>();
  const onTunnel = (tunnelled: Tunnelled): void => destroyOnError(tunnelled.guest, () => carryTunnel(context, server, tunnelled));
  const server = openHttpServer(context, onTunnel);
  const greet = async (stream: Duplex): Promise<void> => {
    const first = await peek(stream, {
      maxBytes: 1,
      timeoutMs: context.limits.headerTimeoutMs,
      examine: (bytes) => ({ value: bytes[0] ?? 0, used: 0 }),
    });
    if (first === "late") refuseUnread(context, "limit-header-timeout");
    if (typeof first === "string") return void stream.destroy();
    if (first === SOCKS_VERSION) return await serveSocks(context, stream, onTunnel);
    server.serve(stream, { kind: "proxy" });
  };
  return {
    serve(stream) {
      stream.on("error", () => undefined);
      if (open.size >= context.limits.maxConnections) {
        refuseUnread(context, "limit-connections");
        return sendRawRefusal(stream, refuse("limit-connections", 503), undefined);
      }
      open.add(stream);
      stream.once("close", () => open.delete(stream));
      destroyOnError(stream, () => greet(stream));
    },
    close() {
      server.close();
      for (const stream of open) stream.destroy();
    },
  };
}
