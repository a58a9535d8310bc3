import type { Duplex } from "node:stream";
import { decide, decideRequest, type EgressPolicy, isReadable } from "../../domain/egress/policy.ts";
import type { CredentialInjector } from "../credentials/inject.ts";
import type { ProxyLimits } from "../http/limits.ts";
import { isRefusal, type Reason, type Refusal, refuse } from "../http/refusal.ts";
import type { Endpoint } from "../http/request-target.ts";
import type { RunAuthority } from "../tls/run-authority.ts";
import { lookUpProcess } from "../tunnel/process-lookup.ts";
import type { Dialer, Dialled } from "./dial.ts";
import type { EgressLog, Entry } from "./egress-log.ts";

/** What every part of the proxy needs. */
export interface ProxyContext {
  readonly policy: EgressPolicy;
  readonly mode: "allowlist" | "audit" | "none";
  readonly limits: ProxyLimits;
  readonly dialer: Dialer;
  readonly log: EgressLog;
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
/** Names that are never public (RFC 6761, RFC 6762, RFC 9476 and their kin): watching does not let them through, nor one-word names. */
const NEVER_PUBLIC = /^[^.:]+$|\.(?:invalid|localhost|local|internal|intranet|lan|corp|home|alt|onion|home\.arpa)$/;

/** Judges a host and a port before anything is resolved. */
export function judgeTarget(context: ProxyContext, target: Endpoint): Allowed | Refusal {
  if (context.brokeredHosts.has(target.host)) return refuse("brokered-host");
  if (context.mode === "none") return refuse("no-network");
  const decision = decide(context.policy, target.host, target.port);
  if (decision.verdict === "allow") return decision;
  // On a host that gets a secret the rules say what may be done, on every port: watching it would let it be used without them.
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

/** Whether the gateway has to be able to read what goes to this host. */
export function mustRead(context: ProxyContext, target: Endpoint): boolean {
  return isReadable(context.policy, target.host, target.port) || context.injector.covers(target.host);
}

/** Logs a connection that was ended before it could be read what it was for. */
export function refuseUnread(context: ProxyContext, reason: Reason, method?: string): void {
  const entry = context.log.begin({ host: "-", port: 0, method });
  entry.deny(reason);
  entry.end();
}

/** Judges, resolves, filters and dials; notes each step in the entry. A host that got too much already is not dialled again. */
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
  const reached = await context.dialer(target.host, target.port);
  if (isRefusal(reached)) entry.deny(reached.reason);
  else entry.at(reached.address);
  return reached;
}

/** Refusals that a person would do something about. */
const WORTH_ASKING = /^(?:default-deny|deny-rule|port|ip-literal|no-network|address-.*)$/;

/** Notes who asked for a host that was refused: the refusal waits for it, a moment at most. undefined where nobody is asked and nothing has to wait. */
export function identifyCommand(
  context: ProxyContext,
  asked: { readonly stream: Duplex; readonly entry: Entry; readonly reason: Reason },
): Promise<void> | undefined {
  const { stream, entry, reason } = asked;
  if (entry.host === "-" || !WORTH_ASKING.test(reason) || !context.log.wonders(entry.host)) return undefined;
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

/** Sends the last bytes and closes: what the other end still sends is dropped for a moment, so that the answer is not lost to a reset. */
export function endAfter(stream: Duplex, bytes: string | Uint8Array): void {
  if (stream.destroyed) return;
  const timer = setTimeout(() => stream.destroy(), LINGER_MS);
  stream.once("close", () => clearTimeout(timer));
  stream.on("error", () => undefined);
  stream.once("end", () => stream.destroy());
  stream.end(bytes);
  stream.resume();
}
