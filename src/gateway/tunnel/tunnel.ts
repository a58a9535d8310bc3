import http2 from "node:http2";
import type { Duplex } from "node:stream";
import { AirlockError } from "../../domain/errors.ts";
import { guardStream } from "../../wire/guarded-stream.ts";
import { keepAlive } from "../../wire/keepalive.ts";
import { LOOKUP_STREAM } from "../../wire/process-lookup.ts";
import { MAX_STREAMS, parseStreamAuthority, SESSION_WINDOW_BYTES, TUNNEL_SETTINGS } from "../../wire/tunnel.ts";
import { openProcessLookup, type ProcessLookup } from "./process-lookup.ts";

/** nghttp2 ends a session after this many aborted streams at once; its default of 1000 is within reach of honest tools. */
const RESET_BURST = 100_000;
const RESETS_PER_SECOND = 10_000;
const MEMORY_CHECK_MS = 100;
const MIB = 1024 * 1024;

export interface SessionOptions {
  /** Called once when the session ends other than by `close` or by the guest. */
  readonly onFailure?: (error: AirlockError) => void;
  /** Called once when the session is over, however it ended. */
  readonly onClose?: () => void;
  /** Bytes from the guest that may wait on the runner, all streams together. Beyond that the fullest stream is reset. Default 128 MiB. */
  readonly maxBufferedBytes?: number;
  readonly maxStreams?: number;
  readonly pingIntervalMs?: number;
  readonly pingTimeoutMs?: number;
}

export interface TunnelSession {
  close(): void;
}

/**
 * The runner's end of the tunnel: every CONNECT stream that the guest's relay opens is handed to `onStream` with the
 * name of the listener it came from. Garbage from the guest ends this session only and is reported.
 */
export function serveTunnel(
  transport: Duplex,
  onStream: (name: string, stream: Duplex) => void,
  options: SessionOptions = {},
): TunnelSession {
  const guarded = guardStream(transport, (error) => session.destroy(error));
  const session = http2.performServerHandshake(guarded, {
    settings: { ...TUNNEL_SETTINGS, maxConcurrentStreams: options.maxStreams ?? MAX_STREAMS },
    maxSessionMemory: 64,
    streamResetBurst: RESET_BURST,
    streamResetRate: RESETS_PER_SECOND,
  });
  // A stream may be gone by then, and a destroyed session throws.
  session.once("connect", () => session.destroyed || session.setLocalWindowSize(SESSION_WINDOW_BYTES));
  const streams = new Set<http2.ServerHttp2Stream>();
  const stopMemoryCheck = boundMemory(streams, options);
  let failure: AirlockError | undefined;
  let closing = false;
  session.on("error", (cause) => {
    failure ??= broken("The tunnel ended: the sandbox's end broke the protocol or vanished.", cause);
  });
  const stopPings = keepAlive(session, {
    intervalMs: options.pingIntervalMs ?? 15_000,
    timeoutMs: options.pingTimeoutMs ?? 120_000,
    onDead: () => {
      failure ??= broken("The tunnel ended: the sandbox's end did not answer a ping.");
      session.destroy();
    },
  });
  session.once("close", () => {
    stopPings();
    stopMemoryCheck();
    if (failure !== undefined && !closing) options.onFailure?.(failure);
    options.onClose?.();
  });
  const lookup = openProcessLookup(session);
  session.on("stream", (stream, headers) => accept({ stream, headers, streams, onStream, lookup }));
  return {
    close() {
      closing = true;
      session.destroy();
    },
  };
}

type OnStream = (name: string, stream: Duplex) => void;

interface Arrival {
  readonly stream: http2.ServerHttp2Stream;
  readonly headers: http2.IncomingHttpHeaders;
  readonly streams: Set<http2.ServerHttp2Stream>;
  readonly onStream: OnStream;
  readonly lookup: ProcessLookup;
}

function accept({ stream, headers, streams, onStream, lookup }: Arrival): void {
  stream.on("error", () => undefined);
  const name = headers[":method"] === "CONNECT" ? parseStreamAuthority(headers[":authority"] ?? "") : undefined;
  if (name === undefined) {
    stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
    return;
  }
  if (name === LOOKUP_STREAM) {
    lookup.receive(stream, headers);
    return;
  }
  lookup.offer(stream);
  streams.add(stream);
  destroyAsReset(stream);
  stream.once("close", () => streams.delete(stream));
  stream.respond({ ":status": 200 });
  onStream(name, stream);
}

/** Node closes a stream that is destroyed without an error as if it had ended normally. The guest must see a reset, or half a response would look complete. */
function destroyAsReset(stream: http2.ServerHttp2Stream): void {
  const destroy = stream.destroy.bind(stream);
  stream.destroy = (error?: Error) => {
    const whole = stream.writableFinished && stream.readableEnded;
    return destroy(error ?? (whole || stream.closed ? undefined : new Error("The connection was reset.")));
  };
}

/** Watches the streams' buffers; needed only while all streams together could exceed the cap. */
function boundMemory(streams: ReadonlySet<http2.ServerHttp2Stream>, options: SessionOptions): () => void {
  const maxBytes = options.maxBufferedBytes ?? 128 * MIB;
  const timer = setInterval(() => {
    let total = 0;
    for (const stream of streams) total += stream.readableLength;
    if (total <= maxBytes) return;
    const fullestFirst = [...streams].sort((a, b) => b.readableLength - a.readableLength);
    for (const stream of fullestFirst) {
      if (total <= maxBytes / 2) break;
      total -= stream.readableLength;
      stream.close(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
      stream.destroy();
    }
  }, MEMORY_CHECK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function broken(message: string, cause?: unknown): AirlockError {
  return new AirlockError("egress.unusable", {
    message,
    remedy: "Run the job again; when it happens twice, look at the sandbox's log in the run's artifact and at its memory and CPU.",
    cause,
  });
}
