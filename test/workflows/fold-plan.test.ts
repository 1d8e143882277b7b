/** What a fold writes, judged again: over all states that folds and people can leave behind. */
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseBoard, setStatuses } from '../../src/board/index.ts'
import {
  type ClaimRecord,
  type StatusWord,
  type TaskId,
  type TaskState,
  toBoardName,
  toSessionName,
} from '../../src/model/index.ts'
import { type Snapshot, takeSnapshot } from '../../src/projection/index.ts'
import { nextState, planTasks, type TaskPlan } from '../../src/workflows/fold-plan.ts'
import { claimRecord, isFull, oid, seeded, taskState } from '../support/claims.ts'
import { BOARD, boardOf, CONFIG, cell, keyOf, retype } from '../support/fleet.ts'

const key = keyOf('T1')
const edit = { commit: oid('e'), name: 'Ada Person', at: 1_762_939_800_000 }
const claims = {
  g: claimRecord({ digit: '1', kind: 'granted', key }),
  g2: claimRecord({ digit: '2', kind: 'granted', session: 'session-2', key, epoch: 4 }),
  r: claimRecord({ digit: '3', kind: 'returned', key, failures: 2 }),
  d: claimRecord({ digit: '4', kind: 'completed', key, epoch: 2 }),
  merged: claimRecord({ digit: '5', kind: 'completed', type: 'merged', key }),
}
type Name = keyof typeof claims

interface Case {
  readonly text: string
  readonly state: TaskState | undefined
  readonly R: ClaimRecord | undefined
  readonly doneWhen: 'reported' | 'merged'
}

/** There are few texts and many states, and parsing is what costs. */
function remembered<T>(work: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const value = known.get(text) ?? work(text)
    known.set(text, value)
    return value
  }
}

const boardSaying = remembered((text) => {
  const board = retype('T1', text)(boardOf(['T1'], ['T2', 'BLOCKED', 'T1']))
  return parseBoard(board, toBoardName(BOARD))
})

/** Judge one board with one task that people look at, beside one that is blocked. */
function look({ text, state, R, doneWhen }: Case): Snapshot {
  return takeSnapshot({
    config: { ...CONFIG, doneWhen },
    boards: [boardSaying(text)],
    states: new Map(state === undefined ? [] : [[key, state]]),
    claims: R === undefined ? [] : [R],
    unreadable: new Set(),
    rowsBefore: new Set(),
    sessions: [],
    active: new Set(),
    since: 0,
  })
}

function essence(snapshot: Snapshot): string {
  const view = snapshot.views.get(key)
  assert.ok(view)
  const { kind } = view.judgement.standing
  const by = kind === 'completed' ? 'session' : kind === 'settled-by-person' ? 'person' : ''
  return `${view.status} ${view.holder ?? ''} ${by}`
}

/** The case after a fold, its deletion landed or not; `undefined` when the fold had nothing to do here. */
function afterFold(before: Case, sweeping: 'swept' | 'not swept'): Case | undefined {
  const plan = planTasks(look(before)).find(({ view }) => view.task.key === key)
  if (plan === undefined) return undefined
  const text = write(before.text, plan)
  const shown = wordOf(text)
  const state = nextState(plan, shown === 'unknown' ? (before.state?.shown ?? 'available') : shown, edit)
  const R = sweeping === 'swept' && plan.sweep !== undefined ? undefined : before.R
  return { ...before, text, state, R }
}

function write(text: string, { write, by }: TaskPlan): string {
  if (write === undefined) return text
  const board = retype('T1', text)(boardOf(['T1']))
  const change = { id: 'T1' as TaskId, status: write, ...(by === undefined ? {} : { by }) }
  return cell(setStatuses(board, toBoardName(BOARD), [change]).text, 'T1') ?? ''
}

function wordOf(text: string): StatusWord {
  return boardSaying(text).board.tasks[0]?.status ?? 'unknown'
}

const texts = ['AVAILABLE', 'CLAIMED', 'REVIEW', 'COMPLETED', 'BLOCKED', 'PAUSED', 'CANCELLED', 'PERHAPS', '']
const shownWords = ['available', 'claimed', 'review', 'done', 'blocked', 'paused', 'cancelled'] as const
const someClaim = fc.option(fc.constantFrom<Name>('g', 'g2', 'r', 'd', 'merged'), { nil: undefined })

/** What a person said is about the word that was shown then, or `available`. */
const states: fc.Arbitrary<TaskState> = fc
  .record({
    shown: fc.constantFrom(...shownWords),
    said: fc.constantFrom('nothing', 'shown', 'available'),
    of: someClaim,
    voided: someClaim,
  })
  .map(({ shown, said, of, voided }) => {
    const status = said === 'nothing' ? undefined : said === 'shown' ? shown : ('available' as const)
    return taskState({
      key,
      shown,
      grants: 3,
      ...(of === undefined ? {} : { claim: claims[of].oid }),
      ...(voided === undefined ? {} : { void: claims[voided].oid }),
      ...(status === undefined ? {} : { said: { status, commit: oid('a') } }),
    })
  })

const cases: fc.Arbitrary<Case> = fc.record({
  text: fc.constantFrom(...texts),
  state: fc.option(states, { nil: undefined }),
  R: someClaim.map((name) => (name === undefined ? undefined : claims[name])),
  doneWhen: fc.constantFrom('reported' as const, 'merged' as const),
})

const duePlans = (now: Case) => planTasks(look(now)).filter(({ kind, view }) => kind === 'due' && view.task.key === key)

const numRuns = isFull ? 20_000 : 1_500

for (const sweeping of ['swept', 'not swept'] as const)
  test(`judging again after a fold gives the same standing, its ref ${sweeping}`, () =>
    fc.assert(
      fc.property(cases, (before) => {
        const after = afterFold(before, sweeping)
        if (after !== undefined) assert.is(essence(look(after)), essence(look(before)))
      }),
      { ...seeded, numRuns },
    ))

test('one fold says everything: after it, only refs that could not be swept are left to do', () =>
  fc.assert(
    fc.property(cases, (before) => {
      const after = afterFold(before, 'swept')
      if (after !== undefined) assert.equal(duePlans(after), [])
      const stuck = afterFold(before, 'not swept')
      const again = stuck === undefined ? undefined : afterFold(stuck, 'swept')
      if (again !== undefined) assert.equal(duePlans(again), [])
    }),
    { ...seeded, numRuns },
  ))

test('a fold overwrites a person’s word only where the ref is newer than what the person saw', () =>
  fc.assert(
    fc.property(cases, (before) => {
      const plan = planTasks(look(before)).find(({ view }) => view.task.key === key)
      const shown = before.state?.shown ?? 'available'
      const isEdit = wordOf(before.text) !== shown && before.text !== ''
      if (plan?.write === undefined || !isEdit) return true
      const { standing } = plan.view.judgement
      return standing.kind === 'held' || standing.kind === 'review' || standing.kind === 'completed'
    }),
    { ...seeded, numRuns },
  ))

test('grants and failures never go down, and a swept ref adds its own', () =>
  fc.assert(
    fc.property(cases, (before) => {
      const plan = planTasks(look(before)).find(({ view }) => view.task.key === key)
      const after = afterFold(before, 'swept')?.state
      if (after === undefined) return true
      const ref = plan?.sweep === undefined ? undefined : before.R
      return (
        after.grants === Math.max(before.state?.grants ?? 0, ref?.epoch ?? 0) &&
        after.failures === Math.max(before.state?.failures ?? 0, ref?.failures ?? 0)
      )
    }),
    { ...seeded, numRuns },
  ))

test('a returned claim stays until its task is settled or a person took the task', () => {
  const plan = planTasks(look({ text: 'AVAILABLE', state: undefined, R: claims.r, doneWhen: 'reported' }))
  assert.equal(
    plan.filter(({ sweep }) => sweep !== undefined),
    [],
  )
})

test('the record of a completion names its session, its commit and its note', () => {
  const evidence = { branch: 'work', commit: oid('c'), note: 'mind the gap' }
  const record = { ...claims.d, event: { ...claims.d.event, data: { ...claims.d.event.data, evidence } } }
  const [plan] = planTasks(look({ text: 'AVAILABLE', state: undefined, R: record, doneWhen: 'reported' }))
  assert.equal(nextState(plan as TaskPlan, 'done', edit).done, {
    by: toSessionName('session-1'),
    at: record.at,
    seal: record.oid,
    ...evidence,
  })
})

test.run()
