/** May sessions claim in etcd already? Not before somebody folds what it holds into git. */
import type { ModeRecord } from '../../fast/index.ts'
import type { FastPath } from '../../ports/index.ts'
import type { Toolbox } from '../toolbox.ts'

const ASKED_EVERY_MS = 500

/**
 * Waits until `armed` is there, `patienceMs` at most.
 *
 * @throws IfBoardError `fast/refused`, `fast/certificate`, `fast/alarm`
 */
export async function untilArmed(
  { clock, boardId }: Toolbox,
  path: FastPath,
  { mode, patienceMs }: { readonly mode: ModeRecord; readonly patienceMs: number },
): Promise<boolean> {
  const startedAt = clock.now().monotonicMs
  const space = { board: boardId, epoch: mode.epoch, nonce: mode.nonce }
  for (;;) {
    const reached = await path.connect(space)
    if (reached.kind === 'linked') {
      const listing = await reached.link.list()
      await reached.link.close()
      if (listing.kind === 'listed' && listing.armed !== undefined) return true
    }
    if (clock.now().monotonicMs - startedAt >= patienceMs) return false
    await clock.sleep(ASKED_EVERY_MS)
  }
}
