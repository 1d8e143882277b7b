/** What a watcher leaves in the memory of its clone, and what sessions leave there for it. */
import { elapsedMs, type Moment } from '../../claim/index.ts'
import type { LocalMemory } from '../../ports/index.ts'

/** Replaced by the watcher whenever a session that waits should look. */
export const BELL = 'bell'
/** Replaced by each command that moved refs of a remote: the watcher need not wait for its next look. */
export const MOVED = 'moved'
const PRESENCE = 'watcher'

export interface Presence extends Moment {
  /** Until it shows itself again. */
  readonly withinMs: number
  /** Did the authority answer? Else nothing is known but that the watcher asks. */
  readonly sees: boolean
}

/** A machine that is busy may be late by this. */
const GRACE_MS = 10_000

export async function showPresence(memory: LocalMemory, presence: Presence): Promise<void> {
  await memory.write(PRESENCE, `${JSON.stringify(presence)}\n`)
}

export async function hidePresence(memory: LocalMemory): Promise<void> {
  await memory.remove(PRESENCE)
}

/** The watcher of this clone, if it showed itself as it said it would; a killed one is found out by its silence. */
export async function presentWatcher(memory: LocalMemory, now: Moment): Promise<Presence | undefined> {
  const presence = parsePresence((await memory.read(PRESENCE)) ?? '')
  if (presence === undefined || presence.bootId !== now.bootId) return undefined
  return elapsedMs(presence, now) <= presence.withinMs + GRACE_MS ? presence : undefined
}

function parsePresence(text: string): Presence | undefined {
  try {
    const { wallMs, monotonicMs, bootId, withinMs, sees } = JSON.parse(text) as Record<string, unknown>
    const figures = [wallMs, monotonicMs, withinMs]
    if (!figures.every(Number.isFinite) || typeof bootId !== 'string' || typeof sees !== 'boolean') return undefined
    const [wall, monotonic, within] = figures as number[]
    return { wallMs: wall as number, monotonicMs: monotonic as number, bootId, withinMs: within as number, sees }
  } catch {
    return undefined
  }
}
