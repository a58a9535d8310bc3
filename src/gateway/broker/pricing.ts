import { costOf, priceOf } from "../../domain/model/prices.ts";
import { type Charge, NO_TOKENS, type Tokens } from "../../domain/model/usage.ts";
import type { Price } from "../../domain/price.ts";
import type { ModelApi } from "../../ports/gateway.ts";
import type { Ceiling } from "./budget.ts";
import type { ModelRequest } from "./model-request.ts";
import type { UsageTally } from "./usage-meter.ts";

/** Output tokens when a request sets no limit: the most that any listed model writes in one response. */
const DEFAULT_MAX_OUTPUT_TOKENS = 128_000;
/** No ordinary prompt has fewer bytes per token; used for an upper bound of a prompt's tokens. */
const MIN_BYTES_PER_TOKEN = 2;
/** Faster than any service writes; bounds a response that broke off before it stated its usage. */
const MAX_TOKENS_PER_SECOND = 500;

export interface Pricing {
  readonly api: ModelApi;
  readonly overrides: Readonly<Record<string, Price>>;
}

/** The most a request can cost. Prompt tokens are counted as if all were written to the dearest cache. */
export function ceilingOf(pricing: Pricing, modelRequest: ModelRequest, bodyBytes: number): Ceiling {
  const { price } = priceOf({ ...pricing, model: modelRequest.model });
  const output = modelRequest.maxOutputTokens ?? DEFAULT_MAX_OUTPUT_TOKENS;
  const tokens: Tokens = { ...NO_TOKENS, cacheWriteLong: Math.ceil(bodyBytes / MIN_BYTES_PER_TOKEN), output };
  return { costUsd: costOf(tokens, price, modelRequest.fast), outputTokens: output, turn: modelRequest.turn };
}

export interface BilledExchange {
  readonly modelRequest: ModelRequest;
  readonly bodyBytes: number;
  readonly tally: UsageTally;
  readonly durationMs: number;
  /** The service's status; undefined when no response came. */
  readonly status: number | undefined;
}

/** What a request is charged. A response that did not state its usage is charged at its upper bound. */
export function chargeOf(pricing: Pricing, exchange: BilledExchange): Charge | undefined {
  const { modelRequest, tally, status } = exchange;
  if (status !== undefined && status >= 300) return undefined;
  const tokens = tally.complete ? tally.tokens : boundFromAbove(exchange);
  const requested = priceOf({ ...pricing, model: modelRequest.model });
  const named = tally.model === undefined || requested.known ? requested : priceOf({ ...pricing, model: tally.model });
  const { price, known } = named.known ? named : requested;
  return {
    tokens,
    costUsd: costOf(tokens, price, modelRequest.fast),
    turn: modelRequest.turn && status !== undefined,
    estimated: !tally.complete,
    ...(known ? {} : { unpricedModel: modelRequest.model }),
  };
}

function boundFromAbove(exchange: BilledExchange): Tokens {
  const { modelRequest, tally } = exchange;
  const seen = tally.tokens;
  const promptKnown = seen.input + seen.cacheRead + seen.cacheWrite + seen.cacheWriteLong > 0;
  const byTime = Math.ceil((exchange.durationMs / 1000) * MAX_TOKENS_PER_SECOND);
  const byAsk = modelRequest.maxOutputTokens ?? DEFAULT_MAX_OUTPUT_TOKENS;
  return {
    ...seen,
    input: promptKnown ? seen.input : Math.ceil(exchange.bodyBytes / MIN_BYTES_PER_TOKEN),
    output: Math.max(seen.output, Math.min(byAsk, Math.max(byTime, Math.ceil(tally.bytes / MIN_BYTES_PER_TOKEN)))),
  };
}
