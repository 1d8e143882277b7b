import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { FASTEST_MS, type Looked, nextPauseMs, SLOWEST_MS, spread } from '../../../src/workflows/watch/pace.ts'
import { turnMs } from '../../../src/workflows/watch/turn.ts'

function pauses(looks: readonly Looked[], busy = false): number[] {
  let beforeMs: number | undefined
  return looks.map((looked) => {
    beforeMs = nextPauseMs({ beforeMs, looked, busy })
    return beforeMs
  })
}

test('pauses grow while nothing moves, and a change makes them short again', () => {
  assert.equal(pauses(['changed', 'unchanged', 'unchanged', 'changed']), [2_000, 3_000, 4_500, 2_000])
  const idle = pauses(Array.from({ length: 20 }, () => 'unchanged'))
  assert.is(idle.at(-1), 60_000)
  const busy = pauses(
    Array.from({ length: 20 }, () => 'unchanged'),
    true,
  )
  assert.is(busy.at(-1), 15_000)
})

test('who gets no answer asks half as often each time', () => {
  assert.equal(
    pauses(['failed', 'failed', 'failed', 'failed', 'failed', 'failed', 'failed']),
    [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000],
  )
})

test('a pause lies between the fastest and the slowest, whatever chance says', () => {
  const looked = fc.constantFrom<Looked>('changed', 'unchanged', 'failed')
  fc.assert(
    fc.property(fc.array(looked), fc.boolean(), fc.double({ min: 0, max: 1, noNaN: true }), (looks, busy, fraction) =>
      pauses(looks, busy).every((pause) => {
        const ms = spread(pause, fraction)
        return ms >= FASTEST_MS && ms <= SLOWEST_MS && Math.abs(ms - pause) <= pause * 0.2 + 1e-6
      }),
    ),
  )
})

test('as many sessions as there are tasks ask at once, the others after them', () => {
  const idle = ['a', 'b', 'c', 'd', 'e']
  assert.equal(
    idle.map((name) => turnMs(name, idle, 2)),
    [0, 0, 2_000, 2_000, 4_000],
  )
  assert.is(turnMs('c', [], 1), 0, 'nobody else is known')
  assert.is(turnMs('c', ['b', 'b'], 1), 2_000, 'one name counts once')
})

test('somebody asks at once, and everybody in the end', () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 40 }), (idle, ready) => {
      const turns = idle.map((name) => turnMs(name, idle, ready))
      const first = turns.filter((ms) => ms === 0).length
      return first === Math.min(ready, idle.length) && turns.every((ms) => ms <= 2_000 * idle.length)
    }),
  )
})

test.run()
