/** What tokens cost by a table of list prices. Pure. */
import type { ModelUsage, Usd } from '../model/index.ts'

/** US dollars for a million tokens of each kind; absent: this model has no such tokens, or their price is not known. */
interface Price {
  readonly input: number
  readonly output: number
  readonly cacheRead?: number
  readonly cacheWrite?: number
  readonly cacheHour?: number
}

export type PriceTable = ReadonlyMap<string, Price>

const MAX_MODELS = 2_000
/** Far above any price; a slip of the keyboard ends here. */
const MAX_PRICE = 100_000

/**
 * A table as `templates/prices.json` has it: `models` by name, each with `input`, `output` and, where it has them,
 * `cacheRead`, `cacheWrite` and `cacheHour`. Entries that are not understood are left out; `undefined`: no table.
 */
export function parsePrices(text: string): PriceTable | undefined {
  try {
    const models: unknown = (JSON.parse(text) as { readonly models?: unknown } | null)?.models
    if (typeof models !== 'object' || models === null) return undefined
    return new Map(
      Object.entries(models)
        .slice(0, MAX_MODELS)
        .filter((entry): entry is [string, Price] => isPrice(entry[1])),
    )
  } catch {
    return undefined
  }
}

function isPrice(value: unknown): value is Price {
  if (typeof value !== 'object' || value === null) return false
  const { input, output, cacheRead = 0, cacheWrite = 0, cacheHour = 0 } = value as Record<string, unknown>
  return [input, output, cacheRead, cacheWrite, cacheHour].every(
    (price) => typeof price === 'number' && price >= 0 && price <= MAX_PRICE,
  )
}

/**
 * The sum, to the nearest millionth; `undefined` where one model or one kind of its tokens has no price, because a sum
 * without a part of it is no sum.
 */
export function priceOf(usage: readonly ModelUsage[], table: PriceTable): Usd | undefined {
  let micro = 0
  for (const one of usage) {
    const price = priceOfModel(one.model, table)
    const parts = [
      [one.freshTokens, price?.input],
      [one.outputTokens, price?.output],
      [one.cacheReadTokens, price?.cacheRead],
      [one.cacheWriteTokens, price?.cacheWrite],
      [one.cacheHourTokens, price?.cacheHour],
    ] as const
    for (const [count, rate] of parts) {
      if (count === 0) continue
      if (rate === undefined) return undefined
      micro += count * rate
    }
  }
  return usage.length === 0 ? undefined : Math.round(micro) / 1_000_000
}

/** A name, or a name with a day behind it, such as `claude-opus-4-5-20251101`; a longer one may be another model. */
function priceOfModel(model: string, table: PriceTable): Price | undefined {
  return table.get(model) ?? table.get(model.replace(/-(?:\d{8}|\d{4}-\d{2}-\d{2})$/, ''))
}
