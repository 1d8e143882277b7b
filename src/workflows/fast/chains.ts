/**
 * Chains that go on in etcd: which events of its values follow on what git has of their sessions.
 *
 * An event counts where its chain in git ends, under that chain's key, one after the other without a gap. Nothing is
 * asked of who wrote it: as with a ref, whoever may write there may write anything, and `witness verify` tells.
 */
import { sessionRef } from '../../claim/index.ts'
import {
  type ObjectId,
  objectId,
  type RefName,
  type SessionName,
  type Sha256,
  type SignedEvent,
} from '../../model/index.ts'
import type { FastListing } from '../../ports/index.ts'
import { type CarriedEvent, encodeEventCommit, eventHash } from '../../witness/index.ts'
import { readCommit } from '../branch-tree.ts'
import { sealedSession } from '../chain-tip.ts'
import { eventAt } from '../chain-walk.ts'
import { endForGood } from '../noted.ts'
import type { Toolbox } from '../toolbox.ts'
import { parseTail, type Tail } from './tail.ts'

/**
 * The newest event that git has of a session, behind its ref or in a note. What the branch alone calls sealed git does not
 * have: the note was lost with a server, and the event is where that fold took it from.
 */
export interface ChainEnd {
  /** 0: none. */
  readonly sequence: number
  readonly hash: string | undefined
  /** Up to this event the branch calls the chain sealed: a fold has judged it. */
  readonly sealed: number
  /** Whose key the next event has, unless it says `joined`; `undefined`: a seal alone does not tell. */
  readonly key: string | undefined
}

/** By the refs and the board of one answer of git. */
export async function chainEnd(
  box: Toolbox,
  refs: ReadonlyMap<RefName, ObjectId>,
  session: SessionName,
): Promise<ChainEnd> {
  const head = refs.get(box.layout.board)
  const tree = head === undefined ? undefined : (await readCommit(box.objects, head)).tree
  const onBranch = tree === undefined ? undefined : await sealedSession(box, { branch: { tree } }, session)
  const noted = tree === undefined ? undefined : await endForGood(box, { refs, branch: { tree } }, session, onBranch)
  const ref = refs.get(sessionRef(box.layout, session, box.sha256))
  const tip = ref === undefined ? undefined : await eventAt(box, ref)
  const known = { sealed: onBranch?.sequence ?? 0, key: tip?.event.sessionkey }
  if (tip !== undefined && tip.event.sequence > (noted?.sequence ?? 0))
    return { sequence: tip.event.sequence, hash: eventHash(tip.event, box.sha256), ...known }
  return { sequence: noted?.sequence ?? 0, hash: noted?.hash, ...known }
}

/** Events behind the end, oldest first; what does not follow yet is left out. */
export function joinChain(
  end: ChainEnd,
  events: Iterable<CarriedEvent>,
  { sha256, boardId }: { readonly sha256: Sha256; readonly boardId: string },
): CarriedEvent[] {
  const next = new Map<number, CarriedEvent[]>()
  for (const one of events) {
    if (one.event.source !== `if-board:${boardId}`) continue
    next.set(one.event.sequence, [...(next.get(one.event.sequence) ?? []), one])
  }
  const chain: CarriedEvent[] = []
  let { sequence, hash, key } = end
  for (;;) {
    const found = next.get(sequence + 1)?.find(({ event }) => event.previous === hash && isSpeaker(event, key))
    if (found === undefined) return chain
    chain.push(found)
    sequence += 1
    hash = eventHash(found.event, sha256)
    key = found.event.sessionkey
  }
}

function isSpeaker({ sessionkey, type }: SignedEvent, key: string | undefined): boolean {
  return key === undefined || sessionkey === key || type === 'if-board.joined'
}

/** What one value of etcd tells. */
export type Told =
  | { readonly kind: 'events'; readonly events: readonly CarriedEvent[]; readonly last: CarriedEvent }
  | { readonly kind: 'carried'; readonly claim: ObjectId }

const MOST_KNOWN = 20_000

/** Values with the commits that follow from their events. The same ones are read again and again. */
export class Tails {
  readonly #box: Pick<Toolbox, 'emptyTree' | 'objects'>
  readonly #known = new Map<string, Told | undefined>()

  constructor(box: Pick<Toolbox, 'emptyTree' | 'objects'>) {
    this.#box = box
  }

  /** `undefined`: not understood. */
  of(text: string, session: SessionName): Told | undefined {
    const name = `${session} ${text}`
    const known = this.#known.get(name)
    if (known !== undefined || this.#known.has(name)) return known
    if (this.#known.size >= MOST_KNOWN) this.#known.clear()
    const tail = parseTail(text, session)
    const told = tail && this.#told(tail)
    this.#known.set(name, told)
    return told
  }

  #told(tail: Tail): Told {
    if (tail.kind === 'carried') return tail
    const events = tail.events.map((event) => this.carried(event))
    return { kind: 'events', events, last: events.at(-1) as CarriedEvent }
  }

  carried(event: SignedEvent): CarriedEvent {
    return { oid: objectId(encodeEventCommit(event, this.#box.emptyTree), this.#box.objects.hash), event }
  }
}

/** All events that a list tells of each session. */
export function toldBySession(
  { claims, done }: Pick<FastListing, 'claims' | 'done'>,
  tails: Tails,
): ReadonlyMap<SessionName, readonly CarriedEvent[]> {
  const told = new Map<SessionName, CarriedEvent[]>()
  const hear = (session: SessionName, text: string) => {
    const found = tails.of(text, session)
    if (found?.kind !== 'events') return
    const events = told.get(session)
    if (events === undefined) told.set(session, [...found.events])
    else events.push(...found.events)
  }
  for (const { claim } of claims.values()) hear(claim.session, claim.event)
  for (const { session, event } of done.values()) hear(session, event)
  return told
}
