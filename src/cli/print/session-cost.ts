/** What a session has cost, in a few words for one cell: each figure with its source. Pure. */
import type { CostPart } from '../../workflows/session-costs.ts'

/** `$2.50 transcript, $1.00 reported`; `12k tokens transcript` without a price; `cost unknown`. */
export function sessionCostText(parts: readonly CostPart[]): string {
  const known = parts.filter(({ source }) => source !== 'unknown')
  if (known.length === 0) return 'cost unknown'
  const sources = [...new Set(known.map(({ source }) => source))]
  return sources.map((source) => sourceText(known.filter((part) => part.source === source))).join(', ')
}

/** What has ended and what is held, of one source: these may be added up. */
function sourceText(parts: readonly CostPart[]): string {
  const source = parts[0]?.source
  const sum = (count: (part: CostPart) => number | null) => parts.reduce((total, part) => total + (count(part) ?? 0), 0)
  if (parts.every(({ usd }) => usd !== null)) return `${dollars(sum(({ usd }) => usd))} ${source}`
  const tokens = sum(({ inputTokens, outputTokens }) => (inputTokens ?? 0) + (outputTokens ?? 0))
  return tokens === 0 ? `no figure ${source}` : `${inShort(tokens)} tokens ${source}`
}

/** To the cent; less than one is not shown as nothing. */
function dollars(usd: number): string {
  return usd > 0 && usd < 0.01 ? '< $0.01' : `$${usd.toFixed(2)}`
}

/** `950`, `12k`, `3.4M`. */
function inShort(count: number): string {
  if (count < 1000) return String(count)
  if (count < 999_500) return `${Math.round(count / 1000)}k`
  return `${(count / 1_000_000).toFixed(1)}M`
}
