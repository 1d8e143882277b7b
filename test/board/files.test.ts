import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  joinGenerated,
  lintProject,
  matchBoards,
  parseBoard,
  parsePins,
  parseRoster,
  splitGenerated,
} from '../../src/board/index.ts'
import { toBoardName } from '../../src/model/index.ts'
import { runs } from './support.ts'

test('pins are read in both forms, several ids of one line in their order', () => {
  const text = `# Next

Session 4: Your next task is P0.2.5
session-2: next: **F1.1**

### **Session 1 (Oven)** - Branch: \`oven\`
**Status**: ✅ P0.5.4 complete
**Next**: **P0.5.5 - Runbook** OR **F5.24 - Help (new)** ⚡
- **Alternative**: F1.5 if you prefer

\`\`\`
Session 9: Your next task is P9.9.9
\`\`\`
### Rules
- **Next**: P7.7.7

<!-- if-board:generated:start -->
Session 3: Your next task is P0.2.6
<!-- if-board:generated:end -->
`
  assert.equal(parsePins(text).pins, [
    { session: 'Session 4', id: 'P0.2.5' },
    { session: 'session-2', id: 'F1.1' },
    { session: 'Session 1 (Oven)', id: 'P0.5.5' },
    { session: 'Session 1 (Oven)', id: 'F5.24' },
    { session: 'Rules', id: 'P7.7.7' },
  ])
})

test('the generated part is replaced and people keep what stands before and behind it', () => {
  const text = 'mine\n<!-- if-board:generated:start -->\nold\nlines\n<!-- if-board:generated:end -->\nmine too\n'
  const { head, generated } = splitGenerated(text)
  assert.is(generated, 'old\nlines')
  assert.is(joinGenerated(head, generated), text)
  assert.is(joinGenerated(head, 'new'), text.replace('old\nlines', 'new'))
  assert.is(
    joinGenerated('mine', 'new'),
    'mine\n<!-- if-board:generated:start -->\nnew\n<!-- if-board:generated:end -->\n',
  )
  assert.is(joinGenerated('mine\r\n', 'a\nb').includes('a\r\nb\r\n'), true)
  assert.equal(splitGenerated('mine'), { head: 'mine', generated: undefined })
})

test('joining what was written once changes nothing any more', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 1 }), (head, part) => {
      const once = joinGenerated(head, part)
      assert.is(joinGenerated(splitGenerated(once).head, part), once)
    }),
    runs,
  )
})

test('a roster gives sessions, capabilities and models', () => {
  const text =
    '# Agents\n\n| Session | Capabilities | Model |\n|---|---|---|\n| session-1 | web, `css` | Haiku |\n| - | x | y |\n| Session 4 (SIP) | - | |\n'
  assert.equal(parseRoster(text), [
    { session: 'session-1', capabilities: ['web', 'css'], model: 'Haiku' },
    { session: 'Session 4 (SIP)', capabilities: [], model: undefined },
  ])
})

test('globs find boards in their own order, and never our own files', () => {
  const paths = [
    'z.md',
    'boards/a/b.md',
    'boards/c.md',
    'agents.md',
    'AUTONOMOUS-NEXT-TASKS.md',
    '.if-board/config.yml',
    '.if-board/x.md',
    'a.txt',
    'TASK-BOARD.md',
  ]
  assert.equal(matchBoards(['TASK-BOARD.md', 'boards/**/*.md'], paths), [
    'TASK-BOARD.md',
    'boards/a/b.md',
    'boards/c.md',
  ])
  assert.equal(matchBoards(['*.md'], paths), ['TASK-BOARD.md', 'z.md'])
  assert.equal(matchBoards(['**'], paths), ['TASK-BOARD.md', 'a.txt', 'boards/a/b.md', 'boards/c.md', 'z.md'])
  assert.equal(matchBoards(['b*s/*'], paths), ['boards/c.md'])
  assert.equal(matchBoards(['*.md'], ['../x.md', 'a\\b.md', 'C:x.md']), [])
  assert.equal(matchBoards([`${'**/'.repeat(100)}x`], [`${'a/'.repeat(200)}y`]), [])
  assert.equal(matchBoards(['a*'.repeat(200)], ['a'.repeat(500)]).length, 1)
})

test('lint names what one board and what two boards have twice', () => {
  const [one, two] = [toBoardName('one.md'), toBoardName('two.md')]
  const table = (rows: string) => `| ID | Task | Status |\n|-|-|-|\n${rows}`
  const boards = [
    parseBoard(table('| A1 | a | DONE |\n| A1 | b | DONE |\n'), one),
    parseBoard(table('| A1 | a | Wobbly |\n| A2 | b | DONE |\n'), two),
  ]
  assert.equal(
    lintProject(boards, new Map()).map(({ code, file, line, column }) => [code, file, line, column]),
    [
      ['board/duplicate-id', 'one.md', 4, 1],
      ['board/same-id', 'two.md', 3, 1],
      ['board/unknown-status', 'two.md', 3, 12],
    ],
  )
})

test.run()
