import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseBoard } from '../../../src/board/index.ts'
import { mergePins } from '../../../src/board/merge/index.ts'
import { board, changedLines, taskIn } from '../support.ts'
import { merge, merged, mergeLines } from './support.ts'

const BASE = `# Board

Some words.

| ID | Task | Status    | Dependencies | Owner |
|----|------|-----------|--------------|-------|
| A1 | One  | AVAILABLE | None         | -     |
| A2 | Two  | AVAILABLE | A1           | -     |
| A3 | Three | AVAILABLE | A1           | -     |

The end.
`
const edit = (...changes: [string, string][]) => changes.reduce((text, [from, to]) => text.replace(from, to), BASE)
const TWO = '| A2 | Two  | AVAILABLE | A1           | -     |\n'
const THREE = '| A3 | Three | AVAILABLE | A1           | -     |\n'

test('different cells of one row are both taken, and the rest of the file stays byte for byte', async () => {
  const text = await merged(
    BASE,
    edit(['Two  | AVAILABLE', 'Two  | PAUSED']),
    edit(['| A1           | -     |', '| None         | Ann |']),
  )
  assert.equal(changedLines(BASE, text), ['| A2 | Two  | PAUSED | None         | Ann |'])
})

test('neighbouring rows, which git alone cannot merge, are merged', async () => {
  const text = await merged(BASE, edit(['One  | AVAILABLE', 'One  | DONE']), edit(['Two  | AVAILABLE', 'Two  | DONE']))
  assert.equal(changedLines(BASE, text), [
    '| A1 | One  | DONE | None         | -     |',
    '| A2 | Two  | DONE | A1           | -     |',
  ])
})

test('two values in one cell are a conflict in that cell alone, which never counts as done or available', async () => {
  const { text, conflicts } = await merge(
    BASE,
    edit(['Two  | AVAILABLE', 'Two  | DONE'], ['Two', 'Deux']),
    edit(['Two  | AVAILABLE', 'Two  | PAUSED'], ['words', 'more words']),
  )
  assert.equal(conflicts, [{ kind: 'cell', task: 'A2', cell: 'status', ours: 'DONE', theirs: 'PAUSED' }])
  assert.equal(changedLines(BASE, text), [
    'Some more words.',
    '| A2 | Deux  | <<<<<<< DONE ======= PAUSED >>>>>>> | A1           | -     |',
  ])
  assert.is(taskIn(text, 'A2').status, 'unknown')
  assert.ok(parseBoard(text, board).diagnostics.some(({ code, line }) => code === 'board/conflict' && line === 8))
})

test('a task with two titles is held back too, until a person has chosen', async () => {
  const { text } = await merge(BASE, edit(['One ', 'Uno ']), edit(['One ', 'Eins ']))
  assert.is(taskIn(text, 'A1').status, 'unknown')
  assert.is(taskIn(text.replace(/<{7} (\w+) .*>{7}/, '$1'), 'A1').status, 'available')
})

test('two lists of dependencies in one cell hold the task back', async () => {
  const { text } = await merge(
    BASE,
    edit(['AVAILABLE | None', 'AVAILABLE | A2, A3']),
    edit(['AVAILABLE | None', 'AVAILABLE | A3']),
  )
  assert.ok(taskIn(text, 'A1').externalBlockers.length > 0)
})

test('rows that both sides added at one place both stay, ours first', async () => {
  const text = await merged(
    BASE,
    edit([THREE, `${THREE}| A4 | Four | AVAILABLE | A3 | - |\n`]),
    edit([THREE, `${THREE}| A5 | Five | AVAILABLE | A3 | - |\n| A6 | Six | AVAILABLE | A3 | - |\n`]),
  )
  assert.equal(changedLines(BASE, text).slice(0, 3), [
    '| A4 | Four | AVAILABLE | A3 | - |',
    '| A5 | Five | AVAILABLE | A3 | - |',
    '| A6 | Six | AVAILABLE | A3 | - |',
  ])
})

test('a row that one side moved keeps what the other side changed in it', async () => {
  const text = await merged(BASE, edit([TWO, ''], [THREE, THREE + TWO]), edit(['Two  | AVAILABLE', 'Two  | PAUSED']))
  assert.is(text, edit([TWO, ''], [THREE, THREE + TWO.replace('AVAILABLE', 'PAUSED')]))
})

test('a row that both sides moved stands once, where ours has it', async () => {
  const ours = edit([THREE, ''], ['| A1 |', `${THREE}| A1 |`])
  const theirs = edit(
    [THREE, ''],
    ['The end.', `The end.\n\n| ID | Task | Status | Dependencies | Owner |\n|-|-|-|-|-|\n${THREE}`],
  )
  const { text } = await merge(BASE, ours, theirs)
  assert.is(text.match(/\| A3 \|/g)?.length, 1)
})

test('a row that one side renamed keeps what the other side changed in it', async () => {
  const text = await merged(BASE, edit(['| A2 |', '| B2 |']), edit(['Two  | AVAILABLE', 'Two  | PAUSED']))
  assert.equal(changedLines(BASE, text), ['| B2 | Two  | PAUSED | A1           | -     |'])
})

test('a row that one side removed and the other left alone is gone', async () => {
  assert.is(await merged(BASE, edit([TWO, '']), edit(['words', 'more'])), edit([TWO, ''], ['words', 'more']))
})

for (const [name, swap] of [
  ['ours', false],
  ['theirs', true],
] as const)
  test(`a row that ${name} removed and the other side edited is kept, held, and told`, async () => {
    const [gone, kept] = [edit([TWO, '']), edit(['Two  | AVAILABLE', 'Two! | AVAILABLE'])]
    const { text, conflicts } = await (swap ? merge(BASE, kept, gone) : merge(BASE, gone, kept))
    assert.equal(
      conflicts.map(({ kind, task }) => [kind, task]),
      [['removed', 'A2']],
    )
    const values = swap ? 'AVAILABLE ======= (removed)' : '(removed) ======= AVAILABLE'
    assert.equal(changedLines(BASE, text), [`| A2 | Two! | <<<<<<< ${values} >>>>>>> | A1           | -     |`])
    assert.is(taskIn(text, 'A2').status, 'unknown')
  })

test('two tasks that both sides gave one id both stay, and that is told', async () => {
  const { text, conflicts } = await merge(
    BASE,
    edit([THREE, `${THREE}| A4 | Four | AVAILABLE | A3 | - |\n`]),
    edit([THREE, `${THREE}| A4 | Fore | AVAILABLE | A2 | - |\n`]),
  )
  assert.equal(
    conflicts.map(({ kind, task }) => [kind, task]),
    [['same-id', 'A4']],
  )
  assert.match(text, /\| Four \|.*\n\| A4 \| Fore \|/)
})

test('one task that both sides added with different cells is one row', async () => {
  const { text, conflicts } = await merge(
    BASE,
    edit([THREE, `${THREE}| A4 | Four | AVAILABLE | A3 | - |\n`]),
    edit([THREE, `${THREE}| A4 | Four | AVAILABLE | A3 | Ben |\n`]),
  )
  assert.equal(
    conflicts.map(({ cell }) => cell),
    ['owner'],
  )
  assert.is(text.match(/A4/g)?.length, 1)
})

const NARROW = '| ID | Task |\n|----|------|\n| A1 | One  |\n| A2 | Two  |\n'
const WIDE = '| ID | Task | Status |\n|----|------|--------|\n| A1 | One  | DONE |\n| A2 | Two  | |\n'

test('a column that one side added and cells that the other side changed are both there', async () => {
  const text = await merged(NARROW, NARROW.replace('Two', 'Deux').concat('| A3 | Three |\n'), WIDE)
  assert.is(
    text,
    '| ID | Task | Status |\n|----|------|--------|\n| A1 | One  | DONE |\n| A2 | Deux  | |\n| A3 | Three |  |\n',
  )
})

test('columns that both sides added are both there', async () => {
  const priced = '| ID | Task | Est |\n|----|------|-----|\n| A1 | One  | 1h |\n| A2 | Two  | 2h |\n'
  const text = await merged(NARROW, priced, WIDE)
  const task = taskIn(text, 'A1')
  assert.equal([task.status, task.estimateMinutes, taskIn(text, 'A2').estimateMinutes], ['done', 60, 120])
})

test('a column may be called anything, and cells behind the last column stay', async () => {
  const odd = '| ID | Task | Mark | +3 |\n|--|--|--|--|\n| A1 | One | a | b |\n| A2 | Two | a | b |\n'
  const { text } = await merge(odd, odd.replace('One | a', 'One | c'), odd.replace('One | a', 'One | d'))
  assert.match(text, '| A1 | One | <<<<<<< c ======= d >>>>>>> | b |')
  const longer = odd.replace('Two | a | b |', 'Two | a | b | more |')
  assert.match(
    await merged(odd, odd.replace('Two | a', 'Two   | a'), longer.replace('Two', 'Deux')),
    /\| A2 \| Deux +\| a \| b \| more \|/,
  )
  const wide = odd.replace('+3 |\n|--|', '+3 | Est |\n|--|--|')
  assert.match(await merged(odd, longer, wide), /\| A2 \| Two \| a \| b \|.* more \|/)
})

test('a row that one side only widened may be removed by the other', async () => {
  assert.not.match(await merged(NARROW, WIDE, NARROW.replace('| A2 | Two  |\n', '')), 'A2')
})

test('who only drew the table anew changes no cell', async () => {
  const drawn = edit([TWO, '| A2    | Two    | AVAILABLE   | A1    | -    |\n'], [THREE, '|A3|Three|AVAILABLE|A1|-|\n'])
  const text = await merged(BASE, drawn, edit(['Two  | AVAILABLE', 'Two  | CLAIMED (ada)']))
  assert.is(text, drawn.replace('Two    | AVAILABLE', 'Two    | CLAIMED (ada)'))
})

const LIST = '# L\n\n- [ ] T1: Draw\n- [ ] T2: Paint (depends on T1)\n- [ ] T3: Sell\n'

test('items of a list are merged one by one, the check mark and the words apart', async () => {
  const text = await merged(
    LIST,
    LIST.replace('[ ] T1', '[x] T1').replace('[ ] T2', '[x] T2'),
    LIST.replace('Paint', 'Paint it').replace('depends on T1', 'depends on T3'),
  )
  assert.is(text, '# L\n\n- [x] T1: Draw\n- [x] T2: Paint it (depends on T3)\n- [ ] T3: Sell\n')
})

test('two words for one item are a conflict that leaves its id and its mark', async () => {
  const { text, conflicts } = await merge(
    LIST,
    LIST.replace('Draw', 'Draw it'),
    LIST.replace('Draw', 'Draw all').replace('[ ] T1', '[x] T1'),
  )
  assert.is(conflicts.length, 1)
  assert.match(text, '- [x] T1: Draw <<<<<<< it ======= all >>>>>>>\n')
})

test('a check mark that became two things is neither', async () => {
  const { text } = await merge(LIST, LIST.replace('[ ] T1', '[x] T1'), LIST.replace('[ ] T1', '[-] T1'))
  assert.match(text, '- [?] T1: Draw\n')
  assert.is(taskIn(text, 'T1').status, 'unknown')
})

const HEADINGS = `### P1: Bake

**Status:** AVAILABLE
**Owner:** nobody

Acceptance:

- [ ] warm
- [ ] brown

### P2: Eat

**Owner:**
`

test('labels are merged value by value, and criteria mark by mark', async () => {
  const text = await merged(
    HEADINGS,
    HEADINGS.replace('AVAILABLE', 'PAUSED').replace('[ ] warm', '[x] warm'),
    HEADINGS.replace('nobody', 'Ann').replace('[ ] brown', '[x] brown').replace('**Owner:**\n', '**Owner:** Ben\n'),
  )
  const bake = taskIn(text, 'P1')
  assert.equal([bake.status, bake.owner, bake.acceptance.map(({ done }) => done)], ['paused', 'Ann', [true, true]])
  assert.is(taskIn(text, 'P2').owner, 'Ben')
})

test('a status line that both sides put in says both words once', async () => {
  const plain = HEADINGS.replace('**Status:** AVAILABLE\n', '')
  const { text, conflicts } = await merge(
    plain,
    HEADINGS.replace('AVAILABLE', 'DONE'),
    HEADINGS.replace('AVAILABLE', 'PAUSED'),
  )
  assert.is(conflicts.length, 1)
  assert.match(text, '**Status:** <<<<<<< DONE ======= PAUSED >>>>>>>\n')
})

test('prose is merged by git, and its conflict stands around its lines', async () => {
  const { text, conflicts } = await merge(
    BASE,
    edit(['words', 'wards'], ['One  | AVAILABLE', 'One  | DONE']),
    edit(['words', 'worts']),
  )
  assert.equal(
    conflicts.map(({ kind }) => kind),
    ['text'],
  )
  assert.match(text, '<<<<<<< ours\nSome wards.\n=======\nSome worts.\n>>>>>>> theirs\n')
  assert.is(taskIn(text, 'A1').status, 'done')
})

test('line ends of Windows stay, and changing them on one side is no conflict', async () => {
  const windows = (text: string) => text.replace(/\n/g, '\r\n')
  const [ours, theirs] = [edit(['One  | AVAILABLE', 'One  | DONE']), edit(['Two  | AVAILABLE', 'Two  | DONE'])]
  const both = await merged(BASE, ours, theirs)
  assert.is(await merged(windows(BASE), windows(ours), windows(theirs)), windows(both))
  assert.is(await merged(BASE, ours, windows(theirs)), windows(both))
  assert.is(await merged(windows(BASE), ours, windows(theirs)), both)
  assert.is(await merged(`\ufeff${BASE}`, `\ufeff${ours}`, theirs), both)
})

test('text that looks like marks is text', async () => {
  const strange = BASE.replace('Some words.', '<<<<<<< ours\n||||||| base\n=======\n>>>>>>> theirs')
  const text = await merged(strange, strange.replace('One', 'Uno'), strange.replace('Two', 'Deux'))
  assert.is(text, strange.replace('One', 'Uno').replace('Two', 'Deux'))
})

test('the generated part is never in conflict, and what people wrote around it is merged', async () => {
  const page = (head: string, generated: string) =>
    `${head}\n\n<!-- if-board:generated:start -->\n${generated}\n<!-- if-board:generated:end -->\n`
  const texts = { base: page('Pins', 'a'), ours: page('Pins: T1', 'b'), theirs: page('Pins', 'c') }
  assert.equal(await mergePins(texts, mergeLines), { text: page('Pins: T1', 'c'), conflicts: [] })
  assert.is((await mergePins({ ...texts, theirs: page('Nips', 'a') }, mergeLines)).conflicts.length, 1)
})

test('a box below a heading task is the same box when both sides give the task another title', async () => {
  const text = (title: string, box: string) =>
    `# Plan\n\n### A1: ${title}\n\n**Status:** AVAILABLE\n\n- [${box}] it works\n`
  const { text: found, conflicts } = await merge(text('Old', ' '), text('New', ' '), text('New', 'x'))
  assert.equal([found, conflicts], [text('New', 'x'), []])
})

test.run()
