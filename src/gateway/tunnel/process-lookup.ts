import { Buffer } from "node:buffer";
import type http2 from "node:http2";
import type { Duplex } from "node:stream";
import { COMMAND_HEADER, LOOKUP_REQUEST, MAX_COMMAND_BYTES, STREAM_HEADER } from "../../wire/process-lookup.ts";

/** How long a refusal waits for the guest to say who asked. */
const PATIENCE_MS = 500;
/** A guest that leaves this many questions without an answer is not asked again. */
const MAX_SILENCES = 3;

/** What one tunnel needs to know who opened its streams. */
export interface ProcessLookup {
  /** From now on `askCommand` works for this stream. */
  offer(stream: http2.ServerHttp2Stream): void;
  /** Takes a stream that carries an answer, and ends it. */
  deliver(stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders): void;
}

type LookUp = () => Promise<string | undefined>;
const lookUps = new WeakMap<Duplex, LookUp>();

/** The command in the guest that opened this stream, raw and as the guest tells it; undefined when it cannot be known. Never throws, and waits half a second at most. */
export async function lookUpProcess(stream: Duplex): Promise<string | undefined> {
  return await lookUps.get(stream)?.();
}

export function openProcessLookup(session: http2.ServerHttp2Session): ProcessLookup {
  const waiting = new Map<string, (command: string | undefined) => void>();
  let silences = 0;
  const ask = (stream: http2.ServerHttp2Stream): Promise<string | undefined> => {
    const { id } = stream;
    if (id === undefined || silences >= MAX_SILENCES || session.destroyed || waiting.has(String(id))) return Promise.resolve(undefined);
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const timer = setTimeout(() => {
      silences += 1;
      finish(undefined);
    }, PATIENCE_MS);
    const finish = (command: string | undefined): void => {
      clearTimeout(timer);
      waiting.delete(String(id));
      resolve(command);
    };
    waiting.set(String(id), finish);
    stream.once("close", () => finish(undefined));
    session.altsvc(LOOKUP_REQUEST, id);
    return promise;
  };
  return {
    offer: (stream) => void lookUps.set(stream, () => ask(stream)),
    deliver(stream, headers) {
      stream.on("error", () => undefined);
      stream.resume();
      stream.respond({ ":status": 200 }, { endStream: true });
      waiting.get(single(headers[STREAM_HEADER]))?.(decode(single(headers[COMMAND_HEADER])));
    },
  };
}

function single(value: string | readonly string[] | undefined): string {
  return typeof value === "string" ? value : "";
}

function decode(text: string): string | undefined {
  const command = Buffer.from(text.slice(0, MAX_COMMAND_BYTES * 2), "base64url")
    .subarray(0, MAX_COMMAND_BYTES)
    .toString("utf8");
  return command === "" ? undefined : command;
}
