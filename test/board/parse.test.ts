import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseBoard } from '../../src/board/index.ts'
import { board, dependencyIds, fixture, taskIn, tasksIn } from './support.ts'

const phase = fixture('phase-board.md')

test('tables of a board are tasks; fences, comments, legends, success lists and summaries are not', () => {
  assert.equal(
    tasksIn(phase).map((task) => task.id),
    ['B0.1.1', 'B0.1.2', 'B0.1.3', 'B0.1.4', 'B0.2.1', 'B0.2.2', 'B0.2.3', 'F1.1', 'F1.2', 'F1.3', 'F2.1', 'F2.2'],
  )
})

test('a row and its detail section are one task', () => {
  const task = taskIn(phase, 'B0.1.1')
  assert.is(task.title, 'Build the oven | chimney')
  assert.is(task.description, 'Bricks first, then the chimney')
  assert.is(task.deliverable, 'oven/body.ts')
  assert.is(task.estimateMinutes, 60)
  assert.is(task.owner, undefined)
  assert.equal(task.acceptance, [
    { text: 'heat() reaches 250 degrees', done: false },
    { text: 'P95: smoke below 10 ms', done: true },
  ])
  assert.is(task.section, 'Oven Tasks (Fire #1 - CRITICAL)')
  assert.equal(task.place, { file: 'board.md', line: 33, column: 1 })
})

test('dependencies of row and detail add up, and text that names no id blocks', () => {
  const task = taskIn(phase, 'B0.1.2')
  assert.equal(dependencyIds(task), ['B0.1.1'])
  assert.equal(
    task.externalBlockers.map(({ text, place }) => [text, place.line, place.column]),
    [['delivery of flour', 58, 19]],
  )
})

test('an external blocker is a finding at its place', () => {
  const found = parseBoard(phase, board).diagnostics.map(({ code, severity, line, column }) => [
    code,
    severity,
    line,
    column,
  ])
  assert.equal(found, [['board/external-blocker', 'info', 58, 19]])
})

test('group words stand for the rows above, and for the tasks of other sections', () => {
  assert.equal(dependencyIds(taskIn(phase, 'B0.1.4')), ['B0.1.1', 'B0.1.2', 'B0.1.3'])
  assert.equal(dependencyIds(taskIn(phase, 'B0.2.2')), ['B0.1.1', 'B0.1.2', 'B0.1.3'])
  assert.equal(dependencyIds(taskIn(phase, 'B0.2.3')), ['B0.1.1', 'B0.1.2', 'B0.1.3', 'B0.1.4'])
})

test('status words, notes, owners and estimates are read', () => {
  const open = taskIn(phase, 'B0.2.1')
  assert.equal(
    [open.status, open.statusNote, open.owner, open.estimateMinutes],
    ['claimed', '(session-2)', 'Session 2', 180],
  )
  const sold = taskIn(phase, 'B0.2.2')
  assert.equal([sold.status, sold.statusNote, sold.estimateMinutes], ['done', 'see #12', 960])
})

test('a filler section gives its session and makes fillers', () => {
  const task = taskIn(phase, 'F2.1')
  assert.equal([task.filler, task.assigned, task.status], [true, 'Session 2 (Shop)', 'available'])
  assert.is(taskIn(phase, 'B0.1.1').assigned, undefined)
})

test('the four-column sample is read', () => {
  const tasks = tasksIn(fixture('four-columns.md'))
  assert.equal(
    tasks.map((task) => [task.id, task.status, dependencyIds(task)]),
    [
      ['T-1', 'done', []],
      ['T-2', 'claimed', ['T-1']],
      ['T-3', 'available', ['T-1', 'T-2']],
    ],
  )
})

test('a checklist of fillers gives session, priority, estimate and model', () => {
  const catalog = fixture('filler-catalog.md')
  assert.equal(
    tasksIn(catalog).map((task) => [
      task.id,
      task.status,
      task.estimateMinutes,
      task.priority,
      task.model,
      task.assigned,
    ]),
    [
      ['F1.1', 'available', 15, 'low', 'Haiku', 'Session 1 (Oven - Heat)'],
      ['F1.2', 'done', 20, 'low', 'Haiku', 'Session 1 (Oven - Heat)'],
      ['F1.10', 'available', 25, 'high', 'Sonnet', 'Session 1 (Oven - Heat)'],
      ['U.1', 'available', 30, 'medium', 'Haiku', undefined],
      ['U.2', 'available', 25, 'low', undefined, undefined],
    ],
  )
  assert.is(taskIn(catalog, 'F1.2').title, 'Draw the chimney (see sketch)')
  assert.is(taskIn(catalog, 'U.1').description, 'Coverage: all modules')
  assert.equal(dependencyIds(taskIn(catalog, 'U.2')), ['U.1'])
})

test('header synonyms in any order and case are understood', () => {
  const text =
    '| STATE | Blocked By | Extra | Title | **Task ID** |\n|-|-|-|-|-|\n| done | - | x | Draw | `A-1` |\n| open | A-1 | | Walk | A-2 |\n'
  assert.equal(
    tasksIn(text).map((task) => [task.id, task.title, task.status, dependencyIds(task)]),
    [
      ['A-1', 'Draw', 'done', []],
      ['A-2', 'Walk', 'available', ['A-1']],
    ],
  )
})

test('a roster, a legend table and a summary give no task', () => {
  const text = [
    '| Session | Capabilities | Model |\n|-|-|-|\n| session-1 | web | Haiku |\n',
    '| ID | Name | Role |\n|-|-|-|\n| 1 | Ann | lead |\n',
    '| Status | Meaning |\n|-|-|\n| DONE | finished |\n',
    '| Phase | Tasks | Done |\n|-|-|-|\n| P0 | 28 | 3 |\n',
  ].join('\n')
  assert.equal(tasksIn(text), [])
})

test('a heading is a task of its own only with a label that names a field', () => {
  const text =
    '### T1: Draw\n\n**Status:** 🔄 In Progress\n**Depends On**: T2\n\n- [ ] it is drawn\n\n### Rule 1: Be kind\n\ntext\n\n### T3: Walk\n\ntext\n'
  assert.equal(
    tasksIn(text).map((task) => [task.id, task.status, dependencyIds(task), task.acceptance.length]),
    [['T1', 'claimed', ['T2'], 1]],
  )
})

test('of two rows with one id the first counts, and the second is a finding', () => {
  const { board: found, diagnostics } = parseBoard('| ID | Task |\n|-|-|\n| A1 | one |\n| A1 | two |\n', board)
  assert.equal(
    found.tasks.map((task) => task.title),
    ['one'],
  )
  assert.equal(
    diagnostics.map(({ code, line, column }) => [code, line, column]),
    [['board/duplicate-id', 4, 1]],
  )
})

test('a pause at the head of a board is read, one further down is not', () => {
  assert.is(parseBoard('# B\n\n**Paused:** no flour\n\n## Tasks\n', board).board.paused, 'no flour')
  assert.is(parseBoard('# B\n\n- **Paused**: no flour\n', board).board.paused, 'no flour')
  assert.is(parseBoard('# B\n\n## Tasks\n\n**Paused:** no flour\n', board).board.paused, undefined)
})

test('a legend teaches words that nobody else uses', () => {
  const legend = '## Status Key\n\n- 🟣 **RESTING** - on hold until spring\n- 🟢 **RIPE** - Done and tested\n\n'
  const table =
    '## Tasks\n\n| ID | Task | Status |\n|-|-|-|\n| A1 | a | RESTING |\n| A2 | b | 🟢 |\n| A3 | c | Wobbly |\n'
  const { board: found, diagnostics } = parseBoard(legend + table, board)
  assert.equal(
    found.tasks.map((task) => task.status),
    ['paused', 'done', 'unknown'],
  )
  assert.equal(
    diagnostics.map(({ code, line, column }) => [code, line, column]),
    [['board/unknown-status', 12, 12]],
  )
})

test.run()
