/**
 * What each call of the port compares and writes, as transactions of etcd. Pure: the table of `docs/fast-path.md`.
 *
 * What tells an answer's reasons apart (is the epoch another's? is nothing armed?) is read in the same transaction, when
 * its compare failed.
 */
import type { FastClaim, FastDone, FastEnd, FastEntry, FastHeld, FastSettle, FastWish } from '../../ports/fast-path.ts'
import type { SpaceKeys } from './keys.ts'
import { type Compare, RESULT, type RequestOp, TARGET, type TxnRequest } from './messages.ts'
import { claimValue, doneValue, projectorValue, textValue, tokenBounds } from './values.ts'
import type { Written } from './wire.ts'

type Comparison = Written<typeof Compare>
type Operation = Written<typeof RequestOp>
export type Transaction = Written<typeof TxnRequest>
type Inner = NonNullable<Operation['txn']>

/** A claim of the projector's key, as it must still stand. */
export interface Election {
  readonly name: FastDone['session']
  readonly nonce: string
  readonly revision: number
}

const isAbsent = (key: string): Comparison => created(key, 0)
const exists = (key: string): Comparison => ({ ...created(key, 0), result: RESULT.notEqual })
const created = (key: string, createRevision: number): Comparison => ({
  result: RESULT.equal,
  target: TARGET.create,
  key,
  createRevision,
})
const isValue = (result: number, key: string, value: string): Comparison => ({
  result,
  target: TARGET.value,
  key,
  value,
})
const holds = (key: string, value: string): Comparison => isValue(RESULT.equal, key, value)
const get = (key: string): Operation => ({ range: { key } })
const put = (key: string, value: string, lease?: bigint) => ({ put: { key, value, lease } })
const remove = (key: string) => ({ remove: { key } })
const nested = (txn: Inner): Operation => ({ txn })

/** A claim under a lease of its own. */
export interface LeasedWish extends FastWish {
  readonly lease: bigint
}

export interface Transactions {
  /** `leases` holds one for each claim among the entries, in their order. */
  fill(entries: readonly FastEntry[], leases: readonly bigint[]): Transaction
  open(): Transaction
  claim(wishes: readonly LeasedWish[]): Transaction
  look(held: readonly FastHeld[]): Transaction
  adopt(lease: bigint, held: FastHeld, heir: FastClaim): Transaction
  done(ends: readonly FastEnd[]): Transaction
  release(held: FastHeld): Transaction
  elect(lease: bigint, value: string): Transaction
  arm(election: Election, lease: bigint, value: string): Transaction
  disarm(election: Election): Transaction
  settle(election: Election, changes: readonly FastSettle[]): Transaction
}

export function transactions(keys: SpaceKeys, { epoch, nonce }: { epoch: number; nonce: string }): Transactions {
  const epochValue = textValue(nonce)
  const isOpen = holds(keys.epoch, epochValue)
  const whyNot = [get(keys.epoch), get(keys.armed)]
  const stands = ({ task, revision, claim }: FastHeld) => {
    const key = keys.claim(task)
    const { above, below } = tokenBounds(claim)
    return [created(key, revision), isValue(RESULT.greater, key, above), isValue(RESULT.less, key, below)]
  }
  const isElected = ({ name, nonce: own, revision }: Election) => [
    created(keys.projector, revision),
    holds(keys.projector, projectorValue({ name, nonce: own })),
  ]
  const underElection = (election: Election, success: readonly Operation[]): Transaction => ({
    compare: [isOpen, ...isElected(election)],
    success,
    failure: whyNot,
  })
  return {
    fill: (entries, leases) => ({
      compare: [isAbsent(keys.epoch)],
      success: fillOperations(keys, entries, leases),
    }),
    open: () => ({
      compare: [isAbsent(keys.epoch)],
      success: [put(keys.epoch, epochValue)],
      failure: [get(keys.epoch)],
    }),
    claim: (wishes) => ({
      compare: [
        isOpen,
        exists(keys.armed),
        ...wishes.flatMap(({ task }) => [
          exists(keys.ready(task)),
          isAbsent(keys.claim(task)),
          isAbsent(keys.done(task)),
        ]),
      ],
      success: wishes.map(({ task, claim, lease }) => put(keys.claim(task), claimValue(claim), lease)),
      failure: whyNot,
    }),
    look: (held) => ({ compare: [isOpen], success: held.map(({ task }) => get(keys.claim(task))) }),
    adopt: (lease, held, heir) => ({
      compare: [isOpen, ...stands(held)],
      success: [put(keys.claim(held.task), claimValue(heir), lease)],
      failure: whyNot,
    }),
    done: (ends) => ({
      compare: [isOpen, ...ends.flatMap(stands)],
      success: ends.flatMap(({ task, revision, claim: { session, nonce: own }, completion }) => [
        put(keys.done(task), doneValue({ session, token: { epoch, revision, nonce: own }, event: completion })),
        remove(keys.claim(task)),
        remove(keys.ready(task)),
      ]),
      failure: whyNot,
    }),
    release: (held) => ({
      compare: [isOpen, ...stands(held)],
      success: [remove(keys.claim(held.task))],
      failure: whyNot,
    }),
    elect: (lease, value) => ({
      compare: [isOpen, isAbsent(keys.projector)],
      success: [put(keys.projector, value, lease)],
      failure: [get(keys.epoch), get(keys.projector)],
    }),
    arm: (election, lease, value) => underElection(election, [put(keys.armed, value, lease)]),
    disarm: (election) => underElection(election, [remove(keys.armed)]),
    settle: (election, changes) =>
      underElection(
        election,
        changes.map((change) => settleOperation(keys, change)),
      ),
  }
}

/** A claim that is there stays, and a text that is the same: what a leader wrote who died is kept, leases included. */
function fillOperations(keys: SpaceKeys, entries: readonly FastEntry[], leases: readonly bigint[]): Operation[] {
  const rest = [...leases]
  return entries.map((entry) => {
    if (entry.kind === 'claim') {
      const key = keys.claim(entry.task)
      return nested({ compare: [isAbsent(key)], success: [put(key, claimValue(entry.claim), rest.shift())] })
    }
    const [key, value] = [keys.ready(entry.task), textValue(entry.about)]
    return nested({ compare: [holds(key, value)], failure: [put(key, value)] })
  })
}

function settleOperation(keys: SpaceKeys, change: FastSettle): Operation {
  const { task } = change
  if (change.kind === 'withdraw') return remove(keys.ready(task))
  if (change.kind === 'folded')
    return nested({ compare: [created(keys.done(task), change.revision)], success: [remove(keys.done(task))] })
  return nested({
    compare: [isAbsent(keys.claim(task)), isAbsent(keys.done(task))],
    success: [put(keys.ready(task), textValue(change.about))],
  })
}
