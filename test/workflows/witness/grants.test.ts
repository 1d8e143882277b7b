/** Who held what, and what it cost, from logs made for one question each. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { MadeFold, Said } from '../../../scripts/bench/made-log.ts'
import { type CostRequest, type Costs, costs } from '../../../src/workflows/witness/costs.ts'
import { openLog } from '../../../src/workflows/witness/log-book.ts'
import { type Span, traceView } from '../../../src/workflows/witness/trace.ts'
import { at, keyOf } from '../../cli/witness/day.ts'
import { boardOf, fleet } from '../../support/fleet.ts'
import { sealDay } from '../../support/sealed-day.ts'

const test = suite('grants and costs')
const EDIT = { kind: 'edit', author: 'Ada', time: '2025-11-12T03:00:00.000Z' } as const

/** As in etcd, where a claim whose lease ended is gone. */
const NOTHING_REPLACED: object = { replaces: undefined }

/** `session type task at more`, such as `a claim T1 02:00:00`. */
function say(line: string, data?: Said['data'], day?: string): Said {
  const [session = '', type, task, clock = ''] = line.split(' ')
  return {
    session,
    type: type as Said['type'],
    at: at(clock, day),
    ...(task === '-' ? {} : { task }),
    ...(data && { data }),
  } as Said
}

async function bookOf(...folds: MadeFold[]) {
  const team = await fleet({ kind: 'memory', board: boardOf(['T1']) })
  const clone = await team.clone()
  await sealDay(team, clone, folds)
  return openLog(clone.box)
}

async function spansOf(...folds: MadeFold[]): Promise<readonly Span[]> {
  return (await traceView(await bookOf(...folds), 'T1', undefined)).traces.flatMap(({ spans }) => spans)
}

const summary = ({ session, outcome, seconds }: Span) => `${session} ${outcome} ${seconds}`
const rowsOf = ({ rows }: Costs) =>
  rows.map(({ name, reported, estimated, workMs }) => `${name} ${reported} ${estimated} ${workMs / 1000}`)

async function costsOf(request: CostRequest, ...said: Said[]): Promise<Costs> {
  return costs(await bookOf({ said }), request)
}

test('each end belongs to the grant whose commit it replaces', async () => {
  const spans = await spansOf({
    said: [
      say('a claim T1 02:00:00'),
      say('a fail T1 02:01:00'),
      say('b claim T1 02:02:00'),
      say('c steal T1 02:10:00', { from: 'b' }),
      say('c complete T1 02:12:00'),
    ],
  })
  assert.equal(spans.map(summary), ['a failed 60', 'b stolen 480', 'c completed 120'])
  assert.is(spans[2]?.kind, 'steal')
})

test('an end that a clock puts before its grant lasts no time, not less', async () => {
  const spans = await spansOf({ said: [say('a claim T1 02:00:00'), say('a complete T1 01:00:00')] })
  assert.equal(spans.map(summary), ['a completed 0'])
})

test('a request that was not granted is no grant', async () => {
  const spans = await spansOf({ said: [say('a claim T1 02:00:00'), { ...say('b claim T1 02:00:01'), granted: false }] })
  assert.equal(
    spans.map(({ session }) => session),
    ['a'],
  )
})

test('a grant that nobody ended, and that is not held, was taken back by the first change of its status, else nobody knows', async () => {
  const changes = [{ key: keyOf('T1'), field: 'status', from: 'CLAIMED', to: 'AVAILABLE' }]
  const claimed = { said: [say('a claim T1 02:00:00')] }
  assert.equal((await spansOf({ ...claimed, records: [{ ...EDIT, changes }] })).map(summary), ['a taken back 3600'])
  assert.equal((await spansOf(claimed)).map(summary), ['a unknown null'])
  const title = [{ ...changes[0], field: 'title' }] as typeof changes
  assert.equal((await spansOf({ ...claimed, records: [{ ...EDIT, changes: title }] })).map(summary), ['a unknown null'])
})

const fold = (from: string, to: string, time: string) => ({
  ...({ kind: 'fold', author: 'w', time: `2025-11-12T${time}.000Z` } as const),
  changes: [{ key: keyOf('T1'), field: 'status', from, to }],
})
const inEtcd = say('a claim T1 02:00:00', { modeEpoch: 1, inEtcd: true })
const shown = { said: [inEtcd], records: [fold('AVAILABLE', 'CLAIMED by a', '02:00:02')] }
const freed = { said: [], records: [fold('CLAIMED by a', 'AVAILABLE', '02:30:00')] }

test('a lease that ended in etcd is over when a fold frees the task again, or when the next one is granted', async () => {
  assert.equal((await spansOf(shown)).map(summary), ['a unknown null'])
  assert.equal((await spansOf(shown, freed)).map(summary), ['a lapsed 1800'])
  const again = { said: [], records: [fold('CLAIMED by b', 'CLAIMED by a', '02:05:00')] }
  assert.equal((await spansOf(shown, again, freed)).map(summary), ['a lapsed 1800'])
  const next = { said: [say('b claim T1 02:10:00', NOTHING_REPLACED)] }
  assert.equal((await spansOf(shown, next, freed)).map(summary), ['a lapsed 600', 'b unknown null'])
  const edit = { said: [], records: [{ ...EDIT, changes: freed.records[0]?.changes ?? [] }] }
  assert.equal((await spansOf(shown, edit, freed)).map(summary), ['a taken back 3600'])
})

test('what a fold writes says nothing of how a grant of git ended', async () => {
  const inGit = { ...shown, said: [say('a claim T1 02:00:00')] }
  assert.equal((await spansOf(inGit, freed)).map(summary), ['a unknown null'])
})

test('a claim of etcd that its session registers in git is one grant', async () => {
  const registered = { said: [say('a claim T1 02:10:00', { ...NOTHING_REPLACED, modeEpoch: 2 })] }
  const ended = { said: [say('a complete T1 02:20:00')] }
  assert.equal((await spansOf(shown, registered, ended)).map(summary), ['a completed 1200'])
})

test('a span bears the id that its events carry', async () => {
  const [span] = await spansOf({ said: [say('a claim T1 02:00:00'), say('a complete T1 02:01:00')] })
  assert.match(span?.spanId ?? '', /^[0-9a-f]{16}$/)
})

test('each report counts once; what `merged` repeats does not', async () => {
  const found = await costsOf(
    { by: 'session' },
    say('a claim T1 02:00:00'),
    say('a cost T1 02:00:10', { cost: { usd: 0.1 } }),
    say('a cost T1 02:00:20', { cost: { usd: 0.2 } }),
    say('a complete T1 02:01:00', { cost: { usd: 1 }, evidence: { branch: 'x' } }),
    say('b merged T1 02:02:00', { from: 'a', cost: { usd: 1 } }),
  )
  assert.equal(rowsOf(found), ['a 1300000 0 60'])
  assert.is(found.total.reports, 3)
})

test('a rate stands in only where no money was reported, and never in the column of reports', async () => {
  const found = await costsOf(
    { by: 'task' },
    say('a joined - 01:00:00', { rateUsdPerHour: 36 }),
    say('a claim T1 02:00:00'),
    say('a complete T1 02:01:00'),
    say('a claim T2 02:02:00'),
    say('a complete T2 02:03:00', { cost: { usd: 0.5 } }),
    say('a claim T3 02:04:00'),
    say('a complete T3 02:05:00', { cost: { inputTokens: 7 } }),
  )
  assert.equal(rowsOf(found).sort(), ['T1 0 600000 60', 'T2 500000 0 60', 'T3 0 600000 60'])
  assert.is(found.total.inputTokens, 7)
})

test('the rate is the one with which the session had joined when it was granted', async () => {
  const found = await costsOf(
    { by: 'task' },
    say('a claim T1 02:00:00'),
    say('a joined - 02:00:30', { rateUsdPerHour: 36 }),
    say('a complete T1 02:01:00'),
    say('a claim T2 02:02:00'),
    say('a complete T2 02:03:00'),
  )
  assert.equal(rowsOf(found), ['T2 0 600000 60', 'T1 0 0 60'])
})

test('work through midnight is that of two days, in UTC', async () => {
  const found = await costsOf(
    { by: 'day' },
    say('a claim T1 23:59:00'),
    say('a complete T1 00:02:00', { cost: { usd: 1 } }, '2025-11-13'),
  )
  assert.equal(rowsOf(found), ['2025-11-12 0 0 60', '2025-11-13 1000000 0 120'])
})

test('what a session holds now, and what it withdrew, is no work', async () => {
  const found = await costsOf(
    { by: 'session' },
    say('a claim T1 02:00:00'),
    say('a withdraw T1 02:00:01'),
    say('b claim T2 02:00:00'),
    say('b note T2 02:00:01'),
  )
  assert.equal(rowsOf(found), [])
})

test('since and until choose by when it was reported and worked', async () => {
  const said = [
    say('a claim T1 02:00:00'),
    say('a complete T1 02:10:00', { cost: { usd: 1 } }),
    say('a claim T2 03:00:00'),
    say('a complete T2 03:10:00', { cost: { usd: 2 } }),
  ]
  assert.equal(rowsOf(await costsOf({ by: 'task', since: at('02:30:00') }, ...said)), ['T2 2000000 0 600'])
  assert.equal(rowsOf(await costsOf({ by: 'task', until: at('02:30:00') }, ...said)), ['T1 1000000 0 600'])
})

test('a clock of another century costs no time', async () => {
  const found = await costsOf(
    { by: 'day' },
    say('a claim T1 00:00:00', undefined, '1970-01-02'),
    say('a complete T1 02:00:00'),
  )
  assert.is(found.rows.length, 1)
})

test('the model is the one of the report, else the one that the session joined with', async () => {
  const found = await costsOf(
    { by: 'model' },
    say('a joined - 01:00:00', { model: 'small' }),
    say('a claim T1 02:00:00'),
    say('a cost T1 02:00:10', { cost: { usd: 1 } }),
    say('a complete T1 02:01:00', { cost: { usd: 2, model: 'large' } }),
  )
  assert.equal(rowsOf(found), ['large 2000000 0 60', 'small 1000000 0 0'])
})

test.run()
