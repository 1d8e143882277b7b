/**
 * At the end of the drain: what etcd shows as held, and nobody registered, is held on in git. So whoever has no watcher,
 * or could not reach git meanwhile, keeps the task.
 *
 *     etcd at one revision, after the grace → who is not registered → folded already? else one fold → carry, one push
 *
 * Nobody believes in etcd after the grace, so what it shows is nobody's but who holds it. Kept is only a claim that the
 * board's own state names as the one that holds: an old backup's, or one that a person's edit ended, is not. The holder
 * may have released it, with an answer to come: then the task is held until its lease ends, by nobody's work.
 */
import { claimRef } from '../../claim/index.ts'
import { fastEpoch, judgeServer } from '../../fast/index.ts'
import type { ClaimRecord, ObjectId, SessionName } from '../../model/index.ts'
import type { FastListing } from '../../ports/index.ts'
import type { Remark } from '../publish.ts'
import { read, type WholeReading } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { CARRIED_AT_ONCE, carriedRemark, sayAll, stands } from './carry.ts'
import { Tails } from './chains.ts'
import { fixedBox, foldEtcd } from './fold-etcd.ts'
import { followChains, layOver } from './laid-over.ts'
import { onOwnChain } from './own-chain.ts'

export interface KeepStandingRequest {
  /** Of a mode that is draining, its grace over. */
  readonly reading: WholeReading
  /** Listed after the grace. */
  readonly listing: FastListing
  /** Who closes. */
  readonly folder: SessionName
}

/** `kept`: some are, read again, there may be more. `none`: there is nothing that can be kept. */
export type Kept = 'kept' | 'none' | 'stale'

/** @throws IfBoardError what `read` and `foldReading` throw */
export async function keepStanding(box: Toolbox, request: KeepStandingRequest): Promise<Kept> {
  const { reading, listing, folder } = request
  if (!isOfEpoch(reading, listing) || unregistered(reading, listing).length === 0) return 'none'
  const first = await standing(box, reading, listing)
  if (first.every(({ isFolded }) => isFolded)) return carryAll(box, reading, request, first)
  const { refs, mode: record } = reading
  const fold = await foldEtcd(box, { sight: { refs, record }, listing, folder })
  if (fold.kind === 'folded' && fold.outcome.kind === 'overtaken') return 'stale'
  const after = await read(box)
  // What is not folded now never will be by its own claim alone: it lapses.
  return carryAll(box, after, request, await standing(box, after, listing))
}

function isOfEpoch({ branch: { fast }, mode }: WholeReading, listing: FastListing): boolean {
  const epoch = fastEpoch(mode)
  const known = fast.folded?.epoch === epoch ? fast.folded.revision : 0
  return mode.mode === 'draining' && fast.closed < epoch && judgeServer(listing, mode.nonce, known) === 'same'
}

/** A completion in git, of whatever claim, is never replaced. */
function unregistered({ claims, mode }: WholeReading, listing: FastListing) {
  const decided = claims.filter(
    ({ kind, modeEpoch }) => kind === 'completed' || (kind === 'granted' && modeEpoch === mode.epoch),
  )
  const keys = new Set(decided.map(({ key }) => key))
  return [...listing.claims.values()].filter(({ task }) => !keys.has(task))
}

interface Standing {
  readonly claim: ClaimRecord
  readonly isFolded: boolean
}

/** As the last fold's board has them: who holds by it what etcd shows. */
async function standing(box: Toolbox, reading: WholeReading, listing: FastListing): Promise<Standing[]> {
  const { refs, snapshot } = reading
  const tails = new Tails(box)
  const followed = await followChains(box, { refs, holdings: listing, tails })
  const holdings = { claims: listing.claims, done: new Map() }
  const shown = await layOver(box, { refs, holdings, tails, followed, unjoined: 'left-out' })
  const seen = await read(fixedBox(box, { shown, real: refs, followed }))
  const held = new Map(seen.claims.map((claim) => [claim.key, claim]))
  return unregistered(reading, listing).flatMap(({ task, claim: { session } }) => {
    const claim = held.get(task)
    if (claim?.kind !== 'granted' || claim.session !== session || !stands(seen, claim)) return []
    const inGit = refs.get(claimRef(box.layout, task, box.sha256)) === claim.oid
    return [{ claim, isFolded: inGit || snapshot.states.get(task)?.claim === claim.oid }]
  })
}

async function carryAll(
  box: Toolbox,
  { mode }: WholeReading,
  { listing, folder }: KeepStandingRequest,
  found: readonly Standing[],
): Promise<Kept> {
  const own = onOwnChain(box, folder)
  const reading = await read(own)
  if (reading.mode.epoch !== mode.epoch) return 'stale'
  const left = new Set(unregistered(reading, listing).map(({ task }) => task))
  const taken = new Map(reading.claims.map((claim) => [claim.key, claim]))
  const remarks = found
    .filter(({ claim, isFolded }) => isFolded && left.has(claim.key))
    .slice(0, CARRIED_AT_ONCE)
    .map(({ claim }) => keptRemark(reading, claim, taken.get(claim.key)?.oid))
  if (remarks.length === 0) return 'none'
  const outcome = await sayAll(own, reading, folder, remarks)
  // Git decides again whatever a server thinks of it.
  if (outcome.kind === 'refused') return 'none'
  return outcome.kind === 'moved' ? 'kept' : 'stale'
}

/** A claim that was taken in etcd is in the log, and in no ref. */
function keptRemark(reading: WholeReading, claim: ClaimRecord, inGit: ObjectId | undefined): Remark {
  const remark = carriedRemark(reading, claim, reading.mode.epoch)
  if (inGit === claim.oid || remark.claim === undefined) return remark
  return { ...remark, claim: { ...remark.claim, isSealed: true } }
}
