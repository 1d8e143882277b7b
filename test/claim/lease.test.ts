import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  beatIsDue,
  elapsedMs,
  type FirstSeen,
  leaseSeconds,
  type Moment,
  mayBeStolen,
  observe,
  parseLedger,
  renderLedger,
} from '../../src/claim/index.ts'
import type { ObjectId, RefName } from '../../src/model/index.ts'
import { claimRecord, oid, seeded } from '../support/claims.ts'

const claimRef = 'refs/if-board/c/p0.1-11111111' as RefName
const chainRef = 'refs/if-board/s/session-1-22222222' as RefName
const LEASE = 60_000
const claim = claimRecord({ digit: '1', kind: 'granted', leaseMs: LEASE })
const chain = oid('9')
const start: Moment = { wallMs: 1_762_939_800_000, monotonicMs: 5_000, bootId: 'boot-1' }

const later = (ms: number, from: Moment = start): Moment => ({
  ...from,
  wallMs: from.wallMs + ms,
  monotonicMs: from.monotonicMs + ms,
})
const seen = (value: ObjectId, at: Moment): FirstSeen => ({ ...at, value })

function stealable(now: Moment, { claimSeen = seen(claim.oid, start), chainSeen = seen(chain, start) } = {}): boolean {
  return mayBeStolen({ claim, claimSeen, chainSeen, now })
}

test('a claim seen unchanged for exactly its lease may be stolen, and not a millisecond earlier', () => {
  assert.not.ok(stealable(later(LEASE - 1)))
  assert.ok(stealable(later(LEASE)))
})

test('a sign of life on the holder’s chain starts the lease again', () => {
  const moved = seen(chain, later(LEASE - 1))
  assert.not.ok(stealable(later(LEASE), { chainSeen: moved }))
  assert.not.ok(stealable(later(2 * LEASE - 2), { chainSeen: moved }))
  assert.ok(stealable(later(2 * LEASE - 1), { chainSeen: moved }))
})

test('a claim that this observer never saw cannot be stolen, however old it says it is', () => {
  const now = later(365 * 24 * 3_600_000)
  assert.not.ok(mayBeStolen({ claim, claimSeen: undefined, chainSeen: seen(chain, start), now }))
})

test('a first sight of another value says nothing about this claim', () => {
  assert.not.ok(stealable(later(2 * LEASE), { claimSeen: seen(oid('8'), start) }))
})

test('where the holder’s chain ref does not exist, the claim alone counts', () => {
  const question = { claim, claimSeen: seen(claim.oid, start), chainSeen: undefined }
  assert.not.ok(mayBeStolen({ ...question, now: later(LEASE - 1) }))
  assert.ok(mayBeStolen({ ...question, now: later(LEASE) }))
})

test('only a live grant can be stolen', () => {
  for (const kind of ['returned', 'completed'] as const) {
    const other = claimRecord({ digit: '1', kind, leaseMs: LEASE })
    const now = later(2 * LEASE)
    assert.not.ok(mayBeStolen({ claim: other, claimSeen: seen(other.oid, start), chainSeen: seen(chain, start), now }))
  }
})

test('after a reboot nothing has been seen for any time', () => {
  assert.is(elapsedMs(start, { ...later(LEASE), bootId: 'boot-2' }), 0)
  assert.not.ok(stealable({ ...later(10 * LEASE), bootId: 'boot-2' }))
})

test('a wall clock that jumps forward steals nothing early', () => {
  const jumped = { ...later(1_000), wallMs: start.wallMs + 10 * LEASE }
  assert.is(elapsedMs(start, jumped), 1_000)
  assert.not.ok(stealable(jumped))
})

test('a wall clock that jumps back steals nothing early, and makes no time negative', () => {
  const jumped = { ...later(10 * LEASE), wallMs: start.wallMs - 1_000 }
  assert.is(elapsedMs(start, jumped), 0)
  assert.not.ok(stealable(jumped))
})

test('a sleeping machine, whose monotonic clock stood still, counts the shorter time', () => {
  const slept = { ...later(2_000), wallMs: start.wallMs + 8 * LEASE }
  assert.is(elapsedMs(start, slept), 2_000)
})

test('a known value keeps its first time; a new value, a new boot and a step back begin again', () => {
  const first = observe(new Map(), new Map([[claimRef, claim.oid]]), start)
  const kept = observe(first, new Map([[claimRef, claim.oid]]), later(500))
  assert.equal(kept.get(claimRef), seen(claim.oid, start))
  const moved = observe(first, new Map([[claimRef, oid('8')]]), later(500))
  assert.equal(moved.get(claimRef), seen(oid('8'), later(500)))
  const rebooted = { ...later(500), bootId: 'boot-2' }
  assert.equal(observe(first, new Map([[claimRef, claim.oid]]), rebooted).get(claimRef), seen(claim.oid, rebooted))
  const back = { ...later(500), wallMs: start.wallMs - 1 }
  assert.equal(observe(first, new Map([[claimRef, claim.oid]]), back).get(claimRef), seen(claim.oid, back))
})

test('a ref that is gone is forgotten: the same value seen again begins again', () => {
  const first = observe(new Map(), new Map([[claimRef, claim.oid]]), start)
  const gone = observe(first, new Map(), later(100))
  assert.is(gone.size, 0)
  assert.equal(observe(gone, new Map([[claimRef, claim.oid]]), later(200)).get(claimRef), seen(claim.oid, later(200)))
})

const moments: fc.Arbitrary<Moment> = fc.record({
  wallMs: fc.integer({ min: 0, max: 500_000 }),
  monotonicMs: fc.integer({ min: 0, max: 500_000 }),
  bootId: fc.constantFrom('boot-1', 'boot-1', 'boot-1', 'boot-2'),
})

test('whatever clocks do between sights, a steal needs the whole lease on both clocks of one boot', () => {
  fc.assert(
    fc.property(fc.array(moments, { minLength: 2, maxLength: 8 }), (sights) => {
      let ledger: ReadonlyMap<RefName, FirstSeen> = new Map()
      for (const now of sights) {
        ledger = observe(
          ledger,
          new Map([
            [claimRef, claim.oid],
            [chainRef, chain],
          ]),
          now,
        )
        const question = { claim, claimSeen: ledger.get(claimRef), chainSeen: ledger.get(chainRef), now }
        if (!mayBeStolen(question)) continue
        const before = sights.slice(0, sights.indexOf(now) + 1)
        const whole = before.some(
          (then) =>
            then.bootId === now.bootId &&
            now.wallMs - then.wallMs >= LEASE &&
            now.monotonicMs - then.monotonicMs >= LEASE,
        )
        assert.ok(whole)
      }
    }),
    seeded,
  )
})

test('a ledger is read back as it was written, and equal ledgers are equal texts', () => {
  fc.assert(
    fc.property(moments, moments, (one, two) => {
      const ledger = new Map([
        [claimRef, seen(claim.oid, one)],
        [chainRef, seen(chain, two)],
      ])
      const turned = new Map([...ledger].reverse())
      assert.equal(new Map([...parseLedger(renderLedger(ledger))].sort()), new Map([...ledger].sort()))
      assert.is(renderLedger(turned), renderLedger(ledger))
    }),
    seeded,
  )
})

test('a ledger with broken lines forgets these and keeps the others', () => {
  const good = renderLedger(new Map([[claimRef, seen(claim.oid, start)]]))
  const hostile = `half a line\n${good}refs/x ${claim.oid} NaN 1 b\nrefs/../x ${claim.oid} 1 1 b\n${chainRef} zzz 1 1 b\n${chainRef}`
  assert.equal([...parseLedger(hostile).keys()], [claimRef])
})

test('a lease is what was asked for, else the larger of the configured one and twice the estimate', () => {
  assert.is(leaseSeconds(undefined, 30, undefined), 1_800)
  assert.is(leaseSeconds(undefined, 30, 45), 5_400)
  assert.is(leaseSeconds(5, 30, 45), 300)
  assert.is(leaseSeconds(0, 30, undefined), 60)
  assert.is(leaseSeconds(1e9, 30, undefined), 7 * 24 * 3_600)
})

test('a beat is due once per quarter of a lease, and at once where the chain was never seen', () => {
  assert.ok(beatIsDue(undefined, start, LEASE))
  assert.not.ok(beatIsDue(seen(chain, start), later(LEASE / 4 - 1), LEASE))
  assert.ok(beatIsDue(seen(chain, start), later(LEASE / 4), LEASE))
})

test.run()
