/** Tokens that models have used, as a coding tool wrote them down. */

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

/** A count of tokens; what is none counts as 0. */
export function tokenCount(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : 0
}

export type TokenCounts = Omit<ModelUsage, 'model'>

export const TOKEN_KINDS = [
  'freshTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'cacheHourTokens',
  'outputTokens',
] as const satisfies readonly (keyof TokenCounts)[]

export const NO_TOKENS: TokenCounts = {
  freshTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  cacheHourTokens: 0,
  outputTokens: 0,
}

/** The same kinds, each by `combine` of both. */
export function combineTokens(a: TokenCounts, b: TokenCounts, combine: (a: number, b: number) => number): TokenCounts {
  const kinds = TOKEN_KINDS.map((kind) => [kind, combine(a[kind], b[kind])])
  return Object.fromEntries(kinds) as unknown as TokenCounts
}

/** Sums by model, without models of which nothing was used. */
export function usageByModel(all: Iterable<readonly [model: string, counts: TokenCounts]>): ModelUsage[] {
  const sums = new Map<string, TokenCounts>()
  for (const [model, counts] of all)
    sums.set(
      model,
      combineTokens(sums.get(model) ?? NO_TOKENS, counts, (a, b) => a + b),
    )
  return [...sums]
    .map(([model, counts]) => ({ model, ...counts }))
    .filter((usage) => TOKEN_KINDS.some((kind) => usage[kind] > 0))
}

/** The sums of both. */
export function addUsage(a: readonly ModelUsage[], b: readonly ModelUsage[]): ModelUsage[] {
  return usageByModel([...a, ...b].map(({ model, ...counts }) => [model, counts] as const))
}

const MOST_MODELS = 100

/** Usage that was kept as JSON; what is none of it is left out. */
export function readUsage(value: unknown): ModelUsage[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, MOST_MODELS).flatMap((one: Record<string, unknown> | null) => {
    if (typeof one?.model !== 'string') return []
    const counts = Object.fromEntries(
      TOKEN_KINDS.map((kind) => [kind, tokenCount(one[kind])]),
    ) as unknown as TokenCounts
    return [{ model: one.model, ...counts }]
  })
}
