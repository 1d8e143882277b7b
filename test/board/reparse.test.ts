import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseBoard } from '../../src/board/index.ts'
import { reparse } from '../../src/board/reparse.ts'
import { board, boardTexts, runs } from './support.ts'

/** As the hub keeps it: fields that are `undefined` are missing. */
const kept = <T>(value: T): T => JSON.parse(JSON.stringify(value))
const known = (text: string) => ({ text, parsed: kept(parseBoard(text, board)) })

const TABLES = `# Plan

**Paused:** no

## Legend

| Sign | Status |
|------|--------|
| 🔶 | in progress |

## One (Session 4)

| ID | Task | Status | Depends On | Est | Owner |
|----|------|--------|------------|-----|-------|
${Array.from({ length: 20 }, (_, at) => `| A${at} | Step ${at} | AVAILABLE | ${at < 2 ? 'None' : `A${at - 1}, the weather`} | 1h | - |`).join('\n')}
| A20 | All of it | BLOCKED | All above | 2h | |

## Filler tasks

| Task ID | Title | Notes |
|---------|-------|-------|
| F1 | Tidy up | see A3 |
| F2 | Tidy more | |

### A3: Step 3

**Priority:** high

- [ ] it works
`

/** More sections, with a default for those below one of them and a legend that stands beside tasks. */
const SECTIONS = `# Plan

## Phase 1 (Session 2)

**Priority:** high

| ID | Task | Status | Owner |
|----|------|--------|-------|
| P1 | One | AVAILABLE | |
| P2 | Two | 🔶 | session-3 |

### Inner

| ID | Task | Status | Owner | Priority |
|----|------|--------|-------|----------|
| P1.1 | In one | DONE | | low |
| P1.2 | In two | AVAILABLE | | |

## Phase 2

Legend: 🔶 = in progress, 🔷 = done

| ID | Task | Status | Dependencies |
|----|------|--------|--------------|
| P3 | Three | 🔷 | P1 |
| P4 | Four | AVAILABLE | P3, rain |
`

const CELLS = [
  'AVAILABLE',
  'COMPLETED',
  '✅ DONE (by ada)',
  '🔶',
  '🔷',
  '🔷 done',
  'no word that is known',
  'CLAIMED (session-4)',
  '',
  '-',
  'a longer title than before',
  'A3',
  'A1, A2',
  'All above',
  '(filler)',
  'high',
  '3h',
  'a \\| b',
  '<!-- x',
  '> x',
  '---',
  '日本語',
  'F1',
  '<<<<<<< A ======= B >>>>>>>',
]

interface CellEdit {
  readonly row: number
  readonly cell: number
  readonly text: string
}

const edits = fc.array(fc.record({ row: fc.nat(400), cell: fc.nat(7), text: fc.constantFrom(...CELLS) }), {
  minLength: 1,
  maxLength: 2,
})

function edited(text: string, all: readonly CellEdit[]): string {
  const lines = text.split('\n')
  const rows = lines.flatMap((line, at) => (line.startsWith('|') ? [at] : []))
  for (const { row, cell, text: value } of all) {
    const at = rows[row % Math.max(1, rows.length)]
    if (at === undefined) continue
    const cells = (lines[at] as string).split(/(?<!\\)\|/)
    const index = 1 + (cell % Math.max(1, cells.length - 2))
    cells[index] = ` ${value} `
    lines[at] = cells.join('|')
  }
  return lines.join('\n')
}

test('what is understood of edited rows is what is understood of the whole board', () => {
  const TEXT = ['tables', TABLES] as const
  const texts = [
    ['with CRLF', TABLES.replace(/\n/g, '\r\n')] as const,
    ['sections', SECTIONS] as const,
    ...boardTexts(),
  ]
  let used = 0
  fc.assert(
    fc.property(
      fc.oneof(fc.constant(TEXT), fc.constant(['sections', SECTIONS] as const), fc.constantFrom(...texts)),
      edits,
      ([, before], all) => {
        const after = edited(before, all)
        const found = reparse(known(before), after)
        if (found === undefined) return
        used += 1
        assert.equal(kept(found), kept(parseBoard(after, board)))
      },
    ),
    { ...runs, numRuns: runs.numRuns * 10 },
  )
  assert.ok(used > runs.numRuns / 2, `only ${used} edits were understood by their rows`)
})

test('a status, a title and an owner that change need no other row', () => {
  const after = TABLES.replace('| A7 | Step 7 | AVAILABLE', '| A7 | Step seven | CLAIMED (ada)')
  const found = reparse(known(TABLES), after)
  assert.equal(kept(found), kept(parseBoard(after, board)))
  const task = found?.board.tasks.find(({ id }) => id === 'A7')
  assert.equal([task?.status, task?.title], ['claimed', 'Step seven'])
})

test('ids, dependencies and lines that come or go need the whole board', () => {
  for (const [old, now] of [
    ['| A7 |', '| A77 |'],
    ['A6, the weather', 'A5, the weather'],
    ['| A20 | All of it', '| A19 | Another |\n| A20 | All of it'],
    ['| ID | Task |', '| ID | Title |'],
    ['## Filler tasks', '## Other tasks'],
    ['| F1 | Tidy up', '| F1 | Tidy up <!--'],
  ] as const) {
    assert.ok(TABLES.includes(old), old)
    assert.is(reparse(known(TABLES), TABLES.replace(old, now)), undefined, now)
  }
})

test.run()
