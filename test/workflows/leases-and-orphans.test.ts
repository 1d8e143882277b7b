import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ObjectId, SessionName } from '../../src/model/index.ts'
import { renew } from '../../src/workflows/adjust.ts'
import { fold } from '../../src/workflows/fold.ts'
import { readPending } from '../../src/workflows/pending.ts'
import { read } from '../../src/workflows/read.ts'
import { ask, claim, codeOf, done, settle, standing } from '../support/acts.ts'
import { boardOf, cell, claimRefOf, keyOf, names, retype, sessionRefOf } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'

const [s1, s2, s3] = names(3) as [SessionName, SessionName, SessionName]
const MINUTE = 60_000

const two = boardOf(['T1'], ['T2', 'AVAILABLE', 'T1'])

test('a silent holder loses the task after exactly its lease, to an observer who saw it all the time', () =>
  on(boardOf(['T1']), async (fleet, a, b) => {
    await ask(a, s1, 10)
    assert.is(await claim(b, s2, 'T1'), 'lost T1 to session-1')
    fleet.clock.advance(10 * MINUTE - 1)
    assert.is(await ask(b, s2), 'none')
    fleet.clock.advance(1)
    assert.is(await ask(b, s2), 'granted T1')
    assert.is(await done(a, s1, 'T1'), 'lost T1 to session-2')
    const claims = (await read(b.box)).claims
    assert.equal(
      claims.map(({ epoch, event }) => `${event.type} ${epoch} from ${event.data.from}`),
      ['if-board.steal 2 from session-1'],
    )
    assert.is(await done(b, s2), 'completed T1')
  }))

test('a done that comes after a steal is logged with its evidence, and changes nothing', () =>
  on(boardOf(['T1'], ['T2']), async (fleet, a, b) => {
    await ask(a, s1, 10)
    await claim(b, s2, 'T1')
    fleet.clock.advance(10 * MINUTE)
    assert.is(await claim(b, s2, 'T1'), 'granted T1')
    const held = await fleet.claimOf('T1')
    assert.is(await done(a, s1, 'T1', { branch: 'late-work' }), 'lost T1 to session-2')
    assert.is(await fleet.claimOf('T1'), held)
    const [fact] = (await readPending(a.box, s1)).facts
    assert.equal(fact?.data.evidence, { branch: 'late-work' })
    assert.is(await claim(a, s1, 'T2'), 'granted T2')
    assert.equal((await readPending(a.box, s1)).facts, [])
  }))

test('an observer that comes late must watch for the whole lease itself', () =>
  on(boardOf(['T1']), async (fleet, a, b) => {
    await ask(a, s1, 10)
    fleet.clock.advance(60 * MINUTE)
    assert.is(await ask(b, s2), 'none')
    fleet.clock.advance(10 * MINUTE)
    assert.is(await ask(b, s2), 'granted T1')
  }))

test('a sign of life keeps the task, and so does a reboot or a jump of the observer’s clock', () =>
  on(boardOf(['T1']), async (fleet, a, b) => {
    await ask(a, s1, 10)
    await ask(b, s2)
    fleet.clock.advance(9 * MINUTE)
    assert.equal(await renew(a.box, s1), [keyOf('T1')])
    fleet.clock.advance(9 * MINUTE)
    assert.is(await ask(b, s2), 'none')
    fleet.clock.reboot()
    fleet.clock.advance(9 * MINUTE)
    assert.is(await ask(b, s2), 'none')
    fleet.clock.setWall(fleet.clock.now().wallMs + 600 * MINUTE)
    assert.is(await ask(b, s2), 'none')
    fleet.clock.advance(10 * MINUTE)
    assert.is(await ask(b, s2), 'granted T1')
  }))

test('an expired claim that nobody stole completes normally', () =>
  on(boardOf(['T1']), async (fleet, a) => {
    await ask(a, s1, 10)
    fleet.clock.advance(600 * MINUTE)
    assert.is(await done(a, s1), 'completed T1')
  }))

test('next beats at most once per quarter of the lease, and a beat is no event', () =>
  on(boardOf(['T1']), async (fleet, a) => {
    await ask(a, s1, 20)
    for (let minute = 0; minute < 5; minute += 1) await ask(a, s1)
    assert.is(a.traffic.pushes, 1)
    fleet.clock.advance(5 * MINUTE)
    await ask(a, s1)
    await ask(a, s1)
    assert.is(a.traffic.pushes, 2)
    const { record } = (await read(a.box)).snapshot.sessions.get(s1) ?? {}
    assert.is(record?.last?.event.sequence, 1)
    assert.ok(record?.beat)
    assert.is(await done(a, s1), 'completed T1')
  }))

test('an idle poller beats too, so that others count it in', () =>
  on(boardOf(['T1']), async (fleet, a, b) => {
    await ask(a, s1)
    assert.is(await ask(b, s2), 'none')
    assert.ok((await fleet.refs()).has(sessionRefOf('session-2')))
    assert.ok((await read(a.box)).snapshot.sessions.get(s2)?.active)
  }))

test('a granted next on a remote costs a fetch, a push and a fetch', () =>
  on(
    boardOf(['T1']),
    async (_fleet, a) => {
      await ask(a, s1)
      assert.equal([a.traffic.lists, a.traffic.pushes], [2, 1])
    },
    'remote',
  ))

test('a granted next on a local authority costs one look and one transaction', () =>
  on(
    boardOf(['T1']),
    async (_fleet, a) => {
      await ask(a, s1)
      assert.equal([a.traffic.lists, a.traffic.pushes], [1, 1])
    },
    'local',
  ))

test('idle sessions divide the ranking: three that ask after each other’s beats lose no race', () =>
  on(boardOf(['T1'], ['T2'], ['T3']), async (_fleet, a, b, c) => {
    const { beat } = await import('../../src/workflows/publish.ts')
    const fleetOf = [
      [a, s1],
      [b, s2],
      [c, s3],
    ] as const
    for (const [clone, session] of fleetOf) await beat(clone.box, await read(clone.box), session)
    const answers = await Promise.all(fleetOf.map(([clone, session]) => ask(clone, session)))
    assert.equal(answers, ['granted T1', 'granted T2', 'granted T3'])
    assert.equal(
      fleetOf.map(([clone]) => clone.traffic.pushes),
      [2, 2, 2],
    )
  }))

const commit = 'c'.repeat(40) as ObjectId

test('doneWhen merged: in review until the base branch contains the commit, then done for its session', () =>
  on({ kind: 'memory', board: two, config: { doneWhen: 'merged', baseBranch: 'main' } }, async (fleet, a, b) => {
    await ask(a, s1)
    assert.is(await done(a, s1, undefined, { commit, branch: 'work' }), 'completed T1 (review)')
    assert.is(await done(a, s1, 'T1'), 'completed T1 by session-1 (review)')
    assert.is(await ask(b, s2), 'none')
    await settle(b, s2)
    assert.is(cell(await fleet.text(), 'T1'), 'REVIEW')
    b.merged = new Set()
    await settle(b, s2)
    assert.is(await standing(a), 'T1 review by session-1, T2 blocked')
    b.merged.add(commit)
    assert.is((await fold(b.box, s2)).kind, 'folded')
    assert.is(cell(await fleet.text(), 'T1'), 'COMPLETED')
    const state = await fleet.state('T1')
    assert.is(state?.done?.by, s1)
    assert.is(state?.done?.commit, commit)
    assert.is(await ask(b, s2), 'granted T2')
  }))

test('doneWhen merged: a clone that does not know the base branch leaves reviews alone', () =>
  on({ kind: 'memory', board: two, config: { doneWhen: 'merged', baseBranch: 'main' } }, async (_fleet, a) => {
    await ask(a, s1)
    await done(a, s1, undefined, { commit })
    await settle(a, s1)
    assert.is(await standing(a), 'T1 review by session-1, T2 blocked')
  }))

test('doneWhen merged: two that notice the merge at once promote it once', () =>
  on({ kind: 'memory', board: two, config: { doneWhen: 'merged', baseBranch: 'main' } }, async (fleet, a, b) => {
    await ask(a, s1)
    await done(a, s1, undefined, { commit })
    a.merged = new Set([commit])
    b.merged = new Set([commit])
    await Promise.all([fold(a.box, s1), fold(b.box, s2)])
    await settle(a, s1)
    assert.is(cell(await fleet.text(), 'T1'), 'COMPLETED')
    assert.is((await fleet.state('T1'))?.done?.by, s1)
  }))

test('a claim whose row is gone is an orphan: its done is accepted and kept, its ref never swept', () =>
  on(boardOf(['T1'], ['T2']), async (fleet, a) => {
    await claim(a, s1, 'T1')
    await fleet.edit((text) => text.replace(/^\| T1 .*\n/m, ''))
    assert.equal(
      (await read(a.box)).snapshot.orphans.map(({ key }) => key),
      [keyOf('T1')],
    )
    await settle(a, s2)
    assert.ok(await fleet.claimOf('T1'))
    assert.is(await done(a, s1), 'completed T1')
    await settle(a, s2)
    assert.ok(await fleet.claimOf('T1'))
  }))

test('a claim follows its row to another board, or to the only new row with its title', () =>
  on(
    {
      kind: 'memory',
      board: boardOf(['T1'], ['T2']),
      files: { 'boards/b.md': boardOf(['X1']) },
      config: { boards: ['TASK-BOARD.md', 'boards/*.md'] },
    },
    async (fleet, a) => {
      await claim(a, s1, 'T1')
      await fleet.edit((text) => text.replace(/^\| T1 .*\n/m, ''))
      await fleet.edit(() => boardOf(['X1'], ['T1']), { file: 'boards/b.md' })
      assert.is(await standing(a), 'T2 ready, X1 ready, T1 claimed by session-1')
      assert.is(await ask(a, s1), 'held T1')
      await fleet.edit((text) => text.replace('| T1 | Do T1 |', '| T9 | Do T1 |'), { file: 'boards/b.md' })
      assert.is(await standing(a), 'T2 ready, X1 ready, T9 claimed by session-1')
      assert.is(await done(a, s1), 'completed T9')
      await settle(a, s1)
      assert.is(cell(await fleet.text('boards/b.md'), 'T9'), 'COMPLETED')
      assert.is(await fleet.claimOf('T1'), undefined)
    },
  ))

test('a renamed row can be stolen under its old key', () =>
  on(boardOf(['T1']), async (fleet, a, b) => {
    await ask(a, s1, 10)
    await fleet.edit((text) => text.replace('| T1 |', '| T9 |'))
    assert.is(await ask(b, s2), 'none')
    fleet.clock.advance(10 * MINUTE)
    assert.is(await ask(b, s2), 'granted T9')
    assert.is(await done(b, s2), 'completed T9')
  }))

test('a row with an orphan’s id is not offered', () =>
  on(
    {
      kind: 'memory',
      board: boardOf(['T1'], ['T2']),
      files: { 'boards/b.md': boardOf(['X1']), 'boards/c.md': boardOf(['X2']) },
      config: { boards: ['TASK-BOARD.md', 'boards/*.md'] },
    },
    async (fleet, a) => {
      await claim(a, s1, 'T1')
      await fleet.edit((text) => text.replace(/^\| T1 .*\n/m, ''))
      await fleet.edit(() => boardOf(['X1'], ['T1']), { file: 'boards/b.md' })
      await fleet.edit(() => boardOf(['X2'], ['T1']), { file: 'boards/c.md' })
      assert.is(await standing(a), 'T2 ready, X1 ready, T1 claimed by session-1, X2 ready, T1 claimed by session-1')
    },
  ))

test('a claim on a remote that finds the task settled by its second read is withdrawn', () =>
  on(
    boardOf(['T1'], ['T2']),
    async (fleet, a) => {
      a.traffic.beforePush = async () => {
        a.traffic.beforePush = undefined
        await fleet.edit(retype('T1', 'COMPLETED'))
        return undefined
      }
      assert.is(await ask(a, s1), 'granted T2')
      assert.is(await fleet.claimOf('T1'), undefined)
      assert.is((await read(a.box)).snapshot.sessions.get(s1)?.record.last?.event.sequence, 3)
    },
    'memory-remote',
  ))

test('a withdrawal that is overtaken is tried again', () =>
  on(
    boardOf(['T1']),
    async (fleet, a) => {
      let pushes = 0
      a.traffic.beforePush = async () => {
        pushes += 1
        if (pushes === 1) await fleet.edit(retype('T1', 'ON HOLD'))
        return pushes === 2 ? { kind: 'busy', reason: 'a ref is locked' } : undefined
      }
      assert.is(await ask(a, s1), 'none')
      assert.is(await fleet.claimOf('T1'), undefined)
    },
    'memory-remote',
  ))

test('a second read that fails keeps the claim, and the next next confirms it', () =>
  on(
    boardOf(['T1']),
    async (fleet, a) => {
      a.traffic.afterPush = async () => {
        a.traffic.afterPush = undefined
        a.traffic.beforeList = async () => {
          a.traffic.beforeList = undefined
          throw new Error('no answer')
        }
      }
      assert.is(await codeOf(ask(a, s1)), 'authority/unreachable')
      assert.ok(await fleet.claimOf('T1'))
      assert.is(await ask(a, s1), 'held T1')
    },
    'memory-remote',
  ))

test('a claim ref that holds something else is never offered and never fails the board', () =>
  on(boardOf(['T1'], ['T2']), async (fleet, a) => {
    await fleet.force(claimRefOf('T1'), await fleet.head())
    assert.is(await standing(a), 'T1 unknown, T2 ready')
    assert.is(await ask(a, s1), 'granted T2')
    assert.is(await claim(a, s2, 'T1'), 'none')
  }))

test('the claim of one task under another task’s ref says nothing about either', () =>
  on(boardOf(['T1'], ['T2']), async (fleet, a) => {
    await claim(a, s1, 'T1')
    await fleet.force(claimRefOf('T2'), await fleet.claimOf('T1'))
    assert.is(await standing(a), 'T1 claimed by session-1, T2 unknown')
  }))

test.run()
