import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Counted,
  markOf,
  quarantineOf,
  refusedByBreaker,
  sessionBreaker,
  sessionCap,
  sessionChange,
  tripOf,
} from '../../src/governor/index.ts'
import { type BreakerRules, type Cap, type OutcomeRecord, toSessionName } from '../../src/model/index.ts'
import { seeded } from '../support/claims.ts'
import { breakerRules, ended, history, MINUTE, MORNING } from './outcomes.ts'

const s1 = toSessionName('session-1')
const NOTHING = { microUsd: 0, tokens: 0 }
const usd = (amount: number) => ({ microUsd: amount * 1_000_000, tokens: 0 })

function counted(outcomes: readonly OutcomeRecord[], more: Partial<Counted> = {}): Counted {
  return { outcomes, spent: NOTHING, ...more }
}

const trip = (letters: string, rules: Partial<BreakerRules> = {}) =>
  tripOf(counted(history(letters)), breakerRules(rules))

function breaker(letters: string, seenMinutes: number, rules: Partial<BreakerRules> = {}) {
  const account = counted(history(letters))
  return sessionBreaker({ rules: breakerRules(rules), account, cap: {}, seenMs: () => seenMinutes * MINUTE })
}

test('a session that never ended a grant may go on', () => {
  assert.equal(sessionBreaker({ rules: breakerRules(), account: undefined, cap: {}, seenMs: () => 0 }), {
    kind: 'closed',
  })
})

test('two failures in a row do not open it, the third does, and says so', () => {
  assert.is(trip('ff'), undefined)
  assert.equal(trip('fff'), {
    rule: 'consecutive',
    reason: '3 failures in a row',
    mark: '3 TASK-BOARD.md:T3',
    since: MORNING + 3 * MINUTE,
  })
})

test('being silent until others took over is a failure; releasing, blocking and being taken back is none', () => {
  assert.is(trip('fsf')?.rule, 'consecutive')
  assert.is(trip('frbvf'), undefined)
  assert.is(trip('frbvff')?.rule, 'consecutive')
})

test('a completion ends the row', () => {
  assert.is(trip('ffcff'), undefined)
})

test('failures between completions open it when enough of them lie in the window', () => {
  assert.is(trip('fcfcfcf'), undefined)
  assert.equal(trip('fcfcfcfcf')?.reason, '5 failures within 60 min')
})

test('a failure exactly as old as the window counts, an older one does not', () => {
  const at = (minutes: number) => ended(1, 'failed', { at: MORNING + minutes * MINUTE })
  const two = (minutes: number) => [at(0), { ...at(minutes), sequence: 2 }]
  const rules = breakerRules({ failures: 2 })
  assert.is(tripOf(counted(two(60)), rules)?.rule, 'failures')
  assert.is(tripOf(counted(two(60.001)), rules), undefined)
})

test('a clock that is set back opens it rather than not', () => {
  const records = [ended(1, 'failed'), ended(2, 'failed', { at: MORNING - 900 * MINUTE })]
  assert.is(tripOf(counted(records), breakerRules({ failures: 2 }))?.rule, 'failures')
})

test('the clock of whoever took a task over says nothing about the window', () => {
  const records = [ended(1, 'failed'), ended(2, 'stolen', { at: MORNING + 9000 * MINUTE }), ended(3, 'failed')]
  assert.is(tripOf(counted(records), breakerRules({ consecutive: 9, failures: 3 }))?.rule, 'failures')
})

test('spending above the limit opens it, whatever came of the tasks', () => {
  const rules = breakerRules({ microUsdPerHour: 10_000_000 })
  assert.is(tripOf(counted(history('cc', { charged: usd(5) })), rules), undefined)
  assert.equal(tripOf(counted(history('ccr', { charged: usd(5) })), rules), {
    rule: 'cost-rate',
    reason: '$15.00 spent within 60 min',
    mark: '3 TASK-BOARD.md:T3',
    since: MORNING + 3 * MINUTE,
  })
})

test('the limit is per hour, also of a shorter window', () => {
  const rules = breakerRules({ microUsdPerHour: 10_000_000, windowMinutes: 30 })
  assert.is(tripOf(counted(history('c', { charged: usd(5) })), rules), undefined)
  assert.is(tripOf(counted(history('c', { charged: usd(5.01) })), rules)?.rule, 'cost-rate')
})

test('what was spent before a probe was done counts no more; a probe that alone is above the limit opens it anew', () => {
  const rules = breakerRules({ microUsdPerHour: 10_000_000 })
  const probed = (charge: number) => [
    ...history('ccr', { charged: usd(5) }),
    ended(4, 'completed', { charged: usd(charge) }),
  ]
  assert.is(tripOf(counted(probed(9)), rules), undefined)
  assert.is(tripOf(counted(probed(11)), rules)?.mark, '4 TASK-BOARD.md:T4')
})

test('it is open for the cool-down as this observer counts it, then one task probes', () => {
  assert.is(admitted('fff', 0), 'breaker-open')
  assert.is(admitted('fff', 14.9), 'breaker-open')
  assert.is(admitted('fff', 15), 'allow')
  assert.is(admitted('fff', 15, 1), 'breaker-probe')
})

function admitted(letters: string, seenMinutes: number, holds = 0): string {
  return refusedByBreaker(breaker(letters, seenMinutes), s1, holds)?.rule ?? 'allow'
}

test('a probe that fails begins the cool-down anew, one that is done closes, one that is given back does neither', () => {
  assert.is(trip('ffff')?.mark, '4 TASK-BOARD.md:T4')
  assert.is(trip('fffc'), undefined)
  assert.is(trip('fffcff'), undefined)
  assert.is(trip('fffr')?.mark, '3 TASK-BOARD.md:T3')
})

test('a probe fails also where no rule would open a closed one', () => {
  assert.equal(trip('fcff', { consecutive: 2, failures: 9 })?.mark, '4 TASK-BOARD.md:T4')
  const records = [...history('fcfcf'), ended(6, 'failed', { at: MORNING + 900 * MINUTE })]
  assert.is(tripOf(counted(records), breakerRules({ failures: 3 }))?.rule, 'probe')
})

test('failures from before it closed do not open it again', () => {
  assert.is(trip('fcfcfcfcfcf'), undefined)
})

test('by hand alone, neither time nor a completion closes it', () => {
  assert.equal(breaker('fffc', 900, { halfOpen: 'manual' }), {
    kind: 'open',
    rule: 'consecutive',
    reason: '3 failures in a row',
    since: MORNING + 3 * MINUTE,
  })
})

test('a reset forgives what it names and all before it; what came later counts', () => {
  const outcomes = history('fffff')
  const forgive = (at: number) => counted(outcomes, { forgiven: markOf(outcomes[at] as OutcomeRecord) })
  assert.is(tripOf(forgive(4), breakerRules()), undefined)
  assert.is(tripOf(forgive(2), breakerRules()), undefined)
  assert.is(tripOf(forgive(1), breakerRules())?.rule, 'consecutive')
})

test('a reset that names no ended grant forgives nothing', () => {
  assert.is(tripOf(counted(history('fff'), { forgiven: '99 TASK-BOARD.md:T99' }), breakerRules())?.rule, 'consecutive')
})

test('an ended grant that a reading sees twice counts once', () => {
  const [first, second] = history('ff')
  assert.is(tripOf(counted([first, second, second, first] as OutcomeRecord[]), breakerRules()), undefined)
})

test('a spent cap keeps it open, and the text says what helps', () => {
  const account = counted([], { spent: usd(5) })
  const at = (cap: Cap) => sessionBreaker({ rules: breakerRules(), account, cap, seenMs: () => 1e9 })
  assert.equal(at({ microUsd: 5_000_001 }), { kind: 'closed' })
  assert.equal(refusedByBreaker(at({ microUsd: 5_000_000 }), s1, 0), {
    kind: 'refuse',
    rule: 'breaker-open',
    reason: 'the breaker of session-1 is open: $5.00 of its $5.00 is spent',
    hint: 'Raise what it may spend: if-board join session-1 --budget USD, or `budget.session` in .if-board/config.yml',
  })
})

test('tokens that are spent count like dollars', () => {
  const account = counted([], { spent: { microUsd: 0, tokens: 1000 } })
  assert.is(sessionBreaker({ rules: breakerRules(), account, cap: { tokens: 1000 }, seenMs: () => 0 }).kind, 'open')
})

test('of two caps of a session the smaller holds', () => {
  assert.equal(sessionCap({ microUsd: 9, tokens: 7 }, 5), { microUsd: 5, tokens: 7 })
  assert.equal(sessionCap({ microUsd: 3 }, 5), { microUsd: 3 })
  assert.equal(sessionCap({}, undefined), {})
})

test('every refusal names a way out', () => {
  const refusals = [breaker('fff', 0), breaker('fff', 20), breaker('fff', 20, { halfOpen: 'manual' })]
  assert.equal(
    refusals.map((one) => refusedByBreaker(one, s1, 1)).map((one) => `${one?.reason}. ${one?.hint}`),
    [
      'the breaker of session-1 is open: 3 failures in a row. It may probe with one task in 15 min; sooner: if-board breaker reset session-1 --reason TEXT',
      'the breaker of session-1 is half-open: 3 failures in a row. It works at one task at a time until one is done: if-board done',
      'the breaker of session-1 is open: 3 failures in a row. Only a person closes it: if-board breaker reset session-1 --reason TEXT',
    ],
  )
})

test('who ends a grant says what that changed, and nothing where nothing changed', () => {
  const change = (before: string, after: string, cap: Cap = {}, spent = NOTHING) =>
    sessionChange({
      session: s1,
      rules: breakerRules(),
      cap,
      before: counted(history(before)),
      after: counted(history(after), { spent }),
    })
  assert.is(change('f', 'ff'), undefined)
  assert.equal(change('ff', 'fff'), {
    of: 'session',
    name: s1,
    to: 'open',
    rule: 'consecutive',
    reason: '3 failures in a row',
  })
  assert.is(change('fff', 'ffff')?.to, 'open')
  assert.equal(change('fff', 'fffc')?.to, 'closed')
  assert.is(change('fff', 'fffr'), undefined)
  assert.is(change('', 'c', { microUsd: 1 }, usd(1))?.rule, 'budget')
})

test('a task is quarantined once as many sessions as the rule says failed at it', () => {
  const failed = ['a', 'b', 'c'].map(toSessionName)
  assert.is(quarantineOf({ failed: failed.slice(0, 2) }, breakerRules()), undefined)
  assert.is(quarantineOf({ failed }, breakerRules()), 'it failed with 3 sessions: a, b, c')
  assert.is(quarantineOf(undefined, breakerRules()), undefined)
})

test('any row of failures as long as the rule opens it, whatever the clocks say and whatever came before', () => {
  const outcomes = fc.constantFrom(...'cfsrbv')
  fc.assert(
    fc.property(
      fc.array(outcomes, { maxLength: 20 }),
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.integer({ min: -1e15, max: 1e15 }), { minLength: 28, maxLength: 28 }),
      (before, consecutive, times) => {
        const letters = before.join('') + 'f'.repeat(consecutive)
        const records = history(letters).map((record, at) => ({ ...record, at: times[at] ?? 0 }))
        return tripOf(counted(records), breakerRules({ consecutive }))?.mark === markOf(records.at(-1) as OutcomeRecord)
      },
    ),
    seeded,
  )
})

test.run()
