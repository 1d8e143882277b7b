/** Which claims live: a lease runs out by this observer's own clocks. */
import { claimRef, mayBeStolen, sessionRef } from '../claim/index.ts'
import type { TaskView } from '../projection/index.ts'
import type { Judged } from './reading.ts'
import type { Toolbox } from './toolbox.ts'

/** A grant that this observer saw unchanged, with its holder's chain, for the whole lease. */
export function isExpired(box: Toolbox, reading: Judged, view: TaskView): boolean {
  const { standing } = view.judgement
  if (standing.kind !== 'held' || !mayBeOffered(reading, view)) return false
  const { claim } = standing
  return mayBeStolen({
    claim,
    claimSeen: reading.ledger.get(claimRef(box.layout, claim.key, box.sha256)),
    chainSeen: reading.ledger.get(sessionRef(box.layout, claim.session, box.sha256)),
    now: reading.now,
  })
}

/** Would this task be ready if nobody held it? */
function mayBeOffered({ snapshot }: Judged, { task, blockedBy }: TaskView): boolean {
  const isPaused = snapshot.project.boards.some(({ name, paused }) => name === task.board && paused !== undefined)
  return !isPaused && blockedBy.length === 0 && task.externalBlockers.length === 0
}

/** Claims that count against `maxClaims`: what is expired is for the next session to take over. */
export function liveClaims(box: Toolbox, reading: Judged): TaskView[] {
  return [...reading.snapshot.views.values()].filter(
    (view) => view.judgement.standing.kind === 'held' && !isExpired(box, reading, view),
  )
}
