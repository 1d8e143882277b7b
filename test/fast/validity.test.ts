import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { graceMs, isDue, isGraceOver, isValid, marginMs, spentMs } from '../../src/fast/index.ts'
import { seeded } from '../support/claims.ts'

const start = { wallMs: 1_000_000, monotonicMs: 5000, bootId: 'a' }
const after = (monotonicMs: number, wallMs = monotonicMs) => ({
  wallMs: start.wallMs + wallMs,
  monotonicMs: start.monotonicMs + monotonicMs,
  bootId: 'a',
})

test('the margin is 150 ms, and 5 % of leases above 3 s', () => {
  assert.equal([1000, 3000, 15_000].map(marginMs), [150, 150, 750])
})

test('a lease of 15 s is valid for less than 14.25 s by whichever clock went further', () => {
  assert.ok(isValid(start, 15_000, after(14_249)))
  assert.not(isValid(start, 15_000, after(14_250)))
  assert.not(isValid(start, 15_000, after(10, 14_250)), 'the machine slept: only the wall clock went on')
  assert.not(isValid(start, 15_000, after(14_250, -9000)), 'somebody set the wall clock back')
})

test('after a reboot, or where the monotonic clock fell, nothing is valid', () => {
  assert.is(spentMs(start, { ...after(1), bootId: 'b' }), Number.POSITIVE_INFINITY)
  assert.is(spentMs(start, after(-1, 5)), Number.POSITIVE_INFINITY)
})

test('it is time to ask again after a third of the lease', () => {
  assert.equal(
    [after(4999), after(5000)].map((now) => isDue(start, 15_000, now)),
    [false, true],
  )
})

test('grace ends by whichever clock went less', () => {
  assert.is(graceMs(15_000), 15_750)
  assert.ok(isGraceOver(start, 15_000, after(15_750)))
  assert.not(isGraceOver(start, 15_000, after(15_749, 99_999)))
  assert.not(isGraceOver(start, 15_000, { ...after(99_999), bootId: 'b' }))
})

test('who holds has always stopped when another has waited, with clocks that run apart by 4 % and jump', () => {
  const jumps = fc.integer({ min: -100_000, max: 100_000 })
  const rates = fc.double({ min: 0.98, max: 1.02, noNaN: true })
  fc.assert(
    fc.property(
      fc.integer({ min: 3, max: 600 }),
      rates,
      rates,
      jumps,
      jumps,
      fc.nat(700_000),
      (seconds, mine, theirs, a, b, ms) => {
        const leaseMs = seconds * 1000
        // Both began at the same true moment; the holder sent no later than the other saw.
        const waited = isGraceOver(start, leaseMs, after(ms * theirs, ms * theirs + b))
        const held = isValid(start, leaseMs, after(ms * mine, ms * mine + a))
        assert.not(waited && held)
      },
    ),
    seeded,
  )
})

test.run()
