/** Status words that a fold does not understand or cannot write: they never end up in the state, and folds end. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../src/model/index.ts'
import { fold } from '../../src/workflows/fold.ts'
import { sync } from '../../src/workflows/sync.ts'
import { ask, claim, done, fail, release, settle, standing } from '../support/acts.ts'
import { boardOf, cell, type FleetKind, names, retype } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'

const [s1, s2, s3] = names(3) as [SessionName, SessionName, SessionName]
const two = boardOf(['P1'], ['Z'])
const owned: readonly FleetKind[] = ['memory', 'local']

for (const kind of owned)
  test(`a word that nobody understands never becomes what the state says was shown, on ${kind}`, () =>
    on(
      two,
      async (fleet, a) => {
        await claim(a, s1, 'P1')
        await release(a, s1)
        await fleet.edit(retype('P1', 'CLAIMED'))
        // A lock at the authority: this fold lands without its sweep, so that a later one is due for the task.
        a.traffic.beforePush = async (moves) =>
          moves.some(({ next }) => next === undefined)
            ? { kind: 'busy', reason: 'a ref is locked', lock: 'x' }
            : undefined
        assert.is((await fold(a.box, s1)).kind, 'folded')
        a.traffic.beforePush = undefined
        assert.ok(await fleet.claimOf('P1'))
        await fleet.edit(retype('P1', 'banana'))
        await settle(a, s2)
        assert.is((await fleet.state('P1'))?.shown, 'claimed')
        assert.is(cell(await fleet.text(), 'P1'), 'banana')
        assert.is(await standing(a), 'P1 unknown, Z ready')
        assert.is(await ask(a, s2), 'granted Z')
        await fleet.edit(retype('P1', 'AVAILABLE'))
        await settle(a, s2)
        assert.is(await ask(a, s3), 'granted P1')
      },
      kind,
    ))

for (const [what, before] of [
  ['held', async () => undefined],
  ['done', (clone, session) => done(clone, session)],
  ['failed', (clone, session) => fail(clone, session)],
  ['given back', (clone, session) => release(clone, session)],
] as readonly [string, (...args: Parameters<typeof done>) => Promise<unknown>][])
  test(`after a word that nobody understands over a task that was ${what}, everybody can read every fold`, () =>
    on(two, async (fleet, a, b) => {
      await claim(a, s1, 'P1')
      await fold(a.box, s3)
      await before(a, s1)
      await fleet.edit(retype('P1', 'banana'))
      await settle(a, s3)
      assert.is.not((await fleet.state('P1'))?.shown as string, 'unknown')
      assert.is(await ask(b, s2), 'granted Z')
      await fleet.edit(retype('P1', 'COMPLETED'))
      await settle(a, s3)
      assert.is(await standing(b), 'P1 done, Z claimed by session-2')
    }))

const checkboxes = '# B\n\n- [ ] P1: Do P1\n- [ ] P2: Do P2\n'

for (const kind of ['memory', 'local'] as const)
  test(`sync ends on a board of checkboxes, where a review is a note, on ${kind}`, () =>
    on(
      { kind, board: checkboxes, config: { doneWhen: 'merged', baseBranch: 'main' } },
      async (fleet, a) => {
        assert.is(await ask(a, s1), 'granted P1')
        const commit = 'a'.repeat(40) as never
        assert.is(await done(a, s1, undefined, { commit }), 'completed P1 (review)')
        await sync(a.box, s2)
        assert.is((await sync(a.box, s2)).kind, 'nothing')
        assert.is(await standing(a), 'P1 review by session-1, P2 ready')
        a.merged = new Set([commit])
        assert.is((await sync(a.box, s2)).kind, 'folded')
        assert.is((await sync(a.box, s2)).kind, 'nothing')
        assert.match((await fleet.text()) ?? '', '- [x] P1')
        assert.is(await standing(a), 'P1 done, P2 ready')
        assert.is(await fleet.claimOf('P1'), undefined)
      },
      kind,
    ))

test('sync ends on a table of signs without words, and a review is offered to nobody', () =>
  on(
    {
      kind: 'memory',
      board: '| ID | Task | Status |\n|---|---|---|\n| A | x |  |\n| B | y | ✅ |\n',
      config: { doneWhen: 'merged', baseBranch: 'main' },
    },
    async (_fleet, a) => {
      assert.is(await ask(a, s1), 'granted A')
      assert.is(await done(a, s1), 'completed A (review)')
      await settle(a, s2)
      assert.is(await standing(a), 'A review by session-1, B done')
      assert.is(await ask(a, s2), 'none')
    },
  ))

test.run()
