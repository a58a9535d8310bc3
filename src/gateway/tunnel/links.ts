import type { Duplex } from "node:stream";
import { AirlockError } from "../../domain/errors.ts";
import { serveTunnel, type TunnelSession } from "./tunnel.ts";

type OnStream = (name: string, stream: Duplex) => void;

interface Link {
  readonly session: TunnelSession;
  /** Who takes the guest's connections now; undefined: nobody, and each is refused. */
  taker: OnStream | undefined;
}

/** The byte streams of a run's sandboxes. Each is served once, as long as it lives; who takes its connections may change. */
export interface Links {
  /** Takes the connections of this stream until the returned function is called. @throws AirlockError `internal` when somebody takes them already */
  join(stream: Duplex, onStream: OnStream): () => void;
  close(): void;
}

export function openLinks(onFailure: (error: AirlockError) => void): Links {
  const links = new Map<Duplex, Link>();
  const serve = (stream: Duplex): Link => {
    const session = serveTunnel(stream, (name, connection) => take(link, name, connection), {
      // Nobody misses what ends after its tunnel was closed.
      onFailure: (error) => link.taker !== undefined && onFailure(error),
      onClose: () => links.delete(stream),
    });
    const link: Link = { session, taker: undefined };
    links.set(stream, link);
    return link;
  };
  return {
    join(stream, onStream) {
      const link = links.get(stream) ?? serve(stream);
      if (link.taker !== undefined) throw taken();
      link.taker = onStream;
      return () => {
        if (link.taker === onStream) link.taker = undefined;
      };
    },
    close() {
      for (const { session } of links.values()) session.close();
    },
  };
}

function take(link: Link, name: string, connection: Duplex): void {
  if (link.taker === undefined) connection.destroy();
  else link.taker(name, connection);
}

function taken(): AirlockError {
  return new AirlockError("internal", {
    message: "A second tunnel into a sandbox was asked for while the first was open.",
    remedy: "Report this as a defect of Airlock with the run's record.",
  });
}
