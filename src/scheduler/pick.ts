import type { SessionName } from '../model/index.ts'
import { type Division, divide, type TakersOf } from './divide.ts'
import type { RankedTask } from './rank.ts'

/** After a lost race, at least this many of the first tasks are drawn from. */
export const DRAWN_FROM = 8

export interface PickRequest {
  /** Best first, as `rank` gives it. */
  readonly ranked: readonly RankedTask[]
  readonly session: SessionName
  /** Sessions that are joined, seen within a lease and hold nothing; with or without the one that asks. */
  readonly idle: readonly SessionName[]
  /** Where something tells sessions apart. */
  readonly contest?: Contest | undefined
  /** Has this session just lost a race for a task? */
  readonly lostBefore: boolean
  /** A random number in [0, 1). */
  readonly fraction: number
}

/** What several sessions want, and who should have it. */
export interface Contest {
  /** As `ranked`, with the tasks that this session may not do, and without regard to how well it fits. */
  readonly ranked: readonly RankedTask[]
  readonly takersOf: TakersOf
}

/**
 * The task to claim, or `undefined` where none is ranked.
 *
 * If every idle session went for the top task, all but one would lose, so they divide the ranking
 * without talking: sorted by name, the i-th takes the i-th task, round and round; where something tells sessions
 * apart, each task goes to who does it best for its price (`divide.ts`). Two kinds of task
 * are not divided, because nobody else is offered them: a pin, and one assigned to this session,
 * when it stands at the top. After a lost race the views differ, so chance decides among the first tasks.
 */
export function pick({ ranked, contest, ...asking }: PickRequest): RankedTask | undefined {
  const top = ranked[0]
  if (top === undefined || top.tier === 'pinned' || top.assignment === 'mine') return top
  return contested(asking, ranked, contest) ?? ranked[ownPlace(asking, ranked.length)]
}

type Asking = Omit<PickRequest, 'ranked' | 'contest'>

function contested(
  asking: Asking,
  ranked: readonly RankedTask[],
  contest: Contest | undefined,
): RankedTask | undefined {
  if (contest === undefined) return undefined
  const mine = new Map(ranked.map((each) => [each.task.key, each]))
  const taskAt = (place: number) => (contest.ranked[place] as RankedTask).task
  const place = contestedPlace(asking, {
    count: contest.ranked.length,
    taskAt,
    mayTake: (at) => mine.has(taskAt(at).key),
    takersOf: contest.takersOf,
  })
  return place === undefined ? undefined : mine.get(taskAt(place).key)
}

/** Which of the contested tasks; `undefined` where they are not divided, or none is for the session. */
export function contestedPlace(
  { session, idle, lostBefore }: Asking,
  contest: Omit<Division, 'session' | 'idle'>,
): number | undefined {
  const names = new Set([...idle, session])
  return lostBefore || names.size === 1 ? undefined : divide({ ...contest, session, idle: names })
}

/** Which of the session's own `count` tasks. */
export function ownPlace({ session, idle, lostBefore, fraction }: Asking, count: number): number {
  const names = [...new Set([...idle, session])].sort(byCodeUnit)
  if (!lostBefore) return names.indexOf(session) % count
  const drawnFrom = Math.min(count, Math.max(DRAWN_FROM, names.length))
  return Math.min(drawnFrom - 1, Math.floor(fraction * drawnFrom))
}

/** The same on every machine, whatever its language. */
function byCodeUnit(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
