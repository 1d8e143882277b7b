/**
 * Each event is sealed once, in the order of its chain, whatever folds do and servers lose.
 *
 * Random days with three clones: folds that are overtaken, servers that are killed after any ref of any push, branches
 * that are put back and then restored or accepted, sessions that are silent for so long that their refs are swept and
 * that come back later. Judged by the notes alone, which are read as they are.
 */
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { IfBoardError, type ObjectId, type SessionName, type SignedEvent } from '../../src/model/index.ts'
import { eventHash } from '../../src/witness/index.ts'
import { note } from '../../src/workflows/adjust.ts'
import { readCommit } from '../../src/workflows/branch-tree.ts'
import { sealedSession, tipOf } from '../../src/workflows/chain-tip.ts'
import { fold } from '../../src/workflows/fold.ts'
import { history } from '../../src/workflows/fold-memory.ts'
import { read } from '../../src/workflows/read.ts'
import { acceptRewind, restoreRewound } from '../../src/workflows/sync.ts'
import { ask, claim, done, fail, release } from '../support/acts.ts'
import { isFull, seeded } from '../support/claims.ts'
import { boardOf, type Clone, type Fleet, type FleetKind, fleet, names, sessionRefOf } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'
import { KILLED, killInNextPush } from '../support/tear.ts'
import { nameOfEvent, notesOf, sealedEvents } from '../support/witnessed.ts'

const sessions = names(3)
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

type Step =
  | { readonly kind: 'act'; readonly act: keyof typeof ACTS; readonly who: number; readonly task: number }
  | { readonly kind: 'fold'; readonly who: number }
  /** Another clone folds while this one is about to push its fold. */
  | { readonly kind: 'overtaken'; readonly who: number }
  /** The server is killed after this many refs of the clone's next push; `last first`: in the other order. */
  | { readonly kind: 'kill'; readonly who: number; readonly refs: number; readonly order: 'in order' | 'last first' }
  | { readonly kind: 'rewind'; readonly commits: number; readonly by: 'restore' | 'accept' }
  | { readonly kind: 'wait'; readonly ms: number }

const ACTS = {
  ask: (clone: Clone, who: SessionName) => ask(clone, who),
  claim: (clone: Clone, who: SessionName, task: string) => claim(clone, who, task),
  done: (clone: Clone, who: SessionName) => done(clone, who),
  fail: (clone: Clone, who: SessionName) => fail(clone, who),
  release: (clone: Clone, who: SessionName) => release(clone, who),
  note: (clone: Clone, who: SessionName, task: string) => note(clone.box, who, task, 'hello'),
} as const

const who = fc.nat({ max: 2 })
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('act' as const),
      act: fc.constantFrom(...(Object.keys(ACTS) as (keyof typeof ACTS)[])),
      who,
      task: fc.nat({ max: 3 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('fold' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('overtaken' as const), who }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('kill' as const),
      who,
      refs: fc.nat({ max: 3 }),
      order: fc.constantFrom('in order' as const, 'last first' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('rewind' as const),
      commits: fc.integer({ min: 1, max: 3 }),
      by: fc.constantFrom('restore' as const, 'accept' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(MINUTE, 40 * MINUTE, 8 * DAY) }),
  },
)

interface World {
  readonly one: Fleet
  readonly clones: readonly Clone[]
}

/** Refusals and killed servers are part of the day; a bug of ours is not. */
async function orNot(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work
  } catch (error) {
    if (error instanceof IfBoardError || (error as Error).message === KILLED) return error
    throw error
  }
}

/** A fold's refs are applied board, notes, deletions; of the two of a session either may be first. */
function killAfter({ one }: World, clone: Clone, { refs, order }: Extract<Step, { kind: 'kill' }>): void {
  killInNextPush(one, clone, (moves) => {
    const isFold = moves.some(({ ref }) => ref === one.layout.notes)
    return (isFold || order === 'in order' ? [...moves] : [...moves].reverse()).slice(0, refs)
  })
}

async function rewind(world: World, { commits, by }: Extract<Step, { kind: 'rewind' }>): Promise<void> {
  const { one, clones } = world
  const { objects, refs } = (clones[0] as Clone).box
  let head = (await refs.list()).get(one.layout.board) as ObjectId
  for (let back = 0; back < commits; back += 1) head = (await readCommit(objects, head)).parents[0] ?? head
  await one.force(one.layout.board, head)
  for (const [at, clone] of clones.entries()) await heal(clone, sessions[at] as SessionName, by)
}

/** A server that is killed under it may be asked again. */
async function heal({ box }: Clone, session: SessionName, how: 'restore' | 'accept'): Promise<void> {
  if (how === 'restore' && !((await orNot(restoreRewound(box, session))) instanceof Error)) return
  // Also where the notes do not know the lost fold: its server was killed before it had them.
  await orNot(acceptRewind(box, session))
}

async function take(world: World, step: Step): Promise<void> {
  const { one, clones } = world
  if (step.kind === 'wait') return one.clock.advance(step.ms)
  if (step.kind === 'rewind') return rewind(world, step)
  const clone = clones[step.who] as Clone
  const session = sessions[step.who] as SessionName
  if (step.kind === 'kill') return killAfter(world, clone, step)
  if (step.kind === 'act') await orNot(ACTS[step.act](clone, session, `T${step.task + 1}`))
  else if (step.kind === 'fold') await orNot(fold(clone.box, session))
  else await overtake(clone, clones[(step.who + 1) % 3] as Clone, session)
}

async function overtake(clone: Clone, faster: Clone, session: SessionName): Promise<void> {
  clone.traffic.beforePush = async () => {
    clone.traffic.beforePush = undefined
    await orNot(fold(faster.box, sessions[2] as SessionName))
    return undefined
  }
  await orNot(fold(clone.box, session))
  clone.traffic.beforePush = undefined
}

/** Everything is sealed that can be: what a claim ref never showed is after a while. */
async function quiet({ one, clones }: World): Promise<void> {
  for (const clone of clones) {
    clone.traffic.beforePush = undefined
    await acceptRewind(clone.box, sessions[0] as SessionName)
  }
  const [clone] = clones as [Clone]
  await read(clone.box)
  one.clock.advance(11 * MINUTE)
  for (let folds = 0; folds < 6; folds += 1)
    if ((await fold(clone.box, sessions[0] as SessionName)).kind === 'nothing') return
  throw new Error('folds that never end')
}

/** Of every chain each event once, each after the one that it names, and none beyond the last missing. */
async function sealedOnce({ clones }: World): Promise<void> {
  const [clone] = clones as [Clone]
  const newest = new Map<SessionName, SignedEvent>()
  for (const { events } of await notesOf(clone))
    for (const event of events) {
      const before = newest.get(event.session)
      assert.is(
        event.sequence,
        (before?.sequence ?? 0) + 1,
        `${nameOfEvent(event)} follows ${before && nameOfEvent(before)}`,
      )
      assert.is(
        event.previous,
        before === undefined ? undefined : eventHash(before, clone.box.sha256),
        nameOfEvent(event),
      )
      newest.set(event.session, event)
    }
  const reading = await read(clone.box)
  for (const session of sessions) {
    const tip = await tipOf(clone.box, reading, session)
    assert.ok(
      tip === undefined || tip.event.sequence <= (newest.get(session)?.sequence ?? 0),
      `${session} is sealed whole`,
    )
  }
}

/** What comes next on a sealed chain keeps nothing of it reachable: no more than what was said since. */
async function trimmed({ clones }: World): Promise<void> {
  for (const [at, { box }] of clones.entries()) {
    const session = sessions[at] as SessionName
    const sealed = (await sealedSession(box, await read(box), session))?.sequence ?? 0
    await note(box, session, 'T1', 'still here')
    const last = (await read(box)).snapshot.sessions.get(session)?.record.last
    let reachable = 0
    for await (const _ of history(box, last?.oid as ObjectId)) reachable += 1
    // Lost races that had waited have ridden along.
    assert.is(reachable, (last?.event.sequence ?? 0) - sealed)
  }
}

async function day(kind: FleetKind, path: readonly Step[]): Promise<void> {
  const one = await fleet({ kind, board: boardOf(['T1'], ['T2'], ['T3'], ['T4']), config: { maxTasks: 2 } })
  try {
    const world = { one, clones: [await one.clone(), await one.clone(), await one.clone()] }
    for (const step of path) await take(world, step)
    await quiet(world)
    await sealedOnce(world)
    await trimmed(world)
  } catch (error) {
    throw new Error(`${error}\n${(error as assert.Assertion).details ?? ''}`, { cause: error })
  } finally {
    await one.close()
  }
}

function days(kind: FleetKind, runs: number, length: number) {
  return () =>
    fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 4, maxLength: length }), (path) => day(kind, path)),
      { ...seeded, numRuns: runs, includeErrorInReport: true, endOnFailure: kind === 'remote' },
    )
}

test(
  'each event is sealed once and in order, whoever folds, is overtaken, killed or put back',
  days('memory-remote', isFull ? 800 : 30, 40),
)
test('the same on real git', days('remote', isFull ? 15 : 1, 15))

test('a claim whose session has no ref, and that is stolen, is sealed all the same', () =>
  day('remote', [
    { kind: 'kill', who: 0, refs: 1, order: 'last first' },
    { kind: 'act', act: 'ask', who: 0, task: 0 },
    // A refusal, with which this clone sees the claim for the first time.
    { kind: 'act', act: 'fail', who: 1, task: 0 },
    { kind: 'wait', ms: DAY },
    { kind: 'act', act: 'ask', who: 1, task: 0 },
  ]))

test('a claim that nobody granted, and that only a fold without its note called sealed, is sealed by the next', () =>
  day('memory-remote', [
    { kind: 'kill', who: 0, refs: 1, order: 'in order' },
    { kind: 'act', act: 'ask', who: 0, task: 0 },
    // A refusal, with which this clone sees the claim for the first time.
    { kind: 'act', act: 'fail', who: 1, task: 0 },
    { kind: 'wait', ms: 11 * MINUTE },
    { kind: 'act', act: 'ask', who: 1, task: 0 },
    { kind: 'kill', who: 1, refs: 1, order: 'in order' },
    { kind: 'fold', who: 1 },
    // It never saw the claim: by its own judgement that may still be granted.
    { kind: 'fold', who: 2 },
    { kind: 'act', act: 'ask', who: 0, task: 0 },
  ]))

test('after many folds a session keeps nothing sealed reachable; silent for a week its ref is swept, and it goes on later', () =>
  on({ kind: 'local', board: boardOf(['T1'], ['T2'], ['T3'], ['T4']) }, async (one, a) => {
    const [s1, s2] = sessions as [SessionName, SessionName]
    const ref = sessionRefOf(s1)
    const git = (...args: string[]) => one.sandbox?.git('.', `--git-dir=${one.authority}`, ...args)
    for (let turn = 0; turn < 4; turn += 1) {
      assert.match(await ask(a, s1), 'granted')
      await note(a.box, s1, 'T1', 'half way')
      await done(a, s1)
      await fold(a.box, s2)
      // What is said between two folds, and nothing before it.
      assert.is(git('rev-list', '--count', ref), '3')
    }
    one.clock.advance(6 * DAY)
    await read(a.box)
    await fold(a.box, s2)
    assert.ok((await one.refs()).has(ref))
    one.clock.advance(2 * DAY)
    await fold(a.box, s2)
    assert.not.ok((await one.refs()).has(ref))
    await note(a.box, s1, 'T1', 'back again')
    assert.is(git('rev-list', '--count', ref), '1')
    await fold(a.box, s2)
    await sealedOnce({ one, clones: [a] })
    assert.is((await sealedEvents(a)).filter((event) => event.startsWith('session-1#')).length, 13)
  }))

test.run()
