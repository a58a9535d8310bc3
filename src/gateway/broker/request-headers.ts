import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Secret } from "../../domain/secret.ts";
import type { ModelApi } from "../../ports/gateway.ts";
import { refuse } from "./refusal.ts";

export type RawHeader = readonly [name: string, value: string];

const MAX_HEADERS = 100;

/** Where each API's clients put their credential. */
const CREDENTIAL_HEADERS: Readonly<Record<ModelApi, readonly string[]>> = {
  anthropic: ["x-api-key", "authorization"],
  openai: ["authorization"],
  gemini: ["x-goog-api-key"],
};

/** Everything that could carry somebody's credential, by name with `_` and `.` folded to `-`. */
const CREDENTIAL_LIKE =
  /^(?:authorization|proxy-authorization|cookie2?|api-key|access-token|.*-api-key|.*-auth|.*-auth-token|.*-access-token|.*-security-token|.*-authorization|.*-credentials?|.*-secret|.*-password)$/;

export function listHeaders(request: IncomingMessage): readonly RawHeader[] {
  const list: RawHeader[] = [];
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    list.push([(request.rawHeaders[at] ?? "").toLowerCase(), request.rawHeaders[at + 1] ?? ""]);
  }
  return list;
}

/** What `node:http` lets pass and a strict reader must not. @throws Refused */
export function checkFraming(headers: readonly RawHeader[], httpVersion: string): void {
  if (httpVersion !== "1.1") refuse(400, "bad-request", "Only HTTP/1.1 is spoken here.");
  if (headers.length > MAX_HEADERS) refuse(400, "bad-request", `More than ${MAX_HEADERS} header lines.`);
  const hosts = valuesOf(headers, "host");
  if (hosts.length !== 1 || /[^A-Za-z0-9.:[\]-]/.test(hosts[0] ?? "")) {
    refuse(400, "bad-request", "There must be exactly one well-formed Host line.");
  }
  if (valuesOf(headers, "upgrade").length > 0 || valuesOf(headers, "http2-settings").length > 0) {
    refuse(426, "upgrade", "Upgrades are not offered; use plain HTTP/1.1 requests.");
  }
  checkLength(headers);
}

function valuesOf(headers: readonly RawHeader[], name: string): readonly string[] {
  return headers.filter(([key]) => key === name).map(([, value]) => value);
}

function checkLength(headers: readonly RawHeader[]): void {
  const codings = valuesOf(headers, "transfer-encoding");
  const lengths = valuesOf(headers, "content-length");
  if (codings.some((coding) => coding.toLowerCase() !== "chunked") || codings.length > 1) {
    refuse(400, "bad-request", 'The only transfer coding taken is exactly "chunked".');
  }
  if (lengths.length + codings.length > 1) refuse(400, "bad-request", "The length of the body is ambiguous.");
  if (valuesOf(headers, "trailer").length > 0) refuse(400, "bad-request", "Trailers are not taken.");
}

/**
 * The client has to show this run's surrogate in the API's own header, and no other credential anywhere.
 * @throws Refused
 */
export function checkCredential(headers: readonly RawHeader[], api: ModelApi, surrogate: Secret): void {
  const own = CREDENTIAL_HEADERS[api];
  const seen = new Set<string>();
  for (const [name, value] of headers) {
    if (!CREDENTIAL_LIKE.test(name.replaceAll(/[_.]/g, "-"))) continue;
    const shown = name === "authorization" ? value.replace(/^Bearer +/i, "") : value;
    if (!own.includes(name) || seen.has(name) || !isSame(shown, surrogate)) {
      refuse(403, "foreign-credential", "This request carries a credential that is not this run's own; nothing was sent on.");
    }
    seen.add(name);
  }
  if (seen.size === 0) refuse(403, "missing-credential", `Send this run's credential in ${own.join(" or ")}.`);
}

function isSame(shown: string, secret: Secret): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(shown), digest(secret.reveal()));
}

/** What goes upstream of the client's headers; everything that is not named here stays behind. */
const PASSED = new Set([
  "accept",
  "accept-language",
  "content-type",
  "user-agent",
  "anthropic-version",
  "anthropic-beta",
  "anthropic-dangerous-direct-browser-access",
  "x-app",
  "x-client-request-id",
  "openai-beta",
  "originator",
  "session_id",
  "session-id",
  "conversation_id",
  "version",
  "x-goog-api-client",
]);
const PASSED_PREFIX = /^(?:x-stainless-|x-claude-|x-codex-|x-gemini-)[a-z-]{1,60}$/;

export function passedHeaders(headers: readonly RawHeader[]): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of headers) {
    if (!PASSED.has(name) && !PASSED_PREFIX.test(name)) continue;
    passed[name] = passed[name] === undefined ? value : `${passed[name]}, ${value}`;
  }
  return passed;
}
