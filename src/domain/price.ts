/** What a model costs, in US dollars per million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  /** Cache that lives minutes. */
  readonly cacheWrite: number;
  /** Cache that lives an hour. */
  readonly cacheWriteLong: number;
  /** Prompts above this many tokens cost `longFactor` times as much, input and output. */
  readonly longAboveTokens?: number;
  readonly longFactor?: number;
  /** What the service's faster mode multiplies every price with. Default 6, the most that was ever asked. */
  readonly fastFactor?: number;
}
