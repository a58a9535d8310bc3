import { throwRefusal } from "./refusal.ts";

const MIB = 1024 * 1024;

export interface MemoryLimits {
  /** Bytes of request bodies in memory, all requests together. */
  readonly maxBytes: number;
  /** Requests between their head and the end of their response. */
  readonly maxRequests: number;
}

export const DEFAULT_MEMORY_LIMITS: MemoryLimits = { maxBytes: 256 * MIB, maxRequests: 256 };

/** Bounds what requests under way keep in the runner's memory, whatever the guest sends (I18). */
export interface MemoryBudget {
  /** @throws Refused `busy` when too many requests are under way. */
  open(): Reservation;
  /** Runs one work at a time, so that two bodies are never decompressed together. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

/** One request's share. */
export interface Reservation extends Disposable {
  /** @throws Refused `busy` when all requests together keep too much. */
  take(bytes: number): void;
}

export function openMemoryBudget(limits: MemoryLimits): MemoryBudget {
  let bytes = 0;
  let requests = 0;
  let last: Promise<unknown> = Promise.resolve();
  return {
    open() {
      if (requests >= limits.maxRequests) {
        throwRefusal(
          "busy",
          503,
          `Too many requests are under way (limit max-model-requests, ${limits.maxRequests} at once); wait for some to end.`,
        );
      }
      requests += 1;
      let own = 0;
      return {
        take(more) {
          if (bytes + more > limits.maxBytes) {
            const mib = Math.floor(limits.maxBytes / MIB);
            throwRefusal(
              "busy",
              503,
              `The requests under way are too large together (limit max-model-bytes, ${mib} MiB); send fewer at once.`,
            );
          }
          bytes += more;
          own += more;
        },
        [Symbol.dispose]() {
          bytes -= own;
          requests -= 1;
          own = 0;
        },
      };
    },
    alone(work) {
      const done = last.then(work);
      last = done.catch(() => undefined);
      return done;
    },
  };
}
