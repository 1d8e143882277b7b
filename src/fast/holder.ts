/**
 * What one session knows of its claims in etcd, and when it may say "mine".
 *
 * A pure state: whoever calls the port notes the moment before it sends, and tells the answer here. Trust in a link
 * begins when `armed` changed on it: a projector arms a server's new life only after everybody who held in the old
 * one has stopped, so nothing seen on such a link can contradict what somebody else still believes.
 */
import { countsInGit, type Moment } from '../claim/index.ts'
import { type ClaimRecord, invariant, type SessionName, type TaskKey } from '../model/index.ts'
import type {
  ClaimAnswer,
  FastArmed,
  FastClaim,
  FastHeld,
  FastLease,
  FastListing,
  FastWish,
  KeepAnswer,
  TokenAnswer,
} from '../ports/index.ts'
import type { ModeRecord } from './mode.ts'
import { isValid } from './validity.ts'

export interface Holder {
  readonly session: SessionName
  readonly mode: ModeRecord | undefined
  /** The last reading that showed etcd: its epoch, and when it was sent. */
  readonly belief: { readonly epoch: number; readonly sent: Moment } | undefined
  /** The session's lease in etcd, as long as the mode's; `sent`: the last grant or renewal that was answered. */
  readonly lease: { readonly lease: FastLease; readonly sent: Moment } | undefined
  /** The highest revision that was seen in this epoch. */
  readonly revision: number
  readonly link: { readonly armed: FastArmed | undefined; readonly trusted: boolean } | undefined
  readonly held: ReadonlyMap<TaskKey, Holding>
}

export interface Holding {
  readonly wish: FastWish
  /** `undefined`: not known yet whether the claim exists, or carried over and not looked at. */
  readonly revision: number | undefined
  /** The lease under which it was asked for or adopted; `undefined`: carried, under a lease that nobody renews. */
  readonly lease: FastLease | undefined
  /** What an `adopt` under way puts in the claim's place. */
  readonly heir: FastClaim | undefined
  /** When the last renewal was sent that it rests on; `undefined`: not confirmed. */
  readonly sent: Moment | undefined
  /** `done` or `release` was sent, which may still arrive where no answer came: never held again, only ended again. */
  readonly isEnding: boolean
}

export function newHolder(session: SessionName): Holder {
  return {
    session,
    mode: undefined,
    belief: undefined,
    lease: undefined,
    revision: 0,
    link: undefined,
    held: new Map(),
  }
}

/** Is the task this session's, now? At most one session can answer yes. */
export function holds(holder: Holder, task: TaskKey, now: Moment): boolean {
  const sent = holder.held.get(task)?.sent
  return sent !== undefined && believes(holder, now) && isValid(sent, leaseMsOf(holder), now)
}

/** Does this session still believe that etcd decides? Draining ends new claims at once, and what is held by time. */
function believes({ mode, belief }: Holder, now: Moment): boolean {
  return mode !== undefined && belief !== undefined && isValid(belief.sent, mode.leaseMs, now)
}

export type MayClaim = 'yes' | 'not-etcd' | 'mode-too-old' | 'no-link' | 'not-armed-yet'

export function mayClaim(holder: Holder, now: Moment): MayClaim {
  if (holder.mode?.mode !== 'etcd') return 'not-etcd'
  if (!believes(holder, now)) return 'mode-too-old'
  if (holder.link === undefined) return 'no-link'
  return holder.link.trusted ? 'yes' : 'not-armed-yet'
}

/** The lease of sessions in etcd, in milliseconds: that of the mode, since validity is the smaller of both. */
function leaseMsOf({ mode }: Holder): number {
  return mode?.leaseMs ?? 0
}

/** A reading of the mode record, sent at `sent`. A new epoch ends all that was held in another. */
export function sawMode(holder: Holder, mode: ModeRecord, sent: Moment): Holder {
  if (mode.mode !== 'etcd') {
    const isSameSpace = mode.mode === 'draining' && holder.belief?.epoch === mode.epoch - 1
    return isSameSpace ? { ...holder, mode } : { ...newHolder(holder.session), mode }
  }
  const belief = { epoch: mode.epoch, sent }
  if (holder.belief?.epoch === mode.epoch) return { ...holder, mode, belief }
  return { ...newHolder(holder.session), mode, belief, held: carriedTo(holder.session, mode) }
}

function carriedTo(session: SessionName, { manifest = [] }: ModeRecord): ReadonlyMap<TaskKey, Holding> {
  const own = manifest.filter((carried) => carried.session === session)
  return new Map(
    own.map(({ task, claim }) => {
      const wish = { task, claim: { session, nonce: claim, event: claim } }
      return [task, { wish, revision: undefined, lease: undefined, heir: undefined, sent: undefined, isEnding: false }]
    }),
  )
}

/** A new link, and the first list on it. What was held is valid by its time alone until it is confirmed here. */
export function linked(holder: Holder, listing: FastListing): Holder {
  return { ...sawRevision(holder, listing), link: { armed: listing.armed, trusted: false } }
}

function sawRevision(holder: Holder, { revision }: FastListing): Holder {
  return { ...holder, revision: Math.max(holder.revision, revision) }
}

/** `armed` as a watch or a later list of the same link shows it. */
export function sawArmed(holder: Holder, armed: FastArmed | undefined): Holder {
  if (holder.link === undefined || armed === undefined) return holder
  const before = holder.link.armed
  const changed = before === undefined || before.tick !== armed.tick || before.board !== armed.board
  return changed ? { ...holder, link: { armed, trusted: true } } : holder
}

export function unlinked(holder: Holder): Holder {
  return { ...holder, link: undefined }
}

/** A new lease of one's own. What was claimed under another one rests on that until it is adopted. */
export function leased(holder: Holder, lease: FastLease, sent: Moment): Holder {
  return { ...holder, lease: { lease, sent } }
}

/** What was asked for is kept, with its nonces, before it is sent: whatever is answered, it can be looked for. */
export function asking(holder: Holder, wishes: readonly FastWish[]): Holder {
  const lease = holder.lease?.lease
  invariant(lease !== undefined, 'a claim is asked for under a lease')
  const asked = wishes.map(
    (wish) =>
      [wish.task, { wish, revision: undefined, lease, heir: undefined, sent: undefined, isEnding: false }] as const,
  )
  return { ...holder, held: new Map([...holder.held, ...asked]) }
}

/** A claim lasts as long as its lease, hence counts from the lease's renewal and not from when it was sent itself. */
export function answeredClaim(holder: Holder, wishes: readonly FastWish[], answer: ClaimAnswer): Holder {
  // Where there was no answer, or nothing is known of the link any more, the next list says what became of it.
  if (answer.kind === 'unknown') return holder
  const held = new Map(holder.held)
  for (const { task } of wishes) {
    const asked = held.get(task)
    if (asked === undefined || answer.kind !== 'claimed') held.delete(task)
    else held.set(task, { ...asked, revision: answer.revision, sent: renewal(holder, asked) })
  }
  return { ...holder, held }
}

/** When the lease of a claim was renewed; not known of a lease that is not the session's any more. */
function renewal({ lease }: Holder, holding: Holding): Moment | undefined {
  return lease?.lease === holding.lease ? lease?.sent : undefined
}

/** Claims for `keepAlive`: those under the session's lease, whose tokens are known. */
export function toKeep(holder: Holder): readonly FastHeld[] {
  return known(holder, (lease) => lease === holder.lease?.lease)
}

/** Claims for `adopt`: those under another lease. Renewing the session's own would not keep them. */
export function toAdopt(holder: Holder): readonly FastHeld[] {
  return known(holder, (lease) => lease !== holder.lease?.lease)
}

function known({ held }: Holder, wanted: (lease: FastLease | undefined) => boolean): readonly FastHeld[] {
  return [...held.values()].flatMap(({ wish, revision, lease }) =>
    revision === undefined || !wanted(lease) ? [] : [{ ...wish, revision }],
  )
}

/**
 * Before `adopt` is sent: the value that is to take the claim's place, kept until a list shows it or the claim is lost.
 * Its nonce is new, since a carried token is known to every process of its session, also to one that died while its
 * release was on the way.
 */
export function adopting(holder: Holder, task: TaskKey, heir: FastClaim): Holder {
  const holding = holder.held.get(task)
  if (holding === undefined || holding.heir !== undefined) return holder
  return { ...holder, held: new Map(holder.held).set(task, { ...holding, heir }) }
}

/** The heir is under the session's lease, and held from the next renewal on. Any other answer is left to the next list. */
export function answeredAdopt(holder: Holder, task: TaskKey, answer: TokenAnswer): Holder {
  const holding = holder.held.get(task)
  if (answer.kind !== 'accepted' || holding?.heir === undefined) return holder
  const wish = { task, claim: holding.heir }
  const heir = { ...holding, wish, lease: holder.lease?.lease, heir: undefined, sent: undefined }
  return { ...holder, held: new Map(holder.held).set(task, heir) }
}

/** `sent`: when the renewal was sent. It confirms what was kept where the link is trusted, and there alone. */
export function answeredKeep(holder: Holder, sent: Moment, answer: KeepAnswer): Holder {
  if (answer.kind !== 'kept') return holder
  const held = new Map(holder.held)
  for (const task of answer.lost) held.delete(task)
  for (const task of holder.link?.trusted ? answer.kept : []) {
    const holding = held.get(task)
    if (holding?.isEnding === false && holding.lease === holder.lease?.lease) held.set(task, { ...holding, sent })
  }
  // Nothing was kept of anything: the server may not know the lease any more.
  const isOver = answer.kept.length === 0 && answer.lost.length > 0
  const lease = isOver || holder.lease === undefined ? undefined : { ...holder.lease, sent }
  return { ...holder, held, lease }
}

/** Before `done` or `release` is sent: when it arrives another may claim, however late this session hears of it. */
export function ending(holder: Holder, task: TaskKey): Holder {
  const holding = holder.held.get(task)
  if (holding === undefined) return holder
  return { ...holder, held: new Map(holder.held).set(task, { ...holding, sent: undefined, isEnding: true }) }
}

/** What is `accepted` or `lost` is over; anything else is to be asked again, with the same token. */
export function answeredEnd(holder: Holder, task: TaskKey, answer: TokenAnswer): Holder {
  return answer.kind === 'accepted' || answer.kind === 'lost' ? dropped(holder, task) : holder
}

/**
 * A list: what stands there with this session's nonce is its own, whatever was answered before; the rest is lost.
 * A list confirms nothing: what became known by it is held from the next renewal on.
 */
export function sawListing(holder: Holder, listing: FastListing): Holder {
  const seen = sawRevision(sawArmed(holder, listing.armed), listing)
  const held = new Map<TaskKey, Holding>()
  for (const [task, holding] of seen.held) {
    const there = listing.claims.get(task)
    if (there !== undefined && there.claim.nonce === holding.heir?.nonce) {
      // Adopted, under which lease is not known: to be adopted again.
      const wish = { task, claim: holding.heir }
      held.set(task, { ...holding, wish, revision: there.revision, lease: undefined, heir: undefined, sent: undefined })
      continue
    }
    if (there?.claim.nonce !== holding.wish.claim.nonce) continue
    const sent = holding.revision === there.revision ? holding.sent : undefined
    held.set(task, { ...holding, revision: there.revision, sent })
  }
  return { ...seen, held }
}

/**
 * What a list shows of this session that it does not know: of a process of it that ended. As with what was carried, its
 * token may still be on the way somewhere, so it is to be adopted, and held from the next renewal on.
 */
export function recovered(holder: Holder, { claims }: Pick<FastListing, 'claims'>): Holder {
  const found = [...claims.values()].filter(
    ({ task, claim }) => claim.session === holder.session && !holder.held.has(task),
  )
  if (found.length === 0) return holder
  const holdings = found.map(({ task, claim, revision }) => {
    const unconfirmed = { lease: undefined, heir: undefined, sent: undefined, isEnding: false }
    return [task, { wish: { task, claim }, revision, ...unconfirmed }] as const
  })
  return { ...holder, held: new Map([...holder.held, ...holdings]) }
}

function dropped(holder: Holder, task: TaskKey): Holder {
  const held = new Map(holder.held)
  held.delete(task)
  return { ...holder, held }
}

/**
 * May this holder register its claim in git while etcd is drained? It is moved to "held, epoch of the draining",
 * and counts when git decides again, not before.
 *
 * @param found  what the task's claim ref holds, and is expected to hold when it is moved
 */
export function mayRegister(
  holder: Holder,
  task: TaskKey,
  found: Pick<ClaimRecord, 'kind' | 'modeEpoch'> | undefined,
  now: Moment,
): boolean {
  if (holder.mode?.mode !== 'draining' || !holds(holder, task, now)) return false
  invariant(holder.mode.epoch > 0, 'draining is never the first epoch')
  if (found?.kind === 'completed') return false
  return found === undefined || !countsInGit({ ...holder.mode, since: holder.mode.epoch }, found)
}
