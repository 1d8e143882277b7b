/** `if-board fast status`: who decides claims, and what the fast engine holds. Reads only. */
import { fastEpoch, type ModeRecord } from '../../fast/index.ts'
import type { FastListing, FastPath } from '../../ports/index.ts'
import { readMode } from '../mode.ts'
import type { Toolbox } from '../toolbox.ts'

export interface FastStatus {
  /** `undefined`: the record is not understood, so nothing may be claimed. */
  readonly record: ModeRecord | undefined
  readonly engine:
    | { readonly kind: 'not-asked' }
    | { readonly kind: 'unreached'; readonly reason: string }
    | { readonly kind: 'listed'; readonly isOpen: boolean; readonly listing: FastListing }
}

/**
 * @param path `undefined`: no endpoint is known here
 * @throws IfBoardError `authority/unreachable`, `fast/refused`, `fast/certificate`, `fast/alarm`
 */
export async function fastStatus(box: Toolbox, path: FastPath | undefined): Promise<FastStatus> {
  const record = await readMode(box, await box.refs.list())
  if (record === undefined || record.mode === 'git' || path === undefined)
    return { record, engine: { kind: 'not-asked' } }
  const { nonce } = record
  const connected = await path.connect({ board: box.boardId, epoch: fastEpoch(record), nonce })
  if (connected.kind === 'unreached') return { record, engine: connected }
  try {
    const listing = await connected.link.list()
    if (listing.kind !== 'listed') return { record, engine: { kind: 'unreached', reason: listing.reason } }
    return { record, engine: { kind: 'listed', isOpen: listing.epochNonce === nonce, listing } }
  } finally {
    await connected.link.close()
  }
}
