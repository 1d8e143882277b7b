/**
 * Virtual time for workers that really run: nothing passes while one of them computes, and when all
 * sleep the clock jumps to the first that wakes. Workers that wake at one instant run side by side,
 * so they race each other as processes do.
 */
import type { EpochMs } from '../model/index.ts'
import type { Clock } from '../ports/index.ts'

export interface TimelineSettings {
  readonly startAt: EpochMs
  /** Nothing wakes later than this; what still sleeps then is left asleep. */
  readonly endAt: EpochMs
  /** How often a worker without work asks. */
  readonly pollMs: number
  /** Longest time without asking, even if nothing has changed: its sign of life. */
  readonly quietMs: number
}

export interface Timeline {
  readonly clock: Clock
  /** A worker that begins at an instant. It sleeps by `clock` and `idle` alone, one at a time. */
  start(at: EpochMs, work: () => Promise<void>): void
  /**
   * Wait for the next poll that can find something new: polls between two changes answer the same,
   * so they are left out of the computation, not of the result.
   */
  idle(): Promise<void>
  /** Something changed that idle workers will see at their next poll. */
  changed(): void
  /** Resolves when every worker has ended or the end has come; rejects with the first error of one. */
  run(): Promise<void>
}

interface Sleeper {
  at: EpochMs
  readonly order: number
  readonly idleSince: EpochMs | undefined
  readonly wake: () => void
}

export function virtualTimeline({ startAt, endAt, pollMs, quietMs }: TimelineSettings): Timeline {
  let nowMs = startAt
  let started = 0
  let running = 0
  let allAsleep: (() => void) | undefined
  const sleepers = new Set<Sleeper>()
  const failures: unknown[] = []

  const stops = () => {
    running -= 1
    if (running === 0) allAsleep?.()
  }
  const sleepUntil = (at: EpochMs, idleSince?: EpochMs) =>
    new Promise<void>((wake) => {
      started += 1
      sleepers.add({ at, order: started, idleSince, wake })
      stops()
    })
  const wakeFirst = (): boolean => {
    const at = [...sleepers].reduce((first, sleeper) => Math.min(first, sleeper.at), Number.POSITIVE_INFINITY)
    if (at > endAt) return false
    nowMs = Math.max(nowMs, at)
    const due = [...sleepers].filter((sleeper) => sleeper.at === at).sort((a, b) => a.order - b.order)
    running += due.length
    for (const sleeper of due) sleepers.delete(sleeper)
    for (const { wake } of due) wake()
    return true
  }

  return {
    clock: {
      now: () => ({ wallMs: nowMs, monotonicMs: nowMs - startAt, bootId: 'virtual' }),
      sleep: (ms) => sleepUntil(nowMs + Math.max(1, Math.ceil(ms))),
    },
    start(at, work) {
      running += 1
      void sleepUntil(at)
        .then(work)
        .catch((error: unknown) => failures.push(error))
        .finally(stops)
    },
    idle: () => sleepUntil(nowMs + quietMs, nowMs),
    changed() {
      for (const sleeper of sleepers) {
        if (sleeper.idleSince === undefined) continue
        const polls = Math.max(1, Math.ceil((nowMs - sleeper.idleSince) / pollMs))
        sleeper.at = Math.min(sleeper.at, sleeper.idleSince + polls * pollMs)
      }
    },
    async run() {
      while (failures.length === 0 && wakeFirst())
        await new Promise<void>((resolve) => {
          allAsleep = resolve
        })
      if (failures.length > 0) throw failures[0]
    },
  }
}
