/** A task as a file with front matter (Backlog.md), and headings with lists of bold keys. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  addBlocker,
  parseBoard,
  removeBlockers,
  type StatusChange,
  setBoardPause,
  setStatuses,
} from '../../../src/board/index.ts'
import { board, changed, dependencyIds, fixture, id, taskIn, tasksIn } from '../support.ts'

const file = fixture('task-12 - Bake-bread.md')
const keys = fixture('key-lists.md')

function set(text: string, task: string, status: StatusChange['status'], by?: string): string {
  return setStatuses(text, board, [{ id: id(task), status, ...(by === undefined ? {} : { by }) }]).text
}

test('a file with front matter is one task; its acceptance is its own, the definition of done is not', () => {
  const [task, ...others] = tasksIn(file)
  assert.equal(others, [])
  assert.equal(
    [task?.id, task?.title, task?.status, task?.owner, task?.priority, task?.description?.includes('250 degrees')],
    ['task-12', 'Bake bread: "the dark one"', 'available', 'ann', 'high', true],
  )
  assert.equal(task === undefined ? [] : dependencyIds(task), ['task-3', 'task-7.1'])
  assert.equal(task?.acceptance, [
    { text: 'The crust is dark', done: false },
    { text: 'It smells', done: true },
  ])
  assert.equal(parseBoard(file, board).diagnostics, [])
})

test('write-back changes the value of the status alone, in the words of Backlog.md and without a name', () => {
  assert.equal(changed(file, set(file, 'task-12', 'claimed', 'session-4')), { removed: 'To Do', added: 'In Progress' })
  assert.is(set(file, 'task-12', 'done'), file.replace('status: To Do', 'status: Done'))
  const quoted = file.replace('status: To Do', 'status: "To Do" # since May')
  assert.is(set(quoted, 'task-12', 'done'), quoted.replace('To Do', 'Done'))
  assert.is(
    set(file.replace('status: To Do', 'status: todo'), 'task-12', 'claimed'),
    file.replace('To Do', 'in progress'),
  )
})

test('a status that is not there yet is added, as a value or as a line', () => {
  const empty = file.replace('status: To Do', 'status:')
  assert.is(set(empty, 'task-12', 'done'), file.replace('To Do', 'Done'))
  const none = file.replace('status: To Do\n', '')
  assert.is(set(none, 'task-12', 'done'), file.replace('To Do', 'Done'))
  assert.is(set(none, 'task-12', 'available'), none)
})

test('lists in brackets, lists of lines, one value and none give dependencies, and take a blocker', () => {
  const list = '\n  - task-3\n  - task-7.1'
  const forms: readonly (readonly [string, string[]])[] = [
    [list, ['task-3', 'task-7.1']],
    [' [task-3, "task-7.1"]', ['task-3', 'task-7.1']],
    [' []', []],
    [' task-3', ['task-3']],
    ['', []],
  ]
  for (const [form, wanted] of forms)
    for (const eol of ['\n', '\r\n']) {
      const text = file.replace(list, form).replace(/\n/g, eol)
      assert.equal(dependencyIds(taskIn(text, 'task-12')), wanted, form)
      const blocked = addBlocker(text, board, id('task-12'), 'the mill, in May')
      const task = taskIn(blocked, 'task-12')
      assert.equal(
        [dependencyIds(task), task.externalBlockers.map((each) => each.text)],
        [wanted, ['the mill, in May']],
      )
      const lifted = taskIn(removeBlockers(blocked, board, id('task-12')), 'task-12')
      assert.equal([dependencyIds(lifted), lifted.externalBlockers], [wanted, []])
    }
})

test('front matter that is no task is no heading either, and what follows is read', () => {
  assert.equal(
    tasksIn('---\ntitle: Notes\ntags: [a]\n---\n\n- [ ] Bake\n').map((task) => [task.id, task.section]),
    [['bake', undefined]],
  )
  assert.is(parseBoard('---\nx: y\n---\n\n# Board\n', board).board.title, 'Board')
  assert.equal(
    tasksIn('---\n\nprose\n\n---\n\n- [ ] Bake\n').map((task) => task.id),
    ['bake'],
  )
  assert.equal(tasksIn('---\nid: A1\nstatus: done\n').length, 0)
})

test('a rule above prose or a table is no front matter', () => {
  assert.equal(tasksIn('---\n\nTotal: 1\n\n| ID | Task |\n|-|-|\n| A1 | a |\n\n---\n').length, 1)
})

test('a pause of the board goes behind the front matter, and is lifted without a trace', () => {
  for (const text of [file, file.replace(/\n/g, '\r\n')]) {
    const paused = setBoardPause(text, 'no flour')
    const { board: found } = parseBoard(paused, board)
    assert.equal([found.paused, found.tasks.length], ['no flour', 1])
    assert.is(setBoardPause(paused, undefined), text)
  }
})

test('headings with lists of bold keys are tasks, colon inside or outside, as lines or as items', () => {
  assert.equal(
    tasksIn(keys).map((task) => [
      task.id,
      task.title,
      task.status,
      task.owner,
      dependencyIds(task).join(' '),
      task.acceptance.length,
    ]),
    [
      ['T-1', 'Draw the map', 'done', 'Ann', '', 0],
      ['T-2', 'Walk the road', 'available', undefined, 'T-1', 1],
      ['3', 'Reach the town', 'blocked', undefined, 'T-2', 1],
    ],
  )
  assert.equal(changed(keys, set(keys, 'T-2', 'claimed', 's1')), { removed: 'Todo', added: 'In progress (s1)' })
  assert.equal(dependencyIds(taskIn(keys.replace('**Depends On:** T-2', '**Depends On:** T-2\n'), '3')), ['T-2'])
  const called = `${keys}\n## T-9: Rest\n\n**Status:** todo\n**Dependencies:** Task 3\n`
  assert.equal(dependencyIds(taskIn(called, 'T-9')), ['3'])
})

const SYNONYMS: readonly (readonly [string, readonly string[]])[] = [
  ['id', ['ID', 'Task ID', '#']],
  ['title', ['Task', 'Title', 'Name', 'Description']],
  ['status', ['Status', 'State']],
  ['dependencies', ['Dependencies', 'Depends On', 'Deps', 'Blocked By', 'Blocked Until', 'Prerequisites']],
  ['owner', ['Owner', 'Session', 'Assignee', 'Claimed By']],
  ['deliverable', ['Deliverable', 'Output']],
  ['estimate', ['Est', 'Estimate', 'Effort', 'Timeline']],
  ['capabilities', ['Capabilities', 'Needs', 'Skills']],
  ['model', ['Model']],
  ['priority', ['Priority']],
  ['budget', ['Budget']],
  ['check', ['Check']],
  ['run', ['Run']],
]

test('every header word is understood, in any case and with marks, and as the last column', () => {
  const base = new Map([
    ['id', ['ID', 'A2']],
    ['title', ['Title', 'walk']],
    ['status', ['Status', 'done']],
    ['dependencies', ['Deps', 'A1']],
    ['owner', ['Owner', 'ann']],
    ['deliverable', ['Output', 'map.md']],
    ['estimate', ['Est', '2h']],
    ['capabilities', ['Skills', 'wasm, sql']],
    ['model', ['Model', 'any']],
    ['priority', ['Priority', 'high']],
    ['budget', ['Budget', '$3']],
    ['check', ['Check', 'npm test']],
    ['run', ['Run', 'npm start']],
  ])
  const table = (columns: readonly (readonly string[])[]) =>
    [0, 1]
      .map((row) => `| ${columns.map((cells) => cells[row]).join(' | ')} |`)
      .join(`\n|${columns.map(() => '-').join('|')}|\n`)
  const facts = (text: string) => {
    const [task] = tasksIn(text)
    return task === undefined
      ? undefined
      : [
          task.id,
          task.title,
          task.status,
          dependencyIds(task),
          task.owner,
          task.deliverable,
          task.estimateMinutes,
          task.capabilities,
          task.model,
          task.priority,
          task.budgetUsd,
          task.check,
          task.run,
        ]
  }
  const wanted = facts(table([...base.values()]))
  assert.equal(wanted, [
    'A2',
    'walk',
    'done',
    ['A1'],
    'ann',
    'map.md',
    120,
    ['wasm', 'sql'],
    'any',
    'high',
    3,
    'npm test',
    'npm start',
  ])
  for (const [name, words] of SYNONYMS)
    for (const word of words)
      for (const header of [word, word.toUpperCase(), `**${word.toLowerCase()}**`]) {
        const others = [...base].filter(([each]) => each !== name).map(([, cells]) => cells)
        assert.equal(facts(table([...others, [header, base.get(name)?.[1] as string]])), wanted, header)
      }
})

test.run()
