import { randomBytes } from "node:crypto";
import http2 from "node:http2";
import { type Duplex, PassThrough, pipeline, type Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { abortReason } from "../../../domain/deadline.ts";
import { AirlockError } from "../../../domain/errors.ts";
import {
  CONTROL_SETTINGS,
  CONTROL_VERSION,
  CONTROL_WINDOW_BYTES,
  type ControlRoute,
  MAX_GREETING_BYTES,
  renderHello,
  renderReady,
} from "../../../wire/control.ts";
import { keepAlive } from "../../../wire/keepalive.ts";

export const LOST_REMEDY =
  "Run again. If it happens every time, look at the provider's status and at the memory and disk limits of the sandbox.";

/** The runner's end of the control channel. */
export interface ControlSession {
  /** Opens `POST /<route>` with a head; the caller writes the payload. @throws AirlockError `sandbox.lost` */
  request(route: ControlRoute, head: object): ControlRequest;
  /** True while requests can be made. */
  isOpen(): boolean;
  /** Why a request failed: the session ended, or the protocol was broken. */
  lost(cause?: unknown): AirlockError;
  close(): void;
}

export interface ControlRequest {
  /** For writing the payload, and for ending the request early. */
  readonly stream: http2.ClientHttp2Stream;
  /** The answer's bytes. They also end if the answer was cut; see `isCut`. */
  readonly body: Readable;
  /** The answer's status. Rejects with `sandbox.lost` if there is none. */
  readonly status: Promise<number>;
  isCut(): boolean;
}

export interface OpenSessionOptions {
  readonly control: Duplex;
  readonly greetTimeoutMs: number;
  readonly signal: AbortSignal;
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
}

/** @throws AirlockError `sandbox.unavailable` when the guest does not answer in time, and why `signal` aborted */
export async function openControlSession(options: OpenSessionOptions): Promise<ControlSession> {
  await greet(options);
  const { control } = options;
  const session = http2.connect("http://guest.airlock", {
    createConnection: () => control,
    settings: CONTROL_SETTINGS,
    maxSessionMemory: 64,
  });
  session.once("connect", () => {
    // The session may have been closed before it was open.
    if (!session.destroyed) session.setLocalWindowSize(CONTROL_WINDOW_BYTES);
  });
  let failure: unknown;
  session.on("error", (error) => {
    failure ??= error;
  });
  session.on("stream", (pushed) => pushed.close());
  const stopPings = keepAlive(session, {
    intervalMs: options.pingIntervalMs,
    timeoutMs: options.pingTimeoutMs,
    onDead: () => session.destroy(new Error(`The sandbox did not answer for ${options.pingTimeoutMs} ms.`)),
  });
  session.once("close", stopPings);
  // Node's HTTP/2 asserts when it writes to a stream whose far end has vanished, so nothing is written from then on.
  for (const event of ["end", "close"]) control.once(event, () => session.destroy());
  const lost = (cause?: unknown): AirlockError =>
    new AirlockError("sandbox.lost", {
      message: `The control channel to the sandbox ended${describe(failure ?? cause)}.`,
      remedy: LOST_REMEDY,
      cause: failure ?? cause,
    });
  return {
    request(route, head) {
      if (session.closed || session.destroyed) throw lost();
      return openRequest(session.request({ ":method": "POST", ":path": `/${route}` }), { head, lost });
    },
    isOpen: () => !session.closed && !session.destroyed,
    lost,
    close() {
      stopPings();
      session.destroy();
    },
  };
}

/** Listens at once: Node drops an answer that is complete before anybody reads it. */
function openRequest(
  stream: http2.ClientHttp2Stream,
  options: { readonly head: object; readonly lost: (cause?: unknown) => AirlockError },
): ControlRequest {
  const { promise: status, resolve, reject } = Promise.withResolvers<number>();
  status.catch(() => undefined);
  let error: Error | undefined;
  stream.on("error", (cause) => {
    error ??= cause;
  });
  stream.once("response", (headers) => resolve(headers[":status"] ?? 0));
  stream.once("close", () => reject(options.lost(error)));
  const body = new PassThrough();
  pipeline(stream, body, () => undefined);
  const head = Buffer.from(JSON.stringify(options.head));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  stream.write(Buffer.concat([length, head]));
  return { stream, body, status, isCut: () => error !== undefined || stream.rstCode !== http2.constants.NGHTTP2_NO_ERROR };
}

function describe(cause: unknown): string {
  return cause instanceof Error ? ` (${cause.message})` : "";
}

async function greet(options: OpenSessionOptions): Promise<void> {
  const { control, greetTimeoutMs, signal } = options;
  const nonce = randomBytes(16).toString("hex");
  control.write(renderHello({ version: CONTROL_VERSION, now: Date.now(), seed: randomBytes(32).toString("hex"), nonce }));
  const done = new AbortController();
  const timeout = sleep(greetTimeoutMs, undefined, { signal: AbortSignal.any([signal, done.signal]) }).then(
    () => {
      throw unavailable(`The sandbox did not answer the greeting within ${greetTimeoutMs} ms.`);
    },
    () => {
      if (signal.aborted) throw abortReason(signal);
    },
  );
  try {
    const line = await Promise.race([readAnswer(control, renderReady(nonce).length, done.signal), timeout]);
    if (line !== renderReady(nonce)) throw unavailable("The sandbox answered the greeting with something else than was asked.");
  } finally {
    done.abort();
    await timeout.catch(() => undefined);
  }
}

function unavailable(message: string): AirlockError {
  return new AirlockError("sandbox.unavailable", {
    message,
    remedy: "Run again. If it happens every time, choose another provider with the `provider` input.",
  });
}

/** The first `length` bytes; the rest stays in the stream. */
function readAnswer(control: Duplex, length: number, done: AbortSignal): Promise<string> {
  if (length > MAX_GREETING_BYTES) throw new RangeError("The answer to a greeting is longer than a greeting may be.");
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      for (const event of ["end", "close", "error"]) control.off(event, ended);
      control.off("readable", read);
      done.removeEventListener("abort", stop);
    };
    const ended = (): void => {
      stop();
      reject(unavailable("The sandbox's control stream ended before the greeting was answered."));
    };
    const read = (): void => {
      const bytes = control.read(length) as Buffer | null;
      if (bytes === null) return;
      stop();
      resolve(bytes.toString("latin1"));
    };
    for (const event of ["end", "close", "error"]) control.on(event, ended);
    control.on("readable", read);
    done.addEventListener("abort", stop);
    // If a stream ended before anybody listened, only its state shows it.
    if (control.readableEnded || control.destroyed) ended();
    else read();
  });
}
