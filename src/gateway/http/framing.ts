import type { IncomingMessage } from "node:http";
import { type HeaderLines, nominated, valuesOf } from "./header-lines.ts";
import type { Refusal } from "./refusal.ts";
import { parseHostLine } from "./request-target.ts";

/** What two parsers could read differently, so that one of them takes part of a body for another request. */
export type FramingFault =
  | "version"
  | "too-many-lines"
  | "host-count"
  | "host-form"
  | "nominated-field"
  | "several-lengths"
  | "transfer-coding"
  | "length-and-coding"
  | "trailer";

/** What the proxy and the broker may differ in. Everything else is one rule for both. */
export interface FramingRules {
  /** HTTP/1.0 is unambiguous without a transfer coding, and old clients of proxies speak it. */
  readonly versions: readonly ("1.0" | "1.1")[];
  readonly maxHeaderLines: number;
  readonly takesTrailers: boolean;
  readonly explain: (fault: FramingFault) => Refusal;
}

/** What a `Connection` line may not take away from a request. */
const NOT_NOMINABLE = new Set(["host", "content-length", "content-encoding", "transfer-encoding", "authorization", "cookie"]);

/** Refuses what `node:http` lets pass and another parser could frame differently, before anything is dialled or sent on. */
export function checkFraming(request: Pick<IncomingMessage, "httpVersion" | "rawHeaders">, rules: FramingRules): Refusal | undefined {
  const fault = findFault(request.httpVersion, request.rawHeaders, rules);
  return fault === undefined ? undefined : rules.explain(fault);
}

function findFault(version: string, lines: HeaderLines, rules: FramingRules): FramingFault | undefined {
  if (lines.length / 2 > rules.maxHeaderLines) return "too-many-lines";
  if (!rules.versions.some((known) => known === version)) return "version";
  return findHostFault(version, valuesOf(lines, "host")) ?? findLengthFault(version, lines, rules);
}

function findHostFault(version: string, hosts: readonly string[]): FramingFault | undefined {
  const [host] = hosts;
  if (host === undefined) return version === "1.0" ? undefined : "host-count";
  if (hosts.length > 1) return "host-count";
  return parseHostLine(host) === undefined ? "host-form" : undefined;
}

function findLengthFault(version: string, lines: HeaderLines, rules: FramingRules): FramingFault | undefined {
  if (nominated(lines).some((name) => NOT_NOMINABLE.has(name))) return "nominated-field";
  const codings = valuesOf(lines, "transfer-encoding");
  const lengths = valuesOf(lines, "content-length");
  if (lengths.length > 1) return "several-lengths";
  if (codings.length > 1 || codings.some((coding) => coding !== "chunked")) return "transfer-coding";
  if (codings.length > 0 && (lengths.length > 0 || version === "1.0")) return "length-and-coding";
  return !rules.takesTrailers && valuesOf(lines, "trailer").length > 0 ? "trailer" : undefined;
}
