export type Fault =
  /** Answers with an error; `after`: once the work is done. */
  | { readonly kind: "status"; readonly status: number; readonly message?: string; readonly retryAfterS?: number; readonly after?: boolean }
  /** The work begins that much later. */
  | { readonly kind: "slow"; readonly delayMs: number }
  /** The connection is cut; `after`: once the work is done. For a command: in the middle of its output. */
  | { readonly kind: "drop"; readonly after?: boolean }
  /** The connection stays open and nothing ever comes. */
  | { readonly kind: "half-open" }
  /** The request is delivered twice; for a command, its output. */
  | { readonly kind: "duplicate" }
  /** A command's output, or an upload, ends early, and nothing says so. */
  | { readonly kind: "truncate" }
  /** What was asked for is said to be done, and was not; what is there is said not to be; somebody else answers in the guest's name. */
  | { readonly kind: "lie" }
  /** Instead of a command, one that prints without end. */
  | { readonly kind: "flood" };

/** Which of the requests at a stage meet a fault. */
export interface Striking {
  /** Default 1. */
  readonly times?: number;
  /** So many before them do not; default 0. */
  readonly skip?: number;
}

/** Faults of a service, by the stage where each can strike. */
export interface Faults<Stage extends string, F extends Fault = Fault> {
  inject(at: Stage, fault: F, options?: Striking): void;
  take(at: Stage): F | undefined;
  /** From now on the service is well. */
  heal(): void;
  /** Faults that were injected and met nobody. */
  readonly unmet: readonly Stage[];
}

export function openFaults<Stage extends string, F extends Fault = Fault>(): Faults<Stage, F> {
  const waiting: { at: Stage; fault: F; times: number; skip: number }[] = [];
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
    heal: () => void waiting.splice(0),
    get unmet() {
      return waiting.filter((each) => each.times > 0).map((each) => each.at);
    },
  };
}
