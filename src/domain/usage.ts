/** Tokens, requests and money as the gateway counted them from the model's answers (I19). */
export interface Usage {
  readonly requests: number;
  /** Answered model requests that carried the conversation: the agent's turns. */
  readonly turns: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly costUsd: number;
  /** Models whose price was not known and that were counted at the dearest known price. */
  readonly unpricedModels: readonly string[];
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
