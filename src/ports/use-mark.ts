import type { EpochMs } from '../model/index.ts'

/**
 * When a session of a coding tool last used one of its tools, and when its claims were last renewed for that.
 *
 * Asked at every use of a tool, so it costs one small file and no process. What is lost costs a sign of life more.
 */
export interface UseMark {
  lastUseAt(): Promise<EpochMs | undefined>
  /** Note a use, now. `due`: the last renewal is older than its pace; it counts as made from now on. */
  use(now: EpochMs): Promise<'due' | 'fresh'>
  /** How long a renewal holds, milliseconds. */
  setPace(everyMs: number, now: EpochMs): Promise<void>
}
