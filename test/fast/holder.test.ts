import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  answeredAdopt,
  answeredClaim,
  answeredKeep,
  asking,
  drain,
  dropped,
  GIT_ALONE,
  goFast,
  goUp,
  type Holder,
  holds,
  leased,
  linked,
  mayClaim,
  mayRegister,
  newHolder,
  sawArmed,
  sawListing,
  sawMode,
  toAdopt,
  toKeep,
  unlinked,
  withManifest,
} from '../../src/fast/index.ts'
import { type TaskKey, toSessionName } from '../../src/model/index.ts'
import type { FastArmed, FastHeld, FastLease, FastListing } from '../../src/ports/index.ts'
import { oid } from '../support/claims.ts'

const session = toSessionName('s1')
const task = 'TASK-BOARD.md:P0.1' as TaskKey
const lease = 'l1' as FastLease
const at = (ms: number) => ({ wallMs: 1_000_000 + ms, monotonicMs: ms, bootId: 'a' })
const armed = (tick: number): FastArmed => ({ tick, board: oid('b'), folded: 1 })
const wish = { task, claim: { session, nonce: 'n1', event: '{}' } }
const carried = { task, session, claim: oid('c') }

const switching = goUp(GIT_ALONE, { nonce: 'ab', leaseMs: 15_000 })
const etcd = goFast(withManifest(switching, []))

function listing(facts: Partial<FastListing> = {}): FastListing {
  const empty = { ready: new Map(), claims: new Map(), done: new Map(), unreadable: 0 }
  return { revision: 9, epochNonce: 'ab', projector: undefined, armed: armed(1), ...empty, ...facts }
}

function claims(held: FastHeld): Partial<FastListing> {
  return { claims: new Map([[held.task, held]]) }
}

/** A session that read the mode at 0, took a lease at 10, and saw `armed` change. */
function trusting(): Holder {
  const fresh = leased(linked(sawMode(newHolder(session), etcd, at(0)), listing()), lease, at(10))
  return sawArmed(fresh, armed(2))
}

function holding(): Holder {
  return answeredClaim(asking(trusting(), [wish]), [wish], { kind: 'claimed', revision: 12 })
}

test('nothing is claimed before etcd decides, without a link, on an old reading, or before armed changed on the link', () => {
  const believing = sawMode(newHolder(session), etcd, at(0))
  assert.is(mayClaim(newHolder(session), at(0)), 'not-etcd')
  assert.is(mayClaim(believing, at(1)), 'no-link')
  assert.is(mayClaim(linked(believing, listing()), at(1)), 'not-armed-yet')
  assert.is(mayClaim(sawArmed(linked(believing, listing()), armed(1)), at(1)), 'not-armed-yet')
  assert.is(mayClaim(trusting(), at(11)), 'yes')
  assert.is(mayClaim(trusting(), at(14_250)), 'mode-too-old')
  assert.is(mayClaim(sawMode(trusting(), drain(etcd), at(11)), at(12)), 'not-etcd')
})

test('a claim is held from its answer on, and counts from the renewal of its lease', () => {
  const read = sawMode(holding(), etcd, at(9000))
  assert.ok(holds(read, task, at(14_259)))
  assert.not(holds(read, task, at(14_260)))
})

test('a claim is not held longer than the mode was read, however often its lease is renewed', () => {
  const renewed = answeredKeep(holding(), at(14_000), { kind: 'kept', kept: [task], lost: [] })
  assert.ok(holds(renewed, task, at(14_249)))
  assert.not(holds(renewed, task, at(14_250)))
})

test('what was asked for without an answer is not held, and is found again by its nonce', () => {
  const unsure = answeredClaim(asking(trusting(), [wish]), [wish], { kind: 'unknown', reason: 'no answer' })
  assert.not(holds(unsure, task, at(20)))
  const found = sawListing(unsure, listing(claims({ ...wish, revision: 12 })))
  assert.not(holds(found, task, at(20)), 'a list confirms nothing')
  assert.equal(toKeep(found), [{ ...wish, revision: 12 }])
  assert.ok(holds(answeredKeep(found, at(30), { kind: 'kept', kept: [task], lost: [] }), task, at(40)))
})

test('a claim of another nonce, or none, means that what was held is lost', () => {
  const other = { task, claim: { ...wish.claim, nonce: 'n2' }, revision: 12 }
  assert.is(sawListing(holding(), listing(claims(other))).held.size, 0)
  assert.is(sawListing(holding(), listing()).held.size, 0)
})

test('on a new link nothing is confirmed before armed changed there', () => {
  const again = linked(unlinked(holding()), listing({ armed: armed(2) }))
  const kept = { kind: 'kept', kept: [task], lost: [] } as const
  assert.ok(holds(again, task, at(20)), 'its time is not over')
  const early = sawMode(answeredKeep(again, at(9000), kept), etcd, at(9000))
  assert.not(holds(early, task, at(14_260)))
  const late = sawMode(answeredKeep(sawArmed(again, armed(3)), at(9000), kept), etcd, at(9000))
  assert.ok(holds(late, task, at(14_260)))
})

test('a lease that the server does not know ends the lease and what it held', () => {
  const over = answeredKeep(holding(), at(20), { kind: 'kept', kept: [], lost: [task] })
  assert.equal([over.lease, over.held.size], [undefined, 0])
  assert.ok(answeredKeep(trusting(), at(20), { kind: 'kept', kept: [], lost: [] }).lease, 'nothing held, nothing lost')
})

test('a lost race leaves nothing behind', () => {
  for (const kind of ['taken', 'unarmed', 'closed'] as const)
    assert.is(answeredClaim(asking(trusting(), [wish]), [wish], { kind }).held.size, 0)
  assert.is(dropped(holding(), task).held.size, 0)
})

test('a carried claim is known by the manifest and held once it was renewed', () => {
  const mode = goFast(withManifest(switching, [carried, { ...carried, session: toSessionName('s2') }]))
  const known = sawMode(newHolder(session), mode, at(0))
  assert.equal(
    [...known.held.values()].map(({ wish: { claim } }) => claim.nonce),
    [carried.claim],
  )
  assert.is(sawMode(known, mode, at(500)).held.size, 1, 'read again, it is not carried again')

  const there = { task, claim: { session, nonce: carried.claim, event: carried.claim }, revision: 3 }
  const linkedTo = sawArmed(leased(linked(known, listing()), lease, at(10)), armed(2))
  const found = sawListing(linkedTo, listing(claims(there)))
  assert.equal([toKeep(found), toAdopt(found)], [[], [there]], 'renewing the own lease would not keep it')
  const kept = { kind: 'kept', kept: [task], lost: [] } as const
  assert.not(holds(answeredKeep(found, at(20), kept), task, at(21)))
  const adopted = answeredAdopt(found, task, { kind: 'accepted', revision: 13 })
  assert.equal([toKeep(adopted), toAdopt(adopted)], [[there], []])
  assert.not(holds(adopted, task, at(21)))
  assert.ok(holds(answeredKeep(adopted, at(20), kept), task, at(21)))
  assert.is(answeredAdopt(found, task, { kind: 'lost' }).held.size, 0)
})

test('an answer that comes when the session has another lease is known, and not held', () => {
  const renewed = leased(asking(trusting(), [wish]), 'l2' as FastLease, at(50))
  const late = answeredClaim(renewed, [wish], { kind: 'claimed', revision: 12 })
  assert.not(holds(late, task, at(60)))
  assert.equal(toAdopt(late), [{ ...wish, revision: 12 }])
})

test('another epoch ends all that was held', () => {
  const next = goFast(withManifest({ ...switching, epoch: 7 }, []))
  assert.is(sawMode(holding(), next, at(20)).held.size, 0)
  assert.is(sawMode(holding(), { ...GIT_ALONE, epoch: 3 }, at(20)).held.size, 0)
})

test('while draining a holder registers, unless it lapsed, or a completion or a registration is there', () => {
  const draining = sawMode(holding(), drain(etcd), at(20))
  assert.ok(holds(draining, task, at(30)))
  assert.ok(mayRegister(draining, task, undefined, at(30)))
  assert.ok(mayRegister(draining, task, { kind: 'granted', modeEpoch: 1 }, at(30)), 'a remainder')
  assert.not(mayRegister(draining, task, { kind: 'granted', modeEpoch: 2 }, at(30)))
  assert.not(mayRegister(draining, task, { kind: 'completed', modeEpoch: 0 }, at(30)))
  assert.not(mayRegister(draining, task, undefined, at(14_250)))
  assert.not(mayRegister(holding(), task, undefined, at(30)), 'etcd still decides')
})

test.run()
