import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Secret } from "../../domain/secret.ts";
import type { ModelApi } from "../../ports/gateway.ts";
import { checkFraming, type FramingFault, type FramingRules } from "../http/framing.ts";
import { valuesOf } from "../http/header-lines.ts";
import { refuse } from "../http/refusal.ts";
import { Refused, throwRefusal } from "./refusal.ts";

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

/** The agents' clients speak HTTP/1.1 and send plain bodies: nothing else has an honest use here. */
const FRAMING: FramingRules = {
  versions: ["1.1"],
  maxHeaderLines: MAX_HEADERS,
  takesTrailers: false,
  explain: (fault) => refuse("bad-request", 400, FAULTS[fault]),
};
const HOST_FAULT = "There must be exactly one well-formed Host line.";
const LENGTH_FAULT = "The length of the body is ambiguous.";
const FAULTS: Readonly<Record<FramingFault, string>> = {
  version: "Only HTTP/1.1 is spoken here.",
  "too-many-lines": `More than ${MAX_HEADERS} header lines.`,
  "host-count": HOST_FAULT,
  "host-form": HOST_FAULT,
  "nominated-field": "The Connection line names a field that it may not name.",
  "several-lengths": LENGTH_FAULT,
  "transfer-coding": 'The only transfer coding taken is exactly "chunked".',
  "length-and-coding": LENGTH_FAULT,
  trailer: "Trailers are not taken.",
};

/** @throws Refused for what could be framed in two ways, and for a change of protocol. */
export function checkForm(request: IncomingMessage): void {
  const refusal = checkFraming(request, FRAMING);
  if (refusal !== undefined) throw new Refused(refusal);
  if (["upgrade", "http2-settings"].some((name) => valuesOf(request.rawHeaders, name).length > 0)) {
    throwRefusal("upgrade", 426, "Upgrades are not offered; use plain HTTP/1.1 requests.");
  }
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
      throwRefusal("foreign-credential", 403, "This request carries a credential that is not this run's own; nothing was sent on.");
    }
    seen.add(name);
  }
  if (seen.size === 0) throwRefusal("missing-credential", 403, `Send this run's credential in ${own.join(" or ")}.`);
}

function isSame(shown: string, secret: Secret): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(shown), digest(secret.reveal()));
}

/** The client's headers that go upstream; every other header is dropped. */
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
