/** What each known session would be offered, for the file on the branch: the same for every observer. */
import type { SessionName, Task } from '../model/index.ts'
import {
  forWhoeverCan,
  heldBy,
  helpWanted,
  knownSessions,
  lastFailures,
  type Offers,
  type Snapshot,
} from '../projection/index.ts'
import { pick, rank, sessionMatches } from '../scheduler/index.ts'

/** A pin as the board room reads it. */
export interface PinWords {
  readonly session: string
  readonly id: string
}

/**
 * The ranking of `next`, without what one observer alone knows: every known session counts as active,
 * nothing counts as expired, and whoever holds nothing counts as idle. `mayDo` is the governor's word on what each can do.
 */
export function sharedOffers(
  snapshot: Snapshot,
  pins: readonly PinWords[],
  mayDo: (session: SessionName, task: Task) => boolean = () => true,
): Offers {
  const views = [...snapshot.views.values()]
  const names = knownSessions(snapshot)
  const idle = names.filter((name) => heldBy(snapshot, name).length === 0 && !snapshot.config.pausedSessions.has(name))
  const helping = helpWanted(views.flatMap(({ claim }) => claim ?? []))
  const ready = views.filter(({ status }) => status === 'ready').map(({ task }) => forWhoeverCan(task, helping))
  const shared = {
    schedule: snapshot.plan(),
    isKept: (words: string, task: Task) => names.some((name) => sessionMatches(words, name) && mayDo(name, task)),
    failedBy: lastFailures(snapshot.views),
  }
  return new Map(
    names.map((session) => {
      const mine = pins.filter((pin) => sessionMatches(pin.session, session)).map(({ id }) => id)
      const ranked = rank({
        ...shared,
        ready: ready.filter((task) => helping.get(task.key)?.by !== session && mayDo(session, task)),
        session,
        pins: mine,
      })
      const first = pick({ ranked, session, idle, lostBefore: false, fraction: 0 })
      const others = ranked.filter((other) => other !== first)
      return [session, [...(first === undefined ? [] : [first]), ...others].map(({ task }): Task => task)] as const
    }),
  )
}
