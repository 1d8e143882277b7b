/** What a fold leaves whose server died between its board and its note, and what the next fold makes of it. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../src/model/index.ts'
import { fold } from '../../src/workflows/fold.ts'
import { claim, done } from '../support/acts.ts'
import { boardOf, type Clone, type Fleet, names } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'
import { KILLED, killInNextPush } from '../support/tear.ts'
import { codesOf, verifyAfresh } from '../support/verified.ts'
import { sealedNotes } from '../support/witnessed.ts'

const [s1, s2, s3, folder] = names(4) as [SessionName, SessionName, SessionName, SessionName]
const board = boardOf(['T1'], ['T2'], ['T3'], ['T4'])

/** Its board lands, its note does not. */
async function foldWithoutNote(one: Fleet, clone: Clone): Promise<void> {
  const head = await one.head()
  killInNextPush(one, clone, (moves) => moves.slice(0, 1))
  await fold(clone.box, folder).then(
    () => assert.unreachable('the server was killed'),
    (error) => assert.is(error.message, KILLED),
  )
  assert.is.not(await one.head(), head)
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

test.run()
