/** Prunes of days that lie back half a year. */
import { verifyEd25519 } from '../../src/adapters/process/hashes.ts'
import type { SessionName } from '../../src/model/index.ts'
import { type PruneOutcome, prune } from '../../src/workflows/witness/prune.ts'
import type { Clone } from './fleet.ts'

export const DAY_MS = 86_400_000
const PRUNER = 'session-1' as SessionName

/** Take away all folds that are older than so many days. */
export function pruneOlder({ box }: Clone, days: number, author = PRUNER): Promise<PruneOutcome> {
  const before = box.clock.now().wallMs - days * DAY_MS
  return prune(box, { author, before, mode: 'prune', verify: verifyEd25519 })
}
