import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type Body, openBody } from "./body.ts";
import { type StreamRole, shakeHands } from "./handshake.ts";
import { type Link, useLink } from "./link.ts";

const MIB = 1024 * 1024;
const MIN_TOKEN_BYTES = 16;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;

export interface ResumableStreamOptions {
  /** Which end this is. The runner's end speaks first on every link. */
  readonly role: StreamRole;
  /** Known only to both ends; at least 16 random bytes. */
  readonly token: Uint8Array;
  /** Dials a new link. Absent at the end that is dialled: give it its links with `accept`. */
  readonly connect?: (signal: AbortSignal) => Promise<Duplex>;
  /** How long the stream may be without a link before it gives up. Default 60 s. */
  readonly giveUpMs?: number;
  /** A link on which nothing arrives for this long is dead, even if it looks open. It is pinged three times in between. Default 30 s. */
  readonly idleMs?: number;
  /** Default 10 s. */
  readonly handshakeMs?: number;
  /** Bytes in flight in one direction; the same at both ends. Default 8 MiB. */
  readonly windowBytes?: number;
  /** Called for each link that came up or went down; `reason` is plain text. */
  readonly onLink?: (event: { readonly up: boolean; readonly reason: string }) => void;
}

export interface ResumableStream {
  /** The byte stream that outlives its links. It ends and half-closes like any other, and is destroyed with an Error when it gives up. */
  readonly stream: Duplex;
  /** Offers a new link. At the guest's end it replaces the current one only after it has proved that it knows the token. */
  accept(link: Duplex): void;
}

interface State extends ResumableStreamOptions {
  readonly body: Body;
  readonly stopped: AbortController;
  link: Link | undefined;
  deadline: NodeJS.Timeout | undefined;
}

/** A byte stream over links that may break: no byte is lost or doubled as long as a new link comes in time. */
export function openResumableStream(options: ResumableStreamOptions): ResumableStream {
  if (options.token.length < MIN_TOKEN_BYTES) throw new TypeError(`A stream's token has at least ${MIN_TOKEN_BYTES} bytes.`);
  const body = openBody({
    windowBytes: options.windowBytes ?? 8 * MIB,
    send: (frames) => state.link?.send(frames),
    onDestroy() {
      state.stopped.abort();
      clearTimeout(state.deadline);
      // Destroyed before both directions had ended: the other end has to know, or it would wait for a link.
      const finished = body.stream.readableEnded && body.stream.writableFinished;
      if (!finished) state.link?.send([{ type: "reset" }]);
      state.link?.end();
      state.link = undefined;
    },
  });
  const state: State = { ...options, body, stopped: new AbortController(), link: undefined, deadline: undefined };
  waitForLink(state);
  return { stream: body.stream, accept: (socket) => void greet(state, socket).catch((error: unknown) => report(state, error)) };
}

function report(state: State, error: unknown): void {
  state.onLink?.({ up: false, reason: error instanceof Error ? error.message : "No link came up." });
}

function waitForLink(state: State): void {
  startDeadline(state);
  if (state.connect !== undefined && !state.stopped.signal.aborted) void redial(state, state.connect);
}

/** Starts the time after which the stream gives up. */
function startDeadline(state: State): void {
  const giveUpMs = state.giveUpMs ?? 60_000;
  clearTimeout(state.deadline);
  if (state.stopped.signal.aborted) return;
  const giveUp = (): void => void state.body.stream.destroy(new Error(`No link to the other end came up within ${giveUpMs} ms.`));
  state.deadline = setTimeout(giveUp, giveUpMs);
}

async function redial(state: State, connect: (signal: AbortSignal) => Promise<Duplex>): Promise<void> {
  const { signal } = state.stopped;
  for (let waitMs = FIRST_RETRY_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, MAX_RETRY_MS)) {
    try {
      await greet(state, await connect(signal));
      return;
    } catch (error) {
      report(state, error);
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Does the handshake on a new connection, then uses it. Until then the current one is not touched. */
async function greet(state: State, socket: Duplex): Promise<void> {
  socket.on("error", () => undefined);
  const freeze = (): number => {
    if (state.link !== undefined) {
      state.link.drop();
      state.link = undefined;
      startDeadline(state);
    }
    return state.body.taken;
  };
  try {
    const { role, token, handshakeMs: timeoutMs = 10_000 } = state;
    const peerReceived = await shakeHands(socket, { role, token, timeoutMs, freeze });
    if (state.stopped.signal.aborted || socket.destroyed) throw new Error("The link came too late.");
    use(state, socket, peerReceived);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function use(state: State, socket: Duplex, peerReceived: number): void {
  clearTimeout(state.deadline);
  const link = useLink(socket, {
    idleMs: state.idleMs ?? 30_000,
    onFrame: (frame) => state.body.take(frame),
    onBeat() {
      state.body.acknowledge(1);
      return state.body.sent;
    },
    onDown(reason) {
      if (state.link !== link) return;
      state.link = undefined;
      report(state, new Error(reason));
      waitForLink(state);
    },
  });
  state.link = link;
  if (!state.body.resume(peerReceived)) {
    state.body.stream.destroy(new Error("The other end of the stream has lost its state; the stream cannot be resumed."));
    return;
  }
  state.onLink?.({ up: true, reason: "" });
}
