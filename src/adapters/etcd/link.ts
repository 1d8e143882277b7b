/** One link: the calls of the port, each one transaction on one connection. */
import { status } from '@grpc/grpc-js'
import { invariant, isSessionName, type SessionName, type TaskKey } from '../../model/index.ts'
import type {
  Broken,
  ClaimAnswer,
  Closed,
  ElectAnswer,
  FastArmed,
  FastClaim,
  FastClaims,
  FastElected,
  FastEnd,
  FastEntry,
  FastHeld,
  FastLease,
  FastLink,
  FastListing,
  FastNews,
  FastOpening,
  FastProjection,
  FastProjector,
  FastSettle,
  FastSpace,
  FastWish,
  KeepAnswer,
  TokenAnswer,
  Unknown,
} from '../../ports/fast-path.ts'
import type { Connection } from './connection.ts'
import { GroupCommit } from './group-commit.ts'
import { KeepAlive } from './keep-alive.ts'
import { type SpaceKeys, spaceKeys } from './keys.ts'
import { type KeyAndValue, readListing } from './listing.ts'
import { METHODS, type TxnResponse } from './messages.ts'
import { listPages } from './pages.ts'
import { type LeasedWish, type Transaction, type Transactions, transactions } from './transactions.ts'
import { unlessForPerson } from './trouble.ts'
import { armedValue, isUnderToken, projectorValue, readProjector, readText } from './values.ts'
import { watchSpace } from './watch.ts'
import type { Read } from './wire.ts'

/** Tasks in one call of the port: 3 compares or writes for each, and etcd takes 128 of either (`--max-txn-ops`). */
const MAX_BATCH = 32
const LEASE_NOT_FOUND = 'etcdserver: requested lease not found'

type Committed = { readonly kind: 'committed'; readonly revision: number; readonly txn: Read<typeof TxnResponse> }

export class EtcdLink implements FastLink, FastOpening, FastClaims, FastProjection {
  readonly #connection: Connection
  readonly #space: FastSpace
  readonly #keys: SpaceKeys
  readonly #make: Transactions
  readonly #keepAlive: KeepAlive
  readonly #claiming = new GroupCommit<LeasedWish, ClaimAnswer>({
    most: MAX_BATCH,
    bytesOf: ({ claim: { event } }) => Buffer.byteLength(event),
    commit: (wishes) => this.#claim(wishes),
    isMixed: ({ kind }) => kind === 'taken',
  })
  readonly #ending = new GroupCommit<FastEnd, TokenAnswer>({
    most: MAX_BATCH,
    bytesOf: ({ completion }) => Buffer.byteLength(completion),
    commit: async (ends) => this.#tokenAnswer(await this.#commit(this.#make.done(ends))),
    isMixed: ({ kind }) => kind === 'lost',
  })

  constructor(connection: Connection, space: FastSpace) {
    this.#connection = connection
    this.#space = space
    this.#keys = spaceKeys(space)
    this.#make = transactions(this.#keys, space)
    this.#keepAlive = new KeepAlive(connection)
  }

  get opening(): FastOpening {
    return this
  }

  get claims(): FastClaims {
    return this
  }

  get projection(): FastProjection {
    return this
  }

  async list(): Promise<({ readonly kind: 'listed' } & FastListing) | Unknown | Broken> {
    const found = await listPages(this.#connection, this.#keys)
    if (found.kind !== 'found') return found
    return { kind: 'listed', ...readListing(this.#keys, found.revision, found.pairs) }
  }

  watch(revision: number): AsyncIterable<FastNews> {
    return watchSpace(this.#connection, this.#keys, revision)
  }

  async close(): Promise<void> {
    this.#connection.end('it was closed')
  }

  async fill(
    entries: readonly FastEntry[],
  ): Promise<{ readonly kind: 'filled' } | { readonly kind: 'opened' } | Unknown | Broken> {
    invariantBatch(entries)
    const leases: bigint[] = []
    for (const entry of entries) {
      if (entry.kind !== 'claim') continue
      const leased = await this.lease(entry.leaseSeconds)
      if (leased.kind !== 'leased') return leased
      leases.push(BigInt(leased.lease))
    }
    const result = await this.#commit(this.#make.fill(entries, leases))
    if (result.kind !== 'committed') return result
    return { kind: result.txn.succeeded ? 'filled' : 'opened' }
  }

  async open(): Promise<{ readonly kind: 'opened'; readonly revision: number } | Unknown | Broken> {
    const result = await this.#commit(this.#make.open())
    if (result.kind !== 'committed') return result
    if (result.txn.succeeded) return { kind: 'opened', revision: result.revision }
    const there = firstOf(result, 0)
    invariant(there !== undefined, 'an epoch key that is not absent is there')
    if (readText(there.value) === this.#space.nonce) return { kind: 'opened', revision: there.createRevision }
    return { kind: 'unknown', reason: 'the epoch was opened under another nonce' }
  }

  async lease(seconds: number): Promise<{ readonly kind: 'leased'; readonly lease: FastLease } | Unknown | Broken> {
    invariant(Number.isSafeInteger(seconds) && seconds > 0, 'a lease is a whole number of seconds')
    const outcome = await this.#connection.call(METHODS.leaseGrant, { ttl: seconds })
    if (outcome.kind === 'refused') return unlessForPerson(outcome)
    if (outcome.kind !== 'answered') return outcome
    if (outcome.answer.error !== '') return { kind: 'unknown', reason: outcome.answer.error }
    return { kind: 'leased', lease: String(outcome.answer.id) as FastLease }
  }

  async claim(lease: FastLease, wishes: readonly FastWish[]): Promise<ClaimAnswer> {
    invariantBatch(wishes)
    const under = BigInt(lease)
    return this.#claiming.call(wishes.map((wish) => ({ ...wish, lease: under })))
  }

  async #claim(wishes: readonly LeasedWish[]): Promise<ClaimAnswer> {
    const result = await this.#commit(this.#make.claim(wishes))
    if (result.kind !== 'committed') return result
    if (result.txn.succeeded) return { kind: 'claimed', revision: result.revision }
    if (this.#isClosed(result)) return { kind: 'closed' }
    return { kind: firstOf(result, 1) === undefined ? 'unarmed' : 'taken' }
  }

  async keepAlive(lease: FastLease, held: readonly FastHeld[]): Promise<KeepAnswer> {
    invariantBatch(held)
    const renewal = await this.#keepAlive.renew(BigInt(lease))
    if (renewal.kind === 'unknown' || renewal.kind === 'broken') return renewal
    const tasks = held.map(({ task }) => task)
    if (renewal.kind === 'over') return { kind: 'kept', kept: [], lost: tasks }
    const result = await this.#commit(this.#make.look(held))
    if (result.kind !== 'committed') return result
    if (!result.txn.succeeded) return { kind: 'closed' }
    const kept: TaskKey[] = []
    const lost: TaskKey[] = []
    for (const [at, one] of held.entries()) (stands(one, firstOf(result, at)) ? kept : lost).push(one.task)
    return { kind: 'kept', kept, lost }
  }

  async adopt(lease: FastLease, held: FastHeld, heir: FastClaim): Promise<TokenAnswer> {
    return this.#tokenAnswer(await this.#commit(this.#make.adopt(BigInt(lease), held, heir)))
  }

  async done(ends: readonly FastEnd[]): Promise<TokenAnswer> {
    invariantBatch(ends)
    return this.#ending.call(ends)
  }

  async release(held: FastHeld): Promise<TokenAnswer> {
    return this.#tokenAnswer(await this.#commit(this.#make.release(held)))
  }

  async elect(lease: FastLease, who: FastProjector): Promise<ElectAnswer> {
    const value = projectorValue(who)
    const result = await this.#commit(this.#make.elect(BigInt(lease), value))
    if (result.kind !== 'committed') return result
    if (result.txn.succeeded) return { kind: 'elected', elected: { ...who, lease, revision: result.revision } }
    if (this.#isClosed(result)) return { kind: 'closed' }
    const there = firstOf(result, 1)
    // An answer to the first try was lost: the same try again finds what it made.
    if (there !== undefined && value === readText(there.value) && there.lease === BigInt(lease))
      return { kind: 'elected', elected: { ...who, lease, revision: there.createRevision } }
    return { kind: 'other', projector: (there && readProjector(there.value)) ?? UNREADABLE }
  }

  async arm(elected: FastElected, armed: FastArmed): Promise<TokenAnswer> {
    return this.#tokenAnswer(await this.#commit(this.#make.arm(elected, BigInt(elected.lease), armedValue(armed))))
  }

  async disarm(elected: FastElected): Promise<TokenAnswer> {
    return this.#tokenAnswer(await this.#commit(this.#make.disarm(elected)))
  }

  async settle(elected: FastElected, changes: readonly FastSettle[]): Promise<TokenAnswer> {
    invariantBatch(changes)
    return this.#tokenAnswer(await this.#commit(this.#make.settle(elected, changes)))
  }

  async #commit(transaction: Transaction): Promise<Committed | Unknown | Broken> {
    const outcome = await this.#connection.call(METHODS.txn, transaction)
    if (outcome.kind === 'refused') return this.#refused(outcome)
    if (outcome.kind !== 'answered') return outcome
    const { header } = outcome.answer
    if (header === undefined) return { kind: 'unknown', reason: 'an answer without its header' }
    return { kind: 'committed', revision: header.revision, txn: outcome.answer }
  }

  /** A lease that is over is no outcome of the port: nothing can go on with it, so the link ends. */
  #refused(refused: Parameters<typeof unlessForPerson>[0]): Unknown | Broken {
    if (refused.status !== status.NOT_FOUND || refused.reason !== LEASE_NOT_FOUND) return unlessForPerson(refused)
    this.#connection.end('its lease is over')
    return this.#connection.over ?? { kind: 'broken', reason: LEASE_NOT_FOUND }
  }

  /** What the failed transaction read first is the epoch key. */
  #isClosed(result: Committed): boolean {
    const epoch = firstOf(result, 0)
    return epoch === undefined || readText(epoch.value) !== this.#space.nonce
  }

  #tokenAnswer(result: Committed | Unknown | Broken): TokenAnswer | Closed {
    if (result.kind !== 'committed') return result
    if (result.txn.succeeded) return { kind: 'accepted', revision: result.revision }
    return { kind: this.#isClosed(result) ? 'closed' : 'lost' }
  }
}

/** Who put an unreadable value into the projector's key stands in everybody's way all the same. */
const UNREADABLE: FastProjector = { name: sessionName('unreadable'), nonce: '' }

function sessionName(text: string): SessionName {
  invariant(isSessionName(text), 'a word is a name of a session')
  return text
}

/** What the n-th operation of a transaction read. */
function firstOf({ txn }: Committed, at: number): KeyAndValue | undefined {
  return txn.responses[at]?.range?.kvs[0]
}

function stands({ revision, claim }: FastHeld, found: KeyAndValue | undefined): boolean {
  return found !== undefined && found.createRevision === revision && isUnderToken(claim, found.value)
}

/** One key is in one operation of a transaction at most. */
function invariantBatch(batch: readonly { readonly task: TaskKey }[]): void {
  invariant(batch.length <= MAX_BATCH, `a batch is at most ${MAX_BATCH} tasks`)
}
