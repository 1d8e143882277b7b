/** While etcd is drained: what a session of this clone holds there is registered in git, so that it is held on. */
import { type Holder, mayRegister } from '../../fast/index.ts'
import type { TaskKey } from '../../model/index.ts'
import { read, type WholeReading } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { CARRIED_AT_ONCE, register } from './carry.ts'

/** Reads that may find everything changed, before it is left to the next call. */
const MAX_TRIES = 12

export interface RegisterHeldRequest {
  /** As it is at each try: its validity runs out by its own clock, and it must have seen the draining. */
  readonly holder: () => Holder
  /** Of claims that were taken in etcd: without a sign of life for so long others may take the task. */
  readonly leaseSeconds: number
}

/**
 * Answers what is left to be registered; empty: all that may be is, or git decides already.
 *
 * @throws IfBoardError what `read` throws, `session/name-taken`
 */
export async function registerHeld(box: Toolbox, request: RegisterHeldRequest): Promise<readonly TaskKey[]> {
  const { holder, leaseSeconds } = request
  let left: readonly TaskKey[] = []
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const reading = await read(box)
    const now = holder()
    left = toRegister(box, reading, now)
    if (left.length === 0) return left
    const tasks = left.slice(0, CARRIED_AT_ONCE)
    const outcome = await register(box, reading, { session: now.session, tasks, leaseSeconds })
    if (outcome.kind === 'refused') return left
    if (outcome.kind === 'moved' && tasks.length === left.length) return []
    if (outcome.kind !== 'moved') await box.clock.sleep(box.chance.fraction() * Math.min(20 * 2 ** tries, 500))
  }
  return left
}

/** What it may register by what was read; none where nothing is drained. */
export function toRegister(
  { clock }: Pick<Toolbox, 'clock'>,
  { mode, claims }: Pick<WholeReading, 'mode' | 'claims'>,
  holder: Holder,
): readonly TaskKey[] {
  if (mode.mode !== 'draining') return []
  const found = new Map(claims.map((claim) => [claim.key, claim]))
  return [...holder.held.keys()].filter((task) => mayRegister(holder, task, found.get(task), clock.now()))
}
