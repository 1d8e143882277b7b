/** What may be pruned, and how a prune names what it kept. docs/retention.md tells the whole of it. */
import type { EpochMs, Sha256 } from '../model/index.ts'
import { type BoardRecord, renderSignedCheckpoint, type SignedCheckpoint } from './checkpoint.ts'
import { parseTime } from './time.ts'

/** Younger folds keep their events: 183 days, six months of any length. */
export const LEAST_AGE_MS = 183 * 86_400_000

/** The hash over the checkpoints of folds 1 to n, before the first: `h(0)`. */
export const KEPT_NOTHING = ''

/** `h(i)`: SHA-256, in hexadecimal, of `h(i - 1)` and the text that a pruned note i has. */
export function keptAfter(before: string, signed: SignedCheckpoint, sha256: Sha256): string {
  return sha256(`${before}${renderSignedCheckpoint(signed)}`)
}

/** When a fold was made, by its own signed record; `undefined`: it does not say. */
export function foldTime(records: readonly BoardRecord[]): EpochMs | undefined {
  const fold = records.find(({ kind }) => kind === 'fold')
  return fold === undefined ? undefined : parseTime(fold.time)
}
