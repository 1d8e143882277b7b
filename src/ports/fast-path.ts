import type { ObjectId, SessionName, TaskKey } from '../model/index.ts'

/**
 * A fast engine that decides claims while the mode record in git says so (`docs/fast-path.md`).
 *
 * It decides who is first and says what changed. It never decides how long a claim is valid: whoever calls
 * notes both of its clocks **before** it sends, and counts from there. Nothing here reads a clock for its caller.
 *
 * An adapter must give:
 *
 * 1. **One link is one life of one server.** When the transport of a link is lost, the link is over: what was
 *    on its way answers `unknown`, every later call `broken` (nothing was sent), the watch ends with `broken`.
 *    No call is ever sent again, nor carried over to another connection or endpoint, by the adapter or its library.
 *    A server that was restored from a backup can therefore never answer on a link from before.
 * 2. **One transaction a call.** Each write compares and writes in one linearizable step, or changes nothing.
 *    Each of them, except those of `FastOpening`, first compares the epoch key with the nonce of the space;
 *    where it is not that, the answer is `closed`. Calls that are made at once may share a transaction, and have the
 *    same revision then; each is answered as if it were alone.
 * 3. **An outcome that is not known is the value `unknown`**, never a rejection and never a guess. The caller
 *    reads and looks for its nonce. A promise rejects only with an `IfBoardError` that a person must mend
 *    (credentials, certificate, permission, an alarm of the server) or for a bug.
 * 4. **A claim is created, never overwritten**, and bound to its lease: it is gone when the lease is.
 * 5. **A token is (create revision, nonce) in an epoch.** Both are compared, since a restored server counts
 *    the same revisions again. What compares a token answers `lost` when the key is absent or another's.
 * 6. **A list is of one revision**, however many pages it took, and linearizable: no older than the call.
 * 7. **A watch tells every change after its revision, in order, each once**, or ends saying why. Changes of one
 *    revision come together. Progress is told at least every 10 minutes, and says that nothing up to it is missing.
 * 8. **What another put there is hostile**: a value that cannot be read is left out of `ready`, `claims` and
 *    `done` and counted in `unreadable`; its key still stands in the way of a claim.
 *
 * `test/ports/fast-path.contract.ts` holds every adapter to these.
 */
export interface FastPath {
  /** One new transport to one endpoint. `epoch` and `nonce` are those of the mode record. */
  connect(space: FastSpace): Promise<{ readonly kind: 'linked'; readonly link: FastLink } | Unreached>
}

export interface FastSpace {
  /** Id of the board, as its configuration has it. */
  readonly board: string
  readonly epoch: number
  readonly nonce: string
}

/** No server could be reached; nothing was changed. */
export interface Unreached {
  readonly kind: 'unreached'
  readonly reason: string
}

/** Promise 1: the link is over and nothing was sent. */
export interface Broken {
  readonly kind: 'broken'
  readonly reason: string
}

/** Promise 3: it may have happened or not, or may still happen while the link is open. */
export interface Unknown {
  readonly kind: 'unknown'
  readonly reason: string
}

/** Promise 2: the epoch key is absent or another's; nothing was changed. */
export interface Closed {
  readonly kind: 'closed'
}

export interface FastLink {
  readonly opening: FastOpening
  readonly claims: FastClaims
  readonly projection: FastProjection

  /** All keys of the space. `unknown` here means only that there was no answer. */
  list(): Promise<({ readonly kind: 'listed' } & FastListing) | Unknown | Broken>

  /** From the first revision after `revision`. Ends after `compacted` or `broken`, or when the caller returns. */
  watch(revision: number): AsyncIterable<FastNews>

  /** Ends the link. Leases are left to run out. */
  close(): Promise<void>
}

/** What fills a space before anybody may claim in it. Each compares that the epoch key is **absent**: else `opened`. */
export interface FastOpening {
  /** Up to 32 keys, written as they are given; what is there already with the same nonce or text is kept. */
  fill(
    entries: readonly FastEntry[],
  ): Promise<{ readonly kind: 'filled' } | { readonly kind: 'opened' } | Unknown | Broken>

  /** The epoch key with the space's nonce. Create-only, and last; there already with this nonce is `opened` too. */
  open(): Promise<{ readonly kind: 'opened'; readonly revision: number } | Unknown | Broken>
}

export type FastEntry =
  | { readonly kind: 'ready'; readonly task: TaskKey; readonly about: string }
  /** A claim carried over from git, under a lease of its own of `leaseSeconds`. */
  | { readonly kind: 'claim'; readonly task: TaskKey; readonly claim: FastClaim; readonly leaseSeconds: number }

/** What sessions do. A batch is at most 32 tasks, all or none. */
export interface FastClaims {
  /** A lease that ends this long after its last renewal, by the server's clock. */
  lease(seconds: number): Promise<{ readonly kind: 'leased'; readonly lease: FastLease } | Unknown | Broken>

  /**
   * For each task: if `armed` exists, the task is in `ready`, and it has no claim and no completion → the claim,
   * under the lease. `taken`: at least one was not so; `unarmed`: none may be claimed now.
   */
  claim(lease: FastLease, wishes: readonly FastWish[]): Promise<ClaimAnswer>

  /**
   * Renews the lease, **then** reads the keys: `kept` names those whose token still stands, `lost` the others.
   * A lease that the server does not know: all are `lost`.
   */
  keepAlive(lease: FastLease, held: readonly FastHeld[]): Promise<KeepAnswer>

  /**
   * If the token stands → the claim's value is replaced by `heir`, of the same session with a new nonce, bound to this
   * lease: a carried claim, or one's own under an older lease. The create revision stays (etcd: a put on a key that
   * exists keeps `create_revision`); the old token stands no more, so what was sent under it comes too late.
   */
  adopt(lease: FastLease, held: FastHeld, heir: FastClaim): Promise<TokenAnswer>

  /**
   * If every token stands → each completion is put, its claim and ready key are deleted. `lost`: at least one does not
   * stand, and nothing was changed; who sent several sends each by itself.
   */
  done(ends: readonly FastEnd[]): Promise<TokenAnswer>

  /** If the token stands → the claim is deleted. */
  release(held: FastHeld): Promise<TokenAnswer>
}

export type FastLease = string & { readonly __fastLease: never }

export interface FastClaim {
  readonly session: SessionName
  /** At least 64 random bits, new for each attempt. */
  readonly nonce: string
  /**
   * Signed events of the session, one line of canonical JSON each, the one of this claim last; 60 KiB in all, in JSON.
   * For a carried claim the id of its commit.
   */
  readonly event: string
}

export interface FastWish {
  readonly task: TaskKey
  readonly claim: FastClaim
}

export interface FastHeld extends FastWish {
  /** Create revision of the claim's key. */
  readonly revision: number
}

export interface FastEnd extends FastHeld {
  /** Signed events as in a claim, the completion last; those of a batch fit into one request (etcd: 1.5 MiB). */
  readonly completion: string
}

export interface FastDone {
  readonly task: TaskKey
  readonly session: SessionName
  /** The token under which it was completed. */
  readonly token: FastToken
  readonly event: string
  /** Create revision of the completion's own key. */
  readonly revision: number
}

export interface FastToken {
  readonly epoch: number
  readonly revision: number
  readonly nonce: string
}

export type ClaimAnswer =
  /** `revision` is that of the transaction, hence the create revision of each claim. */
  | { readonly kind: 'claimed'; readonly revision: number }
  | { readonly kind: 'taken' }
  | { readonly kind: 'unarmed' }
  | Closed
  | Unknown
  | Broken

export type KeepAnswer =
  | { readonly kind: 'kept'; readonly kept: readonly TaskKey[]; readonly lost: readonly TaskKey[] }
  | Closed
  | Unknown
  | Broken

export type TokenAnswer =
  | { readonly kind: 'accepted'; readonly revision: number }
  | { readonly kind: 'lost' }
  | Closed
  | Unknown
  | Broken

/** What the one elected projector does. All but `elect` compare that the election still stands: else `lost`. */
export interface FastProjection {
  /** Creates the projector's key under the lease, or says who has it. */
  elect(lease: FastLease, who: FastProjector): Promise<ElectAnswer>

  /** Puts `armed` under the projector's lease: the sign that git keeps up, and that this life of the server may be trusted. */
  arm(elected: FastElected, armed: FastArmed): Promise<TokenAnswer>

  /** Deletes `armed`. */
  disarm(elected: FastElected): Promise<TokenAnswer>

  /**
   * After a fold: deletes completions that are in git (each only if its create revision is the one given), offers
   * tasks that became ready and have no claim and no completion, withdraws what is not to be claimed any more.
   * At most 32 changes a call.
   */
  settle(elected: FastElected, changes: readonly FastSettle[]): Promise<TokenAnswer>
}

export interface FastProjector {
  readonly name: SessionName
  readonly nonce: string
}

export interface FastElected extends FastProjector {
  readonly lease: FastLease
  /** Create revision of the projector's key. */
  readonly revision: number
}

export type ElectAnswer =
  | { readonly kind: 'elected'; readonly elected: FastElected }
  | { readonly kind: 'other'; readonly projector: FastProjector }
  | Closed
  | Unknown
  | Broken

export interface FastArmed {
  /** Counts from 1 within one election, so that each arming changes the value. */
  readonly tick: number
  /** Board commit of the last fold, and the revision that this fold had read. */
  readonly board: ObjectId
  readonly folded: number
}

export type FastSettle =
  | { readonly kind: 'folded'; readonly task: TaskKey; readonly revision: number }
  | { readonly kind: 'offer'; readonly task: TaskKey; readonly about: string }
  | { readonly kind: 'withdraw'; readonly task: TaskKey }

export interface FastListing {
  readonly revision: number
  /** Value of the epoch key; `undefined` = not opened, or wiped. */
  readonly epochNonce: string | undefined
  readonly ready: ReadonlyMap<TaskKey, string>
  readonly claims: ReadonlyMap<TaskKey, FastHeld>
  readonly done: ReadonlyMap<TaskKey, FastDone>
  readonly projector: FastProjector | undefined
  readonly armed: FastArmed | undefined
  /** Keys whose value could not be read. */
  readonly unreadable: number
}

export type FastNews =
  | { readonly kind: 'changed'; readonly revision: number; readonly changes: readonly FastChange[] }
  | { readonly kind: 'progress'; readonly revision: number }
  /** The history after the asked revision is gone: list, compare, watch again, on the same link. */
  | { readonly kind: 'compacted' }
  | Broken

/** `undefined`: the key was deleted, by a call, with its lease, or by somebody's hand. */
export type FastChange =
  | { readonly key: 'epoch'; readonly value: string | undefined }
  | { readonly key: 'ready'; readonly task: TaskKey; readonly value: string | undefined }
  | { readonly key: 'claim'; readonly task: TaskKey; readonly value: FastHeld | undefined }
  | { readonly key: 'done'; readonly task: TaskKey; readonly value: FastDone | undefined }
  | { readonly key: 'projector'; readonly value: FastProjector | undefined }
  | { readonly key: 'armed'; readonly value: FastArmed | undefined }
