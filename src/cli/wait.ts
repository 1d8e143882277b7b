/** Ask again until there is something, or time is over. */
import { IfBoardError } from '../model/index.ts'
import type { Chance, Clock } from '../ports/index.ts'
import type { NextOutcome } from '../workflows/outcomes.ts'

export interface Waiting {
  readonly clock: Clock
  readonly chance: Chance
  readonly stop: AbortSignal
  /** A question to a local authority costs next to nothing, one to a server counts against a limit. */
  readonly authority: 'remote' | 'local'
  readonly seconds: number
}

const PACE = {
  local: { firstMs: 500, lastMs: 5_000 },
  remote: { firstMs: 2_000, lastMs: 15_000 },
} as const

/**
 * The last answer, or the first one that is not `none`. An authority that is busy or out of reach is
 * asked again as well; if it still is when time is over, that is the answer.
 */
export async function askUntil(waiting: Waiting, ask: () => Promise<NextOutcome>): Promise<NextOutcome> {
  const { clock, chance, stop, authority, seconds } = waiting
  const { firstMs, lastMs } = PACE[authority]
  const startedMs = clock.now().monotonicMs
  for (let paceMs: number = firstMs; ; paceMs = Math.min(paceMs * 1.5, lastMs)) {
    const leftMs = () => seconds * 1000 - (clock.now().monotonicMs - startedMs)
    try {
      const outcome = await ask()
      if (outcome.kind !== 'none' || outcome.none.finished || leftMs() <= 0) return outcome
    } catch (error) {
      if (!mayPass(error) || leftMs() <= 0 || stop.aborted) throw error
    }
    // Asleep or not when the signal came: no answer was given yet.
    if (!stop.aborted) await clock.sleep(Math.min(paceMs * (0.75 + chance.fraction() / 2), Math.max(leftMs(), 0)))
    if (stop.aborted) throw new IfBoardError('interrupted', 'interrupted while waiting for a task')
  }
}

function mayPass(error: unknown): boolean {
  return error instanceof IfBoardError && (error.code === 'authority/unreachable' || error.code === 'authority/busy')
}
