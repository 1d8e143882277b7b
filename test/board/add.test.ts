import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Added, type AddPlace, addTasks } from '../../src/board/index.ts'
import { nextId } from '../../src/board/next-id.ts'
import { IfBoardError } from '../../src/model/index.ts'
import { board, boardTexts, changed, dependencyIds, fixture, id, runs, taskIn, tasksIn } from './support.ts'

const phase = fixture('phase-board.md')
const catalog = fixture('filler-catalog.md')
const four = fixture('four-columns.md')
const headings = [
  '# Plan',
  '',
  '### P0.1: Dig',
  '',
  '**Status:** DONE',
  '',
  'Deep.',
  '',
  '### P0.2: Build',
  '**Status:** TODO',
  '',
].join('\n')
const END: AddPlace = { kind: 'end' }
const END_AND_TAKEN = { place: END, taken: new Set(['X1']), mentioned: new Set(['T-4']) }

type Values = Readonly<Record<string, string>>

function add(text: string, title: string, place: AddPlace = END, values: Values = {}): Added {
  const task = { id: undefined, title, values: new Map(Object.entries(values)) as never }
  return addTasks(text, board, { tasks: [task], place, taken: new Set(), mentioned: new Set() })
}

function inserted(text: string, title: string, place: AddPlace = END, values: Values = {}): string {
  const { removed, added } = changed(text, add(text, title, place, values).text)
  assert.is(removed, '')
  return added.trim()
}

function refusal(work: () => unknown): IfBoardError {
  try {
    work()
  } catch (error) {
    assert.instance(error, IfBoardError)
    return error as IfBoardError
  }
  return assert.unreachable('nothing was refused') as never
}

test('a row goes behind the last task that is no filler, with the marks and words of its table', () => {
  assert.match(
    add(phase, 'Sweep | mop').text,
    '\n| B0.2.4 | Sweep \\| mop | 🔵 AVAILABLE | - | None | | | |\n\n## Filler Tasks by Session',
  )
})

test('behind a given task it takes the next free number of that task, and stands right there', () => {
  const { text, ids } = add(phase, 'Light the fire', { kind: 'after', id: id('B0.1.2') }, { estimate: '2h' })
  assert.equal(ids, ['B0.1.5'])
  assert.equal(
    tasksIn(text)
      .map((task) => task.id)
      .slice(0, 4),
    ['B0.1.1', 'B0.1.2', 'B0.1.5', 'B0.1.3'],
  )
  assert.is(taskIn(text, 'B0.1.5').estimateMinutes, 120)
})

test('a section is found by words of its heading, and the task stands behind its last one', () => {
  assert.is(inserted(phase, 'Dust', { kind: 'under', heading: 'session 1' }), '| F1.4 | Dust | | |')
  assert.is(inserted(catalog, 'Dust', { kind: 'under', heading: 'Review' }), '- [ ] F1.11: Dust')
})

test('several sections that fit, and none, are refused with their names', () => {
  const error = refusal(() => add(phase, 'Dust', { kind: 'under', heading: 'session' }))
  assert.is(error.code, 'board/no-such-section')
  assert.match(error.hint ?? '', 'Session 2 (Shop) Filler Tasks')
  assert.is(refusal(() => add(phase, 'Dust', { kind: 'under', heading: 'Garden' })).code, 'board/no-such-section')
})

test('a section without tasks gets its first one in the manner of the board', () => {
  const text = `${four}\n## Later\n\nNot yet.\n\n## Last words\n`
  assert.match(
    add(text, 'Sleep', { kind: 'under', heading: 'later' }).text,
    'Not yet.\n\n| ID | Task | Status | Dependencies |\n|----|------|--------|--------------|\n| T-4 | Sleep | 🔵 AVAILABLE | None |\n\n## Last words',
  )
})

test('a table that has only its head gets its first row', () => {
  const text = '# Plan\n\n| ID   | Task      | Status |\n|------|-----------|--------|\n\nThe end.\n'
  assert.match(add(text, 'Begin').text, '|------|-----------|--------|\n| T1   | Begin     | AVAILABLE |\n\nThe end.')
})

test('an empty board begins with a table, and other text stays above it', () => {
  assert.is(add('', 'Begin').text.split('\n')[2], '| T1 | Begin | AVAILABLE | None |')
  assert.match(
    add('# Plan\n', 'Begin', END, { estimate: '1h' }).text,
    /^# Plan\n\n\| ID .* Est \|\n.*\n\| T1 .* 1h \|\n$/,
  )
})

test('a checklist item carries what it can in brackets, as its neighbours do', () => {
  const values = { estimate: '20 min', priority: 'low', dependencies: 'F1.1' }
  const { text } = add(catalog, 'Oil the hinge', { kind: 'after', id: id('F1.2') }, values)
  assert.match(text, '\n- [ ] F1.11: Oil the hinge (20 min, low) (depends on F1.1)\n\n### Review')
  const task = taskIn(text, 'F1.11')
  assert.equal([task.estimateMinutes, task.priority, dependencyIds(task)], [20, 'low', ['F1.1']])
  assert.is(inserted(catalog, 'Sleep', { kind: 'after', id: id('U.1') }), '- [ ] U.3: Sleep')
})

test('a heading task stands behind all of its neighbour, with a status to be read by', () => {
  assert.match(
    add(headings, 'Paint', { kind: 'after', id: id('P0.1') }, { owner: 'Ada' }).text,
    'Deep.\n\n### P0.3: Paint\n\n**Status:** TODO\n\n**Owner:** Ada\n\n### P0.2: Build',
  )
})

test('line ends, indents, alignment and marks around ids are those of the neighbour', () => {
  const windows = four.replace(/\n/g, '\r\n')
  assert.is(add(windows, 'Rest').text.replace(/\r\n/g, ''), add(four, 'Rest').text.replace(/\n/g, ''))
  const aligned = '| ID       | Task   |\n|----------|--------|\n| **A-09** | Dig    |'
  assert.is(add(aligned, 'Fill').text, `${aligned}\n| **A-10** | Fill   |`)
  const open = 'ID | Task | Deps\n---|---|---\nA1 | Dig | -'
  assert.is(add(open, 'Fill').text, `${open}\nA2 | Fill | -`)
})

test('several tasks are one change, each with an id of its own', () => {
  const tasks = ['Eat', 'Rest'].map((title) => ({ id: undefined, title, values: new Map() }))
  const { text, ids } = addTasks(four, board, { tasks, place: END, taken: new Set(['t-4']), mentioned: new Set() })
  assert.equal(ids, ['T-5', 'T-6'])
  assert.equal(
    tasksIn(text)
      .map((task) => task.id)
      .slice(-2),
    ids,
  )
})

test('the next id is of the kind of the one before it, and never one that was ever used', () => {
  const next = (like: string, ...taken: string[]) => nextId(id(like), [id(like)], taken)
  assert.equal(
    ['P0.3.3', 'T012', '2.4', 'F1.12', '#42', 'AUTH-9', 'T099'].map((like) => next(like)),
    ['P0.3.4', 'T013', '2.5', 'F1.13', '#43', 'AUTH-10', 'T100'],
  )
  assert.is(next('P0.3.3', 'p0.3.4', 'P0.3.5'), 'P0.3.6')
  assert.is(next('LOGIN'), 'LOGIN-2')
  assert.is(next(`a${'9'.repeat(20)}`), `a${'9'.repeat(20)}-2`)
  assert.is(nextId(undefined, [], ['T1']), 'T2')
})

test('an id that is taken, and a title that is none, are refused', () => {
  const named = (name: string, title: string) => () =>
    addTasks(four, board, { tasks: [{ id: id(name), title, values: new Map() }], ...END_AND_TAKEN })
  assert.is(refusal(named('t-1', 'Again')).code, 'task/exists')
  assert.is(refusal(named('x1', 'Again')).code, 'task/exists')
  assert.is(refusal(named('T-9', ' \u0007 ')).code, 'board/cannot-edit')
  assert.is(refusal(named('Total', 'Sum')).code, 'board/cannot-edit')
  assert.is(named('T-9', 'Rest')().ids[0], 'T-9')
})

test('an id that something waits for is given by a person alone', () => {
  const tasks = (name: string | undefined) => [
    { id: name === undefined ? undefined : id(name), title: 'Rest', values: new Map() },
  ]
  assert.equal(addTasks(four, board, { tasks: tasks(undefined), ...END_AND_TAKEN }).ids, ['T-5'])
  assert.equal(addTasks(four, board, { tasks: tasks('T-4'), ...END_AND_TAKEN }).ids, ['T-4'])
})

test('a task that another one waited for by a group word may be added, and is waited for then', () => {
  const text = four.replace('T-1, T-2', 'T-1, Phase 7')
  const tasks = [{ id: id('P7.1'), title: 'Rest', values: new Map() }]
  const after = addTasks(text, board, { tasks, ...END_AND_TAKEN }).text
  assert.equal(dependencyIds(taskIn(after, 'T-3')), ['T-1', 'P7.1'])
})

test('behind an open fence nothing can be added', () => {
  assert.is(refusal(() => add('# Plan\n\n```\nopen\n', 'Begin')).code, 'board/cannot-edit')
})

const hostile = fc.oneof(
  fc.string({ minLength: 1, maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom('|', '\\', '`', '*', '[', ']', '(', ')', '<', '!', '-', '\n', '#', ':', 'a', '~'),
  }),
  fc.constantFrom('<!-- x', '```', '| a | b |', '(15 min, Low)', '## T', 'depends on T-1', '\u202e', '- [ ] A1: b'),
)

test('whatever the title, exactly one task is new, where it was asked for, and no other byte changes', () => {
  const texts = boardTexts().filter(([, text]) => text.length < 20_000 && tasksIn(text).length > 0)
  let landed = 0
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.nat(), hostile, fc.boolean(), ([, text], pick, title, windows) => {
      const before = windows ? text.replace(/\r?\n/g, '\r\n') : text
      const old = tasksIn(before)
      const like = old[pick % old.length]
      if (like === undefined) return
      let result: Added
      try {
        result = add(before, title, { kind: 'after', id: like.id })
      } catch (error) {
        assert.is((error as IfBoardError).code, 'board/cannot-edit', String(error))
        return
      }
      landed += 1
      const now = tasksIn(result.text)
      const at = now.findIndex((task) => task.id === result.ids[0])
      assert.is(now.length, old.length + 1)
      assert.equal(
        now.filter((_, index) => index !== at).map((task) => [task.id, task.title, task.status]),
        old.map((task) => [task.id, task.title, task.status]),
      )
      assert.ok(at > old.indexOf(like))
      assert.is(changed(before, result.text).removed, '')
      if (windows) assert.not.match(result.text, /(?<!\r)\n/)
    }),
    { ...runs, numRuns: Math.max(runs.numRuns, 40) },
  )
  assert.ok(landed > 10, `only ${landed} landed`)
})

test.run()
