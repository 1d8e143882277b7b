/** Amounts as people read them. */

const MICRO = 1_000_000

/** `$12.50`; below a cent with as many digits as it takes. */
export function dollars(microUsd: number): string {
  const usd = microUsd / MICRO
  return `$${usd > 0 && usd < 0.01 ? usd.toFixed(6) : usd.toFixed(2)}`
}
