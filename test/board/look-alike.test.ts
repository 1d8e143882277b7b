import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { lintProject, parseBoard } from '../../src/board/index.ts'
import { skeletonOf } from '../../src/board/lint/look-alike.ts'
import { toBoardName } from '../../src/model/index.ts'
import { board, tasksIn } from './support.ts'

const table = (...rows: string[]) => `| ID | Task | Deps |\n|----|------|------|\n${rows.join('\n')}\n`

function found(text: string): string[] {
  return lintProject([parseBoard(text, board)], new Map([[board, text]]))
    .filter(({ code }) => code === 'board/look-alike')
    .map(({ line, column, message }) => `${line}:${column} ${message}`)
}

for (const [what, other, signs] of [
  ['a Cyrillic letter', '\u04201', ' (U+0420)'],
  ['a Greek letter', '\u03a11', ' (U+03A1)'],
  ['a full-width digit', 'P\uff11', ' (U+FF11)'],
  ['a mathematical letter', '\u{1d40f}1', ' (U+1D40F)'],
  ['a soft hyphen', 'P\u00ad1', ' (U+00AD)'],
  ['a combining joiner', 'P\u034f1', ' (U+034F)'],
  ['a Hangul filler', 'P\u31641', ' (U+3164)'],
  ['a tag character', 'P\u{e0031}1', ' (U+E0031)'],
] as const)
  test(`an id with ${what} is a task of its own that lint tells from its double`, () => {
    const text = table('| P1 | a | |', `| ${other} | b | |`)
    assert.equal(
      tasksIn(text).map(({ id }) => id),
      ['P1', other],
    )
    assert.equal(found(text), [`4:1 \`${other}\`${signs} looks like \`P1\` of board.md:3, and is another id`])
  })

test('a zero-width character makes an id none, so nothing can look like it', () => {
  for (const unseen of ['\u200b', '\u200d', '\u2060', '\ufeff', '\u202e']) {
    const { board: read, diagnostics } = parseBoard(table('| P1 | a | |', `| P${unseen}1 | b | |`), board)
    assert.equal(
      [read.tasks.map(({ id }) => id), diagnostics.map(({ code, line }) => `${line} ${code}`)],
      [['P1'], ['4 board/invalid-id']],
    )
  }
})

test('a dependency that only looks like an id waits for nobody’s task, and lint says for which it looks', () => {
  const text = table('| P1 | a | |', '| P2 | b | \u04201 |')
  assert.equal(
    tasksIn(text)[1]?.dependencies.map(({ id }) => id),
    ['\u04201'],
  )
  assert.equal(found(text), ['4:12 `\u04201` (U+0420) looks like `P1` of board.md:3, and is another id'])
})

test('a dependency on the double itself is no mistake', () => {
  assert.is(found(table('| P1 | a | |', '| \u04201 | b | |', '| P3 | c | \u04201 |')).length, 1)
})

test('the double may stand on another board', () => {
  const boards = ['a.md', 'b.md'].map((name, at) =>
    parseBoard(table(`| ${['P1', '\u04201'][at]} | a | |`), toBoardName(name)),
  )
  assert.equal(
    lintProject(boards, new Map()).map(({ file, code }) => `${file} ${code}`),
    ['b.md board/look-alike'],
  )
})

test('what a font tells apart is no double', () => {
  assert.equal(
    found(table(...['P0', 'PO', 'P1', 'Pl', 'p1', 'É1', 'E1', 'Ж1', '第1'].map((id) => `| ${id} | a | |`))),
    [],
  )
})

test('a text of ASCII is its own skeleton, and every skeleton is its own', () => {
  assert.is(skeletonOf('P0.1.2-a_b/c #4'), 'P0.1.2-a_b/c #4')
  for (const text of ['\u04201', 'P\uff11', 'P\u00ad1', 'é', '第1', 'Ж'])
    assert.is(skeletonOf(skeletonOf(text)), skeletonOf(text))
})

test.run()
