/** Whatever stops either process, and for how long: nothing is moved for a command that has given up. */
import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { newHold } from '../../../src/cli/socket/hold.ts'
import { HOLD_MS, SILENCE_MS } from '../../../src/cli/socket/messages.ts'
import { seed } from '../../support/clones.ts'

test('a hold lasts as long as it is extended in time, and never comes back', () => {
  let now = 0
  const hold = newHold(() => now)
  now = HOLD_MS - 1
  assert.is(hold.stands(), true)
  assert.is(hold.extend(), true)
  now += HOLD_MS - 1
  assert.is(hold.stands(), true)
  now += 1
  assert.is(hold.stands(), false)
  assert.is(hold.extend(), false, 'the command may have given up meanwhile')
  assert.is(hold.stands(), false)
})

/** Both ends act at moments of their own; between two of them a process may be stopped. */
interface Act {
  readonly who: 'watcher' | 'command'
  readonly afterMs: number
}

/** Words are there as soon as they are sent; a command reads all of them before it judges the silence. */
function talk(acts: readonly Act[], holdOf = newHold) {
  let now = 0
  const hold = holdOf(() => now)
  let isUnread = true
  let heardAtMs = 0
  let gaveUp = false
  let moved = 0
  for (const { who, afterMs } of acts) {
    now += afterMs
    if (who === 'command') {
      if (isUnread) heardAtMs = now
      else if (now - heardAtMs >= SILENCE_MS) gaveUp = true
      isUnread = false
      continue
    }
    // It moves at any moment that it may, before it says that it is still there.
    if (hold.stands()) {
      assert.is(gaveUp, false, 'moved for a command that has given up')
      moved += 1
    }
    if (hold.extend() && !gaveUp) isUnread = true
  }
  return moved
}

const acts = fc.array(
  fc.record<Act>({
    who: fc.constantFrom('watcher', 'command'),
    afterMs: fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 1_500 })),
  }),
  {
    maxLength: 60,
  },
)

test('whenever something may be moved, the command still waits', () => {
  let moved = 0
  fc.assert(
    fc.property(acts, (some) => {
      moved += talk(some)
    }),
    { seed, numRuns: 2_000 },
  )
  assert.ok(moved > 1_000, `${moved} moves, or this test sees nothing`)
})

test('a watcher that trusted its hold for longer than a command waits would be found out', () => {
  const trusting: typeof newHold = () => ({ stands: () => true, extend: () => true })
  assert.throws(() =>
    fc.assert(
      fc.property(acts, (some) => void talk(some, trusting)),
      { seed, numRuns: 2_000 },
    ),
  )
})

test.run()
