/** What a fetch may cost. */
export interface FetchBounds {
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
}

type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/**
 * A fetch that ends: the whole exchange has a deadline, and a body past the cap is an error instead of memory. It follows a redirect
 * to another origin only for a request that says so by `redirect`: nobody else answers for who was asked.
 * Errors are ordinary ones, so that the retry plugin sees them as failures of the transport.
 */
export function boundFetch(fetch: Fetch, bounds: FetchBounds): Fetch {
  return async (url, init) => {
    const deadline = AbortSignal.timeout(bounds.timeoutMs);
    const signal = init?.signal ? AbortSignal.any([init.signal, deadline]) : deadline;
    try {
      const response = await fetch(url, { ...init, signal });
      if (init?.redirect === undefined) requireOrigin(response, url);
      const body = await readBounded(response, bounds.maxResponseBytes);
      const empty = response.status === 204 || response.status === 205 || response.status === 304;
      return new Response(empty ? null : body, {
        status: response.status,
        statusText: response.statusText,
        headers: [...response.headers],
      });
    } catch (error) {
      if (deadline.aborted) throw new Error(`No complete answer within ${bounds.timeoutMs} ms.`, { cause: error });
      throw error;
    }
  };
}

function requireOrigin({ redirected, url }: Response, asked: string): void {
  if (!redirected || new URL(url).origin === new URL(asked).origin) return;
  throw new Error(`It sent on to another host, ${new URL(url).origin}.`);
}

async function readBounded(response: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new Error(`The answer is larger than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  const body = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return body;
}
