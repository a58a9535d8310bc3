import type { Secret } from "../../../domain/secret.ts";
import { asFailure, VendorFailure } from "../shared/vendor-failure.ts";
import { readSpritesFailure } from "./errors.ts";

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
 * @throws VendorFailure
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
    if (total > MAX_ANSWER_BYTES) throw new VendorFailure("interrupted", { detail: `An answer is longer than ${MAX_ANSWER_BYTES} bytes.` });
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

/** An answer that repeats the token must not bring it into an error. */
function hide(text: string, token: Secret): string {
  return text.replaceAll(token.reveal(), "<redacted>");
}
