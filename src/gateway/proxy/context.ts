import type { Duplex } from "node:stream";
import { decide, decideRequest, type EgressPolicy, isReadable } from "../../domain/egress/policy.ts";
import type { CredentialInjector } from "../credentials/inject.ts";
import type { ProxyLimits } from "../http/limits.ts";
import { isRefusal, type Reason, type Refusal, refuse } from "../http/refusal.ts";
import type { Endpoint } from "../http/request-target.ts";
import type { RunAuthority } from "../tls/run-authority.ts";
import { lookUpProcess } from "../tunnel/process-lookup.ts";
import type { Dialer, Dialled } from "./dial.ts";
import type { EgressLane, Entry } from "./egress-log.ts";

/** What every part of the proxy needs. */
export interface ProxyContext {
  readonly policy: EgressPolicy;
  readonly mode: "allowlist" | "audit" | "none";
  readonly limits: ProxyLimits;
  readonly dialer: Dialer;
  readonly log: EgressLane;
  readonly authority: RunAuthority;
  readonly injector: CredentialInjector;
  /** Hosts that are reached only through the broker, with its credential. */
  readonly brokeredHosts: ReadonlySet<string>;
  /** Roots that upstream certificates are checked against; undefined: Node's own. */
  readonly upstreamCa: readonly string[] | undefined;
}

export interface Allowed {
  readonly reason: Reason;
  readonly rule?: string;
}

const CAN_BE_AUDITED: ReadonlySet<Reason> = new Set(["default-deny", "port", "ip-literal"]);
/** Names that are never public (RFC 6761, RFC 6762, RFC 9476 and similar): audit mode does not let them through, nor one-word names. */
const NEVER_PUBLIC = /^[^.:]+$|\.(?:invalid|localhost|local|internal|intranet|lan|corp|home|alt|onion|home\.arpa)$/;

/** Judges a host and a port before anything is resolved. */
export function judgeTarget(context: ProxyContext, target: Endpoint): Allowed | Refusal {
  if (context.brokeredHosts.has(target.host)) return refuse("brokered-host");
  if (context.mode === "none") return refuse("no-network");
  const decision = decide(context.policy, target.host, target.port);
  if (decision.verdict === "allow") return decision;
  // On a host that gets a secret the rules decide on every port: audit mode would let the secret be used without them.
  const watched = context.mode === "audit" && !NEVER_PUBLIC.test(target.host) && !context.injector.covers(target.host);
  return watched && CAN_BE_AUDITED.has(decision.reason) ? { reason: "audit" } : refuse(decision.reason);
}

/** Judges one request whose method and path can be read, and gives the path to send. */
export function judgeRequest(
  context: ProxyContext,
  target: Endpoint,
  request: { readonly method: string; readonly path: string },
): Allowed | Refusal {
  const whole = judgeTarget(context, target);
  if ("refused" in whole || whole.reason === "audit") return whole;
  const decision = decideRequest(context.policy, { ...target, ...request });
  return decision.verdict === "allow" ? decision : refuse(decision.reason, decision.reason === "ambiguous-path" ? 400 : 403);
}

/** Whether the gateway must be able to read the traffic to this host. */
export function mustRead(context: ProxyContext, target: Endpoint): boolean {
  return isReadable(context.policy, target.host, target.port) || context.injector.covers(target.host);
}

/** Logs a connection that ended before its target could be read. */
export function refuseUnread(context: ProxyContext, reason: Reason, method?: string): void {
  const entry = context.log.begin({ host: "-", port: 0, method });
  entry.deny(reason);
  entry.end();
}

/** Judges, resolves, filters and dials; records each step in the entry. A host that already got too much is not dialled again. */
export async function admit(context: ProxyContext, target: Endpoint, entry: Entry): Promise<Dialled | Refusal> {
  const judged = judgeTarget(context, target);
  if ("refused" in judged) {
    entry.deny(judged.reason, ruleOf(context, target));
    return judged;
  }
  entry.allow(judged.reason, judged.rule);
  const limit = entry.up(0);
  return limit === undefined ? await dialFor(context, target, entry) : refuse(limit);
}

/** Resolves, filters and dials a target that was judged already. */
export async function dialFor(context: ProxyContext, target: Endpoint, entry: Entry): Promise<Dialled | Refusal> {
  const dialled = await context.dialer(target.host, target.port);
  if (isRefusal(dialled)) entry.deny(dialled.reason);
  else entry.at(dialled.address);
  return dialled;
}

/** Refusals that a person may want to act on. */
const WORTH_A_LOOKUP = /^(?:default-deny|deny-rule|port|ip-literal|no-network|address-.*)$/;

/** Records which command wanted a host that was refused; the refusal waits for it briefly. undefined: no look-up, nothing to wait for. */
export function identifyCommand(
  context: ProxyContext,
  refused: { readonly stream: Duplex; readonly entry: Entry; readonly reason: Reason },
): Promise<void> | undefined {
  const { stream, entry, reason } = refused;
  if (entry.host === "-" || !WORTH_A_LOOKUP.test(reason) || !context.log.takesLookup(entry.host)) return undefined;
  return lookUpProcess(stream).then((command) => {
    if (command !== undefined) entry.command(command);
  });
}

function ruleOf(context: ProxyContext, target: Endpoint): string | undefined {
  return decide(context.policy, target.host, target.port).rule;
}

/** Runs the handler of an event on a hostile stream: whatever it throws ends that stream, never the process. */
export function destroyOnError(stream: Duplex, handle: () => void | Promise<void>): void {
  const run = async (): Promise<void> => await handle();
  run().catch(() => stream.destroy());
}

const LINGER_MS = 2_000;

/** Sends the last bytes and closes. What the other end still sends is dropped for a moment, so that a reset does not destroy the response. */
export function endAfter(stream: Duplex, bytes: string | Uint8Array): void {
  if (stream.destroyed) return;
  const timer = setTimeout(() => stream.destroy(), LINGER_MS);
  stream.once("close", () => clearTimeout(timer));
  stream.on("error", () => undefined);
  stream.once("end", () => stream.destroy());
  stream.end(bytes);
  stream.resume();
}
