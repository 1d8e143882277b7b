import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { linkBoards } from '../../src/graph/index.ts'
import type { Project, TaskKey } from '../../src/model/index.ts'
import { ids, key, parsed } from './make.ts'

function dependenciesOf(project: Project, task: TaskKey): string {
  return ids(project.byKey.get(task)?.dependencies ?? [])
}

function blockersOf(project: Project, task: TaskKey): string[] {
  return (project.byKey.get(task)?.externalBlockers ?? []).map((blocker) => blocker.text)
}

test('a dependency means the task of its own board, even if another board has the id too', () => {
  const linked = linkBoards([parsed([['1']], 'a.md'), parsed([['1'], ['2', { needs: ['1', '1'] }]], 'b.md')])
  assert.equal(dependenciesOf(linked, key('2', 'b.md')), 'b.md:1')
  assert.equal(linked.diagnostics, [])
})

test('a dependency that its own board lacks means the only other task with that id', () => {
  const linked = linkBoards([parsed([['W1', { needs: ['C1'] }]]), parsed([['C1']], 'core.md')])
  assert.equal(dependenciesOf(linked, key('W1')), 'core.md:C1')
})

test('an id that two other boards have holds back, until the board is named', () => {
  const boards = [parsed([['X']], 'b.md'), parsed([['X']], 'c.md')]
  const vague = linkBoards([parsed([['W', { needs: ['X'] }]]), ...boards])
  assert.equal(blockersOf(vague, key('W')), ['X'])
  assert.is(vague.diagnostics[0]?.code, 'board/ambiguous-dependency')
  assert.is(vague.diagnostics[0]?.message, '`W` depends on `X`, which 2 boards have: `b.md:X`, `c.md:X`')
  const exact = linkBoards([parsed([['W', { needs: ['c.md:X'] }]]), ...boards])
  assert.equal(dependenciesOf(exact, key('W')), 'c.md:X')
  assert.equal(blockersOf(exact, key('W')), [])
})

test('words that are exactly the id of one task of another board mean that task, and are no finding', () => {
  const place = { file: 'a.md', line: 1, column: 20 }
  const about = { code: 'board/external-blocker', severity: 'info', message: 'waits for words' } as const
  const waiting = (text: string, quoted?: true) => {
    const one = parsed([['W', { externalBlockers: [{ text, place, ...(quoted ? { quoted } : {}) }] }]])
    return { ...one, diagnostics: [{ ...about, ...place }] }
  }
  const other = parsed([['build-the-oven']], 'core.md')
  const linked = linkBoards([waiting('build-the-oven'), other])
  assert.equal(dependenciesOf(linked, key('W')), 'core.md:build-the-oven')
  assert.equal([blockersOf(linked, key('W')), linked.diagnostics], [[], []])
  for (const one of [waiting('build-the-oven', true), waiting('build the oven'), waiting('Build-the-oven')]) {
    const still = linkBoards([one, other])
    assert.equal(
      [dependenciesOf(still, key('W')), blockersOf(still, key('W')).length, still.diagnostics.length],
      ['', 1, 1],
    )
  }
  const vague = linkBoards([waiting('build-the-oven'), other, parsed([['build-the-oven']], 'shop.md')])
  assert.equal(blockersOf(vague, key('W')), ['build-the-oven'])
  const gone = new Set([key('build-the-oven', 'core.md')])
  assert.equal(blockersOf(linkBoards([waiting('build-the-oven')], gone), key('W')), [])
})

test('an unknown id becomes an external blocker, with a diagnostic at its place', () => {
  const linked = linkBoards([parsed([['A'], ['B', { needs: ['A', 'Z', 'Z'] }]])])
  assert.equal(dependenciesOf(linked, key('B')), 'A')
  assert.equal(blockersOf(linked, key('B')), ['Z'])
  assert.equal(linked.diagnostics, [
    {
      file: 'a.md',
      line: 2,
      column: 20,
      code: 'board/unknown-dependency',
      severity: 'error',
      message: '`B` depends on `Z`, which no task has',
      hint: 'Correct the id, or add a task `Z`',
    },
  ])
})

test('a dependency on a removed row that is known as done is satisfied', () => {
  const board = parsed([['B', { needs: ['A'] }]])
  const linked = linkBoards([board], new Set([key('A')]))
  assert.equal(linked.byKey.get(key('B'))?.dependencies, [])
  assert.equal(blockersOf(linked, key('B')), [])
  assert.equal(blockersOf(linkBoards([board], new Set([key('A', 'gone.md')])), key('B')), [])
})

test('a removed row of the own board goes before a row of another board with its id', () => {
  const linked = linkBoards([parsed([['2', { needs: ['1'] }]]), parsed([['1']], 'b.md')], new Set([key('1')]))
  assert.equal(dependenciesOf(linked, key('2')), '')
})

test('a row that is still there counts by its own status, whatever is remembered of its key', () => {
  const linked = linkBoards([parsed([['A'], ['B', { needs: ['A'] }]])], new Set([key('A')]))
  assert.equal(dependenciesOf(linked, key('B')), 'A')
})

test('a task that depends on itself is held back', () => {
  const linked = linkBoards([parsed([['A', { needs: ['A', 'a.md:A'] }]])])
  assert.equal(blockersOf(linked, key('A')), ['A', 'a.md:A'])
  assert.is(linked.diagnostics[0]?.code, 'board/self-dependency')
})

test('of two tasks with one key the first stays', () => {
  const linked = linkBoards([
    parsed([
      ['A', { title: 'first' }],
      ['A', { title: 'second' }],
    ]),
  ])
  assert.equal(
    linked.tasks.map((task) => task.title),
    ['first'],
  )
  assert.is(linked.diagnostics[0]?.code, 'board/duplicate-id')
  assert.is(linked.diagnostics[0]?.line, 2)
})

test('names of object members are names like any other', () => {
  const linked = linkBoards([
    parsed([['__proto__'], ['constructor', { needs: ['__proto__'] }], ['B', { needs: ['toString'] }]]),
  ])
  assert.equal(dependenciesOf(linked, key('constructor')), '__proto__')
  assert.equal(blockersOf(linked, key('B')), ['toString'])
})

test('diagnostics of the boards and blockers of the tasks are kept', () => {
  const place = { file: 'a.md', line: 1, column: 9 }
  const blocker = { text: 'legal sign-off', place }
  const board = parsed([['A', { externalBlockers: [blocker], needs: ['Q'] }]])
  const finding = { ...place, code: 'board/external-blocker', severity: 'info' as const, message: 'm' }
  const linked = linkBoards([{ ...board, diagnostics: [finding] }])
  assert.equal(blockersOf(linked, key('A')), ['legal sign-off', 'Q'])
  assert.is(linked.diagnostics[0], finding)
  assert.is(linked.diagnostics.length, 2)
})

test.run()
