/** The rules of money, as sentences. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Accounts,
  type AdmissionFacts,
  admitSession,
  admitTask,
  capabilityBook,
  NO_SKILLS,
  openBudget,
} from '../../src/governor/index.ts'
import {
  type Amount,
  type BudgetRules,
  EMPTY_LEDGER,
  GOVERNOR_DEFAULTS,
  NOTHING,
  type ObjectId,
  type Sample,
  type Task,
  toBoardName,
  toSessionName,
} from '../../src/model/index.ts'
import { parsed } from '../graph/make.ts'
import { config, snapshotOf } from '../projection/facts.ts'

const session = toSessionName('session-4')
const board = toBoardName('TASK-BOARD.md')
const today = '2025-11-12'
const dollars = (usd: number): Amount => ({ microUsd: usd * 1_000_000, tokens: 0 })
const cap = (usd: number) => ({ microUsd: usd * 1_000_000 })

interface World {
  readonly rules?: Partial<BudgetRules>
  readonly days?: readonly (readonly [string, number])[]
  /** Dollars that live claims of others have set aside. */
  readonly reserved?: number
  readonly spentBySession?: number
  readonly spentOnTask?: number
  readonly samples?: readonly Sample[]
  readonly rate?: number
  readonly sessionBudget?: number
}

function taskOf(more: Partial<Task> = {}): Task {
  const task = snapshotOf([parsed([['A', more]], 'TASK-BOARD.md')]).project.tasks[0]
  assert.ok(task)
  return { ...task, ...more }
}

function factsOf(world: World): AdmissionFacts {
  const { days = [], reserved = 0, spentBySession = 0, spentOnTask = 0, samples = [], rate, sessionBudget } = world
  const rules = { ...GOVERNOR_DEFAULTS.budget, ...world.rules }
  const spent = dollars(days.reduce((sum, [, usd]) => sum + usd, 0))
  const accounts: Accounts = {
    ...{ isWhole: true, today, breakers: new Map(), quarantined: new Map() },
    ...{ taskAccount: () => ({ spent: dollars(spentOnTask), tried: [], failed: [] }) },
    ledger: {
      ...EMPTY_LEDGER,
      boards: [{ board, spent, days: days.map(([day, usd]) => [day, dollars(usd)] as const), samples }],
      sessions: [
        {
          ...{ session, through: 1, spent: dollars(spentBySession), outcomes: [], capabilities: [] },
          ...(rate === undefined ? {} : { rateMicroUsdPerHour: rate * 1_000_000 }),
          ...(sessionBudget === undefined ? {} : { budgetMicroUsd: sessionBudget * 1_000_000 }),
        },
      ],
    },
    reserved: [
      {
        ...{ claim: 'c'.repeat(40) as ObjectId, task: `${board}:X` as Task['key'], board },
        ...{ session: toSessionName('another'), amount: dollars(reserved) },
      },
    ],
  }
  const settings = { ...config, governor: { ...GOVERNOR_DEFAULTS, budget: rules } }
  const budget = openBudget({ rules, accounts, session })
  const idle = { now: 0, holds: 0, liveClaims: 1, helping: new Map(), skills: NO_SKILLS }
  const known = { config: settings, session, accounts, budget, book: capabilityBook(settings.governor.capabilities) }
  return { ...idle, ...known, reputation: 1, isAssigned: () => false }
}

/** `allow`, or the rule that refuses. */
function verdict(world: World, task: Task = taskOf()): string {
  const facts = factsOf(world)
  const first = admitSession(facts)
  const found = first.kind === 'refuse' ? first : admitTask(facts, task)
  return found.kind === 'refuse' ? found.rule : found.kind
}

test('without caps whatever was spent is allowed', () => {
  assert.is(verdict({ days: [[today, 1e6]], reserved: 1e6 }), 'allow')
})

test('what fits to the last millionth is allowed, and one more is refused', () => {
  const rules = { total: cap(10) }
  assert.is(verdict({ rules, days: [[today, 8]], reserved: 1 }), 'allow')
  assert.is(verdict({ rules, days: [[today, 8.000001]], reserved: 1 }), 'budget-total')
})

test('each cap refuses by its own rule', () => {
  assert.is(verdict({ rules: { day: cap(2) }, days: [[today, 1.5]] }), 'budget-day')
  assert.is(verdict({ rules: { boards: [[board, cap(2)]] }, days: [[today, 1.5]] }), 'budget-board')
  assert.is(verdict({ rules: { session: cap(2) }, spentBySession: 1.5 }), 'budget-session')
  assert.is(verdict({ sessionBudget: 2, spentBySession: 1.5 }), 'budget-session')
  assert.is(verdict({ rules: { task: cap(2) }, spentOnTask: 1.5 }), 'budget-task')
  assert.is(verdict({ spentOnTask: 1.5 }, taskOf({ budgetUsd: 2 })), 'budget-task')
})

test('tokens are capped like dollars', () => {
  assert.is(verdict({ rules: { total: { tokens: 400_000 } } }), 'budget-total')
  assert.is(verdict({ rules: { total: { tokens: 500_000 } } }), 'allow')
})

test('a day that is over leaves today alone, and one that is still to come counts as today', () => {
  const rules = { day: cap(2) }
  assert.is(verdict({ rules, days: [['2025-11-11', 50]] }), 'allow')
  assert.is(verdict({ rules, days: [['2999-01-01', 1.5]] }), 'budget-day')
})

test('a cap of nothing, or one that is used up, refuses whatever a task is expected to cost', () => {
  assert.is(verdict({ rules: { total: cap(0) } }), 'budget-total')
  assert.is(verdict({ rules: { total: cap(5) }, days: [[today, 5]] }, taskOf({ budgetUsd: 0 })), 'budget-total')
  assert.is(verdict({}, taskOf({ budgetUsd: 0 })), 'budget-task')
})

test('a refusal says what is expected, what is left, and what to do', () => {
  const found = admitTask(factsOf({ rules: { total: cap(10) }, days: [[today, 8.5]], reserved: 1 }), taskOf())
  assert.ok(found.kind === 'refuse')
  assert.is(
    found.reason,
    'A is expected to cost $1.00, and $0.50 is left of $10.00 for all boards ($8.50 spent, $1.00 reserved)',
  )
  assert.match(found.hint ?? '', 'budget.total')
})

const reserveOf = (world: World, task: Task = taskOf()) => factsOf(world).budget.reserveFor(task).microUsd / 1_000_000

test('a claim reserves the default, bounded by the budget of its task', () => {
  assert.is(reserveOf({}), 1)
  assert.is(reserveOf({}, taskOf({ budgetUsd: 0.25 })), 0.25)
  assert.is(reserveOf({ rules: { task: cap(0.5) } }, taskOf({ budgetUsd: 7 })), 0.5)
})

test('an estimate is priced by the rate of the session', () => {
  assert.is(reserveOf({ rate: 6 }, taskOf({ estimateMinutes: 30 })), 3)
  assert.is(reserveOf({ rate: 6 }), 1)
})

test('history goes before the rate: three tasks of four cost no more, scaled by the estimate', () => {
  const samples = [1, 2, 3, 9].map((usd) => ({ session, minutes: 1, microUsd: usd * 1_000_000, estimateMinutes: 10 }))
  assert.is(reserveOf({ samples, rate: 600 }, taskOf({ estimateMinutes: 20 })), 6)
  assert.is(reserveOf({ samples, rate: 600 }), 3)
  assert.is(reserveOf({ samples: samples.slice(0, 2) }), 1, 'two figures are no history')
})

test('nothing that was ever spent makes a reservation of nothing', () => {
  const samples = [0, 0, 0].map((microUsd) => ({ session, minutes: 1, microUsd, tokens: 0 }))
  assert.equal(factsOf({ samples }).budget.reserveFor(taskOf()), { microUsd: 1, tokens: 1 })
  assert.equal(NOTHING, { microUsd: 0, tokens: 0 })
})

test.run()
