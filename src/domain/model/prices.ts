import type { Price } from "../price.ts";
import type { Tokens } from "./usage.ts";

export type PricedApi = "anthropic" | "openai" | "gemini";

/**
 * The day the table below was put together. Prices change: check them against the services' public lists before relying on a cost.
 * OpenAI and Gemini: as last known, without batch or priority tiers.
 */
export const PRICES_AS_OF = "2026-11-23";

/** Where each list comes from. A model that this version names without a price turns a test red. */
export const PRICE_SOURCES: Readonly<Record<PricedApi, { readonly source: string; readonly asOf: string }>> = {
  anthropic: {
    source: "the catalogue inside Claude Code 2.1.330; claude-mythos-preview: Anthropic's announcement of it",
    asOf: PRICES_AS_OF,
  },
  openai: { source: "https://openai.com/api/pricing", asOf: PRICES_AS_OF },
  gemini: { source: "https://ai.google.dev/gemini-api/docs/pricing", asOf: PRICES_AS_OF },
};

/** US dollars for one search by the service itself; the highest price of the three services. */
const SEARCH_USD = 0.035;
/**
 * US dollars for one use of a tool that a service runs and charges by the use, each at its dearest setting.
 * Sources: the price lists above. A container of Anthropic's is paid by the hour, at least for one.
 */
export const TOOL_USD = { image: 0.25, fileSearch: 0.0025, anthropicContainer: 0.05 } as const;
/** OpenAI's containers, by their memory. */
export const CONTAINER_USD: Readonly<Record<string, number>> = { "1g": 0.03, "4g": 0.12, "16g": 0.48, "64g": 1.92 };

/** `inference_geo` other than `global`: Anthropic's published factor on every kind of token. */
export const REGION_FACTOR = 1.1;

/**
 * The longest prompt that any listed model of a service takes, in tokens: a longer one is refused and costs nothing.
 * Sources: the services' lists of models, on the day of the prices.
 */
export const MAX_PROMPT_TOKENS: Readonly<Record<PricedApi, number>> = { anthropic: 1_000_000, openai: 1_050_000, gemini: 1_048_576 };

/**
 * The most tokens that one picture becomes. Anthropic: 2576 pixels on the long edge. OpenAI: gpt-4o-mini's 2833 and 5667 for each of
 * eight tiles. Gemini: 258 for each of 16 tiles and the whole.
 */
export const MAX_IMAGE_TOKENS: Readonly<Record<PricedApi, number>> = { anthropic: 4_784, openai: 48_169, gemini: 4_386 };

const UNKNOWN_FAST_FACTOR = 6;
const MILLION = 1_000_000;

const claude = (input: number, output: number, cacheRead: number, more: Partial<Price> = {}): Price => ({
  input,
  output,
  cacheRead,
  cacheWrite: input * 1.25,
  cacheWriteLong: input * 2,
  ...more,
});

/** OpenAI and Gemini do not charge for writing to a cache: such tokens cost what input costs. */
const plain = (input: number, output: number, cacheRead: number, more: Partial<Price> = {}): Price => ({
  input,
  output,
  cacheRead,
  cacheWrite: input,
  cacheWriteLong: input,
  ...more,
});

const ANTHROPIC: Readonly<Record<string, Price>> = {
  "claude-3-5-haiku": claude(0.8, 4, 0.08),
  "claude-3-5-sonnet": claude(3, 15, 0.3),
  "claude-3-7-sonnet": claude(3, 15, 0.3),
  "claude-haiku-4-5": claude(1, 5, 0.1),
  "claude-haiku-5-5": claude(0.1, 0.5, 0.01, { longAboveTokens: 100_000, longFactor: 5 }),
  "claude-sonnet-4": claude(3, 15, 0.3),
  "claude-sonnet-4-0": claude(3, 15, 0.3),
  "claude-sonnet-4-5": claude(3, 15, 0.3),
  "claude-sonnet-4-6": claude(3, 15, 0.3),
  "claude-sonnet-5": claude(2, 10, 0.2),
  "claude-sonnet-5-5": claude(2, 10, 0.1),
  "claude-opus-4": claude(15, 75, 1.5),
  "claude-opus-4-0": claude(15, 75, 1.5),
  "claude-opus-4-1": claude(15, 75, 1.5),
  "claude-opus-4-5": claude(5, 25, 0.5),
  "claude-opus-4-6": claude(5, 25, 0.5),
  "claude-opus-4-7": claude(5, 25, 0.5),
  "claude-opus-4-8": claude(5, 25, 0.5),
  "claude-opus-5": claude(5, 25, 0.5),
  "claude-opus-5-5": claude(4, 20, 0.2),
  "claude-fable-5": claude(10, 50, 1),
  "claude-fable-5-1": claude(10, 50, 0.25),
  "claude-fable-5-2": claude(8, 40, 0.2),
  "claude-mythos-preview": claude(25, 125, 2.5),
  "claude-mythos-5": claude(10, 50, 1),
  "claude-mythos-5-1": claude(10, 50, 0.25),
  "claude-mythos-5-2": claude(8, 40, 0.2),
};

const OPENAI: Readonly<Record<string, Price>> = {
  "gpt-4.1": plain(2, 8, 0.5),
  "gpt-4.1-mini": plain(0.4, 1.6, 0.1),
  "gpt-4.1-nano": plain(0.1, 0.4, 0.025),
  "gpt-4o": plain(2.5, 10, 1.25),
  "gpt-4o-mini": plain(0.15, 0.6, 0.075),
  "gpt-5": plain(1.25, 10, 0.125),
  "gpt-5-codex": plain(1.25, 10, 0.125),
  "gpt-5-mini": plain(0.25, 2, 0.025),
  "gpt-5-nano": plain(0.05, 0.4, 0.005),
  "gpt-5-pro": plain(15, 120, 15),
  "gpt-5.1": plain(1.25, 10, 0.125),
  "gpt-5.1-codex": plain(1.25, 10, 0.125),
  "gpt-5.1-codex-max": plain(1.25, 10, 0.125),
  "gpt-5.1-codex-mini": plain(0.25, 2, 0.025),
  "gpt-5.2": plain(1.75, 14, 0.175),
  "gpt-5.2-codex": plain(1.75, 14, 0.175),
  "gpt-5.2-pro": plain(21, 168, 21),
  o1: plain(15, 60, 7.5),
  "o1-pro": plain(150, 600, 150),
  o3: plain(2, 8, 0.5),
  "o3-mini": plain(1.1, 4.4, 0.55),
  "o3-pro": plain(20, 80, 20),
  "o4-mini": plain(1.1, 4.4, 0.275),
};

const LONG_GEMINI = { longAboveTokens: 200_000, longFactor: 2 } as const;

const GEMINI: Readonly<Record<string, Price>> = {
  "gemini-2.0-flash": plain(0.1, 0.4, 0.025),
  "gemini-2.0-flash-lite": plain(0.075, 0.3, 0.075),
  "gemini-2.5-pro": plain(1.25, 10, 0.125, LONG_GEMINI),
  "gemini-2.5-flash": plain(0.3, 2.5, 0.03),
  "gemini-2.5-flash-lite": plain(0.1, 0.4, 0.01),
  "gemini-3-pro-preview": plain(2, 12, 0.2, LONG_GEMINI),
  "gemini-3.1-pro-preview": plain(2, 12, 0.2, LONG_GEMINI),
  "gemini-3-flash-preview": plain(0.5, 3, 0.05),
};

/** List prices by service and model name without its date. */
export const PRICES: Readonly<Record<PricedApi, Readonly<Record<string, Price>>>> = {
  anthropic: ANTHROPIC,
  openai: OPENAI,
  gemini: GEMINI,
};

/** `claude-haiku-4-5-20251001`, `gpt-4.1-2025-04-14`, `…-latest`, `gemini-2.5-pro-001`: the same model, dated. */
const DATED = /-(?:\d{8}|\d{4}-\d{2}-\d{2}|latest|00\d)$/;

export interface PriceQuestion {
  readonly api: PricedApi;
  readonly model: string;
  /**
   * Prices from the repository's file, by exact model name. They apply to models that the table lacks; for the others the higher price
   * applies.
   */
  readonly overrides?: Readonly<Record<string, Price>>;
}

/** The price of a model; for an unknown one, the highest of its service, and `known: false`. */
export function priceOf(question: PriceQuestion): { readonly price: Price; readonly known: boolean } {
  const { overrides = {}, api } = question;
  const table = PRICES[api];
  const names = [question.model, question.model.replace(DATED, "")];
  const [stated] = names.flatMap((name) => find(overrides, name) ?? []);
  const [listed] = names.flatMap((name) => find(table, name) ?? []);
  const price = stated === undefined || listed === undefined ? (stated ?? listed) : dearer(listed, stated);
  if (price !== undefined) return { price, known: true };
  return { price: dearest([...Object.values(table), ...Object.values(overrides)]), known: false };
}

function find(prices: Readonly<Record<string, Price>>, name: string): Price | undefined {
  return Object.hasOwn(prices, name) ? prices[name] : undefined;
}

/** The higher of two prices for each kind of token. The other fields are those of the first. */
export function dearer(price: Price, other: Price): Price {
  return {
    ...price,
    input: Math.max(price.input, other.input),
    output: Math.max(price.output, other.output),
    cacheRead: Math.max(price.cacheRead, other.cacheRead),
    cacheWrite: Math.max(price.cacheWrite, other.cacheWrite),
    cacheWriteLong: Math.max(price.cacheWriteLong, other.cacheWriteLong),
  };
}

/** The highest price of all for each kind of token. */
function dearest(prices: readonly Price[]): Price {
  const highest = (pick: (price: Price) => number): number => Math.max(...prices.map((price) => pick(price)));
  return {
    input: highest((price) => price.input * (price.longFactor ?? 1)),
    output: highest((price) => price.output * (price.longFactor ?? 1)),
    cacheRead: highest((price) => price.cacheRead * (price.longFactor ?? 1)),
    cacheWrite: highest((price) => price.cacheWrite * (price.longFactor ?? 1)),
    cacheWriteLong: highest((price) => price.cacheWriteLong * (price.longFactor ?? 1)),
  };
}

/** US dollars for one response. `fast`: the request asked for the service's faster mode. */
export function costOf(tokens: Tokens, price: Price, fast = false): number {
  const prompt = tokens.input + tokens.cacheRead + tokens.cacheWrite + tokens.cacheWriteLong;
  const long = price.longAboveTokens !== undefined && prompt > price.longAboveTokens ? (price.longFactor ?? 1) : 1;
  const factor = long * (fast ? (price.fastFactor ?? UNKNOWN_FAST_FACTOR) : 1);
  const perMillion =
    tokens.input * price.input +
    tokens.output * price.output +
    tokens.cacheRead * price.cacheRead +
    tokens.cacheWrite * price.cacheWrite +
    tokens.cacheWriteLong * price.cacheWriteLong;
  return (perMillion / MILLION) * factor + tokens.searches * SEARCH_USD + tokens.toolsUsd;
}
