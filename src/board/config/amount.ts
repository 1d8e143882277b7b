/** Amounts as settings write them: `$300`, or `{usd: 300, tokens: 50000000}`. */
import type { Cap } from '../../model/index.ts'

export type WrittenAmount = string | { readonly usd?: number; readonly tokens?: number }

const MICRO = 1_000_000

export function toCap(written: WrittenAmount): Cap {
  const { usd, tokens } = typeof written === 'string' ? { usd: Number(written.slice(1)), tokens: undefined } : written
  return {
    ...(usd === undefined ? {} : { microUsd: toMicroUsd(usd) }),
    ...(tokens === undefined ? {} : { tokens }),
  }
}

/** Whole millionths, so that sums are exact. */
export function toMicroUsd(usd: number): number {
  return Math.round(usd * MICRO)
}

export function toUsd(microUsd: number): number {
  return microUsd / MICRO
}

export function writeCap({ microUsd, tokens }: Cap): WrittenAmount {
  return {
    ...(microUsd === undefined ? {} : { usd: toUsd(microUsd) }),
    ...(tokens === undefined ? {} : { tokens }),
  }
}
