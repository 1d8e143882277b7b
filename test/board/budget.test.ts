/** Budget cells: a sum in dollars, or a finding at its place; never a silent 0 and never another currency's number. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseBoard } from '../../src/board/index.ts'
import { toBoardName } from '../../src/model/index.ts'

function parsed(budget: string) {
  const text = `| ID | Task | Status | Budget |\n|-|-|-|-|\n| A1 | Read | OPEN | ${budget} |\n`
  const { board, diagnostics } = parseBoard(text, toBoardName('board.md'))
  return { usd: board.tasks[0]?.budgetUsd, found: diagnostics.map(({ code, line, column }) => [code, line, column]) }
}

const SUMS: readonly (readonly [string, number])[] = [
  ['$12.50', 12.5],
  ['5', 5],
  ['0', 0],
  ['3 USD', 3],
  ['USD 3', 3],
  ['$3-5', 5],
  ['$3 – $5', 5],
  ['$1,200', 1200],
  ['$1,234,567.89', 1_234_567.89],
  ['7 dollars', 7],
  ['$2 (at most)', 2],
]

test('a sum in dollars is understood', () => {
  for (const [text, usd] of SUMS) assert.equal(parsed(text), { usd, found: [] }, text)
})

test('no sum is no finding where the cell is empty', () => {
  for (const text of ['', '-', 'None', 'TBD']) assert.equal(parsed(text), { usd: undefined, found: [] }, text)
})

test('whatever else stands there bounds nothing, and is found at its place', () => {
  for (const text of [
    '€5',
    '5 EUR',
    '£5',
    '5€',
    '-5',
    '$-5',
    'NaN',
    'Infinity',
    '1e400',
    '$5k',
    '1,5',
    '10 %',
    'lots',
    '1'.repeat(400),
  ])
    assert.equal(parsed(text), { usd: undefined, found: [['board/unknown-budget', 3, 22]] }, text)
})

test.run()
