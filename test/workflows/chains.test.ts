/** A session's chain under torn pushes, thieves, clocks and folds: whole, in order, each event sealed once. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ObjectId, SessionName } from '../../src/model/index.ts'
import { note } from '../../src/workflows/adjust.ts'
import { fold, foldReading } from '../../src/workflows/fold.ts'
import { lastCheckpoint } from '../../src/workflows/noted.ts'
import { read } from '../../src/workflows/read.ts'
import { ask, claim, done, settle, standing } from '../support/acts.ts'
import { boardOf, type Clone, type Fleet, type FleetKind, names } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'
import { killInNextPush } from '../support/tear.ts'
import { sealedEvents, sealedNotes } from '../support/witnessed.ts'

const [s1, s2, s3] = names(3) as [SessionName, SessionName, SessionName]
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const two = boardOf(['P1'], ['Z'])

/** Of the refs of this clone's next push only those below `prefix` move. */
function tear(fleet: Fleet, clone: Clone, prefix: string): void {
  killInNextPush(fleet, clone, (moves) => moves.filter(({ ref }) => ref.startsWith(prefix)))
}

const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it was answered',
    (error: Error) => error.message,
  )

/** A server that takes only children on branches, as protected branches do. */
function childrenOnly({ sandbox, authority }: Fleet): void {
  sandbox?.git('.', `--git-dir=${authority}`, 'config', 'receive.denyNonFastForwards', 'true')
}

interface Ground {
  readonly kind: FleetKind
  readonly refs: 'custom' | 'heads'
}

const grounds: readonly Ground[] = [
  { kind: 'memory-remote', refs: 'custom' },
  { kind: 'memory-remote', refs: 'heads' },
  { kind: 'remote', refs: 'heads' },
]

for (const { kind, refs } of grounds) {
  const request = { kind, board: two, config: { refs } }
  const where = `on ${kind} with ${refs} refs`

  test(`a session ref that lags behind its claim ref leaves the chain whole, ${where}`, () =>
    on(request, async (fleet, a) => {
      childrenOnly(fleet)
      assert.is(await claim(a, s1, 'P1'), 'granted P1')
      tear(fleet, a, fleet.layout.claims)
      assert.is(await failure(done(a, s1)), 'the server was killed')
      assert.is(await standing(a), 'P1 done, Z ready')
      await note(a.box, s1, 'Z', 'hello')
      await settle(a, s2)
      assert.equal(await sealedEvents(a), ['session-1#1 claim', 'session-1#2 complete', 'session-1#3 note'])
      assert.is(await ask(a, s1), 'granted Z')
    }))

  test(`a lagging session ref goes on after a fold has sealed what the claim ref shows, ${where}`, () =>
    on(request, async (fleet, a) => {
      childrenOnly(fleet)
      await note(a.box, s1, 'P1', 'first')
      tear(fleet, a, fleet.layout.claims)
      assert.is(await failure(ask(a, s1)), 'the server was killed')
      assert.is(await standing(a), 'P1 claimed by session-1, Z ready')
      await settle(a, s2)
      assert.is(await done(a, s1), 'completed P1')
      await settle(a, s2)
      assert.equal(await sealedEvents(a), ['session-1#1 note', 'session-1#2 claim', 'session-1#3 complete'])
      assert.is(await ask(a, s1), 'granted Z')
    }))

  test(`a sign of life of a session whose ref lags keeps the chain whole, ${where}`, () =>
    on(request, async (fleet, a) => {
      childrenOnly(fleet)
      await note(a.box, s1, 'P1', 'first')
      tear(fleet, a, fleet.layout.claims)
      assert.is(await failure(ask(a, s1)), 'the server was killed')
      for (let beats = 0; beats < 2; beats += 1) {
        fleet.clock.advance(10 * MINUTE)
        assert.is(await ask(a, s1), 'held P1')
      }
      await settle(a, s2)
      fleet.clock.advance(10 * MINUTE)
      assert.is(await ask(a, s1), 'held P1')
      assert.is(await done(a, s1), 'completed P1')
      await settle(a, s2)
      assert.equal(await sealedEvents(a), ['session-1#1 note', 'session-1#2 claim', 'session-1#3 complete'])
    }))

  test(`a whole life with signs of life and folds between needs no forced push, ${where}`, () =>
    on(request, async (fleet, a, b) => {
      childrenOnly(fleet)
      for (const id of ['P1', 'Z']) {
        assert.is(await claim(a, s1, id), `granted ${id}`)
        fleet.clock.advance(10 * MINUTE)
        assert.is(await ask(a, s1), `held ${id}`)
        await settle(b, s2)
        fleet.clock.advance(10 * MINUTE)
        assert.is(await ask(a, s1), `held ${id}`)
        await note(a.box, s1, id, 'half way')
        assert.is(await done(a, s1), `completed ${id}`)
        await settle(b, s2)
      }
      assert.is((await sealedEvents(a)).length, 6)
      assert.is(await standing(a), 'P1 done, Z done')
    }))

  test(`a victim whose ref lagged when it was stolen from has its event sealed once, and no fork, ${where}`, () =>
    on(request, async (fleet, a, b) => {
      childrenOnly(fleet)
      await note(a.box, s1, 'Z', 'first')
      tear(fleet, a, fleet.layout.claims)
      assert.is(await failure(claim(a, s1, 'P1')), 'the server was killed')
      assert.is(await standing(b), 'P1 claimed by session-1, Z ready')
      fleet.clock.advance(31 * MINUTE)
      assert.is(await claim(b, s2, 'P1'), 'granted P1')
      await note(a.box, s1, 'Z', 'second')
      await settle(b, s3)
      assert.equal(await sealedEvents(a), [
        'session-1#1 note',
        'session-1#2 claim',
        'session-1#3 note',
        'session-2#1 steal',
      ])
      assert.is(await done(b, s2), 'completed P1')
    }))
}

for (const kind of ['memory-remote', 'remote'] as const)
  test(`a fold whose server is killed between board and notes is sealed by the next, on ${kind}`, () =>
    on(
      two,
      async (fleet, a, b) => {
        await claim(a, s1, 'P1')
        await settle(b, s2)
        await done(a, s1)
        tear(fleet, b, fleet.layout.board)
        assert.is(await failure(fold(b.box, s2)), 'the server was killed')
        assert.equal(await sealedEvents(a), ['session-1#1 claim'])
        assert.is(await ask(a, s1), 'granted Z')
        await settle(b, s2)
        assert.equal(await sealedEvents(a), ['session-1#1 claim', 'session-1#2 complete', 'session-1#3 claim'])
        assert.is(await done(a, s1), 'completed Z')
        await settle(b, s2)
        assert.is((await sealedEvents(a)).length, 4)
      },
      kind,
    ))

test('a clock that steps back within a session does not turn its events around', () =>
  on(two, async (fleet, a, b) => {
    await note(a.box, s1, 'Z', 'one')
    await note(b.box, s2, 'Z', 'from another')
    fleet.clock.setWall(fleet.clock.now().wallMs - HOUR)
    await note(a.box, s1, 'Z', 'two')
    await note(a.box, s1, 'Z', 'three')
    await fold(a.box, s3)
    const [order = []] = await sealedNotes(a)
    assert.equal(
      order.filter((event) => event.startsWith('session-1')),
      ['session-1#1 note', 'session-1#2 note', 'session-1#3 note'],
    )
    assert.is(order.length, 4)
  }))

test('a chain that is longer than one fold seals is sealed oldest first, over several folds, without a gap', () =>
  on(two, async (_fleet, a) => {
    assert.is(await ask(a, s1), 'granted P1')
    assert.is(await done(a, s1), 'completed P1')
    for (let at = 0; at < 5; at += 1) await note(a.box, s1, 'Z', `note ${at}`)
    const sealed: string[][] = []
    for (let folds = 0; folds < 4; folds += 1) {
      const before = await sealedEvents(a)
      const outcome = await foldReading(a.box, await read(a.box), {
        folder: s3,
        sealed: [],
        sweeps: true,
        maxEvents: 3,
      })
      sealed.push(
        (await sealedEvents(a)).filter((event) => !before.includes(event)).map((event) => event.split(' ')[0] ?? ''),
      )
      assert.is(outcome.kind, folds < 3 ? 'folded' : 'nothing')
    }
    assert.equal(sealed, [
      ['session-1#1', 'session-1#2', 'session-1#3'],
      ['session-1#4', 'session-1#5', 'session-1#6'],
      ['session-1#7'],
      [],
    ])
    assert.is(await ask(a, s1), 'granted Z')
    await settle(a, s3)
    assert.is((await sealedEvents(a)).length, 8)
  }))

test('a claim that its claim ref does not show yet waits with its seal, and is sealed as granted when it does', () =>
  on(
    two,
    async (fleet, a, b) => {
      await claim(a, s1, 'P1')
      const { refs } = b.box
      const list = refs.list.bind(refs)
      // One answer that was torn: claim refs were listed before the claim, session refs after it.
      refs.list = async () => {
        refs.list = list
        return new Map([...(await list())].filter(([ref]) => !ref.startsWith(fleet.layout.claims)))
      }
      await foldOnce(b)
      assert.equal(await sealedEvents(b), [])
      await foldOnce(b)
      assert.equal(await sealedEvents(b), ['session-1#1 claim'])
      assert.equal(await grantedAtLast(b), [await fleet.claimOf('P1')])
    },
    'memory-remote',
  ))

test('a claim that no claim ref ever showed is sealed after a while, as a request that was not granted', () =>
  on(
    two,
    async (fleet, a) => {
      tear(fleet, a, fleet.layout.sessions)
      assert.is(await failure(claim(a, s1, 'P1')), 'the server was killed')
      await foldOnce(a)
      assert.equal(await sealedEvents(a), [])
      fleet.clock.advance(11 * MINUTE)
      await foldOnce(a)
      assert.equal(await sealedEvents(a), ['session-1#1 claim'])
      assert.equal(await grantedAtLast(a), [])
      assert.is(await claim(a, s1, 'P1'), 'granted P1')
    },
    'memory-remote',
  ))

async function foldOnce({ box }: Clone): Promise<void> {
  await foldReading(box, await read(box), { folder: s3, sealed: [], sweeps: true })
}

async function grantedAtLast({ box }: Clone): Promise<readonly ObjectId[] | undefined> {
  return (await lastCheckpoint(box, await read(box)))?.granted
}

test.run()
