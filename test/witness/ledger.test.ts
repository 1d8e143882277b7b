import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Amount,
  EMPTY_LEDGER,
  type EventData,
  type EventType,
  type Ledger,
  MAX_DAYS,
  NOTHING,
  type ObjectId,
  plus,
  type Run,
  type SignedEvent,
  type TaskAccount,
  type TaskKey,
  taskKey,
  toSessionName,
  toTaskId,
} from '../../src/model/index.ts'
import { formatTime, type Tally, tally } from '../../src/witness/index.ts'
import { parseLedgerFile, renderLedgerFile } from '../../src/witness/ledger-file.ts'
import { board, seeded, startMs } from './samples.ts'

const A = taskKey(board, toTaskId('A'))
const B = taskKey(board, toTaskId('B'))
const reserve: Amount = { microUsd: 1_000_000, tokens: 500 }

interface Said {
  readonly type: EventType
  readonly by: string
  readonly sequence: number
  readonly task?: TaskKey
  /** Minutes since the day began at which `startMs` lies. */
  readonly minute?: number
  readonly data?: EventData
}

/** An event as counting sees it: no signature is looked at. */
function said({ type, by, sequence, task = A, minute = 0, data = {} }: Said): SignedEvent {
  return {
    ...{ specversion: '1.0', id: '0'.repeat(32), source: 'if-board:1', signature: '', sessionkey: '', parents: [] },
    type: `if-board.${type}`,
    subject: task,
    time: formatTime(startMs + minute * 60_000),
    session: toSessionName(by),
    sequence,
    data,
  }
}

const empty = { ledger: EMPTY_LEDGER, taskAccount: () => undefined }

function counted(...events: readonly Said[]): Tally {
  return tally(empty, events.map(said))
}

const spentBy = ({ ledger }: Tally, name: string) => ledger.sessions.find(({ session }) => session === name)?.spent
const spent = ({ ledger }: Tally) => ledger.boards.map((one) => one.spent).reduce(plus, NOTHING)

test('a figure is what was spent, and what it leaves out is what was reserved', () => {
  const one = counted({ type: 'complete', by: 's', sequence: 1, data: { reserve, cost: { usd: 0.25 } } })
  assert.equal(spent(one), { microUsd: 250_000, tokens: 500 })
  assert.equal(one.tasks.get(A), { spent: { microUsd: 250_000, tokens: 500 }, tried: ['s'], failed: [] })
})

test('an end without a figure is charged what it had reserved', () => {
  for (const type of ['complete', 'fail', 'release', 'block'] as const)
    assert.equal(spent(counted({ type, by: 's', sequence: 1, data: { reserve } })), reserve, type)
})

const ran = (purpose: Run['purpose'], outcome: Run['outcome']): EventData => ({
  ran: { purpose, job: 'js:a.js', commit: 'a'.repeat(40) as ObjectId, outcome, layers: [] },
})
const outcomesOf = ({ ledger }: Tally) =>
  ledger.sessions.flatMap(({ outcomes }) => outcomes.map(({ outcome }) => outcome))

test('a completion that its check refused is counted once for each grant, and costs nothing', () => {
  const refused = (sequence: number) => ({ type: 'ran', by: 's', sequence, data: ran('done', 'exit') }) as const
  const one = counted(refused(1), refused(2), { type: 'complete', by: 's', sequence: 3 }, refused(4))
  assert.equal(outcomesOf(one), ['refused', 'completed', 'refused'])
  assert.equal(spent(one), NOTHING)
  const other = counted(
    refused(1),
    { type: 'ran', by: 's', sequence: 2, task: B, data: ran('done', 'fuel') },
    refused(3),
  )
  assert.equal(outcomesOf(other), ['refused', 'refused'])
})

test('what passed, what nobody could run, a trial and a body say nothing of a completion', () => {
  const said = [ran('done', 'completed'), ran('done', 'crashed'), ran('done', 'denied'), ran('done', 'unavailable')]
  const others = [ran('check', 'exit'), ran('run', 'trap')]
  const events = [...said, ...others].map((data, at) => ({ type: 'ran', by: 's', sequence: at + 1, data }) as const)
  assert.equal(outcomesOf(counted(...events)), [])
})

test('a claim, a withdrawal and what was merged cost nothing', () => {
  for (const type of ['claim', 'withdraw', 'merged'] as const)
    assert.equal(spent(counted({ type, by: 's', sequence: 1, data: { reserve, cost: { usd: 9 } } })), NOTHING, type)
})

test('what a stolen or revoked grant had reserved is spent by who lost it', () => {
  const stolen = counted({
    type: 'steal',
    by: 'thief',
    sequence: 1,
    data: { from: 'victim', reserve, forfeit: reserve },
  })
  assert.equal(spentBy(stolen, 'victim'), reserve)
  assert.equal(spentBy(stolen, 'thief'), NOTHING)
  assert.equal(stolen.tasks.get(A)?.tried, ['victim'])
  const revoked = counted({ type: 'revoked', by: 'person', sequence: 1, data: { from: 'victim', reserve } })
  assert.equal(spentBy(revoked, 'victim'), reserve)
})

test('a later report takes the place of a charge that stood for want of a figure, once, and adds to one that did not', () => {
  const end = { type: 'complete', by: 's', sequence: 1, data: { reserve } } as const
  const late = (sequence: number, usd: number) =>
    ({ type: 'cost', by: 's', sequence, data: { cost: { usd } } }) as const
  assert.equal(spent(counted(end, late(2, 0.25))), { microUsd: 250_000, tokens: 500 })
  assert.equal(spent(counted(end, late(2, 0.25), late(3, 0.5))), { microUsd: 750_000, tokens: 500 })
  assert.equal(spent(counted(end, { ...late(2, 0), data: { cost: { inputTokens: 3 } } })), { ...reserve, tokens: 3 })
})

test('a report about another task, or of another session, settles nothing', () => {
  const end = { type: 'complete', by: 's', sequence: 1, data: { reserve } } as const
  const late = { type: 'cost', by: 'other', sequence: 1, data: { cost: { usd: 0.25 } } } as const
  assert.equal(spent(counted(end, late)), { microUsd: 1_250_000, tokens: 500 })
})

test('a clock that was set back spends on the day that the session had come to', () => {
  const day = 24 * 60
  const at = (sequence: number, minute: number) =>
    ({ type: 'complete', by: 's', sequence, minute, data: { reserve, cost: { usd: 1, inputTokens: 0 } } }) as const
  const { ledger } = counted(at(1, 3 * day), at(2, 0))
  assert.equal(
    ledger.boards[0]?.days.map(([, sum]) => sum.microUsd),
    [2_000_000],
  )
})

test('a clock that runs through a thousand days loses nothing', () => {
  const events = Array.from({ length: 1000 }, (_, index) => {
    const data = { reserve, cost: { usd: 1, inputTokens: 1 } }
    return { type: 'complete', by: `s${index}`, sequence: 1, minute: ((index * 7919) % 1000) * 24 * 60, data } as const
  })
  const days = counted(...events).ledger.boards[0]?.days ?? []
  assert.is(days.length, MAX_DAYS)
  assert.equal(days.map(([, sum]) => sum).reduce(plus, NOTHING), { microUsd: 1_000_000_000, tokens: 1000 })
  assert.equal(
    days.map(([day]) => day),
    days.map(([day]) => day).toSorted(),
  )
})

test('no amount makes less be spent, however large', () => {
  const huge = { microUsd: Number.MAX_SAFE_INTEGER, tokens: Number.MAX_SAFE_INTEGER }
  const one = { type: 'complete', by: 's', sequence: 1, data: { reserve, cost: { usd: 5 } } } as const
  const events = [one, { type: 'fail', by: 'hostile', sequence: 1, data: { reserve: huge } }] as const
  const late = { type: 'cost', by: 'hostile', sequence: 2, data: { cost: { usd: 0, inputTokens: 0 } } } as const
  assert.ok(spent(counted(...events)).microUsd >= 5_000_000)
  assert.ok(spent(counted(...events, late)).microUsd >= 5_000_000)
  assert.ok(Number.isSafeInteger(spent(counted(...events, late)).microUsd))
})

test('what a session joined with stays until it joins with something else', () => {
  const joined = (sequence: number, data: EventData): Said => ({ type: 'joined', by: 's', sequence, data })
  const { ledger } = counted(joined(1, { budgetUsd: 5, capabilities: ['rust'] }), joined(2, { rateUsdPerHour: 2 }))
  const [account] = ledger.sessions
  assert.is(account?.budgetMicroUsd, 5_000_000)
  assert.is(account?.rateMicroUsdPerHour, 2_000_000)
  assert.equal(account?.capabilities, ['rust'])
})

const TYPES = [
  'claim',
  'complete',
  'fail',
  'release',
  'block',
  'steal',
  'revoked',
  'cost',
  'joined',
  'withdraw',
] as const
const NAMES = ['a', 'b', 'c']
const amounts = fc.record({ microUsd: fc.nat(5_000_000), tokens: fc.nat(9000) })
const costs = fc.record(
  { usd: fc.double({ min: 0, max: 9, noNaN: true }), inputTokens: fc.nat(9000), outputTokens: fc.nat(9000) },
  { requiredKeys: [] },
)
const draft = fc.record({
  type: fc.constantFrom(...TYPES),
  by: fc.constantFrom(...NAMES),
  task: fc.constantFrom(A, taskKey(board, toTaskId('B'))),
  minute: fc.integer({ min: 0, max: 60 * 24 * 60 }),
  data: fc.record(
    {
      ...{ reserve: amounts, forfeit: amounts, cost: costs, from: fc.constantFrom(...NAMES, 'a person') },
      ...{ heldSeconds: fc.nat(9000), estimateMinutes: fc.nat(90), budgetUsd: fc.nat(9) },
    },
    { requiredKeys: ['reserve'] },
  ),
})
const logs = fc.array(draft, { maxLength: 60, size: 'max' }).map((drafts) => {
  const sequences = new Map<string, number>()
  return drafts.map((one) => {
    const sequence = (sequences.get(one.by) ?? 0) + 1
    sequences.set(one.by, sequence)
    return said({ ...one, sequence } as Said)
  })
})

/** Count a log in parts, each on what the state files keep of those before. */
function inParts(events: readonly SignedEvent[], ends: readonly number[]) {
  let ledger: Ledger = EMPTY_LEDGER
  const tasks = new Map<TaskKey, TaskAccount>()
  const bounds = [...new Set(ends.map((end) => end % (events.length + 1)))].sort((a, b) => a - b)
  for (const end of [...bounds, events.length]) {
    // From the start each time: what was counted already counts no more.
    const part = tally({ ledger, taskAccount: (key) => tasks.get(key) }, events.slice(0, end))
    for (const [key, account] of part.tasks) tasks.set(key, account)
    ledger = parseLedgerFile(renderLedgerFile(part.ledger))
  }
  return { ledger, tasks }
}

test('any partition of a log into folds gives the same ledger and the same accounts', () => {
  fc.assert(
    fc.property(logs, fc.array(fc.nat(60)), (events, ends) => {
      const whole = tally(empty, events)
      const parts = inParts(events, ends)
      assert.equal(parts.ledger, whole.ledger)
      assert.equal([...parts.tasks], [...whole.tasks])
    }),
    seeded,
  )
})

test('sessions, boards, days and tasks each add up to the same sum', () => {
  fc.assert(
    fc.property(logs, (events) => {
      const { ledger, tasks } = tally(empty, events)
      const sum = (all: readonly Amount[]) => all.reduce(plus, NOTHING)
      const everything = sum(ledger.boards.map((one) => one.spent))
      assert.equal(sum(ledger.sessions.map((one) => one.spent)), everything)
      assert.equal(sum([...tasks.values()].map((one) => one.spent)), everything)
      assert.equal(sum(ledger.boards.flatMap(({ days }) => days.map(([, one]) => one))), everything)
    }),
    seeded,
  )
})

test('a ledger that no fold would have written is refused, with the line', () => {
  const good = renderLedgerFile(counted({ type: 'complete', by: 's', sequence: 1, data: { reserve } }).ledger)
  assert.equal(renderLedgerFile(parseLedgerFile(good)), good)
  const lines = good.split('\n')
  const bad = [
    good.replace('"tokens":500', '"tokens":-500'),
    good.replace('"tokens":500', '"tokens":1e400'),
    good.replace('"tokens":500', '"tokens":5.5'),
    good.replace('"through":1', '"through":"1"'),
    good.replace('"through":1', '"through":1,"more":1'),
    [lines[1], lines[0], ''].join('\n'),
    [lines[0], lines[0], lines[1], ''].join('\n'),
    good.slice(0, -1),
    `${good}null\n`,
  ]
  for (const text of bad) {
    assert.is.not(text, good)
    assert.throws(
      () => parseLedgerFile(text),
      (error: { code?: string; place?: { line: number } }) =>
        error.code === 'state/invalid' && error.place !== undefined,
      text,
    )
  }
})

test.run()
