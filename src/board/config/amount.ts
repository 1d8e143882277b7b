/** Amounts as settings write them: `$300`, or `{usd: 300, tokens: 50000000}`. */
import { type Cap, microUsdOf } from '../../model/index.ts'

export type WrittenAmount = string | { readonly usd?: number; readonly tokens?: number }

const MICRO = 1_000_000

export function toCap(written: WrittenAmount): Cap {
  const { usd, tokens } = typeof written === 'string' ? { usd: Number(written.slice(1)), tokens: undefined } : written
  return {
    ...(usd === undefined ? {} : { microUsd: microUsdOf(usd) }),
    ...(tokens === undefined ? {} : { tokens }),
  }
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
