import type { ServerResponse } from "node:http";
import type { ModelApi } from "../../ports/gateway.ts";
import { type Reason, type Refusal, refuse } from "../http/refusal.ts";

/** Carries a refusal out of the depths of a request. */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal, cause?: unknown) {
    super(refusal.detail ?? refusal.reason, { cause });
    this.refusal = refusal;
  }
}

/** @throws Refused always. */
export function throwRefusal(reason: Reason, status: number, detail: string): never {
  throw new Refused(refuse(reason, status, detail));
}

/** Upstream failures may pass; everything else would be refused again. */
function isTransient(refusal: Refusal): boolean {
  return refusal.status >= 500 && refusal.reason !== "upstream-redirect" && refusal.reason !== "upstream-unreadable";
}

/** Refusals after which the connection cannot carry another request: a body may be left on it. */
const CLOSING: ReadonlySet<Reason> = new Set(["upgrade", "busy"]);

/** Writes the refusal in the API's own shape, so that the agent shows it and does not try again when that is useless. */
export function writeRefusal(response: ServerResponse, api: ModelApi, refusal: Refusal): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const status = statusFor(api, refusal);
  const body = Buffer.from(JSON.stringify(shapeError(api, refusal, status)));
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": body.length,
    "x-airlock-decision": refusal.reason,
    ...(isTransient(refusal) ? {} : { "x-should-retry": "false" }),
    ...(CLOSING.has(refusal.reason) || refusal.status === 400 || status === 413 ? { connection: "close" } : {}),
  });
  response.end(body);
}

/**
 * The status that the API's clients take as final. Codex asks six times for whatever is answered with 401, 403 or 404, and once for 400;
 * it takes 429 with `insufficient_quota` as the end of the money.
 */
function statusFor(api: ModelApi, refusal: Refusal): number {
  if (api !== "openai") return refusal.status;
  if (refusal.reason === "budget") return 429;
  return refusal.status === 403 || refusal.status === 401 || refusal.status === 404 ? 400 : refusal.status;
}

function shapeError(api: ModelApi, refusal: Refusal, status: number): unknown {
  const message = `Airlock: ${refusal.detail ?? refusal.reason}`;
  return SHAPES[api](message, refusal, status);
}

function classOf(status: number): "forbidden" | "invalid" | "unavailable" {
  if (status >= 500) return "unavailable";
  return status === 403 ? "forbidden" : "invalid";
}

const ANTHROPIC_TYPES = { forbidden: "permission_error", invalid: "invalid_request_error", unavailable: "api_error" } as const;
const GEMINI_STATUS = { forbidden: "PERMISSION_DENIED", invalid: "INVALID_ARGUMENT", unavailable: "UNAVAILABLE" } as const;

const SHAPES: Readonly<Record<ModelApi, (message: string, refusal: Refusal, status: number) => unknown>> = {
  anthropic: (message, _refusal, status) => ({ type: "error", error: { type: ANTHROPIC_TYPES[classOf(status)], message } }),
  openai(message, refusal) {
    // The only code that its client takes as final: it retries every other error several times.
    const quota = refusal.reason === "budget" ? "insufficient_quota" : undefined;
    return { error: { message, type: quota ?? "invalid_request_error", code: quota ?? refusal.reason } };
  },
  gemini: (message, _refusal, status) => ({ error: { code: status, message, status: GEMINI_STATUS[classOf(status)] } }),
};
