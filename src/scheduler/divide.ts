import type { SessionName, Task } from '../model/index.ts'

/** Who may take a task, best first; the same list for tasks that are alike (`governor/crew.ts`). */
export type TakersOf = (task: Task) => readonly SessionName[]

/** What all idle sessions see alike: also the tasks that are not for the session that asks. */
export interface Division {
  readonly count: number
  /** The `at`-th task, best first. */
  readonly taskAt: (at: number) => Task
  readonly session: SessionName
  /** May the session itself be offered the `at`-th task? */
  readonly mayTake: (at: number) => boolean
  /** Those that ask, `session` among them. */
  readonly idle: ReadonlySet<SessionName>
  readonly takersOf: TakersOf
}

/**
 * Which of the tasks the session takes, when all idle sessions divide them without talking: task after task goes to
 * the best of those who have none yet; who is left at the end of the ranking begins at its head again. `undefined`
 * where none of them is for the session.
 *
 * Where nothing tells sessions apart, the best is the first by name, so the i-th session takes the i-th task, round
 * and round. O(tasks and idle sessions that are passed on the way).
 */
export function divide(division: Division): number | undefined {
  const { count, taskAt, session, mayTake, idle, takersOf } = division
  const served = new Set<SessionName>()
  const reached = new Map<readonly SessionName[], number>()
  const nextLeft = (takers: readonly SessionName[], from: number) => {
    let place = from
    for (; place < takers.length; place += 1) {
      const name = takers[place] as SessionName
      if (idle.has(name) && !served.has(name)) break
    }
    return place
  }
  for (let before = -1; before < served.size; ) {
    before = served.size
    for (let at = 0; at < count; at += 1) {
      const takers = takersOf(taskAt(at))
      let place = nextLeft(takers, reached.get(takers) ?? 0)
      reached.set(takers, place)
      if (takers[place] === session && !mayTake(at)) place = nextLeft(takers, place + 1)
      const taker = takers[place]
      if (taker === session) return at
      if (taker !== undefined) served.add(taker)
    }
  }
  return undefined
}
