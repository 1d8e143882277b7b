/** Claims whose row was renamed, moved or removed: whose they are before, during and after folds. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../src/model/index.ts'
import { revoke } from '../../src/workflows/adjust.ts'
import { fold } from '../../src/workflows/fold.ts'
import { read } from '../../src/workflows/read.ts'
import { ask, claim, codeOf, done, release, settle, standing } from '../support/acts.ts'
import { BOARD, boardOf, cell, type FleetRequest, keyOf, names, retype, sessionRefOf } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'

const [s1, s2, s3] = names(3) as [SessionName, SessionName, SessionName]
const DAY = 24 * 60 * 60_000

const two = boardOf(['P1'], ['Z9'])
/** The row keeps its title and gets another id. */
const rename = (from: string, to: string) => (text: string) => text.replace(`| ${from} |`, `| ${to} |`)
const without = (id: string) => (text: string) => text.replace(new RegExp(`^\\| ${id} .*\n`, 'm'), '')
const withRow = (id: string) => (text: string) => `${text.trimEnd()}\n| ${id} | Do P1 | AVAILABLE | None |\n`

const SECOND = 'boards/b.md'
const twoBoards = (first: string, second: string): FleetRequest => ({
  kind: 'memory',
  board: first,
  files: { [SECOND]: second },
  config: { boards: [BOARD, 'boards/*.md'] },
})

for (const kind of ['memory', 'memory-remote', 'local', 'remote'] as const)
  test(`a renamed row keeps its claim over a fold, and its done settles the new id, on ${kind}`, () =>
    on(
      two,
      async (fleet, a, b) => {
        await claim(a, s1, 'P1')
        await fold(a.box, s3)
        await fleet.edit(rename('P1', 'Q1'))
        assert.is(await standing(a), 'Q1 claimed by session-1, Z9 ready')
        await settle(a, s3)
        assert.is(await standing(a), 'Q1 claimed by session-1, Z9 ready')
        assert.is((await fleet.state('Q1'))?.from, keyOf('P1'))
        assert.is(await claim(b, s2, 'Q1'), 'lost Q1 to session-1')
        assert.is(await ask(b, s2), 'granted Z9')
        assert.is(await ask(a, s1), 'held Q1')
        assert.is(await done(a, s1), 'completed Q1')
        await settle(a, s3)
        assert.is(cell(await fleet.text(), 'Q1'), 'COMPLETED')
        assert.is((await fleet.state('Q1'))?.done?.by, s1)
        assert.is(await fleet.claimOf('P1'), undefined)
        assert.is(await done(a, s1, 'Q1'), 'completed Q1 by session-1')
      },
      kind,
    ))

test('a row that is renamed again after every fold is still its holder’s, also when it gets its first id back', () =>
  on(two, async (fleet, a) => {
    await claim(a, s1, 'P1')
    for (const [from, to] of [
      ['P1', 'Q1'],
      ['Q1', 'A7'],
      ['A7', 'X3'],
      ['X3', 'B2'],
      ['B2', 'P1'],
      ['P1', 'M5'],
    ] as const) {
      await settle(a, s3)
      await fleet.edit(rename(from, to))
      assert.is(await standing(a), `${to} claimed by session-1, Z9 ready`)
      await settle(a, s3)
      assert.is(await standing(a), `${to} claimed by session-1, Z9 ready`)
    }
    assert.is(await done(a, s1), 'completed M5')
    await settle(a, s3)
    assert.is(await standing(a), 'M5 done, Z9 ready')
  }))

test('a row is renamed with its claim although another board has a row of its old id', () =>
  on(twoBoards(boardOf(['1'], ['9']), boardOf(['1'], ['2'])), async (fleet, a) => {
    await claim(a, s1, `${BOARD}:1`)
    await fold(a.box, s3)
    await fleet.edit(rename('1', '5'))
    assert.is(await standing(a), '5 claimed by session-1, 9 ready, 1 ready, 2 ready')
    await settle(a, s3)
    assert.is(await claim(a, s2, '5'), 'lost 5 to session-1')
    assert.is(await done(a, s1), 'completed 5')
  }))

test('a row that is renamed between its done and the fold is done, and its claim ref is swept', () =>
  on(two, async (fleet, a) => {
    await claim(a, s1, 'P1')
    await fold(a.box, s3)
    await done(a, s1)
    await fleet.edit(rename('P1', 'Q1'))
    assert.is(await standing(a), 'Q1 done, Z9 ready')
    await settle(a, s3)
    assert.is(await standing(a), 'Q1 done, Z9 ready')
    assert.is(await fleet.claimOf('P1'), undefined)
  }))

test('a renamed row that is given back is free for the next session, under its new id', () =>
  on(two, async (fleet, a) => {
    await claim(a, s1, 'P1')
    await fleet.edit(rename('P1', 'Q1'))
    await settle(a, s3)
    assert.is(await release(a, s1, 'Q1'), 'released Q1')
    await settle(a, s3)
    assert.is(await standing(a), 'Q1 ready, Z9 ready')
    assert.is(await claim(a, s2, 'Q1'), 'granted Q1')
    assert.is((await read(a.box)).snapshot.views.get(keyOf('Q1'))?.claim?.epoch, 2)
    assert.is(await done(a, s2), 'completed Q1')
    await settle(a, s3)
    assert.is(await standing(a), 'Q1 done, Z9 ready')
  }))

test('what a row took over when it was renamed is over once it is settled: a later claim is none of it', () =>
  on(two, async (fleet, a) => {
    await claim(a, s1, 'P1')
    await fleet.edit(rename('P1', 'Q1'))
    await settle(a, s3)
    await done(a, s1)
    await settle(a, s3)
    await fleet.edit((text) => `${text.trimEnd()}\n| P1 | Another | AVAILABLE | None |\n`)
    await fold(a.box, s3)
    assert.is(await claim(a, s2, 'P1'), 'granted P1')
    await fold(a.box, s3)
    await fleet.edit(without('P1'))
    assert.equal(
      (await read(a.box)).snapshot.orphans.map(({ key }) => key),
      [keyOf('P1')],
    )
    assert.is(await done(a, s2), 'completed P1')
    await settle(a, s3)
    assert.is((await fleet.state('Q1'))?.done?.by, s1)
  }))

test('a row that moves to another board keeps its claim over folds', () =>
  on(twoBoards(two, boardOf(['X1'])), async (fleet, a) => {
    await claim(a, s1, 'P1')
    await fold(a.box, s3)
    await fleet.edit(without('P1'))
    await fleet.edit(withRow('P1'), { file: SECOND })
    await settle(a, s3)
    assert.is(await standing(a), 'Z9 ready, X1 ready, P1 claimed by session-1')
    assert.is(cell(await fleet.text(SECOND), 'P1'), 'CLAIMED (session-1)')
    assert.is(await done(a, s1, 'P1'), 'completed P1')
    await settle(a, s3)
    assert.is(cell(await fleet.text(SECOND), 'P1'), 'COMPLETED')
    assert.is(await fleet.claimOf('P1'), undefined)
  }))

for (const id of ['P1', 'Q1', keyOf('P1'), keyOf('Q1')])
  test(`a claim on a renamed row is taken back by the name ${id}`, () =>
    on(two, async (fleet, a) => {
      await claim(a, s1, 'P1')
      await fleet.edit(rename('P1', 'Q1'))
      await settle(a, s3)
      assert.equal(await revoke(a.box, { by: s2, from: s1, task: id, reason: 'wanted elsewhere' }), [keyOf('P1')])
      assert.is(await standing(a), 'Q1 ready, Z9 ready')
    }))

test('an orphan is taken back by its old id', () =>
  on(two, async (fleet, a) => {
    await claim(a, s1, 'P1')
    await settle(a, s3)
    await fleet.edit(without('P1'))
    await settle(a, s3)
    assert.equal(await revoke(a.box, { by: s2, from: s1, task: 'P1', reason: 'gone' }), [keyOf('P1')])
    assert.is(await codeOf(done(a, s1)), 'claim/none-held')
  }))

test('a completed row that is removed does not complete an old row of the same title', () =>
  on(
    [
      '| ID | Task | Status |',
      '|---|---|---|',
      '| P1 | Write tests | AVAILABLE |',
      '| P2 | Write tests | AVAILABLE |',
      '',
    ].join('\n'),
    async (fleet, a) => {
      await claim(a, s1, 'P1')
      await done(a, s1)
      await fleet.edit(without('P1'))
      assert.is(await standing(a), 'P2 ready')
      await settle(a, s3)
      assert.is(await standing(a), 'P2 ready')
      assert.is(await ask(a, s2), 'granted P2')
    },
  ))

for (const folds of [0, 1])
  test(`a completed row that is removed does not complete its namesake on another board, after ${folds} folds`, () =>
    on(twoBoards(boardOf(['1'], ['9']), boardOf(['1'], ['2'])), async (fleet, a) => {
      for (let at = 0; at < folds; at += 1) await fold(a.box, s3)
      await claim(a, s1, `${BOARD}:1`)
      if (folds > 0) await fold(a.box, s3)
      await done(a, s1, `${BOARD}:1`)
      await fleet.edit(without('1'))
      assert.is(await claim(a, s2, `${SECOND}:2`), 'granted 2')
      await settle(a, s3)
      const { snapshot } = await read(a.box)
      assert.is.not(snapshot.views.get(keyOf('1', SECOND))?.status, 'done')
      assert.is(snapshot.states.get(keyOf('1', SECOND))?.done, undefined)
    }))

test('a silent session that holds an orphan keeps its chain; one that holds nothing is swept', () =>
  on(two, async (fleet, a) => {
    await claim(a, s1, 'P1')
    await claim(a, s2, 'Z9')
    await done(a, s2)
    await settle(a, s3)
    await fleet.edit(without('P1'))
    await settle(a, s3)
    fleet.clock.advance(8 * DAY)
    await settle(a, s3)
    assert.ok((await fleet.refs()).has(sessionRefOf(s1)))
    assert.not.ok((await fleet.refs()).has(sessionRefOf(s2)))
    assert.is(await done(a, s1), 'completed P1')
  }))

test('a person’s word about a renamed row that is held counts for its claim', () =>
  on(two, async (fleet, a) => {
    await claim(a, s1, 'P1')
    await fleet.edit(rename('P1', 'Q1'))
    await settle(a, s3)
    await fleet.edit(retype('Q1', 'AVAILABLE'), { by: 'Ben Person' })
    assert.is(await done(a, s1, 'Q1'), 'lost Q1 to Ben Person')
    await settle(a, s3)
    assert.is(await standing(a), 'Q1 ready, Z9 ready')
    assert.is(await claim(a, s2, 'Q1'), 'granted Q1')
  }))

test.run()
