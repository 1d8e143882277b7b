/** Tokens that a model has used, as a coding tool wrote them down. */

/** Tokens of one model. The kinds of input are told apart, because each has a price of its own. */
export interface ModelUsage {
  /** As the tool names it; `''`: not named. */
  readonly model: string
  /** Read anew, neither from a cache nor into one. */
  readonly freshTokens: number
  readonly cacheReadTokens: number
  /** Written to a cache for minutes. */
  readonly cacheWriteTokens: number
  /** Written to a cache for an hour. */
  readonly cacheHourTokens: number
  /** Reasoning included. */
  readonly outputTokens: number
}
