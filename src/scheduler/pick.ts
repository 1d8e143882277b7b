import type { SessionName } from '../model/index.ts'
import type { RankedTask } from './rank.ts'

/** After a lost race, at least this many of the first tasks are drawn from. */
export const DRAWN_FROM = 8

export interface PickRequest {
  /** Best first, as `rank` gives it. */
  readonly ranked: readonly RankedTask[]
  readonly session: SessionName
  /** Sessions that are joined, seen within a lease and hold nothing; with or without the one that asks. */
  readonly idle: readonly SessionName[]
  /** Has this session just lost a race for a task? */
  readonly lostBefore: boolean
  /** A random number in [0, 1). */
  readonly fraction: number
}

/**
 * The task to claim, or `undefined` where none is ranked.
 *
 * If every idle session went for the top task, all but one would lose, so they divide the ranking
 * without talking: sorted by name, the i-th takes the i-th task, round and round. Two kinds of task
 * are not divided, because nobody else is offered them: a pin, and one assigned to this session,
 * when it stands at the top. After a lost race the views differ, so chance decides among the first tasks.
 */
export function pick({ ranked, session, idle, lostBefore, fraction }: PickRequest): RankedTask | undefined {
  const top = ranked[0]
  if (top === undefined || top.tier === 'pinned' || top.assignment === 'mine') return top
  const names = [...new Set([...idle, session])].sort(byCodeUnit)
  if (!lostBefore) return ranked[names.indexOf(session) % ranked.length]
  const drawnFrom = Math.min(ranked.length, Math.max(DRAWN_FROM, names.length))
  return ranked[Math.min(drawnFrom - 1, Math.floor(fraction * drawnFrom))]
}

/** The same on every machine, whatever its language. */
function byCodeUnit(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
