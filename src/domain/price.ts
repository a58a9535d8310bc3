/** What a model costs, in US dollars per million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  /** Cache that lasts minutes. */
  readonly cacheWrite: number;
  /** Cache that lasts an hour. */
  readonly cacheWriteLong: number;
  /** Prompts above this many tokens cost `longFactor` times as much, input and output. */
  readonly longAboveTokens?: number;
  readonly longFactor?: number;
  /** Factor on every price in the service's faster mode. Default 6, the highest known. */
  readonly fastFactor?: number;
}
