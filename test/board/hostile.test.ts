import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBoard, parseBoard, setStatuses } from '../../src/board/index.ts'
import { board, id, tasksIn } from './support.ts'

/** Milliseconds, generous because other work may share the machine; without limits most cases take minutes. */
const SOON = 10_000
const lines = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('\n')

const CASES: readonly (readonly [string, string, string])[] = [
  ['20,000 signs of quotation', '>'.repeat(20_000), 'board/limit'],
  ['20,000 spaced signs of quotation', '> '.repeat(20_000), 'board/limit'],
  ['lists nested 1,500 deep', lines(1500, (at) => `${' '.repeat(2 * at)}- a`), 'board/limit'],
  ['a run of 30,000 stars', '*'.repeat(30_000), 'board/limit'],
  ['one line of 7 MiB', 'x'.repeat(7 * 1024 * 1024), 'board/limit'],
  ['over 8 MiB', 'x\n'.repeat(4_500_000), 'board/too-large'],
  ['a table of 5,000 columns', `|${' a |'.repeat(5000)}\n|${'--|'.repeat(5000)}\n`, 'board/limit'],
  ['a NUL character', '| ID | Task |\n|-|-|\n| A\0 | a |\n', 'board/limit'],
  ['300 lines over the limit', lines(300, () => '>'.repeat(300)), 'board/limit'],
  ['many paragraphs', 'a\n\n'.repeat(400_000), 'board/limit'],
  ['one id 10,000 times', lines(10_000, () => '- [ ] F1.1: a (1h)'), 'board/duplicate-id'],
]
for (const [name, text, code] of CASES)
  test(`${name}: a finding, soon`, () => {
    const start = performance.now()
    const { diagnostics } = parseBoard(text, board)
    assert.ok(
      diagnostics.some((each) => each.code === code),
      JSON.stringify(diagnostics.slice(0, 3)),
    )
    assert.ok(performance.now() - start < SOON)
  })

const HARMLESS: Record<string, string> = {
  'a line of 39 KiB of `a~a~`': 'a~'.repeat(20_000),
  'a line of emphasis': '*a'.repeat(20_000),
  'a line of links': '[a](b '.repeat(8000),
  'a fence that never closes': `\`\`\`\n${'| P1 | x |\n'.repeat(20_000)}`,
  'a comment that never closes': `<!--\n\n${'- [ ] P1: x\n\n'.repeat(20_000)}`,
  '200,000 empty rows': `| ID | Task |\n|--|--|\n${'| | |\n'.repeat(200_000)}`,
  'half a surrogate pair': '\ud800'.repeat(1000),
}
for (const [name, text] of Object.entries(HARMLESS))
  test(`${name}: no task, soon`, () => {
    const start = performance.now()
    assert.equal(tasksIn(text), [])
    assert.ok(performance.now() - start < SOON)
  })

const LONG_ITEMS: Record<string, string> = {
  'brackets that never close': '(a'.repeat(9000),
  'words that lead to dependencies': 'x blocked by '.repeat(4000),
  'names that never end': `x ${'⛔ a,'.repeat(8000)}`,
  spaces: `x${' '.repeat(60_000)}y`,
  'owners, tags and ids': `x ${'@a #b ^c !high '.repeat(3000)}`,
  'braces and fields': `x ${'{#a} [id:: '.repeat(4000)}`,
}
for (const [name, text] of Object.entries(LONG_ITEMS))
  test(`a list item of ${name} is one task, soon`, () => {
    const start = performance.now()
    assert.is(tasksIn(`- [ ] ${text}\n`).length, 1)
    assert.ok(performance.now() - start < SOON)
  })

test('10,000 list items are read soon: flat, nested, under one parent, and all of one title', () => {
  const texts = [
    lines(10_000, (at) => `- [ ] Task ${at} @ann (1h) ^t${at}`),
    lines(10_000, (at) => `${'  '.repeat(at % 5)}- [ ] Task ${at}`),
    `- [ ] All\n${lines(3000, (at) => `  - [ ] Task ${at}`)}`,
    lines(10_000, () => '- [ ] The same'),
    `## Todo\n${lines(5000, (at) => `- Task ${at}`)}\n## Done\n${lines(5000, (at) => `- Past ${at}`)}`,
  ]
  for (const text of texts) {
    // Time of the processor: these are long texts, and other work may share the machine.
    const before = process.cpuUsage()
    assert.ok(tasksIn(text).length > 3000)
    assert.ok(process.cpuUsage(before).user / 1000 < SOON)
  }
})

test('a line over a limit hides no other row', () => {
  const text = `| ID | Task |\n|-|-|\n| A1 | a |\n| A2 | ${'!'.repeat(300)} |\n| A3 | c |\n`
  assert.equal(
    tasksIn(text).map((task) => task.id),
    ['A1', 'A3'],
  )
})

test('10,000 rows that all say `All above` stay bounded, and none is released early', () => {
  const rows = lines(10_000, (at) => `| P0.${at} | Task ${at} | AVAILABLE | All above |`)
  const tasks = tasksIn(`| ID | Task | Status | Dependencies |\n|-|-|-|-|\n${rows}\n`)
  assert.is(tasks.length, 10_000)
  assert.ok(tasks.slice(1).every((task) => task.dependencies.length + task.externalBlockers.length > 0))
})

test('ids that mean something to a program are only names', () => {
  const text =
    '| ID | Task | Deps |\n|-|-|-|\n| __proto__ | a | |\n| .. | b | __proto__ |\n| -x | c | .. |\n| constructor | d | -x |\n'
  const tasks = tasksIn(text)
  assert.equal(
    tasks.map((task) => [task.id, task.dependencies.map((each) => each.id)]),
    [
      ['__proto__', []],
      ['..', ['__proto__']],
      ['-x', ['..']],
      ['constructor', ['-x']],
    ],
  )
  assert.match(
    setStatuses(text, board, [{ id: id('__proto__'), status: 'done' }]).text,
    '| __proto__ | a | | COMPLETED |',
  )
})

test('control characters and escape sequences never reach a title, and spoil an id', () => {
  const text = '| ID | Task |\n|-|-|\n| A1 | \u001b[31mred\u202e\u0007 |\n| A\u001b2 | b |\n'
  const { board: found, diagnostics } = parseBoard(text, board)
  assert.equal(
    found.tasks.map((task) => [task.id, task.title]),
    [['A1', '[31mred']],
  )
  assert.equal(
    diagnostics.map(({ code, line }) => [code, line]),
    [['board/invalid-id', 4]],
  )
  assert.not.match(JSON.stringify([found, diagnostics]), /\\u001b|\\u202e|\\u0007/)
})

test('bytes that are no text are refused before anything reads them', () => {
  const read = (bytes: number[]) => decodeBoard(Uint8Array.from(bytes), board)
  assert.equal(read([0xef, 0xbb, 0xbf, 0x61]), { text: '\ufeffa' })
  for (const bytes of [
    [0x61, 0x0a, 0x00],
    [0xff, 0xfe, 0x61],
    [0xc3, 0x28],
    [0xed, 0xa0, 0x80],
  ]) {
    const found = read(bytes)
    assert.is('diagnostic' in found ? found.diagnostic.code : '', 'board/not-text')
  }
  const large = decodeBoard(new Uint8Array(8 * 1024 * 1024 + 1).fill(0x61), board)
  assert.is('diagnostic' in large ? large.diagnostic.code : '', 'board/too-large')
})

test.run()
