import type { Fault } from "../e2b-server/faults.ts";

/** Where a fault can strike. */
export type Station = "create" | "list" | "get" | "delete" | "policy-set" | "policy-get" | "exec" | "upload" | "proxy";

export interface SpritesFaults {
  /** The next `times` requests at a station meet the fault, after `skip` that do not. */
  inject(at: Station, fault: SpritesFault, options?: { readonly times?: number; readonly skip?: number }): void;
  take(at: Station): SpritesFault | undefined;
  /** Faults that were injected and met nobody. */
  readonly unmet: readonly Station[];
}

export type SpritesFault = Fault & {
  /** For a status: the service's own word, `error` in the body. */
  readonly code?: string;
};

export function openFaults(): SpritesFaults {
  const waiting: { at: Station; fault: SpritesFault; times: number; skip: number }[] = [];
  return {
    inject: (at, fault, { times = 1, skip = 0 } = {}) => void waiting.push({ at, fault, times, skip }),
    take(at) {
      const next = waiting.find((each) => each.at === at && each.times > 0);
      if (next === undefined) return undefined;
      if (next.skip > 0) {
        next.skip -= 1;
        return undefined;
      }
      next.times -= 1;
      return next.fault;
    },
    get unmet() {
      return waiting.filter((each) => each.times > 0).map((each) => each.at);
    },
  };
}
