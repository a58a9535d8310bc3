import { AirlockError } from "../../domain/errors.ts";
import { addCharge, type Charge, NO_USAGE, type Usage } from "../../domain/model/usage.ts";

const MINUTE_MS = 60_000;

/** Caps of one run. 0 means no cap, except for the cost. */
export interface BudgetLimits {
  /** Nothing is let through once this is spent; 0 lets nothing through. */
  readonly maxCostUsd: number;
  readonly maxTurns: number;
  readonly maxRequests: number;
  readonly maxOutputTokens: number;
  readonly maxRequestsPerMinute: number;
}

/** The most one request can cost, known before it is let through. */
export interface Ceiling {
  readonly costUsd: number;
  readonly outputTokens: number;
  /** Part of the agent's conversation: counts as a turn once the service has responded. */
  readonly turn: boolean;
}

export interface Pass {
  /** Ends the reservation; `undefined` when the request cost nothing. Call it exactly once. */
  settle(charge: Charge | undefined): void;
}

export interface Budget {
  /**
   * Admits a request, delays it while requests under way could use up what is left, or refuses it.
   * A request that is alone is admitted as long as anything is left: an overrun is one request at most.
   * @throws AirlockError `budget.exceeded`, or what `stop` was given
   */
  admit(ceiling: Ceiling, signal: AbortSignal): Promise<Pass>;
  /** Refuses every further request with this error, and those that wait. Once is enough: later errors change nothing. */
  stop(error: AirlockError): void;
  usage(): Usage;
  /** Aborted with the AirlockError that ends the run: a cap that is reached, or what `stop` was given. */
  readonly exhausted: AbortSignal;
}

export interface BudgetOptions {
  readonly limits: BudgetLimits;
  /** Milliseconds; default the process clock. */
  readonly now?: () => number;
}

interface Waiter {
  readonly ceiling: Ceiling;
  readonly resolve: (pass: Pass) => void;
  readonly reject: (error: unknown) => void;
}

/** Counts what a run uses and stops it at its caps. */
export function openBudget(options: BudgetOptions): Budget {
  const { limits } = options;
  const now = options.now ?? (() => performance.now());
  const exhaustion = new AbortController();
  const underWay = new Set<Ceiling>();
  const waiting: Waiter[] = [];
  const recent: number[] = [];
  let usage: Usage = NO_USAGE;
  let stopped: AirlockError | undefined;

  const refusal = (ceiling: Ceiling): AirlockError | undefined => {
    while (recent.length > 0 && now() - (recent[0] ?? 0) >= MINUTE_MS) recent.shift();
    return stopped ?? findReachedCap({ limits, usage, ceiling, requestsThisMinute: recent.length });
  };
  const enter = (ceiling: Ceiling): Pass => {
    usage = { ...usage, requests: usage.requests + 1 };
    recent.push(now());
    underWay.add(ceiling);
    return { settle: (charge) => settle(ceiling, charge) };
  };
  const settle = (ceiling: Ceiling, charge: Charge | undefined): void => {
    if (!underWay.delete(ceiling)) return;
    if (charge !== undefined) usage = addCharge(usage, charge);
    pump();
  };
  const pump = (): void => {
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      const error = refusal(first.ceiling);
      if (error === undefined && !fits(limits, usage, underWay, first.ceiling)) return;
      waiting.shift();
      if (error === undefined) first.resolve(enter(first.ceiling));
      else {
        exhaustion.abort(error);
        first.reject(error);
      }
    }
  };
  return {
    usage: () => usage,
    exhausted: exhaustion.signal,
    stop(error) {
      exhaustion.abort(error);
      stopped ??= error;
      pump();
    },
    admit(ceiling, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<Pass>();
      // A copy, so that the same ceiling given twice is still two reservations.
      const waiter: Waiter = { ceiling: { ...ceiling }, resolve, reject };
      const leave = (): void => {
        if (!remove(waiting, waiter)) return;
        reject(signal.reason);
        pump();
      };
      waiting.push(waiter);
      pump();
      if (signal.aborted) leave();
      else signal.addEventListener("abort", leave, { once: true });
      return promise.finally(() => signal.removeEventListener("abort", leave));
    },
  };
}

/** Whether it was there. */
function remove(waiting: Waiter[], waiter: Waiter): boolean {
  const index = waiting.indexOf(waiter);
  if (index >= 0) waiting.splice(index, 1);
  return index >= 0;
}

/** Whether all requests under way and this one stay within the caps, even if each costs the most it can. */
function fits(limits: BudgetLimits, usage: Usage, underWay: ReadonlySet<Ceiling>, next: Ceiling): boolean {
  if (underWay.size === 0) return true;
  let costUsd = usage.costUsd + next.costUsd;
  let outputTokens = usage.outputTokens + next.outputTokens;
  let turns = usage.turns + (next.turn ? 1 : 0);
  for (const ceiling of underWay) {
    costUsd += ceiling.costUsd;
    outputTokens += ceiling.outputTokens;
    turns += ceiling.turn ? 1 : 0;
  }
  const within = (value: number, cap: number): boolean => cap === 0 || value <= cap;
  return costUsd <= limits.maxCostUsd && within(outputTokens, limits.maxOutputTokens) && within(turns, limits.maxTurns);
}

interface CapQuestion {
  readonly limits: BudgetLimits;
  readonly usage: Usage;
  readonly ceiling: Ceiling;
  readonly requestsThisMinute: number;
}

function findReachedCap(question: CapQuestion): AirlockError | undefined {
  const { limits, usage, ceiling } = question;
  if (usage.costUsd >= limits.maxCostUsd && ceiling.costUsd > 0) {
    return exceeded(
      `The model's answers have cost ${dollars(usage.costUsd)}; the limit max-cost-usd is ${dollars(limits.maxCostUsd)}.`,
      "Raise `max-cost-usd`, or give the agent a smaller task or a cheaper model.",
    );
  }
  if (ceiling.turn && reached(usage.turns, limits.maxTurns)) {
    return exceeded(
      `The agent has taken ${usage.turns} turns; the limit max-turns is ${limits.maxTurns}.`,
      "Raise `max-turns`, or give the agent a smaller task.",
    );
  }
  if (reached(usage.requests, limits.maxRequests)) {
    return exceeded(
      `The agent has made ${usage.requests} model requests; the limit on requests is ${limits.maxRequests}.`,
      "Raise `max-turns`: the limit on requests grows with it.",
    );
  }
  if (ceiling.costUsd > 0 && reached(usage.outputTokens, limits.maxOutputTokens)) {
    return exceeded(
      `The model has written ${usage.outputTokens} tokens; the limit max-output-tokens is ${limits.maxOutputTokens}.`,
      "Raise `max-output-tokens` in the repository's file (.github/airlock.yml), or give the agent a smaller task.",
    );
  }
  if (reached(question.requestsThisMinute, limits.maxRequestsPerMinute)) {
    return exceeded(
      `The agent made ${question.requestsThisMinute} model requests within a minute; the limit max-requests-per-minute is ${limits.maxRequestsPerMinute}.`,
      "Look in the transcript for a loop; run the agent with fewer parallel requests, or raise `max-requests-per-minute` in the repository's file where it says less than 600.",
    );
  }
  return undefined;
}

function reached(value: number, cap: number): boolean {
  return cap !== 0 && value >= cap;
}

function exceeded(message: string, remedy: string): AirlockError {
  return new AirlockError("budget.exceeded", { message, remedy });
}

function dollars(value: number): string {
  return `${value.toFixed(value < 0.1 ? 4 : 2)} USD`;
}
