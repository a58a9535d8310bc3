import { setTimeout as sleep } from "node:timers/promises";
import { asFailure, isRepeatable, type VendorFailure } from "./vendor-failure.ts";

/** Before each further attempt of a call to a cloud's API, in milliseconds. */
export const PAUSES_MS: readonly number[] = [1_000, 3_000, 8_000];
/** For one call to a cloud's API. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** If a service asks for a longer wait, the call is not repeated. */
const MAX_WAIT_MS = 60_000;

export interface RetryOptions {
  /** Before each further attempt. */
  readonly pausesMs: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Repeats a call a few times if that may help, and never sooner than the service asks.
 * @throws VendorFailure, the last one
 */
export async function retry<T>(options: RetryOptions, act: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await act();
    } catch (error) {
      const failure = asFailure(error);
      if (!(await pauseBeforeRetry(options, attempt, failure))) throw failure;
    }
  }
}

/** Waits before the next attempt. False: there is to be none. */
export async function pauseBeforeRetry({ pausesMs, signal }: RetryOptions, attempt: number, failure: VendorFailure): Promise<boolean> {
  const { retryAfterMs } = failure;
  const pauseMs = pausesMs[attempt];
  if (!isRepeatable(failure) || pauseMs === undefined || retryAfterMs > MAX_WAIT_MS || signal?.aborted === true) return false;
  await sleep(Math.max(pauseMs, retryAfterMs), undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  return signal === undefined || !signal.aborted;
}
