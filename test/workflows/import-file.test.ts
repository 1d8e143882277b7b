/** `import` on a branch: a new board, the same file again, and what people changed in between. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { IfBoardError, SessionName } from '../../src/model/index.ts'
import { fold } from '../../src/workflows/fold.ts'
import { type ImportOutcome, type ImportRequest, importFile } from '../../src/workflows/import-file.ts'
import { claim } from '../support/acts.ts'
import { boardOf, type Clone, names } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'

const [s1] = names(1) as [SessionName]

function bring(clone: Clone, text: string, more: Partial<ImportRequest> = {}): Promise<ImportOutcome> {
  return importFile(clone.box, {
    file: 'plans/tasks.json',
    bytes: new TextEncoder().encode(text),
    format: undefined,
    board: undefined,
    mode: 'apply',
    author: 'ada',
    ...more,
  })
}

function tasks(...list: readonly [id: number, title: string, status: string, ...needs: number[]][]): string {
  return JSON.stringify({
    tasks: list.map(([id, title, status, ...dependencies]) => ({ id, title, status, dependencies })),
  })
}

const FILE = tasks([1, 'Dig', 'done'], [2, 'Fill', 'pending', 1], [3, 'Rest', 'deferred'])

for (const kind of ['local', 'remote'] as const)
  test(`a file becomes a board of its own, whose tasks can be claimed at once (${kind})`, () =>
    on(
      boardOf(['T1']),
      async (world, a, b) => {
        const outcome = await bring(a, FILE)
        assert.equal(
          [outcome.kind, outcome.board, outcome.isNew, outcome.added],
          ['imported', 'boards/tasks.md', true, ['1', '2', '3']],
        )
        assert.is(
          await world.text('boards/tasks.md'),
          [
            '# Tasks',
            '',
            '| ID | Task | Status | Dependencies |',
            '|---|---|---|---|',
            '| 1 | Dig | COMPLETED | None |',
            '| 2 | Fill | AVAILABLE | 1 |',
            '| 3 | Rest | PAUSED | None |',
            '',
          ].join('\n'),
        )
        // No pattern of this config covers it, so it is listed.
        assert.match((await world.text('.if-board/config.yml')) ?? '', /boards:[^\n]*boards\/tasks\.md/)
        await fold(b.box, s1)
        assert.is(await claim(b, s1, '2'), 'granted 2')
      },
      kind,
    ))

test('the same file again adds what is new, leaves alone what people changed, and says where they differ', () =>
  on(boardOf(['T1']), async (world, a) => {
    await bring(a, FILE)
    const edit = (text: string) =>
      text.replace('| 2 | Fill |', '| 2 | Fill it up |').replace('| 1 | Dig | COMPLETED', '| 1 | Dig | AVAILABLE')
    await world.edit(edit, { file: 'boards/tasks.md' })
    const before = await world.text('boards/tasks.md')
    const head = await world.head()
    const again = await bring(a, FILE)
    assert.equal([again.kind, again.kept, again.added], ['unchanged', 3, []])
    assert.equal(
      again.diagnostics.map(({ code }) => code),
      ['import/kept', 'import/kept'],
    )
    assert.is(await world.head(), head)
    const more = await bring(a, tasks([1, 'Dig', 'done'], [2, 'Fill', 'pending', 1], [4, 'Sell', 'in-progress', 2]))
    assert.equal([more.kind, more.added, more.kept], ['imported', ['4'], 2])
    assert.is(await world.text('boards/tasks.md'), `${before}| 4 | Sell | CLAIMED | 2 |\n`)
  }))

test('lines without ids are known again by their title', () =>
  on(boardOf(['T1']), async (world, a) => {
    const todo = { file: 'todo.txt' }
    assert.equal((await bring(a, 'Dig\nFill\n', todo)).added, ['T1', 'T2'])
    const again = await bring(a, 'Measure\nDig\nFill\n', todo)
    assert.equal([again.kept, again.added], [2, ['T3']])
    assert.match((await world.text('boards/todo.md')) ?? '', '| T3 | Measure | AVAILABLE | None |')
  }))

test('a dry run prints the board and writes nothing', () =>
  on(boardOf(['T1']), async (world, a) => {
    const head = await world.head()
    const outcome = await bring(a, FILE, { mode: 'dry-run', board: 'boards/plan' })
    assert.equal([outcome.kind, outcome.board, outcome.isNew], ['dry-run', 'boards/plan.md', true])
    assert.match(outcome.text, '| 2 | Fill | AVAILABLE | 1 |')
    assert.is(await world.head(), head)
  }))

test('onto a board that is there, in its words and columns', () =>
  on(boardOf(['T1', 'DONE']), async (world, a) => {
    const outcome = await bring(a, FILE, { board: 'TASK-BOARD.md' })
    assert.equal([outcome.isNew, outcome.added], [false, ['1', '2', '3']])
    assert.match((await world.text()) ?? '', '| T1 | Do T1 | DONE | None |\n| 1 | Dig | DONE | None |\n')
  }))

test('loops, unknown words and unknown ids are found, and block', () =>
  on(boardOf(['T1']), async (_world, a) => {
    const { diagnostics } = await bring(
      a,
      tasks([1, 'Dig', 'pending', 2], [2, 'Fill', 'pending', 1], [3, 'Rest', 'someday', 77]),
    )
    assert.equal(
      diagnostics.map(({ code }) => code),
      ['import/unknown-dependency', 'import/unknown-status', 'board/cycle'],
    )
    assert.is(await claim(a, s1, '3'), 'none')
  }))

test('what cannot be a board, or is none of the formats, is refused', () =>
  on(boardOf(['T1']), async (_world, a) => {
    const code = (work: Promise<unknown>) => work.then(() => 'taken').catch((error: IfBoardError) => error.code)
    assert.is(await code(bring(a, FILE, { board: '../x' })), 'usage/invalid')
    assert.is(await code(bring(a, FILE, { board: '.if-board/config' })), 'usage/invalid')
    assert.is(await code(bring(a, 'hello', { file: 'a.rst' })), 'import/not-understood')
    assert.is(await code(bring(a, 'a\0b')), 'import/not-understood')
  }))

test.run()
