/** When one session may take another's task: what an observer saw, and for how long it really looked. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../src/model/index.ts'
import { pause, resume } from '../../src/workflows/adjust.ts'
import { fold } from '../../src/workflows/fold.ts'
import { read } from '../../src/workflows/read.ts'
import { ask, claim, done, standing } from '../support/acts.ts'
import { BOARD, boardOf, type Clone, cell, type FleetKind, names } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'

const [s1, s2, s3] = names(3) as [SessionName, SessionName, SessionName]
const MINUTE = 60_000
const both: readonly FleetKind[] = ['memory', 'memory-remote']

for (const kind of both) {
  test(`an expired claim on a paused board is not stolen, and goes on when the board does, on ${kind}`, () =>
    on(
      boardOf(['P1']),
      async (fleet, a, b) => {
        await ask(a, s1)
        await read(b.box)
        await pause(b.box, { target: BOARD, reason: 'freeze', now: false, author: s3 })
        await read(b.box)
        fleet.clock.advance(31 * MINUTE)
        assert.is(await ask(b, s2), 'none')
        assert.is(await claim(b, s2, 'P1'), 'lost P1 to session-1')
        assert.is(await done(a, s1), 'completed P1')
      },
      kind,
    ))

  test(`an expired claim of a task that waits for something outside is not stolen, on ${kind}`, () =>
    on(
      boardOf(['P1']),
      async (fleet, a, b) => {
        await ask(a, s1)
        await fleet.edit((text) => text.replace('| None |', '| "the vendor" |'))
        await read(b.box)
        fleet.clock.advance(31 * MINUTE)
        assert.is(await ask(b, s2), 'none')
        assert.is(await done(a, s1, 'P1'), 'completed P1')
      },
      kind,
    ))

  test(`expired claims do not count against a cap: the thief takes over one after the other, on ${kind}`, () =>
    on(
      { kind, board: boardOf(['P1'], ['P2'], ['P3']), config: { maxClaims: 2 } },
      async (fleet, a, b) => {
        assert.is(await claim(a, s1, 'P1'), 'granted P1')
        assert.is(await claim(a, s2, 'P2'), 'granted P2')
        assert.is(await ask(b, s3), 'refused max-claims')
        fleet.clock.advance(31 * MINUTE)
        assert.match(await ask(b, s3), /^granted P[123]$/)
        assert.match(await done(b, s3), /^completed P/)
        assert.match(await ask(b, s3), /^granted P[123]$/)
      },
      kind,
    ))

  test(`a thief whose first try met an edit of the board looks again, and finds the holder alive, on ${kind}`, () =>
    on(
      boardOf(['P1']),
      async (fleet, a, b) => {
        await ask(b, s1)
        await read(a.box)
        fleet.clock.advance(31 * MINUTE)
        let answers = 0
        a.traffic.beforePush = async () => {
          answers += 1
          if (answers > 1) return undefined
          assert.is(await ask(b, s1), 'held P1')
          await fleet.edit((text) => `${text}\nA note.\n`)
          // A remote compares no board: there the first push is held up by a lock.
          return kind === 'memory' ? undefined : { kind: 'busy', reason: 'a ref is locked' }
        }
        assert.is(await claim(a, s2, 'P1'), 'lost P1 to session-1')
        assert.is(await done(b, s1), 'completed P1')
      },
      kind,
    ))
}

test('a holder that gives a sign of life under the thief’s push keeps its task, where the authority can check that', () =>
  on(boardOf(['P1']), async (fleet, a, b) => {
    await ask(b, s1)
    await read(a.box)
    fleet.clock.advance(31 * MINUTE)
    a.traffic.beforePush = async () => {
      a.traffic.beforePush = undefined
      assert.is(await ask(b, s1), 'held P1')
      return undefined
    }
    assert.is(await claim(a, s2, 'P1'), 'lost P1 to session-1')
    assert.is(await standing(a), 'P1 claimed by session-1')
  }))

/** This clone's process is stopped right after the authority answered its next list, and `happens` meanwhile. */
function stopAfterList(clone: Clone, happens: () => Promise<void>): void {
  const { refs } = clone.box
  const list = refs.list.bind(refs)
  refs.list = async () => {
    refs.list = list
    const answer = await list()
    await happens()
    return answer
  }
}

for (const kind of both)
  test(`an observer that was stopped between its look and its judgement takes nobody’s task, on ${kind}`, () =>
    on({ kind, board: boardOf(['P1']) }, async (fleet, a, b) => {
      await ask(b, s1)
      await read(a.box)
      stopAfterList(a, async () => {
        for (let quarter = 0; quarter < 4; quarter += 1) {
          fleet.clock.advance(8 * MINUTE)
          assert.is(await ask(b, s1), 'held P1')
        }
      })
      assert.is(await ask(a, s2), 'none')
      assert.is(await done(b, s1), 'completed P1')
    }))

test('an observer that was stopped before it noted what it saw begins to wait then, not before', () =>
  on(boardOf(['P1']), async (fleet, a, b) => {
    await ask(b, s1)
    // Its first sight of the claim: noted only after the pause.
    stopAfterList(a, async () => fleet.clock.advance(29 * MINUTE))
    await read(a.box)
    fleet.clock.advance(2 * MINUTE)
    assert.is(await ask(a, s2), 'none')
    fleet.clock.advance(28 * MINUTE)
    assert.is(await ask(a, s2), 'granted P1')
  }))

for (const order of [
  ['P1', 'P2'],
  ['P2', 'P1'],
] as const)
  test(`the shortest lease of all that is held sets the pace of signs of life, ${order[0]} claimed first`, () =>
    on(
      { kind: 'memory', board: boardOf(['P1'], ['P2', 'AVAILABLE']), config: { maxTasks: 2 } },
      async (fleet, a, b) => {
        // P1 for a day, P2 for the usual half hour.
        for (const id of order) await take(a, id, id === 'P1' ? 24 * 60 : undefined)
        await read(b.box)
        for (let at = 0; at < 10; at += 1) {
          fleet.clock.advance(4 * MINUTE)
          await ask(a, s1)
        }
        assert.is(await ask(b, s2), 'none')
        assert.is(await claim(b, s2, 'P2'), 'lost P2 to session-1')
      },
    ))

async function take(clone: Clone, task: string, leaseMinutes: number | undefined): Promise<void> {
  const { claimTask } = await import('../../src/workflows/next.ts')
  assert.is((await claimTask(clone.box, { session: s1, task, leaseMinutes })).kind, 'granted')
}

test('a holder whose commands come late beats at each of them, from the moment of its claim', () =>
  on(boardOf(['P1']), async (fleet, a, b) => {
    await ask(a, s1)
    await read(b.box)
    for (let at = 0; at < 3; at += 1) {
      fleet.clock.advance(20 * MINUTE)
      assert.is(await ask(a, s1), 'held P1')
      assert.is(await ask(b, s2), 'none')
    }
    assert.is(a.traffic.pushes, 4)
  }))

test('a task that is paused and resumed before any fold stays its holder’s', () =>
  on(boardOf(['P1'], ['Z']), async (fleet, a, b) => {
    await claim(a, s1, 'P1')
    await fold(b.box, s2)
    const request = { target: 'P1', reason: undefined, now: false, author: s3 }
    assert.is((await pause(b.box, { ...request, reason: 'wait' })).kind, 'paused')
    assert.is(await standing(a), 'P1 paused by session-1, Z ready')
    assert.is((await resume(b.box, request)).kind, 'resumed')
    assert.is(await standing(a), 'P1 claimed by session-1, Z ready')
    await fold(b.box, s2)
    assert.is(cell(await fleet.text(), 'P1'), 'CLAIMED (session-1)')
    assert.is(await done(a, s1), 'completed P1')
  }))

for (const folds of ['before the pause', 'between pause and resume', 'after both', 'never'] as const)
  test(`a held task survives pause and resume whenever a fold comes: ${folds}`, () =>
    on(boardOf(['P1'], ['Z']), async (_fleet, a, b) => {
      await claim(a, s1, 'P1')
      const request = { target: 'P1', reason: undefined, now: false, author: s3 }
      if (folds === 'before the pause') await fold(b.box, s2)
      await pause(b.box, request)
      if (folds === 'between pause and resume') await fold(b.box, s2)
      await resume(b.box, request)
      if (folds === 'after both') await fold(b.box, s2)
      assert.is(await standing(a), 'P1 claimed by session-1, Z ready')
      assert.is(await ask(b, s2), 'granted Z')
      assert.is(await done(a, s1), 'completed P1')
    }))

test.run()
