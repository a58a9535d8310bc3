import type { AddressClass } from "../../domain/egress/address.ts";
import { renderHost } from "../../domain/egress/host.ts";
import type { DecisionReason } from "../../domain/egress/policy.ts";
import { isOwnHost } from "../../domain/egress/proposal.ts";
import { DEFAULT_PROXY_LIMITS, type UploadLimit } from "./limits.ts";

/** Why something was let through or not. Goes into the log and into `x-airlock-decision`. The set is closed. */
export type Reason = ProxyReason | BrokerReason;

type ProxyReason =
  | DecisionReason
  | UploadLimit
  | `address-${AddressClass}`
  | "address-runner"
  | "audit"
  | "authority-mismatch"
  | "bad-request"
  | "brokered-host"
  | "dial-failed"
  | "dns-failed"
  | "foreign-credential"
  | "guest-tls-failed"
  | "h2c"
  | "limit-connections"
  | "limit-dial-timeout"
  | "limit-header-bytes"
  | "limit-header-lines"
  | "limit-header-timeout"
  | "limit-idle"
  | "limit-pipelined"
  | "limit-resolve-timeout"
  | "no-network"
  | "not-tls"
  | "server-name"
  | "tls-failed"
  | "tls-required"
  | "trace"
  | "unreadable-response"
  | "upgrade"
  | "upstream-failed";

/** Why the broker refuses a request, or a response of the model's service. */
type BrokerReason =
  | "bad-request"
  | "upgrade"
  | "path-not-listed"
  | "method-not-listed"
  | "query-not-listed"
  | "missing-credential"
  | "foreign-credential"
  | "body-too-large"
  | "body-unreadable"
  | "encoding"
  | "model-not-allowed"
  | "server-side-connector"
  | "model-tool"
  | "stored-state"
  | "unknown-field"
  | "busy"
  | "budget"
  | "run-ended"
  | "upstream-redirect"
  | "upstream-unreadable"
  | "upstream-unreachable"
  | "upstream-timeout"
  | "upstream-broken";

/** What the proxy or the broker says in place of a server's response. */
export interface Refusal {
  readonly refused: true;
  readonly reason: Reason;
  /** HTTP status of the response, where one can still be sent. */
  readonly status: number;
  /** What went wrong, in words of our own; never guest bytes. The broker always says it, the proxy for a malformed request. */
  readonly detail?: string;
}

export function refuse(reason: Reason, status = 403, detail?: string): Refusal {
  return { refused: true, reason, status, ...(detail === undefined ? {} : { detail }) };
}

export function isRefusal(value: object): value is Refusal {
  return "refused" in value;
}

/** The line that would let a host through. A word without a dot and a port would be taken for a preset. */
function suggestRule(host: string, port: number): string {
  const bare = (port === 443 || port === 80) && /[.:]/.test(host);
  return bare ? renderHost(host) : `${renderHost(host)}:${port}`;
}

const RULE_WOULD_HELP: ReadonlySet<string> = new Set(["default-deny", "port", "ip-literal"]);

/** The line to paste into `allow`, where one line is all that is missing. */
export function findSuggestion(reason: string, host: string, port: number): string | undefined {
  return RULE_WOULD_HELP.has(reason) && !isOwnHost(host) ? suggestRule(host, port) : undefined;
}

/** No input raises these: the policy is about what leaves, and honest work stays far below. */
const FIXED = "fixed, see docs/egress.md";
const MIB = (bytes: number): string => `${bytes / 1024 / 1024} MiB`;
const SECONDS = (ms: number): string => `${ms / 1000} s`;

const WORDS: Partial<Record<Reason, string>> = {
  "default-deny": "no rule names it",
  port: "no rule names this port",
  "ip-literal": "no rule names this address",
  "deny-rule": "a deny rule names it",
  method: "the rules for this host do not allow this method",
  path: "the rules for this host do not allow this path",
  "ambiguous-path": "servers could read the path in more than one way; write it without dot segments, double slashes and needless escapes",
  "brokered-host": "it is reached only through the model's own base URL, with the credential that Airlock holds",
  "foreign-credential": "the request carries a credential that Airlock did not give out",
  "not-tls": "port 443 takes TLS only",
  "tls-required": "it may be spoken to over TLS only",
  "server-name": "the TLS server name is not the host that was asked for",
  "authority-mismatch": "the Host line names another host than the request",
  "address-runner": "its address is the runner's own",
  "no-network": "this run has no network but the model",
  "limit-connections": `too many connections are open (limit max-connections, ${DEFAULT_PROXY_LIMITS.maxConnections} at once; ${FIXED})`,
  "limit-bytes-up": `this run has sent too much (limit max-bytes-up, ${MIB(DEFAULT_PROXY_LIMITS.maxBytesUp)}; ${FIXED})`,
  "limit-bytes-up-per-host": `this run has sent too much to this host (limit max-bytes-up-per-host, ${MIB(DEFAULT_PROXY_LIMITS.maxBytesUpPerHost)}; ${FIXED})`,
  "limit-pipelined": `too many requests wait for an answer on this connection (limit max-pipelined, ${DEFAULT_PROXY_LIMITS.maxPipelined}; ${FIXED})`,
  "limit-header-bytes": `the header section is too large (limit max-header-bytes, ${DEFAULT_PROXY_LIMITS.maxHeaderBytes / 1024} KiB; ${FIXED})`,
  "limit-header-lines": `the header section has too many lines (limit max-header-lines, ${DEFAULT_PROXY_LIMITS.maxHeaderLines}; ${FIXED})`,
  "limit-header-timeout": `it was not sent in time (limit header-timeout, ${SECONDS(DEFAULT_PROXY_LIMITS.headerTimeoutMs)}; ${FIXED})`,
  "limit-idle": `no byte moved for too long (limit idle-timeout, ${SECONDS(DEFAULT_PROXY_LIMITS.idleTimeoutMs)}; ${FIXED})`,
  "limit-resolve-timeout": `the runner's resolver did not answer in time (limit resolve-timeout, ${SECONDS(DEFAULT_PROXY_LIMITS.resolveTimeoutMs)}; ${FIXED})`,
  "limit-dial-timeout": `it did not answer the runner in time (limit dial-timeout, ${SECONDS(DEFAULT_PROXY_LIMITS.dialTimeoutMs)}; ${FIXED})`,
  "dns-failed": "its name could not be resolved on the runner",
  "dial-failed": "it could not be reached from the runner",
  "tls-failed": "its TLS certificate could not be verified",
  "upstream-failed": "it broke off the answer",
  "unreadable-response": "its answer is encoded so that it cannot be checked for the credential",
  upgrade: "a connection that changes its protocol cannot be limited to methods or paths",
  h2c: "HTTP/2 without TLS is not carried",
  trace: "TRACE and TRACK give credentials back and are not carried",
};

const OWN_HOST =
  "it means the asking machine itself or what only that machine reaches; the sandbox's own servers are reached without the proxy";

const OWN_ADDRESS: ReadonlySet<string> = new Set(["address-loopback", "address-unspecified", "address-link-local", "address-metadata"]);

type Target = { readonly host: string; readonly port: number } | undefined;

/** The plain-text body of a refusal: one sentence, and the line that would help. Only canonical host names and our own words are in it. */
export function explainRefusal(refusal: Refusal, target: Target): string {
  const own = target !== undefined && isOwnHost(target.host);
  const where = target === undefined || own ? "The request" : `${renderHost(target.host)}:${target.port}`;
  const suggestion = suggestionFor(refusal, target);
  const help = suggestion === undefined ? "" : ` To allow it, add the line \`${suggestion}\` to the input \`allow\`.`;
  return `airlock: ${where} was refused (${refusal.reason}): ${refusal.detail ?? describe(refusal.reason, own)}.${help}\n`;
}

/** The reason phrase of the status line. Many tools show it, and hardly one shows the body of a refused CONNECT. */
export function phraseRefusal(refusal: Refusal, target: Target): string {
  const suggestion = suggestionFor(refusal, target);
  return `Refused by airlock (${refusal.reason})${suggestion === undefined ? "" : `, add ${suggestion} to its input allow`}`;
}

function suggestionFor({ reason }: Refusal, target: Target): string | undefined {
  return target === undefined ? undefined : findSuggestion(reason, target.host, target.port);
}

function describe(reason: Reason, own: boolean): string {
  if (OWN_ADDRESS.has(reason) || (own && RULE_WOULD_HELP.has(reason))) return OWN_HOST;
  const words = WORDS[reason];
  if (words !== undefined) return words;
  return reason.startsWith("address-") ? "its address is in a range that is refused unless a rule names it" : "the request is malformed";
}
