/** What a fold leaves whose server died between its board and its note, and what the next fold makes of it. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../src/model/index.ts'
import { fold } from '../../src/workflows/fold.ts'
import { acceptRewind } from '../../src/workflows/sync.ts'
import { claim, done } from '../support/acts.ts'
import { boardOf, type Clone, cell, type Fleet, names, retype } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'
import { KILLED, killInNextPush, loseFolder } from '../support/tear.ts'
import { codesOf, verifyAfresh } from '../support/verified.ts'
import { notesOf, sealedNotes } from '../support/witnessed.ts'

const [s1, s2, s3, folder] = names(4) as [SessionName, SessionName, SessionName, SessionName]
const board = boardOf(['T1'], ['T2'], ['T3'], ['T4'])

/** Its board lands, its note does not; whoever folded comes back, or does not. */
async function foldWithoutNote(
  one: Fleet,
  clone: Clone,
  { comesBack }: { readonly comesBack: boolean } = { comesBack: false },
): Promise<void> {
  const head = await one.head()
  killInNextPush(one, clone, (moves) => moves.slice(0, 1))
  await fold(clone.box, folder).then(
    () => assert.unreachable('the server was killed'),
    (error) => assert.is(error.message, KILLED),
  )
  assert.is.not(await one.head(), head)
  if (!comesBack) await loseFolder(clone)
}

/** It signs its completion now, and the server has it when all of this has happened. */
async function doneLate(clone: Clone, session: SessionName, meanwhile: () => Promise<void>): Promise<void> {
  clone.traffic.beforePush = async () => {
    clone.traffic.beforePush = undefined
    await meanwhile()
    return undefined
  }
  assert.match(await done(clone, session), 'completed')
}

/** Nothing is found, at any level. */
async function clean(...clones: readonly Clone[]): Promise<void> {
  const verdict = await verifyAfresh({ clones }, 'audit')
  assert.equal(codesOf(verdict), [], JSON.stringify(verdict.findings))
}

/** Edits of people that notes have: `1: Ada Person T3 available → paused`, by the number of the fold. */
async function recorded(clone: Clone): Promise<string[]> {
  return (await notesOf(clone)).flatMap(({ checkpoint: { fold: number, records } }) =>
    records.flatMap(({ kind, author, changes }) =>
      kind === 'edit'
        ? changes.map(({ key, from, to }) => `${number}: ${author} ${key.split(':')[1]} ${from ?? '-'} → ${to ?? '-'}`)
        : [],
    ),
  )
}

test('what only the board of a lost fold counted is sealed before what was signed earlier and landed later', () =>
  on({ kind: 'memory-remote', board }, async (one, a, b, c) => {
    await claim(a, s1, 'T1')
    await claim(c, s3, 'T3')
    await fold(b.box, folder)
    await doneLate(c, s3, async () => {
      one.clock.advance(500)
      assert.is(await done(a, s1), 'completed T1')
      one.clock.advance(500)
      await foldWithoutNote(one, b)
      one.clock.advance(500)
    })
    await fold(b.box, folder)
    await clean(a, b)
    assert.equal((await sealedNotes(b)).at(-1), [`${s1}#2 complete`, `${s3}#2 complete`])
  }))

test('of two lost folds in a row, what the first counted is sealed before what the second did', () =>
  on({ kind: 'memory-remote', board }, async (one, a, b, c) => {
    await claim(a, s1, 'T1')
    await claim(c, s3, 'T3')
    await fold(b.box, folder)
    await doneLate(c, s3, async () => {
      one.clock.advance(500)
      assert.is(await done(a, s1), 'completed T1')
      await foldWithoutNote(one, b)
    })
    await foldWithoutNote(one, a)
    await claim(b, s2, 'T2')
    await fold(b.box, folder)
    await clean(a, b)
    assert.equal((await sealedNotes(b)).at(-1), [`${s1}#2 complete`, `${s3}#2 complete`, `${s2}#1 claim`])
  }))

test('what a person changed before a lost fold is in the next note, and nothing that the lost fold wrote', () =>
  on({ kind: 'memory-remote', board }, async (one, a, b) => {
    await claim(a, s1, 'T1')
    await fold(b.box, folder)
    await one.edit(retype('T3', 'PAUSED'), { by: 'Ada Person' })
    await done(a, s1)
    await foldWithoutNote(one, b)
    assert.is(cell(await one.text(), 'T1'), 'COMPLETED')
    await one.edit(retype('T4', 'PAUSED'), { by: 'Ben Person' })
    await fold(b.box, folder)
    assert.equal(await recorded(b), ['2: Ada Person T3 available → paused', '2: Ben Person T4 available → paused'])
    await claim(a, s1, 'T2')
    await fold(b.box, folder)
    assert.is((await recorded(b)).length, 2)
    await clean(a, b)
  }))

test('the same before the first note of all', () =>
  on({ kind: 'memory-remote', board }, async (one, a, b) => {
    await one.edit(retype('T3', 'PAUSED'), { by: 'Ada Person' })
    await claim(a, s1, 'T1')
    await foldWithoutNote(one, b)
    await one.edit(retype('T4', 'PAUSED'), { by: 'Ben Person' })
    await fold(b.box, folder)
    assert.equal(await recorded(b), ['1: Ada Person T3 available → paused', '1: Ben Person T4 available → paused'])
    await clean(a, b)
  }))

test('many commits before a lost fold are one difference, without what it wrote', () =>
  on({ kind: 'memory-remote', board }, async (one, a, b) => {
    await claim(a, s1, 'T1')
    await fold(b.box, folder)
    for (let commit = 0; commit < 9; commit += 1) await one.edit((text) => `${text}\nRemark ${commit}.\n`)
    await one.edit(retype('T3', 'PAUSED'), { by: 'Ada Person' })
    await done(a, s1)
    await foldWithoutNote(one, b)
    await one.edit(retype('T4', 'PAUSED'), { by: 'Ben Person' })
    await fold(b.box, folder)
    assert.equal(await recorded(b), ['2: Ada Person T3 available → paused', '2: Ben Person T4 available → paused'])
    await clean(a, b)
  }))

test('a branch that was put back behind a lost fold is recorded from its newest note on', () =>
  on({ kind: 'memory-remote', board }, async (one, a, b) => {
    await claim(a, s1, 'T1')
    await fold(b.box, folder)
    await one.edit(retype('T3', 'PAUSED'), { by: 'Ada Person' })
    await done(a, s1)
    await foldWithoutNote(one, b)
    const lost = await one.head()
    await claim(a, s1, 'T2')
    await fold(b.box, folder)
    await one.force(one.layout.board, lost)
    await acceptRewind(b.box, folder)
    assert.equal(await recorded(b), ['2: Ada Person T3 available → paused', '3: Ada Person T3 available → paused'])
    await clean(a, b)
  }))

test('whoever folded and comes back brings the note as it was, before it folds again', () =>
  on({ kind: 'memory-remote', board }, async (one, a, b) => {
    await claim(a, s1, 'T1')
    await foldWithoutNote(one, b, { comesBack: true })
    const head = await one.head()
    await one.edit(retype('T4', 'PAUSED'), { by: 'Ben Person' })
    await done(a, s1)
    assert.is((await fold(b.box, folder)).kind, 'overtaken')
    assert.equal(
      (await notesOf(b)).map(({ checkpoint }) => checkpoint.board),
      [head],
    )
    await clean(a, b)
    assert.is((await fold(b.box, folder)).kind, 'folded')
    assert.is((await sealedNotes(b)).length, 2)
    assert.equal(await recorded(b), ['2: Ben Person T4 available → paused'])
    await clean(a, b)
  }))

test('where another clone has folded meanwhile, its note stands and none is brought', () =>
  on({ kind: 'memory-remote', board }, async (one, a, b) => {
    await claim(a, s1, 'T1')
    await foldWithoutNote(one, b, { comesBack: true })
    await fold(a.box, s1)
    await done(a, s1)
    assert.is((await fold(b.box, folder)).kind, 'folded')
    assert.is((await sealedNotes(b)).length, 2)
    await clean(a, b)
  }))

test('a fold of which nothing has landed is not owed a note', () =>
  on({ kind: 'memory-remote', board }, async (one, a, b) => {
    await claim(a, s1, 'T1')
    killInNextPush(one, b, () => [])
    await fold(b.box, folder).then(
      () => assert.unreachable('the server was killed'),
      (error) => assert.is(error.message, KILLED),
    )
    assert.is((await fold(b.box, folder)).kind, 'folded')
    assert.is((await sealedNotes(b)).length, 1)
    await clean(a, b)
  }))

test.run()
