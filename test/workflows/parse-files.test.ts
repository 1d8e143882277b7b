import { existsSync, readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { lintFiles, parseFiles } from '../../src/workflows/parse-files.ts'
import { boardOf } from '../support/fleet.ts'

const corpus = new URL('../../../shared/corpus/', import.meta.url)
const real = existsSync(corpus) ? test : test.skip
if (!existsSync(corpus)) console.log('skipped: the folder with real boards is not there')

const file = (text: string, name = 'docs/board.md') => ({ name, bytes: new TextEncoder().encode(text) })

const statuses = async (text: string) =>
  Object.fromEntries((await parseFiles([file(text)])).tasks.map(({ id, status }) => [id, status]))

test('the text alone gives every status, and readiness is computed', async () => {
  const text = boardOf(
    ['done', 'COMPLETED'],
    ['claimed', 'CLAIMED'],
    ['ready', 'AVAILABLE', 'done'],
    ['stale', 'BLOCKED', 'done'],
    ['blocked', 'AVAILABLE', 'ready'],
    ['outside', 'AVAILABLE', 'the bank'],
    ['aside', 'PAUSED'],
    ['never', 'CANCELLED'],
    ['strange', 'hm?'],
    ['looked-at', 'IN REVIEW'],
    ['behind', 'AVAILABLE', 'never'],
  )
  assert.equal(await statuses(text), {
    done: 'done',
    claimed: 'claimed',
    ready: 'ready',
    stale: 'ready',
    blocked: 'blocked',
    outside: 'blocked',
    aside: 'paused',
    never: 'cancelled',
    strange: 'unknown',
    'looked-at': 'review',
    behind: 'blocked',
  })
})

test('a paused board offers nothing', async () => {
  assert.equal(await statuses(`# Board\n\n**Paused:** release day\n\n${boardOf(['A']).slice(9)}`), { A: 'paused' })
})

test('diagnostics name the path that was typed, tasks the name the board would have on the branch', async () => {
  const { tasks, diagnostics } = await parseFiles([file(boardOf(['A', 'AVAILABLE', 'P9.9']), '../x/board.md')])
  assert.is(tasks[0]?.board, 'board.md')
  assert.equal(
    diagnostics.map(({ code, file: path, line }) => [code, path, line]),
    [['board/unknown-dependency', '../x/board.md', 5]],
  )
})

test('a dependency on another file is found, and two files of one name stay apart', async () => {
  const { tasks } = await parseFiles([
    file(boardOf(['P1.1']), 'a/board.md'),
    file(boardOf(['P2.1', 'AVAILABLE', 'P1.1']), 'b/board.md'),
  ])
  assert.equal(
    tasks.map(({ board, id, blockedBy }) => [board, id, blockedBy]),
    [
      ['board.md', 'P1.1', []],
      ['2/board.md', 'P2.1', ['P1.1']],
    ],
  )
})

test('bytes that are no text are a diagnostic, and the other files are read', async () => {
  const { tasks, diagnostics } = await parseFiles([
    { name: 'picture.png', bytes: Uint8Array.of(0x89, 0x50, 0, 0xff, 0xfe) },
    file(boardOf(['A'])),
  ])
  assert.is(tasks.length, 1)
  assert.is(diagnostics[0]?.file, 'picture.png')
})

test('names that no board could have are given one', async () => {
  const hostile = ['', '/', '..', '.git', 'a\u001b[31m.md', 'CON:x|y?.md', '__proto__']
  const { tasks } = await parseFiles(hostile.map((name) => file(boardOf(['A']), name)))
  assert.is(tasks.length, hostile.length)
  assert.is(new Set(tasks.map(({ board }) => board)).size, hostile.length)
})

test('lint finds cycles, contradictions and shared ids, each once and in order of place', async () => {
  const { diagnostics } = await lintFiles([
    file(
      boardOf(
        ['A', 'AVAILABLE', 'B'],
        ['B', 'AVAILABLE', 'A'],
        ['C', 'COMPLETED', 'A'],
        ['D', 'CLAIMED', 'A'],
        ['E', 'BLOCKED', 'C'],
        ['F', 'AVAILABLE', 'F'],
      ),
    ),
  ])
  assert.equal(
    diagnostics.map(({ code, severity, line }) => `${line} ${severity} ${code}`),
    [
      '5 error board/cycle',
      '5 info board/stale-status',
      '6 info board/stale-status',
      '7 warning board/done-too-early',
      '8 warning board/claimed-too-early',
      '9 info board/stale-status',
      '10 error board/self-dependency',
    ],
  )
})

test('a clean board has no finding', async () => {
  assert.equal((await lintFiles([file(boardOf(['A'], ['B', 'BLOCKED', 'A']))])).diagnostics, [])
})

real('on the board of the seven sessions, four rows that say AVAILABLE are computed as blocked', async () => {
  const name = 's2-PHASE-0-TASK-BOARD.md'
  const files = [{ name, bytes: readFileSync(new URL(name, corpus)) }]
  const { tasks } = await parseFiles(files)
  assert.is(tasks.length, 56)
  assert.equal(
    tasks.filter(({ statusText, status }) => /AVAILABLE/.test(statusText) && status === 'blocked').map(({ id }) => id),
    ['P0.1.2', 'P0.1.3', 'P0.1.6', 'P0.1.7'],
  )
  assert.equal(
    (await lintFiles(files)).diagnostics.map(({ code, line }) => [code, line]),
    [
      ['board/count-drift', 6], // 48 tasks, says the line; 28 and 28 fillers have rows
      ['board/stale-status', 48],
      ['board/stale-status', 49],
      ['board/same-deliverable', 49],
      ['board/stale-status', 52],
      ['board/stale-status', 53],
      ['board/same-deliverable', 687], // P0.2.2, P0.2.3 and P0.2.4 all write one file, and two wait for nothing
      ['board/same-deliverable', 688],
    ],
  )
})

test.run()
