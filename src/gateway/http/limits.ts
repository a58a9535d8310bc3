/** Every bound of the proxy, with the name that an error gives it. */
export interface ProxyLimits {
  /** Guest connections open at once. */
  readonly maxConnections: number;
  /** Requests of one guest connection without a complete response. */
  readonly maxPipelined: number;
  /** Bytes of one request's or response's header section. */
  readonly maxHeaderBytes: number;
  readonly maxHeaderLines: number;
  /** Bytes from the guest to one host, and to all hosts, in the whole run. */
  readonly maxBytesUpPerHost: number;
  readonly maxBytesUp: number;
  /** Time a guest has for one header section or for the first bytes of a tunnel. */
  readonly headerTimeoutMs: number;
  /** A connection on which no byte moved for this long is closed. */
  readonly idleTimeoutMs: number;
  readonly resolveTimeoutMs: number;
  /** All attempts to dial one host together. */
  readonly dialTimeoutMs: number;
  /** Lines of `egress.jsonl`; later connections are counted only. */
  readonly maxLogLines: number;
}

const MIB = 1024 * 1024;
/** Hosts with a count of their own; a wildcard matches any number of hosts, so later ones share one count. */
const MAX_HOSTS = 10_000;

export const DEFAULT_PROXY_LIMITS: ProxyLimits = {
  maxConnections: 1000,
  maxPipelined: 100,
  maxHeaderBytes: 32 * 1024,
  maxHeaderLines: 200,
  maxBytesUpPerHost: 256 * MIB,
  maxBytesUp: 1024 * MIB,
  headerTimeoutMs: 20_000,
  idleTimeoutMs: 600_000,
  resolveTimeoutMs: 10_000,
  dialTimeoutMs: 20_000,
  maxLogLines: 20_000,
};

/** Counts what left the runner, per host and in total. */
export interface UploadBudget {
  /** Adds `bytes`; returns the name of the limit that is now exceeded. */
  spend(host: string, bytes: number): UploadLimit | undefined;
}

export type UploadLimit = "limit-bytes-up-per-host" | "limit-bytes-up";

export function openUploadBudget(limits: ProxyLimits): UploadBudget {
  const perHost = new Map<string, number>();
  let total = 0;
  return {
    spend(host, bytes) {
      total += bytes;
      const key = perHost.size < MAX_HOSTS || perHost.has(host) ? host : "";
      const spent = (perHost.get(key) ?? 0) + bytes;
      perHost.set(key, spent);
      if (spent > limits.maxBytesUpPerHost) return "limit-bytes-up-per-host";
      return total > limits.maxBytesUp ? "limit-bytes-up" : undefined;
    },
  };
}
