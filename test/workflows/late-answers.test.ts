/** Commands whose push was overtaken or whose answer was lost: what they end, and what they answer. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../src/model/index.ts'
import { note, reportCost } from '../../src/workflows/adjust.ts'
import { fold } from '../../src/workflows/fold.ts'
import { read } from '../../src/workflows/read.ts'
import { ask, claim, codeOf, done, end, fail, release, settle, standing } from '../support/acts.ts'
import { boardOf, type Clone, cell, keyOf, names, retype } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'
import { loseAnswer } from '../support/tear.ts'

const [s1, s2, s3] = names(3) as [SessionName, SessionName, SessionName]
const two = boardOf(['P1'], ['Z'])
const evidence = { branch: 'feature', commit: 'a'.repeat(40), note: 'look here' }

/** At the first push of this clone, before it arrives: this happens. */
function meanwhile(clone: Clone, happens: () => Promise<unknown>): void {
  clone.traffic.beforePush = async () => {
    clone.traffic.beforePush = undefined
    await happens()
    return undefined
  }
}

for (const kind of ['memory-remote', 'remote'] as const)
  test(`a completion that lands under a fold of the same task typed as done is the session’s, on ${kind}`, () =>
    on(
      two,
      async (fleet, a, b) => {
        await ask(b, s1)
        const planned = gate()
        const ended = gate()
        let folding: Promise<{ readonly kind: string }> | undefined
        // s1 read the board before the edit; the fold is planned after the edit and before the completion.
        meanwhile(b, async () => {
          await fleet.edit(retype('P1', 'COMPLETED'))
          meanwhile(a, async () => {
            planned.open()
            await ended.passed
          })
          folding = fold(a.box, s2)
          await planned.passed
        })
        assert.is(await done(b, s1, 'P1', evidence), 'completed P1')
        ended.open()
        assert.is((await folding)?.kind, 'overtaken')
        await settle(a, s2)
        const record = (await fleet.state('P1'))?.done
        assert.is(record?.by, s1)
        assert.equal([record?.by !== 'person' && record?.commit, record?.note], [evidence.commit, evidence.note])
        for (let times = 0; times < 2; times += 1) assert.is(await done(b, s1, 'P1'), 'completed P1 by session-1')
        assert.is(await fleet.claimOf('P1'), undefined)
      },
      kind,
    ))

for (const kind of ['memory', 'memory-remote'] as const)
  test(`a task that was reopened and done again is the second session’s, whoever typed COMPLETED, on ${kind}`, () =>
    on(
      two,
      async (fleet, a, b) => {
        await claim(a, s1, 'P1')
        await done(a, s1)
        await settle(a, s3)
        await fleet.edit(retype('P1', 'AVAILABLE'))
        assert.is(await claim(b, s2, 'P1'), 'granted P1')
        assert.is(await done(b, s2), 'completed P1')
        await fleet.edit(retype('P1', 'COMPLETED'))
        await settle(a, s3)
        assert.is((await fleet.state('P1'))?.done?.by, s2)
        assert.is(await done(b, s2, 'P1'), 'completed P1 by session-2')
        assert.is(await done(a, s1, 'P1'), 'already-settled P1 by session-2')
        assert.is(await fleet.claimOf('P1'), undefined)
      },
      kind,
    ))

for (const kind of ['memory', 'memory-remote', 'local', 'remote'] as const)
  test(`done without an id ends what was held when it began, never what its session took since, on ${kind}`, () =>
    on(
      two,
      async (_fleet, a) => {
        assert.is(await claim(a, s1, 'P1'), 'granted P1')
        meanwhile(a, async () => {
          assert.is(await done(a, s1), 'completed P1')
          assert.is(await ask(a, s1), 'granted Z')
        })
        assert.is(await done(a, s1), 'completed P1 by session-1')
        assert.is(await standing(a), 'P1 done, Z claimed by session-1')
      },
      kind,
    ))

test('a release whose session gave the task back and took it anew meanwhile leaves the new grant alone', () =>
  on(boardOf(['P1']), async (_fleet, a) => {
    await ask(a, s1)
    meanwhile(a, async () => {
      assert.is(await release(a, s1), 'released P1')
      assert.is(await ask(a, s1), 'granted P1')
    })
    assert.is(await release(a, s1), 'lost P1 to session-1')
    assert.is(await standing(a), 'P1 claimed by session-1')
  }))

const endings = {
  done: (clone: Clone) => done(clone, s1),
  fail: (clone: Clone) => fail(clone, s1),
  release: (clone: Clone) => release(clone, s1),
  block: (clone: Clone) => end(clone, s1, { kind: 'blocked', blocker: 'the vendor' }),
}
const answers = { done: 'completed P1', fail: 'failed P1', release: 'released P1', block: 'blocked P1' }

for (const kind of ['memory', 'remote'] as const)
  for (const command of ['done', 'fail', 'release', 'block'] as const)
    test(`${command} whose push landed and whose answer was lost answers as if it was not, on ${kind}`, () =>
      on(
        boardOf(['P1']),
        async (_fleet, a) => {
          await ask(a, s1)
          loseAnswer(a)
          assert.is(await endings[command](a), answers[command])
          const { snapshot } = await read(a.box)
          assert.is(snapshot.sessions.get(s1)?.record.last?.event.sequence, 2, 'said once')
        },
        kind,
      ))

test('a note and a cost whose push landed and whose answer was lost are said once', () =>
  on({ kind: 'remote', board: boardOf(['P1']) }, async (_fleet, a) => {
    await ask(a, s1)
    loseAnswer(a)
    await note(a.box, s1, 'P1', 'half way')
    loseAnswer(a)
    await reportCost(a.box, { session: s1, task: 'P1', cost: { seconds: 3 }, text: '' })
    assert.is((await read(a.box)).snapshot.sessions.get(s1)?.record.last?.event.sequence, 3, 'each said once')
  }))

test('a done that landed and was folded before its answer was lost answers completed', () =>
  on(boardOf(['P1']), async (fleet, a, b) => {
    await ask(a, s1)
    const { refs } = a.box
    const moveAll = refs.moveAll.bind(refs)
    refs.moveAll = async (moves, unchanged) => {
      refs.moveAll = moveAll
      await moveAll(moves, unchanged)
      await settle(b, s2)
      return { kind: 'stale', refs: [] }
    }
    assert.is(await done(a, s1), 'completed P1')
    assert.is(cell(await fleet.text(), 'P1'), 'COMPLETED')
  }))

test('a release whose answer was lost answers released, although another session has the task by now', () =>
  on(boardOf(['P1']), async (_fleet, a, b) => {
    await ask(a, s1)
    const { refs } = a.box
    const moveAll = refs.moveAll.bind(refs)
    refs.moveAll = async (moves, unchanged) => {
      refs.moveAll = moveAll
      await moveAll(moves, unchanged)
      assert.is(await ask(b, s2), 'granted P1')
      assert.is(await done(b, s2), 'completed P1')
      return { kind: 'stale', refs: [] }
    }
    assert.is(await release(a, s1), 'released P1')
    assert.is(await standing(b), 'P1 done')
  }))

test('an ending command whose claim was stolen under its push is lost to the thief', () =>
  on(boardOf(['P1']), async (fleet, a, b) => {
    await ask(a, s1, 10)
    await read(b.box)
    fleet.clock.advance(10 * 60_000)
    meanwhile(a, async () => assert.is(await ask(b, s2), 'granted P1'))
    assert.is(await done(a, s1), 'lost P1 to session-2')
    assert.is(await codeOf(done(a, s1)), 'claim/none-held')
    assert.is((await read(a.box)).snapshot.views.get(keyOf('P1'))?.holder, s2)
  }))

function gate(): { readonly passed: Promise<void>; open(): void } {
  let open: () => void = () => undefined
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open: () => open() }
}

test.run()
