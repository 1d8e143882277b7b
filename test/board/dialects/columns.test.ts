/** Headings as columns: what is a board of columns, and how its items move. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseBoard, type StatusChange, setStatuses } from '../../../src/board/index.ts'
import { board, changedLines, dependencyIds, fixture, id, taskIn, tasksIn } from '../support.ts'

const kanban = fixture('kanban.md')
const columns = fixture('columns.md')

function set(text: string, task: string, status: StatusChange['status'], by?: string): string {
  return setStatuses(text, board, [{ id: id(task), status, ...(by === undefined ? {} : { by }) }]).text
}

test('each outermost item below a column is a task, and what is nested in it is its acceptance', () => {
  assert.equal(
    tasksIn(kanban).map((task) => [task.id, task.status, task.section, dependencyIds(task).join(' ')]),
    [
      ['plant-a-tree', 'available', '📋 Backlog', ''],
      ['build-the-oven', 'available', 'To do (2)', ''],
      ['K-2', 'available', 'To do (2)', 'build-the-oven'],
      ['sign', 'claimed', 'In progress', ''],
      ['rent-the-house', 'done', 'Done', ''],
    ],
  )
  assert.equal(taskIn(kanban, 'build-the-oven').acceptance, [
    { text: 'bricks', done: true },
    { text: 'mortar', done: false },
  ])
})

test('a column whose heading names no status gives no task, and is a finding', () => {
  assert.equal(
    parseBoard(kanban, board).diagnostics.map(({ code, line }) => [code, line]),
    [['board/not-read', 22]],
  )
})

test('a claim moves the lines of an item to the end of its column, with what is nested in it', () => {
  const after = set(kanban, 'build-the-oven', 'claimed', 'session-4')
  assert.match(
    after,
    '- [ ] Draw the sign ^sign\n- [ ] Build the oven @ann (claimed by session-4) ^build-the-oven\n  - [x] bricks\n  - [ ] mortar\n\n## Ideas',
  )
  assert.match(after, '## To do (2)\n\n- [ ] K-2: Knead')
  const done = set(after, 'build-the-oven', 'done')
  assert.match(done, '- [x] Rent the house\n- [x] Build the oven @ann ^build-the-oven\n  - [x] bricks\n')
  assert.is(taskIn(done, 'build-the-oven').status, 'done')
})

test('a task goes back to the open column nearest to the work', () => {
  assert.match(set(kanban, 'sign', 'available'), '(blocked by build-the-oven)\n- [ ] Draw the sign ^sign\n')
})

test('items without boxes move too, into an empty column as well, and a status without a column is a note', () => {
  assert.match(
    set(columns, 'build-the-oven', 'claimed', 's1'),
    '## Doing\n\n- Build the oven (claimed by s1) ^build-the-oven\n',
  )
  assert.match(set(columns, 'buy-flour', 'done'), '- Rent the house\n- Buy flour ^buy-flour\n')
  const paused = set(columns, 'build-the-oven', 'paused', 'no bricks')
  assert.equal(changedLines(columns, paused), ['- Build the oven (paused: no bricks) ^build-the-oven'])
  assert.is(taskIn(paused, 'build-the-oven').status, 'paused')
})

test('several tasks move at once, also out of and into one column', () => {
  const { text } = setStatuses(kanban, board, [
    { id: id('sign'), status: 'done' },
    { id: id('build-the-oven'), status: 'claimed', by: 's1' },
    { id: id('K-2'), status: 'claimed', by: 's2' },
    { id: id('rent-the-house'), status: 'available' },
  ])
  assert.equal(
    tasksIn(text).map((task) => [task.id, task.status]),
    [
      ['plant-a-tree', 'available'],
      ['rent-the-house', 'available'],
      ['build-the-oven', 'claimed'],
      ['K-2', 'claimed'],
      ['sign', 'done'],
    ],
  )
})

test('who moves an item by hand need not know of the note', () => {
  const claimed = set(columns, 'build-the-oven', 'claimed', 's1')
  const line = '- Build the oven (claimed by s1) ^build-the-oven\n'
  const back = claimed.replace(line, '').replace('## Todo\n', `## Todo\n${line}`)
  assert.is(taskIn(back, 'build-the-oven').status, 'available')
})

test('a ticked box is done wherever it stands', () => {
  assert.is(taskIn(kanban.replace('[ ] K-2', '[x] K-2'), 'K-2').status, 'done')
})

test('one column, headings that say more than a status, and a board with a table are no columns', () => {
  const ids = (text: string) => tasksIn(text).map((task) => task.id)
  assert.equal(ids('## Done\n\n- a thing\n\n## Notes\n\n- b\n'), [])
  assert.equal(ids('## Done in March\n\n- a\n\n## Todo list of Ann\n\n- b\n'), [])
  assert.equal(ids('## Todo\n\n| ID | Task |\n|-|-|\n| A1 | a |\n\n## Done\n\n- b\n'), ['A1'])
})

test.run()
