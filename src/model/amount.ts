/**
 * Sums of money and tokens as whole numbers.
 *
 * A sum that would leave the whole numbers that a double holds (2^53, some nine thousand million dollars) stays at the
 * largest of them: adding is still the same in every order, and no amount, however absurd, makes less be spent.
 */
import type { Cost } from './event.ts'
import type { Amount, Cap } from './governor.ts'
import type { Usd } from './ids.ts'

export const NOTHING: Amount = { microUsd: 0, tokens: 0 }

/** The parts that an amount has, and a cap may bound. */
export const UNITS = ['microUsd', 'tokens'] as const
export type Unit = (typeof UNITS)[number]

export function plus(a: Amount, b: Amount): Amount {
  return { microUsd: sum(a.microUsd, b.microUsd), tokens: sum(a.tokens, b.tokens) }
}

/** Never below 0. What has reached the largest number is no longer known, and stays there. */
export function minus(a: Amount, b: Amount): Amount {
  return { microUsd: difference(a.microUsd, b.microUsd), tokens: difference(a.tokens, b.tokens) }
}

function difference(a: number, b: number): number {
  return a === Number.MAX_SAFE_INTEGER ? a : Math.max(0, a - b)
}

function sum(a: number, b: number): number {
  return Math.min(a + b, Number.MAX_SAFE_INTEGER)
}

export function isNothing({ microUsd, tokens }: Amount): boolean {
  return microUsd === 0 && tokens === 0
}

/** Nearest millionth; `usd` is at least 0. */
export function microUsdOf(usd: Usd): number {
  return Math.min(Math.round(usd * 1_000_000), Number.MAX_SAFE_INTEGER)
}

/** What a report says; a unit that it leaves out is not known, which is not 0. */
export function figureOf({ usd, inputTokens, outputTokens }: Cost): Cap {
  const tokens = sum(inputTokens ?? 0, outputTokens ?? 0)
  return {
    ...(usd === undefined ? {} : { microUsd: microUsdOf(usd) }),
    ...(inputTokens === undefined && outputTokens === undefined ? {} : { tokens }),
  }
}

/** `$12.50`, `$0.000001`: two digits behind the point, more where there are more. */
export function usdText(microUsd: number): string {
  const fraction = String(microUsd % 1_000_000).padStart(6, '0')
  return `$${Math.floor(microUsd / 1_000_000)}.${fraction.slice(0, 2)}${fraction.slice(2).replace(/0+$/, '')}`
}
