import { existsSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { makeBoard } from '../../scripts/bench/boards.mjs'
import { summarise } from '../../scripts/bench/claims.mjs'
import { cpuSeconds } from '../../scripts/bench/cpu.mjs'
import { judge, number, renderSection } from '../../scripts/bench/report.mjs'
import { median, quantile } from '../../scripts/bench/statistics.mjs'
import { withWorld } from '../../scripts/bench/world.mjs'
import { parseBoard } from '../../src/board/index.ts'
import type { BoardName } from '../../src/model/index.ts'

test('the median lies in the middle, and between two in the middle', () => {
  assert.is(median([9, 1, 5]), 5)
  assert.is(median([4, 1, 2, 3]), 2.5)
  assert.is(quantile([1, 2, 3, 4, 5], 1), 5)
  assert.throws(() => median([]), /quantile of nothing/)
})

test('a figure is held to its goal as it is compared: above the baseline, as a multiple, or by itself', () => {
  const figure = { what: 'next', unit: 'ms', ours: 100, baseline: { what: 'node', value: 40 } }
  const atMost = (value: number) => ({ is: 'at most', value }) as const
  assert.is(judge({ ...figure, compare: 'minus', goal: atMost(60) }).ok, true)
  assert.is(judge({ ...figure, compare: 'minus', goal: atMost(59) }).ok, false)
  assert.is(judge({ ...figure, compare: 'itself', goal: atMost(60) }).ok, false)
  assert.is(judge({ ...figure, compare: 'times' }).compared, 2.5)
  assert.is(judge({ ...figure, compare: 'times' }).ok, undefined)
  assert.is(judge({ ...figure, compare: 'faster', goal: { is: 'at least', value: 3 } }).ok, false)
})

test('a figure that could not be measured misses its goal', () => {
  const goal = { is: 'at most', value: 4 } as const
  assert.is(judge({ what: 'git commands', unit: '', ours: Number.NaN, compare: 'itself', goal }).ok, false)
  assert.is(number(Number.NaN), '?')
})

test('a section is a table with its misses spelled out', () => {
  const figure = { what: 'next', unit: 'ms', ours: 130, baseline: { what: 'node', value: 40 } }
  const slow = judge({ ...figure, compare: 'minus', goal: { is: 'at most', value: 80 } })
  const quick = judge({ ...figure, ours: 30.26, compare: 'minus' })
  const text = renderSection({
    name: 'startup',
    about: '48 tasks',
    figures: [slow, quick],
    notes: ['a note'],
    seconds: 2,
  })
  assert.equal(text.split('\n'), [
    'startup: 48 tasks (2 s)',
    '           ours  baseline        compared  goal',
    '  next   130 ms     40 ms  node    +90 ms  ≤ +80 ms  MISS',
    '  next  30.3 ms     40 ms  node  -9.74 ms',
    '  note: a note',
    '',
  ])
})

test('a board of the bench has as many tasks as it was asked for, and each waits for one that is there', () => {
  for (const rows of [0, 1, 48, 1000]) {
    const { board, diagnostics } = parseBoard(makeBoard(rows), 'BOARD.md' as BoardName)
    assert.is(board.tasks.length, rows)
    assert.equal(diagnostics, [])
    const ids = new Set<string>(board.tasks.map(({ id }) => id))
    assert.ok(board.tasks.every(({ dependencies }) => dependencies.every(({ id }) => ids.has(id))))
  }
})

test('of a round, a task granted to two sessions is a duplicate, and pushes that lost count against its claims', () => {
  const session = (tasks: readonly string[], stale: number) => ({
    granted: tasks.map((task, index) => ({ task, at: 1000 + index })),
    completed: tasks.length,
    counts: { claim: { moved: tasks.length, stale }, done: { moved: tasks.length, stale: 0 } },
    problems: [],
    commands: 10,
    cpuSeconds: 0.5,
  })
  const round = summarise([session(['A', 'B'], 3), session(['B', 'C'], 1)], 0, 2000)
  assert.is(round.claims, 4)
  assert.is(round.duplicates, 1)
  assert.is(round.claimsPerSecond, 2)
  assert.is(round.pushesPerClaim, 2)
  assert.is(round.lossesPerClaim, 1)
  assert.is(round.allPushesPerClaim, 3)
  assert.is(round.cpuMsPerClaim, 250)
})

test('a grant after the end of the window is no claim of the window, but may still be a duplicate', () => {
  const late = {
    granted: [{ task: 'A', at: 1500 }],
    completed: 0,
    counts: {},
    problems: [],
    commands: 0,
    cpuSeconds: 0,
  }
  const round = summarise([late, { ...late, granted: [{ task: 'A', at: 900 }] }], 0, 1000)
  assert.is(round.claimsPerSecond, 1)
  assert.is(round.duplicates, 1)
  assert.is(round.waiting, 1)
})

test('processor time only grows, where it can be told', () => {
  const before = cpuSeconds()
  if (before === undefined) return
  const until = performance.now() + 60
  while (performance.now() < until);
  assert.ok((cpuSeconds() ?? 0) > before)
})

test('the folder of a world is gone afterwards, also when the work failed', async () => {
  let root = ''
  await withWorld((world) => {
    root = world.root
    throw new Error('on purpose')
  }).catch(() => undefined)
  assert.not.equal(root, '')
  assert.not.ok(existsSync(root))
})

test.run()
