import { setTimeout as sleep } from "node:timers/promises";
import type { Secret } from "../../../domain/secret.ts";
import { asFailure, type FailureKind, readSpritesFailure, SpritesFailure } from "./errors.ts";

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below the base address; parts that come from elsewhere are encoded by the caller. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly bytes?: Uint8Array | AsyncIterable<Uint8Array>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpOptions {
  readonly apiUrl: string;
  readonly token: Secret;
}

/** More than any answer that is asked for. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * One request, sent once. Redirects are errors: the token goes to no other host.
 * @returns the body as text
 * @throws SpritesFailure
 */
export async function callOnce(options: HttpOptions, request: HttpRequest): Promise<string> {
  const url = new URL(`${options.apiUrl}${request.path}`);
  for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value);
  const limits = [AbortSignal.timeout(request.timeoutMs), ...(request.signal === undefined ? [] : [request.signal])];
  try {
    const response = await fetch(url, {
      method: request.method,
      redirect: "error",
      signal: AbortSignal.any(limits),
      headers: { authorization: `Bearer ${options.token.reveal()}`, ...contentType(request) },
      ...content(request),
    });
    const text = await readBounded(response);
    if (response.ok) return text;
    throw readSpritesFailure({ status: response.status, retryAfter: response.headers.get("retry-after"), text: hide(text, options.token) });
  } catch (error) {
    throw asFailure(error);
  }
}

function contentType({ json, bytes }: HttpRequest): Record<string, string> {
  if (json !== undefined) return { "content-type": "application/json" };
  return bytes === undefined ? {} : { "content-type": "application/octet-stream" };
}

function content({ json, bytes }: HttpRequest): Partial<RequestInit> {
  if (json !== undefined) return { body: JSON.stringify(json) };
  if (bytes === undefined) return {};
  if (bytes instanceof Uint8Array) return { body: new Uint8Array(bytes) };
  return { body: ReadableStream.from(bytes), duplex: "half" };
}

async function readBounded(response: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let total = 0;
  for await (const piece of response.body ?? []) {
    total += piece.length;
    if (total > MAX_ANSWER_BYTES)
      throw new SpritesFailure("interrupted", { detail: `An answer is longer than ${MAX_ANSWER_BYTES} bytes.` });
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

/** An answer that repeats the token must not bring it into an error. */
function hide(text: string, token: Secret): string {
  return text.replaceAll(token.reveal(), "<redacted>");
}

export interface RetryOptions {
  /** Before each further attempt. */
  readonly pausesMs: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

const REPEATABLE: ReadonlySet<FailureKind> = new Set(["interrupted", "rate-limit", "capacity"]);

export function isRepeatable({ kind }: SpritesFailure): boolean {
  return REPEATABLE.has(kind);
}

/** A service that wants more patience than this is not waited for. */
const MAX_WAIT_MS = 60_000;

/**
 * Repeats what may be repeated, a few times, and never sooner than the service asked.
 * @throws SpritesFailure, the last one
 */
export async function retry<T>(options: RetryOptions, act: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await act();
    } catch (error) {
      const failure = asFailure(error);
      if (!isRepeatable(failure) || !(await pause(options, attempt, failure))) throw failure;
    }
  }
}

/** False: there is to be no further attempt. */
export async function pause({ pausesMs, signal }: RetryOptions, attempt: number, { retryAfterMs }: SpritesFailure): Promise<boolean> {
  const pauseMs = pausesMs[attempt];
  if (pauseMs === undefined || retryAfterMs > MAX_WAIT_MS || signal?.aborted === true) return false;
  await sleep(Math.max(pauseMs, retryAfterMs), undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  return signal === undefined || !signal.aborted;
}
