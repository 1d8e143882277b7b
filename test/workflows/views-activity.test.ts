/** What `status` says that a session is doing. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { status } from '../../src/workflows/views-status.ts'
import { ask, done, end } from '../support/acts.ts'
import { boardOf, type Clone, names } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'

const [ada, ben] = names(2)
const MINUTE = 60_000

async function activities({ box }: Clone): Promise<Record<string, string>> {
  const { sessions } = await status(box)
  // Who only gave signs of life has said nothing.
  for (const { name, activitySince } of sessions)
    assert.is(
      activitySince !== null && /^\d{4}-\d\d-\d\dT/.test(activitySince),
      name === ada || activitySince !== null,
      name,
    )
  return Object.fromEntries(sessions.map(({ name, activity }) => [name, activity]))
}

test('working, waiting for work, idle while there is some, blocked, and silent after a lease', () =>
  on(boardOf(['A'], ['B', 'AVAILABLE', 'A'], ['C', 'AVAILABLE', 'A']), async ({ clock }, clone) => {
    assert.ok(ada !== undefined && ben !== undefined)
    await ask(clone, ada)
    await ask(clone, ben)
    const working = await activities(clone)
    assert.is(working[ada], 'working')
    await done(clone, ada)
    assert.is((await activities(clone))[ada], 'idle', 'B and C are ready')
    await ask(clone, ada)
    await end(clone, ada, { kind: 'blocked', blocker: 'a key from the bank' })
    assert.is((await activities(clone))[ada], 'blocked')
    clock.advance(31 * MINUTE)
    assert.is((await activities(clone))[ada], 'silent')
  }))

test('who holds nothing while nothing is ready waits', () =>
  on(boardOf(['A'], ['B']), async (_fleet, clone) => {
    assert.ok(ada !== undefined && ben !== undefined)
    await ask(clone, ada)
    await ask(clone, ben)
    await done(clone, ada)
    assert.equal(await activities(clone), { [ada]: 'waiting', [ben]: 'working' })
  }))

test.run()
