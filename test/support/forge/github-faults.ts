import { Buffer } from "node:buffer";
import type { ServerResponse } from "node:http";

/** What can go wrong with one call. */
export type FaultKind =
  | "timeout"
  | "secondary-limit"
  | "conflict"
  | "unprocessable"
  | "server-error"
  | "dropped-after-success"
  | "held-after-success"
  | "dropped-before"
  | "forbidden"
  | "not-found"
  | "unauthorized"
  | "stale-list"
  | "huge"
  | "not-json";

export interface Fault {
  readonly method: string;
  /** Of the URL's path below the repository, for example `/git/trees`. */
  readonly path: RegExp;
  readonly kind: FaultKind;
  /** How often; default 1. */
  readonly times?: number;
}

/** Faults that never reach the stand-in. True: answered. */
export const BEFORE: Readonly<Partial<Record<FaultKind, (response: ServerResponse, call: { status: number }) => boolean>>> = {
  timeout: () => true,
  "dropped-before": (response) => response.destroy() !== undefined,
  "secondary-limit": refuse(403, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.", {
    "retry-after": "1",
  }),
  conflict: refuse(409, "Git Repository is being changed."),
  unprocessable: refuse(422, "Validation Failed"),
  "server-error": refuse(500, "Server Error"),
  forbidden: refuse(403, "Resource not accessible by integration"),
  "not-found": refuse(404, "Not Found"),
  unauthorized: refuse(401, "Bad credentials"),
  // What was just written is not in the list yet.
  "stale-list": (response) => {
    response.writeHead(200, { "content-type": "application/json" }).end("[]");
    return true;
  },
  huge: (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(Buffer.alloc(40 * 1024 * 1024, 0x20));
    return true;
  },
  "not-json": (response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<html>a captive portal</html>");
    return true;
  },
};

function refuse(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
  return (response: ServerResponse, call: { status: number }): boolean => {
    call.status = status;
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify({ message, documentation_url: "https://docs.github.com/rest" }));
    return true;
  };
}
