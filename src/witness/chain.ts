/**
 * A session's chain: where its next event goes.
 *
 * A chain's tip is what the authority shows: the newest of the session's ref and of its own commits
 * that claim refs hold (a server killed between the two refs of one push leaves the session's ref
 * behind). Without a tip it goes on from the last seal; without a seal it begins.
 */
import type { ObjectId, SealedSession, SessionName, Sha256, SignedEvent } from '../model/index.ts'
import { eventHash } from './event-commit.ts'

/** An event and the commit that carries it. */
export interface CarriedEvent {
  readonly oid: ObjectId
  readonly event: SignedEvent
}

/** What the next event says of its past. */
export interface ChainPlace {
  readonly sequence: number
  /** SHA-256 of the previous event; `undefined` for the first of a session. */
  readonly previous: string | undefined
  /** Commit of the previous event, unless a seal covers it. */
  readonly parent: ObjectId | undefined
}

/** The newest event of a session among these; of equally new ones, the first. */
export function chainTip(session: SessionName, seen: Iterable<CarriedEvent | undefined>): CarriedEvent | undefined {
  let tip: CarriedEvent | undefined
  for (const one of seen) {
    if (one === undefined || one.event.session !== session) continue
    if (tip === undefined || one.event.sequence > tip.event.sequence) tip = one
  }
  return tip
}

/** Place of the event after the tip, or after the seal when that is as new or newer. */
export function nextPlace(
  tip: CarriedEvent | undefined,
  sealed: SealedSession | undefined,
  sha256: Sha256,
): ChainPlace {
  if (tip !== undefined && (sealed === undefined || tip.event.sequence > sealed.sequence)) {
    return { sequence: tip.event.sequence + 1, previous: eventHash(tip.event, sha256), parent: tip.oid }
  }
  if (sealed !== undefined) return { sequence: sealed.sequence + 1, previous: sealed.hash, parent: undefined }
  return { sequence: 1, previous: undefined, parent: undefined }
}

/** Parents of the next event's commit: its place's parent, then the claim ref's old value; each once. */
export function nextParents(place: ChainPlace, replaces: ObjectId | undefined): ObjectId[] {
  return [...new Set([place.parent, replaces])].filter((oid) => oid !== undefined)
}
