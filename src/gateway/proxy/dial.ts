import { lookup } from "node:dns/promises";
import { connect, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import type { Duplex } from "node:stream";
import { canonicalAddress, classifyAddress, parseAddress } from "../../domain/egress/address.ts";
import { canonicalHost } from "../../domain/egress/host.ts";
import { type EgressPolicy, judgeAddress } from "../../domain/egress/policy.ts";
import type { ProxyLimits } from "../http/limits.ts";
import { isRefusal, type Reason, type Refusal, refuse } from "../http/refusal.ts";

/** How the gateway reaches the network; tests replace it. */
export interface DialOverrides {
  /** Addresses of a name, as the runner resolves it. Rejects when there is none. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
  /** Connects to an address, never to a name. */
  readonly dial: (to: { readonly address: string; readonly port: number; readonly signal: AbortSignal }) => Promise<Duplex>;
  /** Addresses of the runner's own interfaces. */
  readonly ownAddresses: () => readonly string[];
}

export interface Dialled {
  readonly socket: Duplex;
  readonly address: string;
}

export type Dialer = (host: string, port: number) => Promise<Dialled | Refusal>;

const MAX_ADDRESSES = 6;

/**
 * Resolves a name that the policy allowed, filters its addresses, and dials one of the addresses that were filtered:
 * the name is never looked up a second time (I4).
 */
export function openDialer(options: {
  readonly policy: EgressPolicy;
  readonly limits: ProxyLimits;
  readonly overrides: DialOverrides;
}): Dialer {
  const { policy, limits, overrides } = options;
  return async (host, port) => {
    const found = await findAddresses(host, limits, overrides);
    if (isRefusal(found)) return found;
    const own = new Set(overrides.ownAddresses().map((address) => canonicalAddress(address) ?? address));
    const judged = found.map((address) => ({ address, reason: judge(policy, { address, port, own }) }));
    const usable = judged.filter(({ reason }) => reason === undefined).slice(0, MAX_ADDRESSES);
    if (usable.length === 0) return refuse(judged[0]?.reason ?? "dns-failed", judged.length === 0 ? 502 : 403);
    return await dialFirst(
      usable.map(({ address }) => address),
      port,
      options,
    );
  };
}

type Addresses = readonly string[];

async function findAddresses(host: string, limits: ProxyLimits, overrides: DialOverrides): Promise<Addresses | Refusal> {
  const canonical = canonicalHost(host);
  if (canonical === undefined) return refuse("bad-host", 400);
  if (canonical.address !== undefined) return [canonical.text];
  const addresses = await withTimeout(overrides.resolve(canonical.text), limits.resolveTimeoutMs);
  if (addresses === "late") return refuse("limit-resolve-timeout", 504);
  if (addresses === undefined || addresses.length === 0) return refuse("dns-failed", 502);
  return addresses.map((address) => canonicalAddress(address) ?? address);
}

/** undefined when the address may be dialled. */
function judge(
  policy: EgressPolicy,
  at: { readonly address: string; readonly port: number; readonly own: ReadonlySet<string> },
): Reason | undefined {
  const parsed = parseAddress(at.address);
  if (parsed === undefined) return "address-invalid";
  const { denied, named, exact } = judgeAddress(policy, parsed, at.port);
  if (denied !== undefined) return "deny-rule";
  const kind = classifyAddress(at.address);
  // A wide range of IPv6 may hold it by accident, and whoever dials it reaches this machine.
  if (kind === "unspecified") return "address-unspecified";
  if (kind !== "loopback" && at.own.has(at.address)) return exact ? undefined : "address-runner";
  return kind === "public" || named ? undefined : `address-${kind}`;
}

async function dialFirst(
  addresses: Addresses,
  port: number,
  options: { readonly limits: ProxyLimits; readonly overrides: DialOverrides },
): Promise<Dialled | Refusal> {
  const deadline = AbortSignal.timeout(options.limits.dialTimeoutMs);
  const eachMs = Math.ceil(options.limits.dialTimeoutMs / addresses.length);
  let late = false;
  for (const address of addresses) {
    const signal = AbortSignal.any([deadline, AbortSignal.timeout(eachMs)]);
    const socket = await options.overrides.dial({ address, port, signal }).catch(() => undefined);
    if (socket !== undefined) return { socket, address };
    late ||= signal.aborted;
    if (deadline.aborted) break;
  }
  return late ? refuse("limit-dial-timeout", 504) : refuse("dial-failed", 502);
}

/** undefined when the work fails. */
async function withTimeout<T>(work: Promise<T>, timeoutMs: number): Promise<T | "late" | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), timeoutMs);
  });
  try {
    return await Promise.race([work.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Look-ups occupy threads that file operations need too: one of the four stays free, whatever the guest requests. */
const MAX_LOOKUPS = 3;

/** Names that wait for their look-up. A wildcard matches any number of names, and a name stays in the queue after its connection has given up. */
const MAX_WAITING = 500;

type Lookup = (host: string) => Promise<readonly string[]>;

/** Looks up few names at once, and no name twice at the same time. */
export function openLookup(lookUp: Lookup = lookUpInSystem): Lookup {
  const waiting: (() => void)[] = [];
  const underWay = new Map<string, Promise<readonly string[]>>();
  let running = 0;
  const take = async (host: string): Promise<readonly string[]> => {
    if (running >= MAX_LOOKUPS) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await lookUp(host);
    } finally {
      running -= 1;
      underWay.delete(host);
      waiting.shift()?.();
    }
  };
  return (host) => {
    const known = underWay.get(host);
    if (known !== undefined) return known;
    if (waiting.length >= MAX_WAITING) return Promise.reject(new Error("too many names wait for the resolver"));
    const lookup = take(host);
    underWay.set(host, lookup);
    return lookup;
  };
}

async function lookUpInSystem(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true, order: "verbatim" })).map(({ address }) => address);
}

/** Reading the interfaces took a tenth of a connection's processor time. A new address of the runner is noticed this much later. */
const OWN_ADDRESSES_MS = 1_000;

function openOwnAddresses(): () => readonly string[] {
  let known: readonly string[] = [];
  let readAtMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (performance.now() - readAtMs > OWN_ADDRESSES_MS) {
      known = Object.values(networkInterfaces()).flatMap((entries) => (entries ?? []).map(({ address }) => address));
      readAtMs = performance.now();
    }
    return known;
  };
}

/** The runner's own resolver, network and interfaces. */
export const SYSTEM_DIAL: DialOverrides = {
  resolve: openLookup(),
  dial: ({ address, port, signal }) => dialSystem(address, port, signal),
  ownAddresses: openOwnAddresses(),
};

function dialSystem(address: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, allowHalfOpen: true, noDelay: true, autoSelectFamily: false });
    const fail = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener("abort", fail, { once: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      signal.removeEventListener("abort", fail);
      socket.off("error", reject);
      socket.on("error", () => undefined);
      resolve(socket);
    });
  });
}
