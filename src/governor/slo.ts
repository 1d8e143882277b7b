/**
 * Objectives of a board and how fast their error budgets burn.
 *
 * An objective allows a part of bad grants, 1 − objective. The *burn rate* is the part that was bad divided by the part
 * that is allowed: at 1 the objective is just met. An alarm asks for a high rate over a long window and over a short one at
 * once: the long one says that it matters, the short one that it still goes on (The Site Reliability Workbook, chapter 5
 * "Alerting on SLOs", "Multiwindow, Multi-Burn-Rate Alerts"; its rates 14.4 and 6 and its pairs of 1 h and 6 h are used
 * here). As that chapter warns of low traffic, few grants never burn: one failure of three says nothing.
 *
 * No clock of one machine is compared with another's. A window takes of each session its last grants, by number or by the
 * time before its own last one, as far as the ledger keeps them (`MAX_OUTCOMES`). So a window of 6 h covers at most the
 * last 32 grants of each session, and one of 1 h ends with a session's last grant, not now.
 */
import { type BoardName, type OutcomeRecord, type SessionAccount, type SloRules, splitTaskKey } from '../model/index.ts'
import { isFailure } from './breaker.ts'

export interface Objective {
  readonly board: BoardName
  readonly kind: 'success-rate' | 'p99-minutes'
  /** Part of finished grants that are completed, or minutes. */
  readonly objective: number
  /** In the same unit; `null` where no grant says anything. */
  readonly actual: number | null
  /** Grants that this was computed from. */
  readonly grants: number
  readonly burns: readonly Burn[]
  readonly burning: boolean
}

export interface Burn {
  /** `1 h`, `6 h`, `32 grants`. */
  readonly window: string
  readonly longRate: number
  readonly shortRate: number
  /** Above it both rates count as burning. */
  readonly limit: number
  readonly burning: boolean
}

interface WindowPair {
  readonly name: string
  readonly long: Window
  readonly short: Window
  readonly limit: number
}

type Window = { readonly minutes: number } | { readonly grants: number }

const PAIRS: readonly WindowPair[] = [
  { name: '1 h', long: { minutes: 60 }, short: { minutes: 5 }, limit: 14.4 },
  { name: '6 h', long: { minutes: 360 }, short: { minutes: 30 }, limit: 6 },
  { name: '32 grants', long: { grants: 32 }, short: { grants: 4 }, limit: 1 },
]
/** Fewer grants in the long window, or fewer bad ones in it, say nothing yet. */
const FEWEST_GRANTS = 10
const FEWEST_BAD = 2
/** 1 − 0.9 is no exact tenth: rates are rounded to this, so that what meets an objective to the point does not burn. */
const DIGITS = 1e6
/** Above it a rate says no more; keeps JSON free of what it has no word for. */
const MAX_RATE = 1000
const MINUTE_MS = 60_000
/** What "99 %" leaves. */
const P99_BUDGET = 0.01

/** What is set, of each board that has one ended grant or more, in the order of `boards`. */
export function objectivesOf(
  sessions: readonly Pick<SessionAccount, 'outcomes'>[],
  boards: readonly BoardName[],
  rules: SloRules,
): Objective[] {
  if (rules.successRate === undefined && rules.p99Minutes === undefined) return []
  const byBoard = groupByBoard(sessions)
  return boards.flatMap((board) => {
    const ended = byBoard.get(board)
    return ended === undefined ? [] : [...successRate(board, ended, rules), ...p99(board, ended, rules)]
  })
}

/** Of each session its grants of one board, oldest first. */
type Ended = readonly (readonly OutcomeRecord[])[]

function groupByBoard(sessions: readonly Pick<SessionAccount, 'outcomes'>[]): Map<string, OutcomeRecord[][]> {
  const byBoard = new Map<string, OutcomeRecord[][]>()
  for (const { outcomes } of sessions) {
    const own = new Map<string, OutcomeRecord[]>()
    for (const record of outcomes) {
      const { board } = splitTaskKey(record.task)
      own.set(board, [...(own.get(board) ?? []), record])
    }
    for (const [board, records] of own) byBoard.set(board, [...(byBoard.get(board) ?? []), records])
  }
  return byBoard
}

function successRate(board: BoardName, ended: Ended, { successRate: objective }: SloRules): Objective[] {
  if (objective === undefined) return []
  const finished = ended.map((records) =>
    records.filter((record) => record.outcome === 'completed' || isFailure(record)),
  )
  const all = finished.flat()
  const good = all.filter((record) => !isFailure(record)).length
  const burns = burnsOf(finished, isFailure, 1 - objective)
  return [
    {
      board,
      kind: 'success-rate',
      objective,
      actual: all.length === 0 ? null : good / all.length,
      grants: all.length,
      burns,
      burning: burns.some(({ burning }) => burning),
    },
  ]
}

function p99(board: BoardName, ended: Ended, { p99Minutes: objective }: SloRules): Objective[] {
  if (objective === undefined) return []
  const timed = ended.map((records) =>
    records.filter(({ outcome, minutes }) => outcome === 'completed' && minutes !== undefined),
  )
  const minutes = timed.flat().flatMap((record) => record.minutes ?? [])
  const burns = burnsOf(timed, (record) => (record.minutes ?? 0) > objective, P99_BUDGET)
  return [
    {
      board,
      kind: 'p99-minutes',
      objective,
      actual: percentile99(minutes),
      grants: minutes.length,
      burns,
      burning: burns.some(({ burning }) => burning),
    },
  ]
}

/** By nearest rank: of fewer than a hundred it is the largest. */
function percentile99(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? null
}

function burnsOf(ended: Ended, isBad: (record: OutcomeRecord) => boolean, budget: number): Burn[] {
  return PAIRS.map(({ name, long, short, limit }) => {
    const inLong = ended.flatMap((records) => lastOf(records, long))
    const longRate = burnRate(inLong, isBad, budget)
    const shortRate = burnRate(
      ended.flatMap((records) => lastOf(records, short)),
      isBad,
      budget,
    )
    const isEnough = inLong.length >= FEWEST_GRANTS && inLong.filter(isBad).length >= FEWEST_BAD
    const reaches = (rate: number) => rate > limit
    return { window: name, longRate, shortRate, limit, burning: isEnough && reaches(longRate) && reaches(shortRate) }
  })
}

/** 0 without grants; an objective of 100 % has no budget, and anything bad burns it without bound. */
function burnRate(records: readonly OutcomeRecord[], isBad: (record: OutcomeRecord) => boolean, budget: number) {
  const bad = records.filter(isBad).length
  if (bad === 0) return 0
  const rate = bad / records.length / Math.max(budget, Number.EPSILON)
  return Math.min(MAX_RATE, Math.round(rate * DIGITS) / DIGITS)
}

/** A clock that was set back makes a grant young, so it counts. */
function lastOf(records: readonly OutcomeRecord[], window: Window): readonly OutcomeRecord[] {
  if ('grants' in window) return records.slice(-window.grants)
  const last = records.at(-1)
  return last === undefined ? [] : records.filter(({ at }) => last.at - at <= window.minutes * MINUTE_MS)
}
