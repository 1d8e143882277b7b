/** Claims in git while somebody else decides, or is about to. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { GIT_ALONE } from '../../../src/fast/index.ts'
import type { SessionName } from '../../../src/model/index.ts'
import { revoke } from '../../../src/workflows/adjust.ts'
import { fold } from '../../../src/workflows/fold.ts'
import { next } from '../../../src/workflows/next.ts'
import { read } from '../../../src/workflows/read.ts'
import { askUntil } from '../../../src/workflows/wait.ts'
import { ask, claim, codeOf, done, release, settle, standing } from '../../support/acts.ts'
import { MODES, modeUnderPush, putMode } from '../../support/fast-mode.ts'
import { boardOf, type FleetKind, names } from '../../support/fleet.ts'
import { on } from '../../support/on-fleet.ts'

const [s1, s2, s3] = names(3) as [SessionName, SessionName, SessionName]
const two = boardOf(['P1'], ['Z'])
const KINDS: readonly FleetKind[] = ['memory', 'memory-remote', 'local', 'remote']

test('without a mode ref git decides, in epoch 0', () =>
  on(two, async (_fleet, a) => {
    assert.equal((await read(a.box)).mode, GIT_ALONE)
  }))

for (const kind of KINDS) {
  test(`while git does not decide no claim is taken in git, and nothing is moved, on ${kind}`, () =>
    on(
      two,
      async (fleet, a) => {
        assert.is(await claim(a, s1, 'P1'), 'granted P1')
        for (const [mode, code] of [
          [MODES.switching, 'fast/switching'],
          [MODES.etcd, 'fast/elsewhere'],
          [MODES.draining, 'fast/switching'],
        ] as const) {
          await putMode(a, mode)
          const before = await fleet.refs()
          assert.is(await codeOf(ask(a, s2)), code)
          assert.is(await codeOf(ask(a, s1)), code, 'also for who holds one: it may be carried by now')
          assert.is(await codeOf(claim(a, s2, 'Z')), code)
          assert.is(await codeOf(next(a.box, { session: s2, peek: true })), code)
          assert.is(await codeOf(revoke(a.box, { by: s2, from: s1, task: 'P1', reason: 'late' })), code)
          assert.equal(await fleet.refs(), before)
        }
        await putMode(a, MODES.back)
        assert.is(await standing(a), 'P1 ready, Z ready', 'what was not registered has lapsed')
        assert.is(await claim(a, s2, 'P1'), 'granted P1')
        assert.is((await read(a.box)).claims[0]?.modeEpoch, 3)
      },
      kind,
    ))

  test(`a claim that lands after a switch began is withdrawn, and not told as granted, on ${kind}`, () =>
    on(
      two,
      async (fleet, a, b) => {
        modeUnderPush(a, b, MODES.switching)
        assert.is(await codeOf(ask(a, s1)), 'fast/switching')
        assert.is(await fleet.claimOf('P1'), undefined)
        assert.is(await fleet.claimOf('Z'), undefined)
      },
      kind,
    ))

  for (const [mode, code] of [
    ['etcd', 'fast/elsewhere'],
    ['draining', 'fast/switching'],
  ] as const)
    test(`a claim that lands while the mode is ${mode} is withdrawn too, on ${kind}`, () =>
      on(
        two,
        async (fleet, a, b) => {
          await putMode(b, MODES.switching)
          if (mode === 'draining') await putMode(b, MODES.etcd)
          await fleet.force(fleet.layout.mode, undefined)
          modeUnderPush(a, b, { ...MODES[mode] })
          assert.is(await codeOf(ask(a, s1)), code)
          assert.equal([await fleet.claimOf('P1'), await fleet.claimOf('Z')], [undefined, undefined])
        },
        kind,
      ))

  test(`a claim that was asked for before a whole turn of the mode is withdrawn, and asked for anew, on ${kind}`, () =>
    on(
      two,
      async (_fleet, a, b) => {
        a.traffic.beforePush = async () => {
          a.traffic.beforePush = undefined
          for (const mode of [MODES.switching, MODES.etcd, MODES.draining, MODES.back]) await putMode(b, mode)
          return undefined
        }
        assert.match(await ask(a, s1), /^granted /)
        assert.equal(
          (await read(a.box)).claims.map(({ modeEpoch }) => modeEpoch),
          [3],
        )
      },
      kind,
    ))
}

test('what no switch has carried yet ends in git while switching, and not afterwards', () =>
  on(two, async (_fleet, a) => {
    await claim(a, s1, 'P1')
    await claim(a, s2, 'Z')
    await putMode(a, MODES.switching)
    assert.is(await done(a, s1), 'completed P1')
    await putMode(a, MODES.etcd)
    assert.is(await codeOf(done(a, s2)), 'fast/elsewhere')
    await putMode(a, MODES.draining)
    assert.is(await codeOf(release(a, s2)), 'fast/switching')
  }))

test('a remainder of an older epoch is swept by the next fold, and counted as a grant', () =>
  on(two, async (fleet, a) => {
    await claim(a, s1, 'P1')
    for (const mode of [MODES.switching, MODES.etcd, MODES.draining, MODES.back]) await putMode(a, mode)
    await settle(a, s3)
    assert.is(await fleet.claimOf('P1'), undefined)
    assert.is((await fleet.state('P1'))?.grants, 1)
    assert.is(await claim(a, s2, 'P1'), 'granted P1')
    assert.is((await read(a.box)).claims[0]?.epoch, 2)
  }))

for (const isSwept of [false, true])
  test(`a holder that nobody registered is told that its claim lapsed, ${isSwept ? 'after' : 'before'} a fold`, () =>
    on(two, async (_fleet, a) => {
      await claim(a, s1, 'P1')
      for (const mode of [MODES.switching, MODES.etcd, MODES.draining, MODES.back]) await putMode(a, mode)
      if (isSwept) await settle(a, s3)
      assert.is(await done(a, s1, 'P1', { note: 'kept in the log' }), 'lost P1 to undefined')
      assert.is(await claim(a, s1, 'P1'), 'granted P1')
      assert.is(await done(a, s1, 'P1'), 'completed P1')
    }))

test('a completion that was under way through a whole turn of the mode is told the same', () =>
  on(
    two,
    async (_fleet, a, b) => {
      await claim(a, s1, 'P1')
      a.traffic.beforePush = async () => {
        a.traffic.beforePush = undefined
        for (const mode of [MODES.switching, MODES.etcd, MODES.draining, MODES.back]) await putMode(b, mode)
        await settle(b, s3)
        return undefined
      }
      assert.is(await done(a, s1, 'P1'), 'lost P1 to undefined')
    },
    'memory-remote',
  ))

test('while etcd decides and is drained, git alone folds nothing: it does not know who holds what', () =>
  on(two, async (fleet, a) => {
    await claim(a, s1, 'P1')
    await putMode(a, MODES.switching)
    await putMode(a, MODES.etcd)
    fleet.clock.advance(600_000)
    const head = await fleet.head()
    assert.equal(await fold(a.box, s3), { kind: 'nothing' })
    await putMode(a, MODES.draining)
    assert.equal(await fold(a.box, s3), { kind: 'nothing' })
    assert.is(await fleet.head(), head)
    await putMode(a, MODES.back)
    assert.is((await fold(a.box, s3)).kind, 'folded')
  }))

test('who waits for a task waits through a switch, and is told of it where time is over', () =>
  on(two, async (fleet, a, b) => {
    await putMode(a, MODES.switching)
    const { clock, chance } = a.box
    const waiting = { clock, chance, stop: new AbortController().signal, authority: 'local', seconds: 60 } as const
    const question = () => next(a.box, { session: s1 })
    assert.is(await codeOf(askUntil(waiting, question)), 'fast/switching')
    let asked = 0
    const outcome = await askUntil(waiting, async () => {
      asked += 1
      if (asked === 3) await putMode(b, { ...MODES.back, mode: 'git' })
      return question()
    })
    assert.equal([outcome.kind, asked], ['granted', 3])
    assert.is(await standing(a), 'P1 claimed by session-1, Z ready')
    assert.ok(fleet.clock.now().monotonicMs > 60_000)
  }))

test('a completion counts whatever the mode became', () =>
  on(two, async (_fleet, a) => {
    await claim(a, s1, 'P1')
    assert.is(await done(a, s1), 'completed P1')
    for (const mode of [MODES.switching, MODES.etcd, MODES.draining, MODES.back]) await putMode(a, mode)
    await settle(a, s3)
    assert.is(await standing(a), 'P1 done, Z ready')
  }))

test.run()
