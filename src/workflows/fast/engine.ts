/**
 * The sessions of one process over one link to etcd: it looks at the mode, connects, watches, renews, asks.
 *
 *     look at the mode every M/3 (M/15 while etcd is lost) → (etcd or draining) connect, list, watch
 *     → keep what sessions hold
 *
 * Everything that may be believed is a `Holder` of `src/fast/`, one for each session; here are only its calls and their
 * moments, each taken before what it is about was sent. A link that is lost is not mended: the next one lists anew, and
 * what was asked without an answer is looked for there. docs/fast-path.md, "Sessions and the projector".
 */
import type { Moment } from '../../claim/index.ts'
import {
  adopting,
  answeredAdopt,
  answeredClaim,
  answeredEnd,
  answeredKeep,
  asking,
  ending,
  fastEpoch,
  type Holder,
  isDue,
  isLookDue,
  isValid,
  leased,
  linked,
  type ModeRecord,
  mayClaim,
  newHolder,
  recovered,
  sawArmed,
  sawListing,
  sawMode,
  spentMs,
  toAdopt,
  toKeep,
  unlinked,
} from '../../fast/index.ts'
import type { SessionName } from '../../model/index.ts'
import type { ClaimAnswer, FastHeld, FastLease, FastLink, FastWish, TokenAnswer, Unknown } from '../../ports/index.ts'
import type { EngineTools, GitSight } from './engine-tools.ts'
import { linkUp, wordsOf } from './linking.ts'
import { Mirror } from './mirror.ts'

/** One life of one server, as this process sees it. */
export interface Seat {
  readonly link: FastLink
  readonly mirror: Mirror
  readonly epoch: number
  /** After the link was made: one before it could lie in the life of another server. */
  readonly since: Moment
  /** Has `armed` changed on this link? */
  trusted: boolean
}

interface Guest {
  holder: Holder
  /** Its last sign of life, and for how long it needs none. */
  alive: { readonly at: Moment; readonly forMs: number }
  /** Its calls that take or renew a lease, one after the other. */
  turn: Promise<unknown>
}

export type AskAnswer = ClaimAnswer | { readonly kind: 'not-now'; readonly reason: string }
export type EndAnswer = TokenAnswer | { readonly kind: 'not-now'; readonly reason: string }

const BATCH = 32
const LONGEST_PAUSE_MS = 1000

export class FastEngine {
  readonly #tools: EngineTools
  readonly #guests = new Map<SessionName, Guest>()
  #sight: GitSight | undefined
  #looking: Promise<GitSight> | undefined
  #seat: Seat | undefined
  /** Highest revision that was seen in an epoch. */
  #seen = { epoch: 0, revision: 0 }
  #trouble = 'not connected yet'
  isClosed = false

  constructor(tools: EngineTools) {
    this.#tools = tools
  }

  get seat(): Seat | undefined {
    return this.#seat
  }

  get sight(): GitSight | undefined {
    return this.#sight
  }

  /** Why there is no link, in words. */
  get trouble(): string {
    return this.#trouble
  }

  /** Turns until asked to stop; then the link is closed, and leases run out by themselves. */
  async run(stop: AbortSignal): Promise<void> {
    try {
      while (!stop.aborted) {
        await this.turn()
        await this.#tools.clock.sleep(this.#pauseMs)
      }
    } finally {
      await this.close()
    }
  }

  /** Fine enough that nothing is renewed much later than at a third of its lease. */
  get #pauseMs(): number {
    return Math.min(LONGEST_PAUSE_MS, (this.#sight?.record.leaseMs ?? 15_000) / 20)
  }

  /**
   * One look at everything that may be due. Where git or etcd does not answer, or something waits for a person, the next
   * turn asks again: an engine that ended would take all claims of its clone along.
   */
  async turn(): Promise<void> {
    const sight = this.#sight
    if (sight === undefined || isLookDue(sight, this.#seat === undefined, this.#now()))
      await this.look().catch(() => undefined)
    await this.#linkUp()
    const keep = (session: SessionName) =>
      this.#keep(session).catch((error) => {
        this.#trouble = wordsOf(error)
      })
    await Promise.all([...this.#guests.keys()].map(keep))
  }

  /** Asks git anew; all who ask meanwhile get the same answer. */
  look(): Promise<GitSight> {
    this.#looking ??= this.#lookNow().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #lookNow(): Promise<GitSight> {
    const sight = await this.#tools.readGit()
    const { record, sent } = sight
    this.#sight = sight
    for (const session of this.#guests.keys()) this.#become(session, (holder) => sawMode(holder, record, sent))
    const isOther = this.#seat !== undefined && this.#seat.epoch !== fastEpoch(record)
    if (isOther || !mayLink(record)) await this.#drop('etcd does not decide')
    return sight
  }

  async #linkUp(): Promise<void> {
    const sight = this.#sight
    if (this.isClosed || this.#seat !== undefined || sight === undefined || !mayLink(sight.record)) return
    const epoch = fastEpoch(sight.record)
    const tried = await linkUp(this.#tools, sight, this.#seen.epoch === epoch ? this.#seen.revision : 0)
    if (tried.kind === 'not-linked') {
      this.#trouble = tried.reason
      return
    }
    const { link, listing, since } = tried
    // A command's turn came first, or the end.
    if (this.isClosed || this.#seat !== undefined) return link.close()
    this.#seat = { link, mirror: new Mirror(listing), epoch, since, trusted: false }
    this.#trouble = 'nothing was armed yet since this link was made'
    this.#seen = { epoch, revision: listing.revision }
    for (const session of this.#guests.keys())
      this.#become(session, (holder) => recovered(sawListing(linked(holder, listing), listing), listing))
    void this.#listen(this.#seat)
  }

  /** Until the link is over. */
  async #listen(seat: Seat): Promise<void> {
    let reason: string | undefined
    while (reason === undefined && this.#seat === seat)
      reason = await this.#hear(seat)
        .then((end) => end ?? this.#listAnew(seat))
        .catch((error) => String(error))
    if (this.#seat === seat) await this.#drop(reason ?? 'the watch ended')
  }

  /** Why the link is over; `undefined`: the history after what was heard is gone, but the link is not. */
  async #hear(seat: Seat): Promise<string | undefined> {
    const { link, mirror, epoch } = seat
    for await (const news of link.watch(mirror.revision)) {
      if (news.kind === 'broken') return news.reason
      if (news.kind === 'compacted') return undefined
      mirror.hear(news)
      this.#seen = { epoch, revision: Math.max(this.#seen.revision, news.revision) }
      const isArmed = news.kind === 'changed' && news.changes.some(({ key, value }) => key === 'armed' && value)
      if (isArmed) this.#sawArming(seat)
    }
    return 'the watch ended'
  }

  async #listAnew(seat: Seat): Promise<string | undefined> {
    const { link, mirror } = seat
    const listing = await link.list()
    if (listing.kind !== 'listed') return listing.reason
    const isArmed = listing.armed !== undefined && listing.armed.tick !== mirror.armed?.tick
    mirror.replace(listing)
    if (isArmed) this.#sawArming(seat)
    return undefined
  }

  #sawArming(seat: Seat): void {
    seat.trusted = true
    for (const session of this.#guests.keys()) this.#become(session, (holder) => sawArmed(holder, seat.mirror.armed))
  }

  /** The link is over: by time alone may go on what was held. */
  async #drop(reason: string): Promise<void> {
    const seat = this.#seat
    this.#trouble = reason
    if (seat === undefined) return
    this.#seat = undefined
    for (const session of this.#guests.keys()) this.#become(session, unlinked)
    seat.mirror.end()
    await seat.link.close()
  }

  /** For good: who waits for a link does not wait any more. */
  close(): Promise<void> {
    this.isClosed = true
    return this.#drop('this process ends')
  }

  /** The session gave a sign of life, and its claims are renewed for this long without another one. */
  alive(session: SessionName, forMs: number): void {
    const alive = { at: this.#now(), forMs }
    const guest = this.#guests.get(session)
    if (guest !== undefined) {
      guest.alive = { ...alive, forMs: Math.max(forMs, guest.alive.forMs) }
      return
    }
    this.#guests.set(session, { holder: this.#newcomer(session), alive, turn: Promise.resolve() })
  }

  /** What a session that comes now would know if it had been here since the link was made. */
  #newcomer(session: SessionName): Holder {
    const empty = newHolder(session)
    const holder = this.#sight === undefined ? empty : sawMode(empty, this.#sight.record, this.#sight.sent)
    if (this.#seat === undefined) return holder
    const { mirror, trusted } = this.#seat
    const here = recovered(linked(holder, { ...mirror, armed: trusted ? undefined : mirror.armed }), mirror)
    return trusted ? sawArmed(here, mirror.armed) : here
  }

  /** Another process of the session may have claimed, or taken a claim over, meanwhile. */
  recover(session: SessionName): void {
    const mirror = this.#seat?.mirror
    if (mirror !== undefined) this.#become(session, (holder) => recovered(holder, mirror))
  }

  holderOf(session: SessionName): Holder | undefined {
    return this.#guests.get(session)?.holder
  }

  sessions(): SessionName[] {
    return [...this.#guests.keys()]
  }

  /** At most 32 tasks, all or none. What was claimed is in the mirror when this resolves. */
  async claim(session: SessionName, wishes: readonly FastWish[]): Promise<AskAnswer> {
    const guest = this.#guests.get(session)
    const seat = this.#seat
    if (guest === undefined || seat === undefined) return { kind: 'not-now', reason: this.#trouble }
    const may = mayClaim(guest.holder, this.#now())
    if (may !== 'yes') return { kind: 'not-now', reason: may }
    const lease = await this.#inTurn(guest, () => this.#leaseOf(session, seat))
    if (lease === undefined) return { kind: 'not-now', reason: this.#trouble }
    this.#become(session, (holder) => asking(holder, wishes))
    const answer = await seat.link.claims.claim(lease, wishes)
    this.#become(session, (holder) => answeredClaim(holder, wishes, answer))
    if (answer.kind === 'claimed') await seat.mirror.has(answer.revision)
    return answer.kind === 'unknown' ? this.#lookFor(session, seat, { wishes, unknown: answer }) : answer
  }

  /** No answer is no refusal: a list says whether it is there. Renewed, it is held; else it may still be on its way. */
  async #lookFor(
    session: SessionName,
    { link, mirror }: Seat,
    { wishes, unknown }: { readonly wishes: readonly FastWish[]; readonly unknown: Unknown },
  ): Promise<ClaimAnswer> {
    const listing = await link.list()
    if (listing.kind !== 'listed') return unknown
    this.#become(session, (holder) => sawListing(holder, listing))
    // All or none.
    const [wish] = wishes
    const there = wish && listing.claims.get(wish.task)
    if (there === undefined || there.claim.nonce !== wish?.claim.nonce) return unknown
    await this.#keep(session)
    await mirror.has(listing.revision)
    return { kind: 'claimed', revision: there.revision }
  }

  /** From when it is sent the task is nobody's, or done; without an answer it is asked for again, with the same token. */
  done(held: FastHeld, completion: string): Promise<EndAnswer> {
    return this.#end(held, ({ claims }) => claims.done([{ ...held, completion }]))
  }

  release(held: FastHeld): Promise<EndAnswer> {
    return this.#end(held, ({ claims }) => claims.release(held))
  }

  async #end(held: FastHeld, ask: (link: FastLink) => Promise<TokenAnswer>): Promise<EndAnswer> {
    const seat = this.#seat
    const { session } = held.claim
    if (seat === undefined) return { kind: 'not-now', reason: this.#trouble }
    // By a reading that is too old it could come behind the closing fold, and count for nobody.
    if (!this.#believes) return { kind: 'not-now', reason: 'mode-too-old' }
    this.#become(session, (holder) => ending(holder, held.task))
    const answer = await ask(seat.link)
    this.#become(session, (holder) => answeredEnd(holder, held.task, answer))
    if (answer.kind === 'accepted') await seat.mirror.has(answer.revision)
    return answer
  }

  get #believes(): boolean {
    const { record, sent } = this.#sight ?? {}
    return record?.mode === 'etcd' && sent !== undefined && isValid(sent, record.leaseMs, this.#now())
  }

  async #keep(session: SessionName): Promise<void> {
    const guest = this.#guests.get(session)
    const seat = this.#seat
    if (guest === undefined || seat === undefined || !this.#isDue(guest)) return
    await this.#inTurn(guest, async () => {
      const lease = await this.#leaseOf(session, seat)
      if (lease === undefined) return
      await this.#adopt(session, seat, lease)
      const mine = toKeep(guest.holder)
      for (let at = 0; at < mine.length; at += BATCH) {
        const sent = this.#now()
        const answer = await seat.link.claims.keepAlive(lease, mine.slice(at, at + BATCH))
        this.#become(session, (holder) => answeredKeep(holder, sent, answer))
      }
    })
  }

  /** Is something held that wants a renewal, by a session that is alive? */
  #isDue({ holder, alive }: Guest): boolean {
    const now = this.#now()
    if (holder.held.size === 0 || spentMs(alive.at, now) > alive.forMs) return false
    const { lease, mode } = holder
    const isOpen = [...holder.held.values()].some(({ sent, isEnding }) => sent === undefined && !isEnding)
    return isOpen || lease === undefined || isDue(lease.sent, mode?.leaseMs ?? 0, now)
  }

  async #adopt(session: SessionName, { link }: Seat, lease: FastLease): Promise<void> {
    const guest = this.#guests.get(session)
    for (const held of guest === undefined ? [] : toAdopt(guest.holder)) {
      const nonce = this.#tools.chance.hex(16)
      this.#become(session, (holder) => adopting(holder, held.task, { ...held.claim, nonce }))
      const heir = guest?.holder.held.get(held.task)?.heir
      if (heir === undefined) continue
      const answer = await link.claims.adopt(lease, held, heir)
      this.#become(session, (holder) => answeredAdopt(holder, held.task, answer))
      if (answer.kind === 'lost') await this.#compare(session, link)
    }
  }

  /** Something else stands there than was thought. */
  async #compare(session: SessionName, link: FastLink): Promise<void> {
    const listing = await link.list()
    if (listing.kind === 'listed') this.#become(session, (holder) => sawListing(holder, listing))
  }

  /** The session's lease, or a new one where that may be over: etcd ends the link of who claims under one that is. */
  async #leaseOf(session: SessionName, { link }: Seat): Promise<FastLease | undefined> {
    const { leaseSeconds } = this.#tools
    const known = this.holderOf(session)?.lease
    const leaseMs = this.#sight?.record.leaseMs ?? 0
    if (known !== undefined && isValid(known.sent, leaseMs, this.#now())) return known.lease
    const sent = this.#now()
    const answer = await link.claims.lease(leaseSeconds ?? leaseMs / 1000)
    if (answer.kind === 'leased') this.#become(session, (holder) => leased(holder, answer.lease, sent))
    else this.#trouble = answer.reason
    return answer.kind === 'leased' ? answer.lease : undefined
  }

  #inTurn<T>(guest: Guest, work: () => Promise<T>): Promise<T> {
    const done = guest.turn.then(work, work)
    guest.turn = done
    return done
  }

  #become(session: SessionName, change: (holder: Holder) => Holder): void {
    const guest = this.#guests.get(session)
    if (guest !== undefined) guest.holder = change(guest.holder)
  }

  #now(): Moment {
    return this.#tools.clock.now()
  }
}

function mayLink({ mode }: ModeRecord): boolean {
  return mode === 'etcd' || mode === 'draining'
}
