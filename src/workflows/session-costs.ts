/**
 * What each session has cost, for `status`: by source, what events say, and what its tasks have used so far.
 *
 * Figures of different sources are never added up. A session of which nothing is known has one part that says so.
 */
import type { Cost, CostSource, SessionName } from '../model/index.ts'
import { heldBy, knownSessions } from '../projection/index.ts'
import { type MicroUsd, microUsdText, toMicroUsd } from '../witness/cost.ts'
import type { WholeReading } from './read.ts'
import { runningCost } from './spending.ts'
import type { Toolbox } from './toolbox.ts'
import { type Counted, countedOf } from './witness/costs.ts'
import { openLogOn } from './witness/log-book.ts'

export interface CostPart {
  /** `ended`: events say it; `held`: of tasks that are held now, in no event yet, known in this clone alone. */
  readonly of: 'ended' | 'held'
  readonly source: CostSource | 'unknown'
  /** `null`: not known. A sum of which one report has no price is none. */
  readonly usd: number | null
  readonly inputTokens: number | null
  readonly outputTokens: number | null
}

export interface SessionCosts {
  readonly of: ReadonlyMap<SessionName, readonly CostPart[]>
  /** RFC 3339: events from this time on are counted; `null`: all of them. */
  readonly since: string | null
}

export const UNKNOWN_COST: readonly CostPart[] = [
  { of: 'ended', source: 'unknown', usd: null, inputTokens: null, outputTokens: null },
]

/** Newest folds that are read: a look at a long log must not take longer each day. `witness cost` reads all. */
const MOST_FOLDS = 500

export async function sessionCosts(box: Toolbox, reading: WholeReading): Promise<SessionCosts> {
  const { counted, since } = await newestCounted(box, reading)
  const ended = sumUp(counted)
  const parts = new Map<SessionName, readonly CostPart[]>()
  for (const name of knownSessions(reading.snapshot)) {
    const running = heldBy(reading.snapshot, name).length === 0 ? undefined : await runningCost(box, name)
    const all = [...(ended.get(name) ?? []), ...(running === undefined ? [] : [heldPart(running)])]
    if (all.length > 0) parts.set(name, all)
  }
  return { of: parts, since }
}

/** A log that cannot be read leaves costs unknown; `witness verify` is who says what is wrong with it. */
async function newestCounted(box: Toolbox, reading: WholeReading) {
  try {
    const book = await openLogOn(box, reading)
    const folds = book.folds.slice(-MOST_FOLDS)
    const since = folds.length < book.folds.length ? folds[0]?.from || null : null
    return { counted: await countedOf({ ...book, folds }), since }
  } catch {
    return { counted: [], since: null }
  }
}

interface Sums {
  usd: MicroUsd
  priced: boolean
  inputTokens: number
  outputTokens: number
  /** Did any report name tokens? */
  tokens: boolean
}

function sumUp(counted: readonly Counted[]): Map<SessionName, CostPart[]> {
  const sums = new Map<SessionName, Map<CostSource, Sums>>()
  const sumsOf = (session: SessionName, source: CostSource): Sums => {
    const own = sums.get(session) ?? new Map<CostSource, Sums>()
    const found = own.get(source) ?? { usd: 0n, priced: true, inputTokens: 0, outputTokens: 0, tokens: false }
    sums.set(session, own.set(source, found))
    return found
  }
  for (const { session, cost, estimated } of counted) {
    if (cost !== undefined) add(sumsOf(session, cost.source ?? 'reported'), cost)
    if (estimated !== undefined) sumsOf(session, 'estimate').usd += estimated
  }
  return new Map([...sums].map(([session, own]) => [session, [...own].map(([source, one]) => endedPart(source, one))]))
}

function add(sums: Sums, { usd, inputTokens, outputTokens }: Cost): void {
  if (usd === undefined) sums.priced = false
  else sums.usd += toMicroUsd(usd)
  sums.inputTokens += inputTokens ?? 0
  sums.outputTokens += outputTokens ?? 0
  sums.tokens ||= inputTokens !== undefined || outputTokens !== undefined
}

function endedPart(source: CostSource, { usd, priced, inputTokens, outputTokens, tokens }: Sums): CostPart {
  return {
    of: 'ended',
    source,
    usd: priced ? Number(microUsdText(usd)) : null,
    inputTokens: tokens ? inputTokens : null,
    outputTokens: tokens ? outputTokens : null,
  }
}

function heldPart({ source = 'reported', usd, inputTokens, outputTokens }: Cost): CostPart {
  return {
    of: 'held',
    source,
    usd: usd ?? null,
    inputTokens: inputTokens ?? null,
    outputTokens: outputTokens ?? null,
  }
}
