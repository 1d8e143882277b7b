/** How long a watcher pauses between two looks at the authority. Pure. */

/** What the last look found. */
export type Looked = 'changed' | 'unchanged' | 'failed'

export interface PaceFacts {
  /** The pause before this look, before chance; `undefined`: there was none. */
  readonly beforeMs: number | undefined
  readonly looked: Looked
  /** A task is held: its completion may come any time. */
  readonly busy: boolean
}

export const FASTEST_MS = 2_000
export const SLOWEST_MS = 60_000
const SLOWEST_WHILE_BUSY_MS = 15_000
/** A look is a request at a server, and several sessions often say something at once: no faster, whoever asks. */
export const LEAST_MS = { local: 100, remote: 500 } as const
const SLOWER = 1.5
const BACK_OFF = 2
/** Share of a pause that chance adds or takes away, so that the watchers of many machines drift apart. */
const JITTER = 0.2

/** The next pause before chance: short while refs move, longer the longer they do not, doubled while nobody answers. */
export function nextPauseMs({ beforeMs, looked, busy }: PaceFacts): number {
  if (beforeMs === undefined || looked === 'changed') return FASTEST_MS
  if (looked === 'failed') return Math.min(beforeMs * BACK_OFF, SLOWEST_MS)
  return Math.min(beforeMs * SLOWER, busy ? SLOWEST_WHILE_BUSY_MS : SLOWEST_MS)
}

/** `fraction` in [0, 1); never below the fastest nor above the slowest pause. */
export function spread(pauseMs: number, fraction: number): number {
  const factor = 1 + JITTER * (2 * fraction - 1)
  return Math.min(Math.max(pauseMs * factor, FASTEST_MS), SLOWEST_MS)
}
