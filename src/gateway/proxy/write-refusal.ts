import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { drainBody } from "../http/drain-body.ts";
import { explainRefusal, phraseRefusal, type Refusal } from "../http/refusal.ts";
import type { Endpoint } from "../http/request-target.ts";
import { endAfter } from "./context.ts";

/** Sends a refusal as the response. The connection is kept only if the request had no body, which would have to be read first. */
export function sendRefusal(
  exchange: { readonly request: IncomingMessage; readonly response: ServerResponse },
  refusal: Refusal,
  target: Endpoint | undefined,
): void {
  const { request, response } = exchange;
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = explainRefusal(refusal, target);
  const hasBody = request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
  if (hasBody || refusal.status === 400) response.shouldKeepAlive = false;
  response.writeHead(refusal.status, phraseRefusal(refusal, target), headersOf(refusal, body));
  response.end(body);
  if (hasBody && !request.readableEnded) drainBody(request);
}

/** The same on a byte stream that no HTTP server handles any more; closes it. */
export function sendRawRefusal(stream: Duplex, refusal: Refusal, target: Endpoint | undefined): void {
  const body = explainRefusal(refusal, target);
  const lines = Object.entries({ ...headersOf(refusal, body), connection: "close" }).map(([name, value]) => `${name}: ${value}\r\n`);
  endAfter(stream, `HTTP/1.1 ${refusal.status} ${phraseRefusal(refusal, target)}\r\n${lines.join("")}\r\n${body}`);
}

function headersOf(refusal: Refusal, body: string): Record<string, string> {
  return {
    "content-type": "text/plain; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
    "x-airlock-decision": refusal.reason,
  };
}
