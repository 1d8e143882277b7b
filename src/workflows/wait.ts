/** Ask again until there is something, or time is over. */
import { type ErrorCode, IfBoardError } from '../model/index.ts'
import type { Chance, Clock, Watch } from '../ports/index.ts'
import type { NextOutcome } from './outcomes.ts'
import type { Glance } from './watch/glance.ts'

export interface Waiting {
  readonly clock: Clock
  readonly chance: Chance
  readonly stop: AbortSignal
  /** A question to a local authority costs next to nothing, one to a server counts against a limit. */
  readonly authority: 'remote' | 'local'
  readonly seconds: number
  /** Opened for the first wait where a change is worth a question at once. */
  readonly openWatch?: () => Promise<Watch>
  /** What a watcher of this clone saw, which may spare the question. */
  readonly glance?: () => Promise<Glance>
}

const PACE = {
  local: { firstMs: 500, lastMs: 5_000 },
  remote: { firstMs: 2_000, lastMs: 15_000 },
} as const

/** So that not all who were woken by one change ask in the same moment. */
const SPREAD_MS = 100

/**
 * The last answer, or the first one that is not `none`. An authority that is busy or out of reach, or about to
 * change, is asked again as well; if it still is when time is over, that is the answer.
 */
export async function askUntil(waiting: Waiting, ask: () => Promise<NextOutcome>): Promise<NextOutcome> {
  const { clock, chance, stop, authority, seconds } = waiting
  const { firstMs, lastMs } = PACE[authority]
  const startedMs = clock.now().monotonicMs
  const leftMs = () => Math.max(0, seconds * 1000 - (clock.now().monotonicMs - startedMs))
  const pause = pauses(waiting)
  try {
    for (let paceMs: number = firstMs; ; paceMs = Math.min(paceMs * 1.5, lastMs)) {
      const spared = await spare(waiting, { pause, leftMs })
      if (spared !== undefined) return spared
      try {
        const outcome = await ask()
        if (outcome.kind !== 'none' || outcome.none.finished || leftMs() === 0) return outcome
      } catch (error) {
        if (!mayPass(error) || leftMs() === 0 || stop.aborted) throw error
      }
      // Asleep or not when the signal came: no answer was given yet.
      if (!stop.aborted) await pause.next(Math.min(paceMs * (0.75 + chance.fraction() / 2), leftMs()))
      refuseStopped(stop)
    }
  } finally {
    await pause.close()
  }
}

interface Sparing {
  readonly pause: ReturnType<typeof pauses>
  readonly leftMs: () => number
}

/** Waits for as long as a watcher's view says that there is nothing; an answer where time is over meanwhile. */
async function spare({ glance, stop }: Waiting, { pause, leftMs }: Sparing): Promise<NextOutcome | undefined> {
  if (glance === undefined) return undefined
  for (let isWatching = false; ; isWatching = true) {
    const seen = await glance()
    refuseStopped(stop)
    if (seen.kind === 'ask' || (leftMs() === 0 && seen.outcome === undefined)) return undefined
    if (leftMs() === 0) return seen.outcome
    // What rang before the bell was watched is seen by the next glance.
    if (isWatching) await pause.next(Math.min(seen.ms, leftMs()))
    else await pause.open()
  }
}

function refuseStopped(stop: AbortSignal): void {
  if (stop.aborted) throw new IfBoardError('interrupted', 'interrupted while waiting for a task')
}

function pauses({ clock, chance, openWatch }: Waiting) {
  let watch: Watch | undefined
  const open = async () => {
    watch ??= await openWatch?.()
  }
  return {
    open,

    /** Ends after `ms`, or soon after a change. */
    async next(ms: number): Promise<void> {
      await open()
      if (watch === undefined) return clock.sleep(ms)
      if ((await watch.changed(ms)) === 'changed') await clock.sleep(Math.min(ms, chance.fraction() * SPREAD_MS))
    },
    close: async () => watch?.close(),
  }
}

/** Does it help to ask again later? */
export function mayPass(error: unknown): boolean {
  return error instanceof IfBoardError && PASSING.has(error.code)
}

const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'authority/unreachable',
  'authority/busy',
  'fast/switching',
  'fast/elsewhere',
  'fast/unfolded',
  'fast/unreached',
])
