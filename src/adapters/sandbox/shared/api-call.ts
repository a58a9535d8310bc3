import type { Secret } from "../../../domain/secret.ts";
import { asFailure, VendorFailure } from "./vendor-failure.ts";

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Appended to the base address; the caller encodes foreign parts. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly bytes?: Uint8Array | AsyncIterable<Uint8Array>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** An answer that is no success. */
export interface RefusedAnswer {
  readonly status: number;
  /** The `Retry-After` header. */
  readonly retryAfter: string | null;
  readonly text: string;
}

/** A cloud's REST API. */
export interface Api {
  readonly apiUrl: string;
  /** Sent as a bearer token. */
  readonly token: Secret;
  /** Says what a refusal means. The token is redacted from the text, in case the answer repeats it. */
  readonly readFailure: (answer: RefusedAnswer) => VendorFailure;
}

/** Larger than any expected answer. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * One request, sent once. Redirects are errors: the token goes to no other host.
 * @returns the body as text
 * @throws VendorFailure
 */
export async function callOnce(api: Api, request: ApiRequest): Promise<string> {
  const url = new URL(`${api.apiUrl}${request.path}`);
  for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value);
  const limits = [AbortSignal.timeout(request.timeoutMs), ...(request.signal === undefined ? [] : [request.signal])];
  try {
    const response = await fetch(url, {
      method: request.method,
      redirect: "error",
      signal: AbortSignal.any(limits),
      headers: { authorization: `Bearer ${api.token.reveal()}`, ...contentType(request) },
      ...content(request),
    });
    const text = await readBounded(response);
    if (response.ok) return text;
    throw api.readFailure({ status: response.status, retryAfter: response.headers.get("retry-after"), text: hide(text, api.token) });
  } catch (error) {
    throw asFailure(error);
  }
}

function contentType({ json, bytes }: ApiRequest): Record<string, string> {
  if (json !== undefined) return { "content-type": "application/json" };
  return bytes === undefined ? {} : { "content-type": "application/octet-stream" };
}

function content({ json, bytes }: ApiRequest): Partial<RequestInit> {
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
    if (total > MAX_ANSWER_BYTES) throw new VendorFailure("interrupted", { detail: `An answer is longer than ${MAX_ANSWER_BYTES} bytes.` });
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

/** If an answer repeats the token, it must not reach an error message. */
function hide(text: string, token: Secret): string {
  return text.replaceAll(token.reveal(), "<redacted>");
}

/** The header `Retry-After` in milliseconds; 0 when it is missing or a date. */
export function readRetryAfterMs(header: string | null): number {
  return header !== null && /^[0-9]{1,6}$/.test(header) ? 1000 * Number(header) : 0;
}
