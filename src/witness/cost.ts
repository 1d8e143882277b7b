/** What events report of costs, and sums of money without rounding. */
import type { Cost, SignedEvent, Usd } from '../model/index.ts'
import { eventType } from './event-shape.ts'

/** What this event reports; `merged` repeats what its completion said, so it reports nothing. */
export function costOf(event: SignedEvent): Cost | undefined {
  if (eventType(event) === 'merged') return undefined
  return event.data.cost
}

/** Millionths of a US dollar: sums of them are exact. */
export type MicroUsd = bigint

const MICRO = 1_000_000

/** The nearest millionth. */
export function toMicroUsd(usd: Usd): MicroUsd {
  return BigInt(Math.round(usd * MICRO))
}

/** `12.5`, `0.000001`: as many digits as are needed, at least `digits` behind the point. */
export function microUsdText(micro: MicroUsd, digits = 2): string {
  const unit = BigInt(MICRO)
  const fraction = String(micro % unit).padStart(6, '0')
  const needed = Math.max(digits, fraction.replace(/0+$/, '').length)
  return needed === 0 ? String(micro / unit) : `${micro / unit}.${fraction.slice(0, needed)}`
}

/** What a session with this rate costs for a time; the nearest millionth. */
export function rateTimes(rateUsdPerHour: Usd, ms: number): MicroUsd {
  const HOUR_MS = 3_600_000n
  return (toMicroUsd(rateUsdPerHour) * BigInt(Math.max(0, Math.round(ms))) + HOUR_MS / 2n) / HOUR_MS
}
