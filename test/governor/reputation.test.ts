import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  limitsFor,
  markOf,
  NEW_REPUTATION,
  reputationOf,
  reputationTooLow,
  tripOf,
  wilsonLowerBound,
} from '../../src/governor/index.ts'
import { type Config, GOVERNOR_DEFAULTS, NOTHING, type Task, toSessionName, toTaskId } from '../../src/model/index.ts'
import { seeded } from '../support/claims.ts'
import { history } from './outcomes.ts'

const s1 = toSessionName('session-1')
const of = (letters: string) => reputationOf({ outcomes: history(letters) })
const close = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) < 0.0005, `${actual}`)

const task = { id: toTaskId('P0.1') } as Task

function judge(letters: string, minReputation: number, isAssigned = false) {
  const reputation = letters === '' ? reputationOf(undefined) : of(letters)
  const config = { governor: { ...GOVERNOR_DEFAULTS, slo: { minReputation } } } as Config
  return reputationTooLow({ config, session: s1, reputation, isAssigned: () => isAssigned }, task)
}

const isOffered = (letters: string, minReputation: number, isAssigned?: boolean) =>
  judge(letters, minReputation, isAssigned) === undefined

test('the lower bound of the Wilson interval is that of the textbook', () => {
  // 95 %: 10 of 10 → 0.7225, 9 of 10 → 0.5958, 45 of 50 → 0.7864, 0 of 10 → 0.
  close(wilsonLowerBound(10, 10), 0.7225)
  close(wilsonLowerBound(9, 10), 0.5958)
  close(wilsonLowerBound(45, 50), 0.7864)
  assert.is(wilsonLowerBound(0, 10), 0)
  assert.is(wilsonLowerBound(0, 0), 0)
})

test('a completion that its check refused counts like a failure, and costs the breaker nothing', () => {
  close(of('ccxc'), of('ccfc'))
  assert.ok(of('x') < of(''))
  assert.is(tripOf({ spent: NOTHING, outcomes: history('xxxxxxxx') }, GOVERNOR_DEFAULTS.breaker), undefined)
  assert.is(tripOf({ spent: NOTHING, outcomes: history('fxfxf') }, GOVERNOR_DEFAULTS.breaker)?.rule, 'consecutive')
})

test('a reputation below that of a new session narrows fuel and time, one above widens nothing', () => {
  const limits = { memoryBytes: 1, fuel: 1000, deadlineMs: 1000, outputBytes: 1, files: 1, moduleBytes: 1 }
  for (const high of [NEW_REPUTATION, 0.9, 1]) assert.is(limitsFor(limits, high), limits)
  assert.equal(limitsFor(limits, NEW_REPUTATION / 2), { ...limits, fuel: 500, deadlineMs: 500 })
  assert.equal(limitsFor(limits, 0), { ...limits, fuel: 100, deadlineMs: 100 })
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)]
      const [less, more] = [limitsFor(limits, low), limitsFor(limits, high)]
      assert.ok(
        less.fuel <= more.fuel && more.fuel <= limits.fuel && less.deadlineMs <= more.deadlineMs && less.fuel > 0,
      )
    }),
  )
})

test('a new session and nine perfect old ones are all offered work, whatever the bound', () => {
  for (const bound of [0, 0.5, 0.9, 1])
    assert.equal(
      ['', 'c', 'cc', 'c'.repeat(32)].map((letters) => isOffered(letters, bound)),
      [true, true, true, true],
    )
})

test('one old perfect session does not keep nine new ones from work', () => {
  const fleet = ['c'.repeat(32), ...Array.from({ length: 9 }, () => '')]
  assert.is(fleet.filter((letters) => isOffered(letters, 0.6)).length, 10)
})

test('with the default bound nobody is kept from anything', () => {
  assert.ok(isOffered('f'.repeat(32), 0))
})

test('who fails again and again is offered what it was assigned, and nothing else', () => {
  assert.not(isOffered('fffff', 0.5))
  assert.ok(isOffered('fffff', 0.5, true))
})

test('by what it was assigned it rises above the bound again', () => {
  assert.not(isOffered('cccfff', 0.5))
  assert.ok(isOffered(`cccfff${'c'.repeat(8)}`, 0.5))
})

test('what was long ago fades: a failure costs less with every completion after it', () => {
  const after = [0, 2, 8, 20].map((count) => of(`f${'c'.repeat(count)}`))
  assert.equal(
    after,
    [...after].sort((a, b) => a - b),
  )
  assert.ok((after.at(-1) ?? 0) > NEW_REPUTATION)
})

test('what a reset forgave costs nothing', () => {
  const outcomes = history('fff')
  assert.is(reputationOf({ outcomes, forgiven: outcomes.map(markOf).at(-1) as string }), NEW_REPUTATION)
})

test('what was released, blocked or taken back changes nothing', () => {
  assert.is(of('crbvf'), of('cf'))
})

test('the refusal says what is asked for and how the session rises', () => {
  assert.equal(judge('fffff', 0.5), {
    kind: 'refuse',
    rule: 'reputation',
    reason: 'the reputation of session-1 is 0.30, at least 0.50 is asked for',
    hint: 'It gets what it is assigned (if-board set P0.1 owner session-1), or less is asked for: `slo.minReputation`',
  })
})

test('it lies between 0 and 1, a completion never lowers it, a failure never raises it', () => {
  const letters = fc.array(fc.constantFrom(...'cfsrbv'), { maxLength: 31 }).map((all) => all.join(''))
  fc.assert(
    fc.property(letters, (before) => {
      const now = of(before)
      return now >= 0 && now <= 1 && of(`${before}c`) >= now - 1e-12 && of(`${before}f`) <= now + 1e-12
    }),
    seeded,
  )
})

test.run()
