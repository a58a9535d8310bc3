/** Tokens, requests and money as the gateway counted them from the model's responses (I19). */
export interface Usage {
  /** Requests let through to the model's service, token counting included. */
  readonly requests: number;
  /** Answered model requests that carried the conversation, that is the agent's turns. */
  readonly turns: number;
  /** Input tokens at the full price, without those that came from a cache. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly costUsd: number;
  /** Models with an unknown price, counted at the highest known price. */
  readonly unpricedModels: readonly string[];
  /** Searches by the model's service itself, outside the sandbox and the egress policy. */
  readonly serverSearches?: number;
  /** Responses that ended before they said what they cost, counted at their highest possible usage. */
  readonly estimatedAnswers?: number;
  /** When the service takes requests again, in ISO 8601; set where its last word was that there are too many. */
  readonly retryAt?: string;
}

export const NO_USAGE: Usage = {
  requests: 0,
  turns: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costUsd: 0,
  unpricedModels: [],
};

/** What one response used, by kind of token. Kinds do not overlap. */
export interface Tokens {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  /** Written to a cache that lasts minutes. */
  readonly cacheWrite: number;
  /** Written to a cache that lasts an hour. */
  readonly cacheWriteLong: number;
  /** Searches made by the model's service. */
  readonly searches: number;
  /** US dollars for other tools that the service ran and charges by the call. */
  readonly toolsUsd: number;
}

export const NO_TOKENS: Tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWriteLong: 0, searches: 0, toolsUsd: 0 };

/** Joins two counts, kind by kind: `Math.max` for running totals, a sum for parts of one answer. */
export function joinTokens(a: Tokens, b: Tokens, join: (a: number, b: number) => number): Tokens {
  return {
    input: join(a.input, b.input),
    output: join(a.output, b.output),
    cacheRead: join(a.cacheRead, b.cacheRead),
    cacheWrite: join(a.cacheWrite, b.cacheWrite),
    cacheWriteLong: join(a.cacheWriteLong, b.cacheWriteLong),
    searches: join(a.searches, b.searches),
    toolsUsd: join(a.toolsUsd, b.toolsUsd),
  };
}

/** One settled request. */
export interface Charge {
  readonly tokens: Tokens;
  readonly costUsd: number;
  readonly turn: boolean;
  /** Set if the model's price was not known. */
  readonly unpricedModel?: string;
  /** True if the response did not say what it used. */
  readonly estimated: boolean;
}

/** The usage after one more settled request. Requests are counted when they are allowed, not here. */
export function addCharge(usage: Usage, charge: Charge): Usage {
  const { tokens } = charge;
  const name = charge.unpricedModel;
  const unpricedModels =
    name === undefined || usage.unpricedModels.includes(name) || usage.unpricedModels.length >= 20
      ? usage.unpricedModels
      : [...usage.unpricedModels, name];
  return {
    requests: usage.requests,
    turns: usage.turns + (charge.turn ? 1 : 0),
    inputTokens: usage.inputTokens + tokens.input,
    outputTokens: usage.outputTokens + tokens.output,
    cacheReadTokens: usage.cacheReadTokens + tokens.cacheRead,
    cacheWriteTokens: usage.cacheWriteTokens + tokens.cacheWrite + tokens.cacheWriteLong,
    costUsd: usage.costUsd + charge.costUsd,
    unpricedModels,
    serverSearches: (usage.serverSearches ?? 0) + tokens.searches,
    estimatedAnswers: (usage.estimatedAnswers ?? 0) + (charge.estimated ? 1 : 0),
  };
}
