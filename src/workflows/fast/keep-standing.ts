/**
 * At the end of the drain: what etcd shows as held, and nobody registered, is held on in git. So whoever has no watcher,
 * or could not reach git meanwhile, keeps the task.
 *
 *     etcd at one revision, after the grace → who is not registered → folded up to there? else one fold, and again
 *     → carry, 32 in one push, and again → none is left
 *
 * Nobody believes in etcd after the grace, so what it shows is nobody's but who holds it. Kept is only a claim that the
 * board's own state names as the one that holds: an old backup's, or one that a person's edit ended, is not. The holder
 * may have released it, with an answer to come: then the task is held until its lease ends, by nobody's work.
 */
import { claimRef } from '../../claim/index.ts'
import { foldedUpTo, judgeListing } from '../../fast/index.ts'
import type { ClaimRecord, ObjectId, SessionName, TaskState } from '../../model/index.ts'
import type { FastListing, MoveOutcome } from '../../ports/index.ts'
import type { Remark } from '../publish.ts'
import { read, type WholeReading } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { CARRIED_AT_ONCE, carriedRemark, isRegistered, sayAll, stands } from './carry.ts'
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

/** `kept`: read again, there may be more. `none`: there is nothing that can be kept. */
export type Kept = 'kept' | 'none' | 'stale'

/** @throws IfBoardError what `read` and `foldReading` throw */
export async function keepStanding(box: Toolbox, request: KeepStandingRequest): Promise<Kept> {
  const { reading, listing, folder } = request
  const { mode, refs } = reading
  const state = reading.branch.fast
  if (judgeListing({ mode, listing, state }) !== 'same') return 'none'
  const left = unregistered(reading, listing)
  if (left.length === 0) return 'none'
  if (left.some(({ revision }) => revision > foldedUpTo(mode, state))) {
    const fold = await foldEtcd(box, { sight: { refs, record: mode }, listing, folder })
    if (fold.kind !== 'folded') return 'none'
    if (fold.outcome.kind !== 'nothing') return fold.outcome.kind === 'folded' ? 'kept' : 'stale'
  }
  return carryAll(box, request, await standing(box, reading, listing))
}

/** A completion in git, of whatever claim, is never replaced. */
function unregistered({ claims, mode }: WholeReading, listing: FastListing) {
  const decided = claims.filter((claim) => claim.kind === 'completed' || isRegistered(mode, claim))
  const keys = new Set(decided.map(({ key }) => key))
  return [...listing.claims.values()].filter(({ task }) => !keys.has(task))
}

/** As the last fold's board has them: who holds by it what etcd shows. */
async function standing(box: Toolbox, reading: WholeReading, listing: FastListing): Promise<ClaimRecord[]> {
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
    const sealed = followed.chains.get(session)?.end.sealed ?? 0
    return inGit || isNamed(claim, snapshot.states.get(task), sealed) ? [claim] : []
  })
}

/** A row that shows no claim, since it is paused or has no cell for it, names none: there the seal counts. */
function isNamed({ oid, epoch, event }: ClaimRecord, state: TaskState | undefined, sealed: number): boolean {
  if (state?.claim !== undefined) return state.claim === oid
  return event.sequence <= sealed && epoch >= (state?.grants ?? 0)
}

async function carryAll(
  box: Toolbox,
  { reading: judged, listing, folder }: KeepStandingRequest,
  found: readonly ClaimRecord[],
): Promise<Kept> {
  const own = onOwnChain(box, folder)
  const reading = await read(own)
  // What was judged is of that board.
  if (reading.mode.epoch !== judged.mode.epoch || reading.head !== judged.head) return 'stale'
  const left = new Set(unregistered(reading, listing).map(({ task }) => task))
  const claims = found.filter(({ key }) => left.has(key)).slice(0, CARRIED_AT_ONCE)
  if (claims.length === 0) return 'none'
  const whole = await carryThese(own, reading, folder, claims)
  if (whole.kind === 'moved') return 'kept'
  if (whole.kind === 'stale') return 'stale'
  // One that a server will not move now holds up neither the others nor the way down.
  let kept = 0
  for (const claim of claims) if ((await carryThese(own, await read(own), folder, [claim])).kind === 'moved') kept += 1
  return kept > 0 ? 'kept' : 'none'
}

function carryThese(
  own: Toolbox,
  reading: WholeReading,
  folder: SessionName,
  claims: readonly ClaimRecord[],
): Promise<MoveOutcome> {
  const inGit = new Map(reading.claims.map((claim) => [claim.key, claim]))
  const remarks = claims.map((claim) => keptRemark(reading, claim, inGit.get(claim.key)?.oid))
  return sayAll(own, reading, folder, remarks)
}

/** A claim that was taken in etcd is in the log, and in no ref. */
function keptRemark(reading: WholeReading, claim: ClaimRecord, inGit: ObjectId | undefined): Remark {
  const remark = carriedRemark(reading, claim)
  if (inGit === claim.oid || remark.claim === undefined) return remark
  return { ...remark, claim: { ...remark.claim, inRef: inGit ?? 'nothing' } }
}
