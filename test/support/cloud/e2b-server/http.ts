import type { IncomingMessage, ServerResponse } from "node:http";
import type { Fault } from "../faults.ts";

export const MAX_BODY_BYTES = 1024 * 1024;

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let total = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    total += piece.length;
    if (total > MAX_BODY_BYTES) throw new Error("The body is too large.");
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function send(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
}

/** An error as the control API words it. */
export function apiError(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, body: { code: status, message }, headers };
}

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly fault: Fault | undefined;
  readonly act: () => Promise<Answer>;
  /** What a lie says; where there is none, the truth. */
  readonly lie?: (() => Answer) | undefined;
}

/** Does the work of one request under a fault. */
export async function answerUnder({ request, response, fault, act, lie }: Exchange): Promise<void> {
  switch (fault?.kind) {
    case "status": {
      if (fault.after === true) await act();
      const headers: Record<string, string> = fault.retryAfterS === undefined ? {} : { "retry-after": String(fault.retryAfterS) };
      send(response, apiError(fault.status, fault.message ?? "A fault was injected.", headers));
      return;
    }
    case "drop":
      if (fault.after === true) await act();
      request.socket.destroy();
      return;
    case "lie":
      send(response, lie?.() ?? (await act()));
      return;
    case "half-open":
      return;
    case "slow":
      await new Promise((settle) => setTimeout(settle, fault.delayMs));
      send(response, await act());
      return;
    case "duplicate":
      await act();
      send(response, await act());
      return;
    default:
      send(response, await act());
  }
}
