import { costOf, MAX_IMAGE_TOKENS, MAX_PROMPT_TOKENS, priceOf, REGION_FACTOR } from "../../domain/model/prices.ts";
import { type Charge, joinTokens, NO_TOKENS, type Tokens } from "../../domain/model/usage.ts";
import type { Price } from "../../domain/price.ts";
import type { ModelApi } from "../../ports/gateway.ts";
import type { Ceiling } from "./budget.ts";
import type { ModelRequest } from "./model-request.ts";
import type { UsageTally } from "./usage-meter.ts";

/** Output tokens when a request sets no limit: the most that any listed model writes in one response. */
const DEFAULT_MAX_OUTPUT_TOKENS = 128_000;
/** Tokens that a service adds by itself to a prompt with tools; the highest known is below 1000. */
const ADDED_PROMPT_TOKENS = 1_000;
/** No answer has fewer bytes per token: each token stands in an event of its own, or in JSON. */
const MIN_BYTES_PER_OUTPUT_TOKEN = 2;
/** Faster than any service writes; bounds a response that broke off before it stated its usage. */
const MAX_TOKENS_PER_SECOND = 500;

export interface Pricing {
  readonly api: ModelApi;
  readonly overrides: Readonly<Record<string, Price>>;
}

/**
 * The most a request can cost. Prompt tokens are counted as if all were written to the dearest cache.
 * Infinite where nothing bounds it: such a request waits until it is alone.
 */
export function ceilingOf(pricing: Pricing, modelRequest: ModelRequest, bodyBytes: number): Ceiling {
  const { bounds, turn } = modelRequest;
  const { price } = priceOf({ ...pricing, model: modelRequest.model });
  const output = boundOutput(modelRequest);
  const prompt = boundPrompt(pricing, modelRequest, bodyBytes);
  if (bounds.openPasses || prompt === Number.POSITIVE_INFINITY) {
    return { costUsd: Number.POSITIVE_INFINITY, outputTokens: Number.POSITIVE_INFINITY, turn };
  }
  const tokens: Tokens = { ...NO_TOKENS, cacheWriteLong: prompt, output };
  return { costUsd: costOf(tokens, price, modelRequest.fast) * (bounds.regional ? REGION_FACTOR : 1), outputTokens: output, turn };
}

/** The most tokens one pass over the prompt reads. No token is shorter than a byte; a longer prompt than the model takes is refused unpaid. */
function boundPrompt(pricing: Pricing, { bounds, model }: ModelRequest, bodyBytes: number): number {
  const { known } = priceOf({ ...pricing, model });
  const longest = known ? MAX_PROMPT_TOKENS[pricing.api] : Number.POSITIVE_INFINITY;
  if (bounds.openPrompt) return longest;
  return Math.min(longest, bodyBytes + bounds.images * MAX_IMAGE_TOKENS[pricing.api] + ADDED_PROMPT_TOKENS);
}

function boundOutput({ maxOutputTokens, bounds }: ModelRequest): number {
  return (maxOutputTokens ?? DEFAULT_MAX_OUTPUT_TOKENS) * bounds.answers;
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
  const tokens = tally.complete ? tally.tokens : boundFromAbove(pricing, exchange);
  const { costUsd, unpricedModel } = priceAnswer(pricing, exchange, tokens);
  const passes = tally.passes.reduce((sum, pass) => joinTokens(sum, pass.tokens, add), NO_TOKENS);
  return {
    tokens: joinTokens(tokens, passes, Math.max),
    costUsd,
    turn: modelRequest.turn && status !== undefined,
    estimated: !tally.complete,
    ...(unpricedModel === undefined ? {} : { unpricedModel }),
  };
}

const add = (a: number, b: number): number => a + b;

interface PricedAnswer {
  readonly costUsd: number;
  readonly unpricedModel: string | undefined;
}

/** The totals of an answer leave some of its passes out, such as a compaction: the passes are summed, each by its own model. */
function priceAnswer(pricing: Pricing, { modelRequest, tally }: BilledExchange, tokens: Tokens): PricedAnswer {
  const fast = modelRequest.fast || tally.fast;
  const whole = findPrices(pricing, modelRequest.model, tally.model);
  const dearest = (counted: Tokens, prices: readonly Price[]): number => Math.max(...prices.map((price) => costOf(counted, price, fast)));
  const passes = tally.passes.map((pass) => ({ ...pass, ...findPrices(pricing, modelRequest.model, pass.model ?? tally.model) }));
  const byPass = passes.reduce((sum, pass) => sum + dearest(pass.tokens, pass.prices), 0);
  const aside = { ...NO_TOKENS, searches: tokens.searches, toolsUsd: tokens.toolsUsd };
  const costUsd = Math.max(dearest(tokens, whole.prices), byPass === 0 ? 0 : byPass + dearest(aside, whole.prices));
  const unpricedModel = [whole, ...passes].find((entry) => entry.unpriced !== undefined)?.unpriced;
  return { costUsd: costUsd * (modelRequest.bounds.regional || tally.regional ? REGION_FACTOR : 1), unpricedModel };
}

interface FoundPrices {
  /** The prices that may hold, of which the dearest counts. */
  readonly prices: readonly Price[];
  /** Set where no price is known. */
  readonly unpriced: string | undefined;
}

/** The model that was asked for and the one that answered: what is unknown to the list gives way to what is known. */
function findPrices(pricing: Pricing, asked: string, answered: string | undefined): FoundPrices {
  const requested = priceOf({ ...pricing, model: asked });
  const named = answered === undefined ? requested : priceOf({ ...pricing, model: answered });
  const known = [requested, named].filter((found) => found.known).map((found) => found.price);
  return known.length > 0 ? { prices: known, unpriced: undefined } : { prices: [requested.price], unpriced: asked };
}

function boundFromAbove(pricing: Pricing, { modelRequest, tally, bodyBytes, durationMs }: BilledExchange): Tokens {
  const seen = tally.tokens;
  const promptKnown = seen.input + seen.cacheRead + seen.cacheWrite + seen.cacheWriteLong > 0;
  const prompt = boundPrompt(pricing, modelRequest, bodyBytes);
  const byTime = Math.ceil((durationMs / 1000) * MAX_TOKENS_PER_SECOND) * modelRequest.bounds.answers;
  const written = Math.max(byTime, Math.ceil(tally.bytes / MIN_BYTES_PER_OUTPUT_TOKEN));
  return {
    ...seen,
    input: promptKnown ? seen.input : Math.min(prompt, MAX_PROMPT_TOKENS[pricing.api]),
    output: Math.max(seen.output, modelRequest.bounds.detached ? boundOutput(modelRequest) : Math.min(boundOutput(modelRequest), written)),
  };
}
