import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { dependencyIds, taskIn } from './support.ts'

const IDS = [
  'P0.1.1',
  'P0.1.2',
  'P0.1.3',
  'P0.1.5',
  'P2.11.3',
  'P2.11.5',
  'P2.11.7',
  '4.1',
  '4.2',
  'T001',
  'T002',
  'T003',
  'P01.1',
]

function read(cell: string): { ids: string[]; blockers: string[] } {
  const rows = IDS.map((id) => `| ${id} | title | |`).join('\n')
  const text = `# B\n\n## One\n\n| ID | Task | Deps |\n|--|--|--|\n${rows}\n\n## Two\n\n| ID | Task | Deps |\n|--|--|--|\n| Z1 | z | |\n| Z2 | z | ${cell} |\n`
  const task = taskIn(text, 'Z2')
  return { ids: dependencyIds(task), blockers: task.externalBlockers.map((blocker) => blocker.text) }
}

const CASES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['', [], []],
  ['None', [], []],
  ['-', [], []],
  ['N/A', [], []],
  ['P0.1.1', ['P0.1.1'], []],
  ['P0.1.1, P0.1.2', ['P0.1.1', 'P0.1.2'], []],
  ['P0.1.1; P0.1.2 and P0.1.3', ['P0.1.1', 'P0.1.2', 'P0.1.3'], []],
  ['P0.1.1 + P0.1.2', ['P0.1.1', 'P0.1.2'], []],
  ['P0.1.1<br>P0.1.2', ['P0.1.1', 'P0.1.2'], []],
  ['P0.1.1/P0.1.2', ['P0.1.1', 'P0.1.2'], []],
  ['`P0.1.1`, **P0.1.2**', ['P0.1.1', 'P0.1.2'], []],
  ['[P0.1.1](#p011), [P0.1.2](x.md)', ['P0.1.1', 'P0.1.2'], []],
  ['P0.1.1 ✅, P0.1.2 (done)', ['P0.1.1', 'P0.1.2'], []],
  ['P0.1.1-3', ['P0.1.1', 'P0.1.2', 'P0.1.3'], []],
  ['P0.1.1 - P0.1.3', ['P0.1.1', 'P0.1.2', 'P0.1.3'], []],
  ['P0.1.1–P0.1.3', ['P0.1.1', 'P0.1.2', 'P0.1.3'], []],
  ['P0.1.1 through P0.1.3', ['P0.1.1', 'P0.1.2', 'P0.1.3'], []],
  ['P0.1.1-5', ['P0.1.1', 'P0.1.2', 'P0.1.3', 'P0.1.5'], []],
  ['P9.1.1-3', ['P9.1.1', 'P9.1.2', 'P9.1.3'], []],
  ['T001-T003', ['T001', 'T002', 'T003'], []],
  ['P2.11.3,5,7', ['P2.11.3', 'P2.11.5', 'P2.11.7'], []],
  ['P2.11.3, 5-7', ['P2.11.3', 'P2.11.5', 'P2.11.7'], []],
  ['4.x', ['4.1', '4.2'], []],
  ['All above', ['Z1'], []],
  ['All P0', ['P0.1.1', 'P0.1.2', 'P0.1.3', 'P0.1.5'], []],
  ['All P0 tasks', ['P0.1.1', 'P0.1.2', 'P0.1.3', 'P0.1.5'], []],
  ['Phase 0', ['P0.1.1', 'P0.1.2', 'P0.1.3', 'P0.1.5'], []],
  ['All components', IDS, []],
  ['P7.7.7', ['P7.7.7'], []],
  ['vendor key', [], ['vendor key']],
  ['P0.1.1, vendor key', ['P0.1.1'], ['vendor key']],
  ['P0.1.1 approval of Ann', ['P0.1.1'], ['approval of Ann']],
  ['Requires Backend + Frontend swarms', [], ['Requires Backend + Frontend swarms']],
  ['"P0.1.1, not really"', [], ['P0.1.1, not really']],
  ['P0.1.5-1', ['P0.1.5-1'], []],
  ['P0.1.1-999999', ['P0.1.1-999999'], []],
  ['P0.1.1 - P0.1.999999', ['P0.1.1'], ['- P0.1.999999']],
  ['9.x', ['9.x'], []],
  ['P0.1.1: the first, P0.1.2', ['P0.1.1', 'P0.1.2'], []],
  ['after P0.1.1', ['P0.1.1'], []],
]

for (const [cell, ids, blockers] of CASES)
  test(`\`${cell}\` names ${ids.length} tasks and ${blockers.length} blockers`, () => {
    assert.equal(read(cell), { ids, blockers })
  })

test.run()
