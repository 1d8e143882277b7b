import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  changeSentence,
  diffBoards,
  diffProjects,
  diffTasks,
  type FieldValue,
  type TaskChange,
} from '../../src/board/diff.ts'
import { parseBoard } from '../../src/board/index.ts'
import {
  type Board,
  type BoardTask,
  type DependencyRef,
  type Priority,
  type TaskKey,
  toBoardName,
  toTaskId,
} from '../../src/model/index.ts'
import { board, boardTexts, runs } from './support.ts'

const HEAD = '| ID | Task | Status | Dependencies | Owner | Est | Priority |\n|--|--|--|--|--|--|--|\n'
const read = (text: string, name = board): Board => parseBoard(text, name).board
const rows = (...lines: string[]): Board => read(HEAD + lines.map((line) => `| ${line} |\n`).join(''))
const sentences = (before: Board, after: Board) => diffBoards(before, after).map(changeSentence)

test('each changed field is one change with its values before and after', () => {
  const before = rows('A1 | One | OPEN | - | - | 1h | low', 'A2 | Two | OPEN | A1 | Ann | 1h | low')
  const after = rows('A1 | One | OPEN | - | - | 1h | low', 'A2 | Two! | PAUSED (why) | - | Ben | 2h | high')
  const changes = diffBoards(before, after).map((change) =>
    change.kind === 'changed' ? [change.key, change.field, change.before, change.after] : change,
  )
  assert.equal(changes, [
    ['board.md:A2', 'title', 'Two', 'Two!'],
    ['board.md:A2', 'status', 'available', 'paused'],
    ['board.md:A2', 'statusNote', null, '(why)'],
    ['board.md:A2', 'dependencies', ['A1'], []],
    ['board.md:A2', 'priority', 'low', 'high'],
    ['board.md:A2', 'owner', 'Ann', 'Ben'],
    ['board.md:A2', 'estimateMinutes', 60, 120],
  ])
})

test('a task that went to another section puts nobody else out of order', () => {
  const columns = (open: string[], closed: string[]) =>
    read(
      `## To do\n\n${open.map((id) => `- x ^${id}\n`).join('')}\n## Done\n\n${closed.map((id) => `- x ^${id}\n`).join('')}`,
    )
  assert.equal(
    diffBoards(columns(['A1', 'A2'], ['A3']), columns(['A2'], ['A3', 'A1'])).map(({ kind, key }) => `${kind} ${key}`),
    ['moved board.md:A1', 'changed board.md:A1'],
  )
  assert.equal(
    diffBoards(columns(['A1'], ['A2']), columns([], ['A1', 'A2'])).map(({ kind, key }) => `${kind} ${key}`),
    ['moved board.md:A1', 'changed board.md:A1'],
  )
})

test('another spelling of the same is no change', () => {
  const before = rows('A1 | One | OPEN | None | - | 60 min | low', 'A2 | Two | Done | A1 | - | 1h | P3')
  const after = read(
    `# Title\n\nwords\n\n${HEAD}|A1|**One**|Todo|-|nobody|1h|Low|\n|\`A2\`|Two|✅ COMPLETED|[A1](x) ✅||1 hour|low|\n`,
  )
  assert.equal(sentences(before, after), [])
})

test('a new, a removed and a renamed row are told apart', () => {
  const before = rows('A1 | One | OPEN', 'A2 | Two | OPEN', 'A3 | Three | OPEN')
  const after = rows('A1 | One | OPEN', 'B2 | Two | OPEN | A1', 'A4 | Four | OPEN')
  assert.equal(sentences(before, after), [
    'B2 was A2 before',
    'B2, dependencies: + A1',
    'A4 is new: Four',
    'A3 is gone: Three',
  ])
})

test('two rows of one title that came and went are no rename: nobody knows which is which', () => {
  const before = rows('A1 | Test | OPEN', 'A2 | Test | OPEN')
  const after = rows('B1 | Test | OPEN', 'B2 | Test | OPEN')
  assert.equal(
    diffBoards(before, after).map(({ kind }) => kind),
    ['added', 'added', 'removed', 'removed'],
  )
})

test('of rows that changed places the fewest are called moved', () => {
  const before = rows('A1 | a | OPEN', 'A2 | b | OPEN', 'A3 | c | OPEN', 'A4 | d | OPEN')
  const after = rows('A4 | d | OPEN', 'A1 | a | OPEN', 'A2 | b | OPEN', 'A3 | c | OPEN')
  assert.equal(sentences(before, after), ['A4 stands first now'])
})

test('another section and another board are moves of the same task', () => {
  const other = toBoardName('other.md')
  const row = `${HEAD}| A1 | One | OPEN |\n`
  assert.equal(sentences(read(`# T\n\n## Now\n\n${row}`), read(`# T\n\n## Later\n\n${row}`)), [
    'A1 went from “Now” to “Later”',
  ])
  const moved = diffProjects([read(row), read('', other)], [read(''), read(row.replace('One', 'Uno'), other)])
  assert.equal(moved.map(changeSentence), ['A1 went from board.md to other.md', 'A1, title: One → Uno'])
})

test('acceptance is told item by item', () => {
  const text = (items: string) => `### A1: Bake\n\n**Status:** OPEN\n\n${items}`
  const before = read(text('- [ ] it is warm\n- [ ] it is brown\n- [x] it smells\n'))
  const after = read(text('- [x] it is warm\n- [ ] it is crisp\n- [ ] it smells\n'))
  assert.equal(sentences(before, after), [
    'A1, acceptance: ticked it is warm, + it is crisp, unticked it smells, − it is brown',
  ])
})

test('what a board says is made printable and cut', () => {
  const hostile = `x\u202e${'y'.repeat(400)}`
  const [sentence = ''] = sentences(rows('A1 | One | OPEN | -'), rows(`A1 | One | OPEN | ${hostile}`))
  assert.not.match(sentence, /[\u202a-\u202e]/)
  assert.ok(sentence.length < 300)
})

test('nothing changed between a board and itself, on every board there is', () => {
  for (const [name, text] of boardTexts()) assert.equal(sentences(read(text), read(text)), [], name)
})

const words = fc.constantFrom('Draw', 'Paint', 'Sell', 'Buy', '')
const someTask = fc.record({
  title: words,
  status: fc.constantFrom('available' as const, 'done' as const, 'paused' as const),
  owner: fc.option(words, { nil: undefined }),
  priority: fc.option(fc.constantFrom<Priority>('high', 'low'), { nil: undefined }),
  section: fc.option(fc.constantFrom('Now', 'Later'), { nil: undefined }),
  estimateMinutes: fc.option(fc.nat(99), { nil: undefined }),
  dependencies: fc.uniqueArray(fc.constantFrom('A', 'B', 'C')),
  acceptance: fc.uniqueArray(fc.record({ text: words, done: fc.boolean() }, { noNullPrototype: true }), {
    selector: ({ text }) => text,
  }),
})
const bare = read(`${HEAD}| X | x | OPEN |\n`).tasks[0] as BoardTask

function taskOf(id: string, { dependencies, ...fields }: typeof someTask extends fc.Arbitrary<infer T> ? T : never) {
  const refs = dependencies.map((each): DependencyRef => ({ id: toTaskId(each), place: bare.place }))
  return { ...bare, ...fields, id: toTaskId(id), key: `${board}:${id}` as TaskKey, dependencies: refs }
}

const boards = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...'ABCDEFGH'), someTask), { selector: ([id]) => id, maxLength: 8 })
  .map(
    (tasks): Board => ({
      ...bare,
      name: board,
      title: undefined,
      paused: undefined,
      tasks: tasks.map(([id, task]) => taskOf(id, task)),
    }),
  )

/** Values of a task as `diffTasks` compares them, and its section. */
type Values = Map<string, FieldValue | undefined>
const nothing = { ...bare, title: '\0', status: 'unknown' as const, filler: true }

function valuesOf(task: BoardTask): Values {
  const values: Values = new Map()
  for (const { field, before } of diffTasks(task, { ...nothing })) values.set(field, before)
  return values.set('section', task.section)
}

/** Carry changes out, so that what they leave out shows. */
function apply(before: Board, changes: readonly TaskChange[]): [TaskKey, Values][] {
  const values = new Map(before.tasks.map((task) => [task.key, valuesOf(task)]))
  let order = before.tasks.map(({ key }) => key)
  const rename = (from: TaskKey, to: TaskKey) => {
    values.set(to, values.get(from) as Values)
    values.delete(from)
    order = order.map((key) => (key === from ? to : key))
  }
  const put = (key: TaskKey, behind: TaskKey | undefined) =>
    order.splice(behind === undefined ? 0 : order.indexOf(behind) + 1, 0, key)
  for (const change of changes) if (change.kind === 'renamed') rename(change.from, change.key)
  const leave = new Set(changes.flatMap(({ kind, key }) => (kind === 'removed' || kind === 'moved' ? [key] : [])))
  order = order.filter((key) => !leave.has(key))
  for (const change of changes) {
    if (change.kind === 'added') values.set(change.key, valuesOf(change.task))
    if (change.kind === 'moved') values.get(change.key)?.set('section', change.to.section)
    if (change.kind === 'added' || change.kind === 'moved') put(change.key, change.to.behind)
    if (change.kind === 'changed') values.get(change.key)?.set(change.field, change.after)
  }
  return order.map((key) => [key, values.get(key) as Values])
}

const plain = (values: Values) =>
  [...values].filter(([, value]) => value !== null && value !== undefined && JSON.stringify(value) !== '[]').sort()

test('the changes, carried out on the board before, give the board after: fields, sections and order', () => {
  fc.assert(
    fc.property(boards, boards, (before, after) => {
      const applied = apply(before, diffBoards(before, after)).map(([key, values]) => [key, plain(values)])
      assert.equal(
        applied,
        after.tasks.map((task) => [task.key, plain(valuesOf(task))]),
      )
    }),
    runs,
  )
})

test('a board does not differ from itself, and every change has a sentence of one line', () => {
  fc.assert(
    fc.property(boards, boards, (before, after) => {
      assert.equal(diffBoards(before, before), [])
      for (const change of diffBoards(before, after)) assert.match(changeSentence(change), /^\S+ .+$/)
    }),
    runs,
  )
})

test('a change of one task is told the same whatever else changed', () => {
  const edit = (value: Board, id: string, priority: Priority) => ({
    ...value,
    tasks: value.tasks.map((task) => (task.id === id ? { ...task, priority } : task)),
  })
  fc.assert(
    fc.property(boards, (before) => {
      const [one, two] = before.tasks
      if (one === undefined || two === undefined) return
      const both = diffBoards(before, edit(edit(before, one.id, 'medium'), two.id, 'medium'))
      const alone = [one, two].flatMap(({ id }) => diffBoards(before, edit(before, id, 'medium')))
      assert.equal(both, alone)
    }),
    runs,
  )
})

test.run()
