import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  addBlocker,
  parseBoard,
  removeBlockers,
  type StatusChange,
  setBoardPause,
  setStatuses,
} from '../../src/board/index.ts'
import {
  board,
  boardTexts,
  changed,
  changedLines,
  corpus,
  fixture,
  hasCorpus,
  id,
  runs,
  taskIn,
  tasksIn,
} from './support.ts'

const phase = fixture('phase-board.md')

function set(text: string, task: string, status: StatusChange['status'], by?: string): string {
  return setStatuses(text, board, [{ id: id(task), status, ...(by === undefined ? {} : { by }) }]).text
}

test('completing a task changes one cell, in the words of the legend', () => {
  const after = set(phase, 'B0.1.1', 'done')
  assert.equal(changedLines(phase, after), [
    '| B0.1.1 | Build the oven \\| chimney | 🟢 COMPLETED | - | None | `oven/body.ts` | 1h | Haiku |',
  ])
  assert.is(taskIn(after, 'B0.1.1').status, 'done')
})

test('a claim names its session in a note, which goes when the status changes', () => {
  const claimed = set(phase, 'B0.1.1', 'claimed', 'session-4')
  assert.is(taskIn(claimed, 'B0.1.1').statusText, '🟡 CLAIMED (session-4)')
  assert.is(taskIn(set(claimed, 'B0.1.1', 'done'), 'B0.1.1').statusText, '🟢 COMPLETED')
  assert.is(set(claimed, 'B0.1.1', 'available'), phase)
  assert.is(taskIn(set(claimed, 'B0.1.1', 'claimed', 'session-5'), 'B0.1.1').statusText, '🟡 CLAIMED (session-5)')
  assert.is(set(claimed, 'B0.1.1', 'claimed', 'session-4'), claimed)
})

test("a person's note behind the word stays", () => {
  assert.is(taskIn(set(phase, 'B0.2.2', 'available'), 'B0.2.2').statusText, '🔵 AVAILABLE see #12')
})

test('a pause carries its reason, whatever a person typed there', () => {
  const paused = set(phase, 'B0.1.1', 'paused', 'no | flour (yet)\u001b[31m')
  assert.equal([taskIn(paused, 'B0.1.1').status, taskIn(paused, 'B0.1.1').statusNote], ['paused', '(no flour yet31m)'])
  assert.is(set(paused, 'B0.1.1', 'available'), phase)
})

test('the board without legend is spoken to in its own words', () => {
  const text = fixture('four-columns.md')
  assert.is(taskIn(set(text, 'T-3', 'done'), 'T-3').statusText, '🟢 COMPLETE')
  assert.is(taskIn(set(text, 'T-3', 'claimed', 's1'), 'T-3').statusText, '🟡 IN PROGRESS (s1)')
  assert.equal(changed(text, set(text, 'T-2', 'done')), { removed: '🟡 IN PROGRESS', added: '🟢 COMPLETE' })
})

test('without any emoji on the board none is written, and the case of its words is kept', () => {
  const text = '| ID | Task | Status |\n|-|-|-|\n| A1 | a | Todo |\n'
  assert.is(taskIn(set(text, 'A1', 'done'), 'A1').statusText, 'Done')
  assert.is(taskIn(set(text, 'A1', 'claimed'), 'A1').statusText, 'In progress')
})

test('marks around the word stay', () => {
  const text = '| ID | Task | Status |\n|-|-|-|\n| A1 | a | 🔵 **AVAILABLE** |\n| A2 | a | 🟢 **DONE** |\n'
  assert.equal(changedLines(text, set(text, 'A1', 'done')), ['| A1 | a | 🟢 **DONE** |'])
  assert.equal(changedLines(text, set(text, 'A1', 'claimed', 's1')), ['| A1 | a | 🟡 **IN PROGRESS** (s1) |'])
})

test('a sign behind the word is changed there', () => {
  const text = '| ID | Task | Status |\n|-|-|-|\n| A1 | a | Completed ✅ (by Ann) |\n| A2 | b | Available 🔵 |\n'
  assert.equal(changedLines(text, set(text, 'A1', 'available')), ['| A1 | a | Available 🔵 (by Ann) |'])
  assert.equal(changedLines(text, set(text, 'A2', 'claimed', 's1')), ['| A2 | b | Claimed 🟡 (s1) |'])
  assert.is(set(set(text, 'A2', 'claimed', 's1'), 'A2', 'available'), text)
})

test('a table without a status column gets one at its first change, once', () => {
  const first = set(phase, 'F1.1', 'done')
  assert.equal(changedLines(phase, first), [
    '| ID | Task | Description | Est | Status |',
    '|----|------|-------------|-----|--------|',
    '| F1.1 | Clean the tray | Remove crumbs from `TRAY.md` | 1h | 🟢 COMPLETED |',
    '| F1.2 | Label the flour | Write the type on each bag | 1h | |',
    '| F1.3 | Sort recipes | By grain | 1h | |',
  ])
  assert.equal(changed(first, set(first, 'F1.2', 'done')), { removed: '', added: '🟢 COMPLETED ' })
  assert.is(set(phase, 'F1.1', 'available'), phase)
})

test('several changes to a table without a status column add one column', () => {
  const { text } = setStatuses(phase, board, [
    { id: id('F1.1'), status: 'done' },
    { id: id('F1.3'), status: 'claimed', by: 'session-1' },
  ])
  assert.equal(
    tasksIn(text)
      .filter((task) => /^F1/.test(task.id))
      .map((task) => task.status),
    ['done', 'available', 'claimed'],
  )
})

test('ragged rows get their new cell in the right column', () => {
  const text = 'ID | Task | Est\n--|--|--\nA1 | a\nA2 | b | 1h | more\nA3 | c | 2h\n'
  const after = set(text, 'A2', 'done')
  assert.is(
    after,
    'ID | Task | Est | Status\n--|--|-- |--------\nA1 | a | |\nA2 | b | 1h | COMPLETED | more\nA3 | c | 2h |\n',
  )
  assert.is(taskIn(after, 'A2').status, 'done')
  assert.is(taskIn(set(after, 'A1', 'done'), 'A1').status, 'done')
})

test('a row that ends before the status column is lengthened', () => {
  const text = '| ID | Task | Est | Status |\n|-|-|-|-|\n| A1 | a |\n'
  assert.is(set(text, 'A1', 'done'), '| ID | Task | Est | Status |\n|-|-|-|-|\n| A1 | a | | COMPLETED |\n')
})

test('a checkbox is ticked and unticked, and a claim is a note behind the title', () => {
  const text = fixture('filler-catalog.md')
  assert.equal(changed(text, set(text, 'F1.1', 'done')), { removed: ' ', added: 'x' })
  assert.equal(changed(text, set(text, 'F1.2', 'available')), { removed: 'x', added: ' ' })
  const claimed = set(text, 'F1.1', 'claimed', 'session-1')
  assert.equal(changed(text, claimed), { removed: '', added: ' (claimed by session-1)' })
  assert.equal([taskIn(claimed, 'F1.1').status, taskIn(claimed, 'F1.1').statusNote], ['claimed', 'session-1'])
  assert.is(set(claimed, 'F1.1', 'available'), text)
})

test('a heading task gets a status line, then keeps it', () => {
  const text = '### T1: Draw\r\n\r\n**Owner:** Ann\r\n'
  const after = set(text, 'T1', 'claimed', 's1')
  assert.is(after, '### T1: Draw\r\n\r\n**Status:** CLAIMED (s1)\r\n\r\n**Owner:** Ann\r\n')
  assert.is(set(after, 'T1', 'done'), '### T1: Draw\r\n\r\n**Status:** COMPLETED\r\n\r\n**Owner:** Ann\r\n')
})

test('an id that the board does not have is skipped', () => {
  assert.equal(setStatuses(phase, board, [{ id: id('Z9'), status: 'done' }]), { text: phase, skipped: ['Z9'] })
})

const STRANGE: Record<string, string> = {
  'line ends of Windows': phase.replace(/\n/g, '\r\n'),
  'a byte order mark': `\ufeff${phase}`,
  tabs: phase.replace(/ \| /g, '\t|\t'),
  'wide padding': phase.replace(/ \| /g, '    |  '),
  'no last line end': phase.trimEnd(),
  'variation selectors': phase.replace(/🔵/gu, '🔵\ufe0f'),
  'East Asian text': phase.replace(/Knead the dough/g, '生地をこねる｜반죽'),
}
for (const [name, text] of Object.entries(STRANGE))
  test(`with ${name}, one change touches one cell and every other byte stays`, () => {
    const after = set(text, 'B0.1.1', 'done')
    const { removed, added } = changed(text, after)
    assert.ok(removed.length <= 14 && added.length <= 14, JSON.stringify({ removed, added }))
    assert.is(taskIn(after, 'B0.1.1').status, 'done')
    assert.equal(tasksIn(after).length, 12)
    assert.is(set(after, 'B0.1.1', 'available').replace(/\ufe0f/g, ''), text.replace(/\ufe0f/g, ''))
  })

test('no change gives the same bytes, on every board there is', () => {
  for (const [name, text] of boardTexts()) {
    assert.is(setStatuses(text, board, []).text, text, name)
    const same = tasksIn(text).flatMap((task) =>
      task.status === 'unknown' ? [] : [{ id: task.id, status: task.status }],
    )
    assert.is(setStatuses(text, board, same).text, text, name)
  }
})

const statuses = fc.constantFrom<StatusChange['status']>(
  'available',
  'claimed',
  'review',
  'done',
  'blocked',
  'paused',
  'cancelled',
)

test('any change is read back as it was written, and changes no other task', () => {
  const tables = [phase, fixture('four-columns.md'), ...Object.values(STRANGE)]
  fc.assert(
    fc.property(fc.constantFrom(...tables), fc.nat(), statuses, (text, pick, status) => {
      const before = tasksIn(text)
      const task = before[pick % before.length]
      if (task === undefined) return
      const after = tasksIn(set(text, task.id, status, 'session-1'))
      assert.equal(
        after.map((each) => [each.id, each.title, each.status]),
        before.map((each) => [each.id, each.title, each.id === task.id ? status : each.status]),
      )
    }),
    runs,
  )
})

test('a blocker is read back as one external blocker, and lifted without a trace', () => {
  const texts = fc.oneof(
    fc.string({ minLength: 1, maxLength: 40 }),
    fc.constantFrom(
      'None',
      '-',
      'All above',
      'B0.1.2',
      'legal, then B0.1.2',
      'a | b',
      'say "yes"',
      '4.x',
      'x (y)',
      'a\\',
      '\\|',
    ),
  )
  fc.assert(
    fc.property(texts, fc.constantFrom('B0.1.1', 'B0.1.3', 'F1.1'), (blocker, task) => {
      const after = addBlocker(phase, board, id(task), blocker)
      if (after === phase) return
      const found = taskIn(after, task)
      assert.is(found.externalBlockers.length, 1, JSON.stringify(blocker))
      assert.equal(
        found.dependencies.map((each) => each.id),
        taskIn(phase, task).dependencies.map((each) => each.id),
      )
      const lifted = removeBlockers(after, board, id(task))
      assert.equal(taskIn(lifted, task).externalBlockers, [])
      if (task !== 'F1.1') assert.is(lifted, phase)
    }),
    runs,
  )
})

test('a blocker is added in the words given, without control characters', () => {
  assert.equal(changed(phase, addBlocker(phase, board, id('B0.1.3'), 'flour\u001b\n from | mill')), {
    removed: '',
    added: ', flour from \\| mill',
  })
  const catalog = fixture('filler-catalog.md')
  const blocked = addBlocker(catalog, board, id('F1.1'), 'flour (rye)')
  assert.equal(
    taskIn(blocked, 'F1.1').externalBlockers.map(({ text }) => text),
    ['flour [rye]'],
  )
  assert.is(removeBlockers(blocked, board, id('F1.1')), catalog)
})

test('a board is paused, its reason changed, and resumed with the same bytes', () => {
  for (const text of [
    phase,
    phase.replace(/\n/g, '\r\n'),
    `\ufeff${phase}`,
    '| ID | Task |\n|-|-|\n| A1 | a |\n',
    '',
  ]) {
    const paused = setBoardPause(text, 'no flour')
    assert.is(parseBoard(paused, board).board.paused, 'no flour')
    assert.is(parseBoard(setBoardPause(paused, 'holiday'), board).board.paused, 'holiday')
    assert.is(setBoardPause(setBoardPause(paused, 'holiday'), undefined), text)
  }
})

const real = hasCorpus ? test : test.skip
real('on the real board, completing F1.1 adds a column and completing F1.2 then changes one cell', () => {
  const text = readFileSync(new URL('s2-PHASE-0-TASK-BOARD.md', corpus), 'utf8')
  assert.equal(changed(text, set(text, 'P0.1.1', 'done')).added.includes('\n'), false)
  assert.is(changedLines(text, set(text, 'P0.1.1', 'done')).length, 1)
  const first = set(text, 'F1.1', 'done')
  assert.is(changedLines(text, first).length, 6)
  assert.equal(changed(first, set(first, 'F1.2', 'done')), { removed: '', added: '🟢 COMPLETED ' })
})

test('of several blockers only those that are named are lifted', () => {
  const text =
    '| ID | Task | Depends On |\n|---|---|---|\n| A1 | Dig | bricks, the permit, A2 |\n| A2 | Fill | the permit |\n'
  const lift = (task: string) => removeBlockers(text, board, id(task), new Set(['the permit']))
  assert.equal(changedLines(text, lift('A1')), ['| A1 | Dig | bricks, A2 |'])
  assert.equal(changedLines(text, lift('A2')), ['| A2 | Fill | None |'])
})

test.run()
