import { AirlockError } from "./errors.ts";

/** A cancelled step is killed ten seconds after its first signal (actions/runner, `ProcessInvoker`); the rest is for the sandbox, the comment and the report. */
const CANCEL_PATIENCE_MS = 6_000;
/** Long enough to take a large tree out of a slow sandbox, within its lifetime. */
const PATIENCE_MS = 120_000;

/** When all work in a run's sandboxes has to end. */
export interface Deadline {
  /**
   * Aborts when the run is cancelled, is no longer wanted, or reaches its wall-clock limit. Its reason is the AirlockError that the run
   * ends with.
   */
  readonly signal: AbortSignal;
  /** Aborts for the same reason some time after `signal`: until then the agent may stop, and its work may be harvested. */
  readonly graceSignal: AbortSignal;
  /** Milliseconds left until the limit; at least 1. */
  leftMs(): number;
  /** The error of a run that has used up its limit: `agent.timeout`. */
  expired(): AirlockError;
}

export interface DeadlineOptions {
  /** The run's wall-clock limit, from now on. */
  readonly timeoutMs: number;
  /** Aborted when the job is cancelled. */
  readonly cancelled: AbortSignal;
  /** Aborted when the run is no longer wanted. */
  readonly stop: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A signal that aborts after this many milliseconds. */
  readonly after: (ms: number) => AbortSignal;
}

/** Starts the clock of a run's work in sandboxes. */
export function openDeadline({ timeoutMs, cancelled, stop, now, after }: DeadlineOptions): Deadline {
  const startedAtMs = now();
  const first = new AbortController();
  const late = new AbortController();
  const expired = (): AirlockError => timeoutError(timeoutMs);
  const end = (reason: AirlockError, patienceMs: number): void => {
    first.abort(reason);
    // A later abort may shorten the grace period.
    onAbort(after(patienceMs), () => late.abort(first.signal.reason));
  };
  onAbort(cancelled, () => end(abortReason(cancelled), CANCEL_PATIENCE_MS));
  onAbort(stop, () => end(abortReason(stop), PATIENCE_MS));
  onAbort(after(timeoutMs), () => end(expired(), PATIENCE_MS));
  return {
    signal: first.signal,
    graceSignal: late.signal,
    leftMs: () => Math.min(timeoutMs, Math.max(1, Math.floor(timeoutMs - (now() - startedAtMs)))),
    expired,
  };
}

function onAbort(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener("abort", act, { once: true });
}

/** Why work has to end, for people: the signal's reason if it is an AirlockError, else `run.cancelled`. */
export function abortReason(signal: AbortSignal): AirlockError {
  const reason: unknown = signal.reason;
  if (reason instanceof AirlockError) return reason;
  return new AirlockError("run.cancelled", {
    message: "The run was cancelled.",
    remedy: "Start it again when you want it; what was done so far is in the artifact.",
    cause: reason,
  });
}

/** Whether a `Deadline` ended the work, as opposed to a failure of the work itself. */
export function isAbort(error: unknown): error is AirlockError {
  return error instanceof AirlockError && (error.code === "run.cancelled" || error.code === "agent.timeout");
}

/**
 * Waits for work that does not watch the signal itself, until the signal aborts; nothing is begun once it has aborted. Abandoned work goes
 * on until its resources are taken away; its later failure is ignored.
 * @throws AirlockError why the signal aborted, or whatever the work throws before that
 */
export async function abandonOnAbort<T>(signal: AbortSignal, begin: () => Promise<T>): Promise<T> {
  if (signal.aborted) throw abortReason(signal);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abandon = (): void => reject(abortReason(signal));
  signal.addEventListener("abort", abandon, { once: true });
  try {
    return await withAbortReason(signal, Promise.race([begin(), aborted]));
  } finally {
    signal.removeEventListener("abort", abandon);
  }
}

/**
 * Waits to the end for work that watches the signal itself. An error after the abort is a consequence of it: it is kept beside the reason
 * in a SuppressedError.
 * @throws AirlockError why the signal aborted, or whatever the work throws before that
 */
export async function withAbortReason<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!signal.aborted) throw error;
    const why = abortReason(signal);
    throw isAbort(error) ? why : new SuppressedError(error, why, why.message);
  }
}

function timeoutError(timeoutMs: number): AirlockError {
  return new AirlockError("agent.timeout", {
    message: `The run reached its limit of ${Math.round(timeoutMs / 60_000)} minutes.`,
    remedy: "Raise `timeout-minutes`, or give the agent a smaller task; the partial patch is in the artifact.",
  });
}
