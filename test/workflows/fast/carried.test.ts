/** Claims that a switch carried: the same grant under another value, for everybody who looks. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../../src/model/index.ts'
import { moveMode } from '../../../src/workflows/fast/move-mode.ts'
import { next } from '../../../src/workflows/next.ts'
import { read } from '../../../src/workflows/read.ts'
import { show } from '../../../src/workflows/views.ts'
import { openLog } from '../../../src/workflows/witness/log-book.ts'
import { taskStory } from '../../../src/workflows/witness/story.ts'
import { ask, claim, codeOf, done, fail, release, settle, standing } from '../../support/acts.ts'
import { SWITCHER } from '../../support/fast-mode.ts'
import { boardOf, type FleetKind, keyOf, names, retype } from '../../support/fleet.ts'
import { on } from '../../support/on-fleet.ts'
import { upAndGivenUp } from '../../support/switching.ts'

const [s1, s2, s3] = names(3) as [SessionName, SessionName, SessionName]
const two = boardOf(['P1'], ['Z'])

for (const kind of ['memory', 'memory-remote', 'local', 'remote'] as readonly FleetKind[])
  test(`its session goes on with it, and since when it holds it stays, on ${kind}`, () =>
    on(
      two,
      async (fleet, a, b) => {
        assert.is(await claim(a, s1, 'P1'), 'granted P1')
        const [before] = (await read(a.box)).claims
        fleet.clock.advance(60_000)
        await upAndGivenUp(b)
        const [after] = (await read(a.box)).claims
        assert.is.not(after?.oid, before?.oid)
        assert.equal(
          [after?.session, after?.epoch, after?.leaseMs, after?.modeEpoch, after?.at],
          [before?.session, before?.epoch, before?.leaseMs, 1, before?.at],
        )
        assert.is(await ask(a, s1), 'held P1')
        assert.is(await ask(b, s2), 'granted Z')
        assert.is(await standing(b), 'P1 claimed by session-1, Z claimed by session-2')
        assert.is(await done(a, s1), 'completed P1')
        await settle(a, s3)
        assert.is(await fleet.claimOf('P1'), undefined)
        assert.is((await fleet.state('P1'))?.done?.by, s1)
      },
      kind,
    ))

test('it is one grant in the log, and what ended it is told', () =>
  on(two, async (_fleet, a) => {
    await claim(a, s1, 'P1')
    await upAndGivenUp(a)
    await fail(a, s1)
    await claim(a, s2, 'P1')
    await upAndGivenUp(a)
    await settle(a, s3)
    const { parts } = await taskStory(await openLog(a.box), 'P1')
    const grants = parts.filter((part) => part.kind === 'grant')
    assert.equal(
      grants.map(({ session, end }) => [session, end?.kind ?? 'held']),
      [
        [s1, 'failed'],
        [s2, 'held'],
      ],
    )
  }))

test('what a session held before it and what it failed at stay known', () =>
  on(two, async (fleet, a) => {
    await claim(a, s1, 'P1')
    await upAndGivenUp(a)
    assert.is(await fail(a, s1), 'failed P1')
    await settle(a, s3)
    assert.is(await ask(a, s1), 'granted Z', 'not offered to who failed at it')
    const [claimed] = (await read(a.box)).claims.filter(({ key }) => key === keyOf('P1'))
    assert.equal([claimed?.kind, claimed?.failures], ['returned', 1])
    assert.is((await fleet.state('P1'))?.failures ?? 0, 0, 'a ref that stays counts by itself')
  }))

test('a person who frees the task that the board shows as claimed frees it, although it was carried since', () =>
  on(two, async (fleet, a) => {
    await claim(a, s1, 'P1')
    fleet.clock.advance(180_000)
    await settle(a, s3)
    await upAndGivenUp(a)
    await fleet.edit(retype('P1', 'AVAILABLE'))
    assert.is(await standing(a), 'P1 ready, Z ready')
    assert.is(await done(a, s1, 'P1'), 'lost P1 to Ada Person')
  }))

test('a claim that a person took back is not carried, and cannot be completed later', () =>
  on(two, async (fleet, a) => {
    await claim(a, s1, 'P1')
    fleet.clock.advance(180_000)
    await settle(a, s3)
    await fleet.edit(retype('P1', 'AVAILABLE'))
    await upAndGivenUp(a)
    const [record] = (await read(a.box)).claims
    assert.equal([record?.event.type, record?.kind, record?.event.data.from], ['if-board.revoked', 'returned', s1])
    assert.is(await standing(a), 'P1 ready, Z ready')
  }))

test('in a view whose mode is older than the carry, it does not end', () =>
  on(two, async (fleet, a, b) => {
    await claim(a, s1, 'P1')
    const older = (await fleet.refs()).get(fleet.layout.mode)
    const reading = await read(b.box)
    await moveMode(b.box, reading, { session: SWITCHER, to: { ...reading.mode, mode: 'switching', epoch: 1 } })
    await upAndGivenUp(b)
    await fleet.force(fleet.layout.mode, older)
    assert.is(await codeOf(release(a, s1)), 'fast/switching')
  }))

test('show tells who carried it', () =>
  on(two, async (_fleet, a) => {
    await claim(a, s1, 'P1')
    await upAndGivenUp(a)
    const { story, task } = await show(a.box, 'P1')
    assert.equal(
      story.map(({ what, session, from }) => [what, session, from]),
      [
        ['carried', SWITCHER, s1],
        ['claim', s1, null],
      ],
    )
    assert.is(task.holder, s1)
    assert.is((await next(a.box, { session: s1 })).kind, 'held')
  }))

test.run()
