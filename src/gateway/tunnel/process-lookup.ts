import { Buffer } from "node:buffer";
import type http2 from "node:http2";
import type { Duplex } from "node:stream";
import { COMMAND_HEADER, LOOKUP_REQUEST, MAX_COMMAND_BYTES, STREAM_HEADER } from "../../wire/process-lookup.ts";

/** How long a refusal waits for the guest to name the command. */
const TIMEOUT_MS = 500;
/** After this many look-ups without a reply the guest gets no more of them. */
const MAX_UNANSWERED = 3;

/** Finds out which commands opened the streams of one tunnel. */
export interface ProcessLookup {
  /** From now on `lookUpProcess` works for this stream. */
  offer(stream: http2.ServerHttp2Stream): void;
  /** Takes a stream that carries a reply, and ends it. */
  receive(stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders): void;
}

type LookUp = () => Promise<string | undefined>;
const lookUps = new WeakMap<Duplex, LookUp>();

/** The command in the guest that opened this stream, raw, as reported by the guest; undefined when it is unknown. Never throws, and waits half a second at most. */
export async function lookUpProcess(stream: Duplex): Promise<string | undefined> {
  return await lookUps.get(stream)?.();
}

export function openProcessLookup(session: http2.ServerHttp2Session): ProcessLookup {
  const waiting = new Map<string, (command: string | undefined) => void>();
  let unanswered = 0;
  const lookUp = (stream: http2.ServerHttp2Stream): Promise<string | undefined> => {
    const { id } = stream;
    if (id === undefined || unanswered >= MAX_UNANSWERED || session.destroyed || waiting.has(String(id))) return Promise.resolve(undefined);
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const timer = setTimeout(() => {
      unanswered += 1;
      finish(undefined);
    }, TIMEOUT_MS);
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
    offer: (stream) => void lookUps.set(stream, () => lookUp(stream)),
    receive(stream, headers) {
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
