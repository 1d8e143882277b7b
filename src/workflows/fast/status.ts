/** `if-board fast status`: who decides claims, why nobody else does, and what the fast engine holds. Reads only. */
import { parseLedger } from '../../claim/index.ts'
import { fastEpoch, type ModeRecord } from '../../fast/index.ts'
import type { ObjectId, RefName } from '../../model/index.ts'
import type { FastListing, FastPath } from '../../ports/index.ts'
import { LEDGER } from '../evidence.ts'
import { readBranchConfig } from '../init-branch.ts'
import { readMode } from '../mode.ts'
import type { Toolbox } from '../toolbox.ts'
import { presentWatcher } from '../watch/presence.ts'
import { type EscalationSight, sightOf } from './escalate.ts'

export interface FastStatus {
  /** `undefined`: the record is not understood, so nothing may be claimed. */
  readonly record: ModeRecord | undefined
  readonly engine:
    | { readonly kind: 'not-asked' }
    | { readonly kind: 'unreached'; readonly reason: string }
    | { readonly kind: 'listed'; readonly isOpen: boolean; readonly listing: FastListing }
  /** `undefined`: there is no branch, or the record is not understood. */
  readonly escalation: EscalationSight | undefined
  /** Is a watcher of this clone at work, which alone changes anything by itself? */
  readonly isWatched: boolean
}

/**
 * @param path `undefined`: no endpoint is known here
 * @throws IfBoardError `authority/unreachable`, `fast/refused`, `fast/certificate`, `fast/alarm`
 */
export async function fastStatus(box: Toolbox, path: FastPath | undefined): Promise<FastStatus> {
  const refs = await box.refs.list()
  const record = await readMode(box, refs)
  const engine = await engineOf(box, path, record)
  const escalation = record && (await escalationOf(box, refs, { record, knowsEtcd: path !== undefined }))
  const isWatched = (await presentWatcher(box.memory, box.clock.now())) !== undefined
  return { record, engine, escalation, isWatched }
}

async function engineOf(
  box: Toolbox,
  path: FastPath | undefined,
  record: ModeRecord | undefined,
): Promise<FastStatus['engine']> {
  if (record === undefined || record.mode === 'git' || path === undefined) return { kind: 'not-asked' }
  const { nonce } = record
  const connected = await path.connect({ board: box.boardId, epoch: fastEpoch(record), nonce })
  if (connected.kind === 'unreached') return connected
  try {
    const listing = await connected.link.list()
    if (listing.kind !== 'listed') return { kind: 'unreached', reason: listing.reason }
    return { kind: 'listed', isOpen: listing.epochNonce === nonce, listing }
  } finally {
    await connected.link.close()
  }
}

interface EscalationRequest {
  readonly record: ModeRecord
  readonly knowsEtcd: boolean
}

async function escalationOf(
  box: Toolbox,
  refs: ReadonlyMap<RefName, ObjectId>,
  { record: mode, knowsEtcd }: EscalationRequest,
): Promise<EscalationSight | undefined> {
  const { board, mode: ref } = box.layout
  const [head, value] = [refs.get(board), refs.get(ref)]
  if (head === undefined) return undefined
  const config = await readBranchConfig(box.objects, head)
  const seen = parseLedger((await box.memory.read(LEDGER)) ?? '').get(ref)
  // Not seen here yet: from now on.
  const firstSeen = seen?.value === value ? seen : box.clock.now()
  return sightOf(box, { mode, modeSeen: value === undefined ? undefined : firstSeen, config, knowsEtcd })
}
