import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { lintProject, parseBoard } from '../../src/board/index.ts'
import { agentsFiles } from '../../src/board/lint/agents-files.ts'
import { board, boardTexts, runs } from './support.ts'

function lint(text: string): string[] {
  return lintProject([parseBoard(text, board)], new Map([[board, text]])).map(
    ({ code, line, column, message }) => `${line}:${column} ${code} ${message}`,
  )
}

const codes = (text: string) => lint(text).map((finding) => finding.replace(/^(\S+ \S+) .*/, '$1'))
const table = (rows: string) => `| ID | Task | Status |\n|--|--|--|\n${rows}`
const THREE = table('| A1 | One | DONE |\n| A2 | Two | OPEN |\n| F1.1 | Three | OPEN |\n')

for (const [line, says] of [
  ['**Total Tasks:** 48 (28 + 20)', 'counts 48 tasks; the board has 3, 1 of them fillers'],
  ['**Total**: 24 tasks', 'counts 24 tasks'],
  ['- Total tasks: 4', 'counts 4 tasks'],
  ['Tasks: 5', 'counts 5 tasks'],
  ['Progress: 1/10 done', 'counts 10 tasks'],
  ['2 of 3 tasks complete', 'counts 2 tasks done; the board has 1'],
  ['## Phase 1 (7 tasks)', 'counts 7 tasks'],
] as const)
  test(`a count that no rows have is told: ${line}`, () => {
    const found = lint(`# B\n\nWords.\n\n${line}\n\n${THREE}`)
    assert.is(found.length, 1, found.join('\n'))
    assert.match(found[0] ?? '', `5:1 board/count-drift this line ${says}`)
  })

for (const line of [
  '**Total Tasks:** 3',
  '**Total Tasks:** 2 (without fillers)',
  'Progress: 1 of 3 tasks done',
  'Total: ~24 tasks',
  'Total tasks: 24+',
  'Total cost: 48 USD',
  'Total: 12 hours',
  'Version 3 of 10',
  'Tasks: 4.5 days each',
  'Tasks: 10% are easy',
  'If 10 tasks are open, add more.',
  '## Phase 1 (2 tasks)',
  '## 24 tasks',
  '```\nTotal tasks: 24\n```',
  '<!-- Total tasks: 24 -->',
  '> Total tasks: 24',
])
  test(`what is right, rounded, or no count of tasks is left alone: ${JSON.stringify(line)}`, () =>
    assert.equal(lint(`# B\n\nWords.\n\n${line}\n\n${THREE}`), []))

test('a count may mean the section that it stands in', () => {
  const text = (count: number) =>
    `# B\n\n## One\n\nTotal tasks: ${count}\n\n${table('| A1 | a | OPEN |\n')}\n## Two\n\n${table('| B1 | b | OPEN |\n| B2 | c | OPEN |\n')}`
  assert.equal(
    [1, 2, 3].map((count) => lint(text(count)).length),
    [0, 1, 0],
  )
})

test('a page without tasks of its own may count those of others', () => {
  assert.equal(lint('# Status\n\n**Total tasks:** 48\n'), [])
})

for (const [garbled, sign] of [
  ['âœ…', '✅'],
  ['ðŸŸ¢', '🟢'],
  ['ðŸ”µ', '🔵'],
  ['â†’', '→'],
  ['â€™', '’'],
  ['Ã©', 'é'],
  ['âœ\u0085', '✅'],
] as const)
  test(`garbled text is told once, with what it should be: ${sign}`, () => {
    const found = lint(table(`| A1 | ${garbled} One | DONE |\n| A2 | Two ${garbled} | OPEN |\n`))
    assert.is(found.length, 1)
    assert.match(found[0] ?? '', /^3:8 board\/mojibake /)
    assert.ok(found[0]?.includes(`should be ${sign}, 2 times`), found[0])
  })

test('what was garbled in any way of the encoding is told as it was', () => {
  const cp1252 = new TextDecoder('windows-1252')
  const signs = fc.constantFrom(...'✅🟢🔴🟡🔵🚧⛔→•…')
  fc.assert(
    fc.property(fc.array(signs, { minLength: 1, maxLength: 4 }), (all) => {
      const sign = all.join('')
      const found = lint(table(`| A1 | a ${cp1252.decode(new TextEncoder().encode(sign))} b | DONE |\n`))
      assert.is(found.length, 1)
      assert.ok(found[0]?.includes(`should be ${sign}:`), found[0])
    }),
    runs,
  )
})

test('words of many languages are not taken for garbled text', () => {
  const words = 'São Tomé, Ærø, naïve façade, Ångström «â la carte», Đà Nẵng, 生地, “fine” – it’s 5 €, Â±'
  assert.equal(codes(table(`| A1 | ${words.replace(', Â±', '')} | DONE |\n`)), [])
  assert.equal(codes('```\nâœ…\n```\n'), [])
})

test('no board there is has garbled text or marks of a merge', () => {
  for (const [name, text] of boardTexts())
    assert.equal(
      codes(text).filter((code) => /mojibake|conflict/.test(code)),
      [],
      name,
    )
})

test('marks of a merge around lines and within a cell are errors, each once', () => {
  const text = table(
    '| A1 | <<<<<<< One ======= Two >>>>>>> | OPEN |\n<<<<<<< ours\n| A2 | a | OPEN |\n=======\n| A3 | b | OPEN |\n>>>>>>> theirs\n',
  )
  assert.equal(
    codes(text).filter((code) => code.includes('conflict')),
    ['3:8 board/conflict', '4:1 board/conflict'],
  )
})

test('a done task with criteria that nobody ticked is information', () => {
  const text = (marks: string, status = 'DONE') =>
    `### A1: Bake\n\n**Status:** ${status}\n\n${[...marks].map((mark, at) => `- [${mark}] c${at}\n`).join('')}`
  const found = lintProject([parseBoard(text('x '), board)], new Map([[board, text('x ')]]))
  assert.equal(
    found.map(({ code, severity, message }) => [code, severity, message]),
    [['board/unticked-acceptance', 'info', '`A1` is done, but only 1 of its 2 criteria is ticked']],
  )
  assert.match(lint(text('  '))[0] ?? '', 'none of its 2 criteria is ticked')
  assert.equal([lint(text('xx')), lint(text(' ', 'OPEN'))], [[], []])
})

test('two spellings of agents.md in one folder are told, one in each folder are not', () => {
  const found = (paths: string[]) => agentsFiles(paths).map(({ code, file, message }) => `${code} ${file} ${message}`)
  assert.equal(found(['agents.md', 'docs/AGENTS.md', 'TASKS.md', 'agents.md']), [])
  const [both = '', ...more] = found(['agents.md', 'AGENTS.md'])
  assert.equal(more, [])
  assert.match(both, 'board/two-agents-files AGENTS.md `AGENTS.md` stands beside `agents.md`')
  assert.is(found(['docs/Agents.md', 'docs/agents.md', 'agents.md']).length, 1)
})

test('ten thousand rows and lines with counts cost no more than they should', () => {
  const rows = Array.from({ length: 10_000 }, (_, at) => `| A${at} | ${'âœ…'.repeat(3)} | OPEN |\n`).join('')
  const text = `${'Total tasks: 7\n\n'.repeat(3000)}${table(rows)}`
  const parsed = parseBoard(text, board)
  const from = performance.now()
  assert.is(lintProject([parsed], new Map([[board, text]])).length, 3001)
  assert.ok(performance.now() - from < 10_000, `${performance.now() - from} ms`)
})

test.run()
