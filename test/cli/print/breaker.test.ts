/** What people are shown of breakers and objectives, and what the watcher makes of them. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { breakersText, resetText } from '../../../src/cli/print/breaker.ts'
import { PLAIN_INK } from '../../../src/cli/print/page.ts'
import type { Objective } from '../../../src/governor/index.ts'
import { toBoardName } from '../../../src/model/index.ts'
import type { BreakerItem } from '../../../src/workflows/breaker-list.ts'
import { objectiveWords } from '../../../src/workflows/objectives.ts'
import { governorConditions } from '../../../src/workflows/watch/governor-conditions.ts'

const page = { width: 100, ink: PLAIN_INK }

const session: BreakerItem = {
  of: 'session',
  name: 'session-4',
  board: null,
  state: 'open',
  rule: 'consecutive',
  reason: '3 failures in a row',
  since: '2025-11-12T09:33:00.000Z',
  probeInSeconds: 720,
  hint: 'It may probe with one task in 12 min; sooner: if-board breaker reset session-4 --reason TEXT',
}

const task: BreakerItem = {
  of: 'task',
  name: 'P0.2.3',
  board: 'TASK-BOARD.md',
  state: 'open',
  rule: 'quarantine',
  reason: 'it failed with 3 sessions: session-1, session-2, session-3',
  since: null,
  probeInSeconds: null,
  hint: 'See why it fails, then: if-board breaker reset P0.2.3 --reason TEXT',
}

const objective: Objective = {
  board: toBoardName('TASK-BOARD.md'),
  kind: 'success-rate',
  objective: 0.95,
  actual: 0.9285,
  grants: 28,
  burns: [{ window: '32 grants', longRate: 1.43, shortRate: 5, limit: 1, burning: true }],
  burning: true,
}

test('each breaker that is not closed says since when, why, and what ends that', () => {
  const lines = breakersText([session, task], page).split('\n')
  assert.match(lines[0] ?? '', /^session-4 {2}open \(since /)
  assert.equal(lines.slice(1), [
    '    3 failures in a row',
    '    It may probe with one task in 12 min; sooner: if-board breaker reset session-4 --reason TEXT',
    'P0.2.3  quarantined',
    '    it failed with 3 sessions: session-1, session-2, session-3',
    '    See why it fails, then: if-board breaker reset P0.2.3 --reason TEXT',
    '',
  ])
})

test('where all are closed, that is said', () => {
  assert.is(breakersText([], page), 'Every breaker is closed.\n')
})

test('a reset says what it closed and what it left', () => {
  assert.is(resetText({ kind: 'reset', closed: ['session-4', 'P0.2.3'], open: [] }), 'Closed: session-4, P0.2.3.')
  assert.is(
    resetText({ kind: 'unchanged', closed: [], open: [{ name: 'session-2', hint: 'Raise its cap' }] }),
    'Nothing was open that a reset closes.\nStill open: session-2; Raise its cap',
  )
})

test('no control character of a name or a reason reaches the terminal', () => {
  const text = breakersText([{ ...task, name: 'T\u001b[2J', reason: 'it\u0007 failed' }], page)
  assert.not(/[\u0000-\u0009\u000b-\u001f]/.test(text))
})

test('an objective is told in its own unit, with what burns', () => {
  assert.is(
    objectiveWords(objective),
    'TASK-BOARD.md: 92.8 % of 28 grants completed, at least 95 % wanted; 1.4 times the allowed failures over 32 grants',
  )
  assert.is(
    objectiveWords({ ...objective, kind: 'p99-minutes', objective: 60, actual: 50.02, burns: [] }),
    'TASK-BOARD.md: 99 % of 28 completions within 50.1 min, at most 60 min wanted',
  )
  assert.match(objectiveWords({ ...objective, actual: null }), /nothing known of 28/)
})

test('the watcher tells of what is stopped and of what burns, and of nothing else', () => {
  const told = (breakers: BreakerItem[], objectives: Objective[]) =>
    governorConditions({ breakers, objectives }).map(({ key, afterMs }) => `${key} after ${afterMs}`)
  assert.equal(told([session, task], [objective, { ...objective, burning: false }]), [
    'breaker-open session-4 after 0',
    'quarantined TASK-BOARD.md:P0.2.3 after 0',
    'objective-burning TASK-BOARD.md success-rate after 0',
  ])
})

test('half-open is no end of the alarm', () => {
  const keyOf = (state: BreakerItem['state']) =>
    governorConditions({ breakers: [{ ...session, state }], objectives: [] })[0]?.key
  assert.is(keyOf('half-open'), keyOf('open'))
})

test.run()
