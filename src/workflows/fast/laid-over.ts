/**
 * git's refs with what etcd holds laid over them: claim refs and chains as their sessions would have pushed them.
 *
 * Whatever stands there is held or done for whoever decides by it: what cannot be understood is shown as a ref that
 * nobody can read, so its task is never free. The mode is not shown: in this list it is decided already.
 */
import { claimRef, sessionRef } from '../../claim/index.ts'
import type { ObjectId, RefName, SessionName, SignedEvent, TaskKey } from '../../model/index.ts'
import type { FastListing } from '../../ports/index.ts'
import type { CarriedEvent } from '../../witness/index.ts'
import { chainBeyond, eventAt } from '../chain-walk.ts'
import { readClaim } from '../evidence.ts'
import type { Toolbox } from '../toolbox.ts'
import { type ChainEnd, chainEnd, joinChain, type Tails, toldBySession } from './chains.ts'

/** What is held and done in etcd. */
export type Holdings = Pick<FastListing, 'claims' | 'done'>

export interface Chain {
  readonly end: ChainEnd
  /** What goes on behind it, oldest first. */
  readonly beyond: readonly CarriedEvent[]
}

export interface Followed {
  readonly chains: ReadonlyMap<SessionName, Chain>
  /** By the commits that follow from them, which no store needs to have. */
  readonly events: ReadonlyMap<ObjectId, SignedEvent>
  /** Commits of events that git has, or that follow on what it has. */
  readonly joined: ReadonlySet<ObjectId>
}

export interface FollowRequest {
  /** As git shows them. */
  readonly refs: ReadonlyMap<RefName, ObjectId>
  readonly holdings: Holdings
  /** The newest event that each session of this clone has said; default none. */
  readonly said?: ReadonlyMap<SessionName, ObjectId>
  readonly tails: Tails
}

/** Every chain of which etcd, or this clone, tells something. */
export async function followChains(box: Toolbox, request: FollowRequest): Promise<Followed> {
  const { refs, holdings, said = new Map(), tails } = request
  const told = toldBySession(holdings, tails)
  const events = new Map<ObjectId, SignedEvent>()
  for (const chain of told.values()) for (const { oid, event } of chain) events.set(oid, event)
  const chains = new Map<SessionName, Chain>()
  const joined = new Set<ObjectId>()
  for (const session of new Set([...told.keys(), ...said.keys()])) {
    const chain = await chainOf(box, refs, { session, told: told.get(session) ?? [], said: said.get(session) })
    chains.set(session, chain)
    for (const { oid } of chain.beyond) joined.add(oid)
    for (const { oid, event } of told.get(session) ?? []) if (event.sequence <= chain.end.sequence) joined.add(oid)
  }
  return { chains, events, joined }
}

interface ChainRequest {
  readonly session: SessionName
  readonly told: readonly CarriedEvent[]
  readonly said: ObjectId | undefined
}

export async function chainOf(
  box: Toolbox,
  refs: ReadonlyMap<RefName, ObjectId>,
  { session, told, said }: ChainRequest,
): Promise<Chain> {
  const end = await chainEnd(box, refs, session)
  const tip = said === undefined ? undefined : await eventAt(box, said)
  const own = tip?.event.session === session ? await chainBeyond(box, tip, end.sequence) : []
  return { end, beyond: joinChain(end, [...own, ...told], box) }
}

export interface LayRequest extends Omit<FollowRequest, 'said'> {
  readonly followed: Followed
  /** Values whose events follow on nothing yet: sessions must see them, a fold must not. */
  readonly unjoined: 'shown' | 'left-out'
}

/** An id that no object has: a ref with this value cannot be read. */
const UNREADABLE = '0'.repeat(40) as ObjectId

export async function layOver(box: Toolbox, request: LayRequest): Promise<Map<RefName, ObjectId>> {
  const { holdings, tails, unjoined, followed } = request
  const { events, joined, chains } = followed
  const refs = await withoutLiveClaims(box, request.refs)
  for (const [session, { beyond }] of chains) {
    const tip = beyond.at(-1)
    if (tip !== undefined) refs.set(sessionRef(box.layout, session, box.sha256), tip.oid)
  }
  const lay = (task: TaskKey, session: SessionName, text: string) => {
    const value = claimValueIn(text, session, tails)
    if (unjoined === 'left-out' && events.has(value) && !joined.has(value)) return
    refs.set(claimRef(box.layout, task, box.sha256), value)
  }
  for (const { task, claim } of holdings.claims.values()) lay(task, claim.session, claim.event)
  for (const { task, session, event } of holdings.done.values()) lay(task, session, event)
  return refs
}

/** Value of the claim ref that a value of etcd stands for: its fencing token in git's words. */
export function claimValueIn(text: string, session: SessionName, tails: Tails): ObjectId {
  const told = tails.of(text, session)
  if (told === undefined) return UNREADABLE
  return told.kind === 'carried' ? told.claim : told.last.oid
}

/** While etcd decides, a grant in git was carried over, or came too late; completions and returns say what they said. */
export async function withoutLiveClaims(
  box: Toolbox,
  all: ReadonlyMap<RefName, ObjectId>,
): Promise<Map<RefName, ObjectId>> {
  const { claims, mode } = box.layout
  const refs = new Map(all)
  refs.delete(mode)
  for (const [ref, oid] of all) {
    if (!ref.startsWith(claims)) continue
    const record = await readClaim(box, oid)
    if (record?.kind !== 'completed' && record?.kind !== 'returned') refs.delete(ref)
  }
  return refs
}
