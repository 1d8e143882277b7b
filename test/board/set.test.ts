import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { EDITABLE_FIELDS, type EditableField, setFields } from '../../src/board/index.ts'
import type { BoardTask, IfBoardError } from '../../src/model/index.ts'
import {
  board,
  boardTexts,
  changed,
  changedLines,
  dependencyIds,
  fixture,
  id,
  runs,
  taskIn,
  tasksIn,
} from './support.ts'

const phase = fixture('phase-board.md')
const catalog = fixture('filler-catalog.md')
const four = fixture('four-columns.md')

function set(text: string, task: string, field: EditableField, value: string): string {
  return setFields(text, board, [{ id: id(task), values: new Map([[field, value]]) }])
}

function refusal(text: string, task: string, field: EditableField, value: string): IfBoardError {
  try {
    set(text, task, field, value)
  } catch (error) {
    return error as IfBoardError
  }
  return assert.unreachable(`\`${value}\` was taken as ${field}`) as never
}

test('a value takes the place of the one that stood there, and nothing else moves', () => {
  assert.equal(changed(phase, set(phase, 'B0.1.2', 'estimate', '3h')), { removed: '2', added: '3' })
  assert.equal(changed(phase, set(phase, 'B0.1.1', 'owner', 'Session 4')), { removed: '-', added: 'Session 4' })
  assert.equal(changedLines(phase, set(phase, 'B0.2.1', 'title', 'Open a | b')), [
    '| B0.2.1 | Open a \\| b | 🟡 CLAIMED (session-2) | Session 2 | None | `shop/door.ts` | 2-3 h | Haiku |',
  ])
})

test('a column that the table lacks is added once, for this task', () => {
  const after = set(four, 'T-2', 'priority', 'high')
  assert.match(
    after,
    '| ID | Task | Status | Dependencies | Priority |\n|----|------|--------|--------------|----------|',
  )
  assert.match(after, '| T-2 | Walk the road | 🟡 IN PROGRESS | T-1 | high |')
  assert.is(set(after, 'T-2', 'priority', ''), after.replace('| high |', '| - |'))
})

test('two columns at once go in side by side, also into rows that are too short', () => {
  const short = '| ID | Task | Status |\n|---|---|---|\n| A1 | Dig |\n| A2 | Fill | OPEN | more |\n'
  const values = new Map<EditableField, string>([
    ['estimate', '1h'],
    ['owner', 'Ada'],
  ])
  assert.is(
    setFields(short, board, [{ id: id('A1'), values }]),
    '| ID | Task | Status | Est | Owner |\n|---|---|---|-----|-------|\n| A1 | Dig | | 1h | Ada |\n| A2 | Fill | OPEN | | | more |\n',
  )
})

test('a heading task gets a label, and one that is there is changed', () => {
  const text = '### P1: Dig\n\n**Status**: TODO\n**Owner:** Ben\n'
  assert.is(set(text, 'P1', 'owner', 'Ada'), text.replace('Ben', 'Ada'))
  assert.is(set(text, 'P1', 'estimate', '1h'), text.replace('Dig\n', 'Dig\n\n**Estimate:** 1h\n'))
  assert.is(set(text, 'P1', 'title', 'Dig *deep*'), text.replace('Dig', 'Dig *deep*'))
})

test('a checklist item keeps estimate, priority and model in its brackets, and has room for nothing else', () => {
  assert.match(set(catalog, 'F1.1', 'estimate', '1h'), 'with notes (1h, Low)')
  assert.match(set(catalog, 'F1.1', 'priority', 'High'), 'with notes (15 min, High)')
  assert.match(set(catalog, 'F1.1', 'model', 'Opus'), 'with notes (15 min, Low, Opus)')
  assert.match(set(catalog, 'F1.2', 'title', 'Draw *it*'), '- [x] F1.2: Draw *it* (20 min, Low)')
  assert.match(set(catalog, 'U.2', 'dependencies', 'U.1, F1.1'), 'type hints (depends on U.1, F1.1) (25 min, Low)')
  const error = refusal(catalog, 'F1.1', 'deliverable', '`a.ts`')
  assert.is(error.code, 'board/cannot-edit')
  assert.match(error.message, 'has no place for its deliverable')
  assert.match(error.hint ?? '', 'if-board edit')
})

test('dependencies are changed everywhere where the task names them', () => {
  const after = set(phase, 'B0.1.2', 'dependencies', 'B0.2.1, B0.2.2')
  assert.equal(dependencyIds(taskIn(after, 'B0.1.2')), ['B0.2.1', 'B0.2.2'])
  assert.equal(taskIn(after, 'B0.1.2').externalBlockers, [])
  assert.equal(dependencyIds(taskIn(set(after, 'B0.1.2', 'dependencies', ''), 'B0.1.2')), [])
})

test('what a field cannot mean is refused with what it can', () => {
  assert.match(refusal(phase, 'B0.1.1', 'estimate', 'soon').hint ?? '', '1h 30m')
  assert.match(refusal(phase, 'B0.1.1', 'priority', 'blue').hint ?? '', 'medium')
  assert.match(refusal(phase, 'B0.1.1', 'budget', 'a lot').hint ?? '', '$12.50')
  assert.match(refusal(phase, 'B0.1.1', 'owner', 'x'.repeat(2001)).message, 'at most 2000')
  assert.is(refusal(phase, 'B9', 'owner', 'Ada').code, 'task/unknown')
  assert.is(refusal(phase, 'B0.1.1', 'title', ' \u0007').code, 'board/cannot-edit')
})

test('a value that the board would read as something else is refused', () => {
  for (const value of ['a (b', 'x) (30 min', 'F1.3 (later)'])
    assert.is(refusal(catalog, 'U.2', 'dependencies', value).code, 'board/cannot-edit', value)
})

test('a value that would change what another task waits for is refused with its id', () => {
  const error = refusal(phase, 'B0.1.1', 'title', 'Build the oven (filler)')
  assert.is(error.code, 'board/cannot-edit')
  assert.match(error.message, 'what `B0.2.3` says')
})

const VALUES: Readonly<Record<string, readonly string[]>> = {
  estimate: ['1h', '30m', '2d', '-'],
  priority: ['high', 'Low', 'none'],
  budget: ['$3', '12 USD', ''],
  dependencies: ['None', 'X9.9', 'Z1, Z2', 'a *letter*'],
}
const anyValue = fc.oneof(
  fc.string({ minLength: 1, maxLength: 30 }),
  fc.string({
    unit: fc.constantFrom('|', '\\', '`', '*', '(', ')', '<', '-', '\n', '#', ':', 'a', '"', ','),
    minLength: 1,
  }),
)

/** A task without the places of its parts and without one field. */
function rest(task: BoardTask | undefined, field: EditableField): string {
  const of: Partial<Record<EditableField, keyof BoardTask>> = { estimate: 'estimateMinutes', budget: 'budgetUsd' }
  const left = { ...task, [of[field] ?? field]: undefined }
  if (field === 'dependencies') Object.assign(left, { externalBlockers: undefined })
  // A title may say that a task is a filler.
  if (field === 'title') Object.assign(left, { filler: undefined })
  return JSON.stringify(left, (name, value) => (name === 'place' ? undefined : value))
}

test('whatever is set, only that field of that task differs', () => {
  const texts = boardTexts().filter(([, text]) => text.length < 20_000 && tasksIn(text).length > 0)
  let landed = 0
  const fields = fc.constantFrom(...EDITABLE_FIELDS)
  fc.assert(
    fc.property(
      fc.constantFrom(...texts),
      fc.nat(),
      fields,
      anyValue,
      fc.nat(),
      ([, text], pick, field, any, usual) => {
        const old = tasksIn(text)
        const task = old[pick % old.length]
        const known = VALUES[field]
        const value = known === undefined ? any : (known[usual % known.length] ?? any)
        if (task === undefined) return
        let after: string
        try {
          after = set(text, task.id, field, value)
        } catch (error) {
          assert.is((error as IfBoardError).code, 'board/cannot-edit', String(error))
          return
        }
        if (after !== text) landed += 1
        const now = tasksIn(after)
        assert.equal(
          now.map((each) => (each.id === task.id ? rest(each, field) : rest(each, 'check' as EditableField))),
          old.map((each) => (each.id === task.id ? rest(each, field) : rest(each, 'check' as EditableField))),
        )
      },
    ),
    { ...runs, numRuns: Math.max(runs.numRuns, 60) },
  )
  assert.ok(landed > 15, `only ${landed} landed`)
})

test.run()
