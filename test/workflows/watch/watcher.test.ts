/** The watcher's loop in virtual time, on real workflows. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { IfBoardError, type SessionName } from '../../../src/model/index.ts'
import type { Watch } from '../../../src/ports/index.ts'
import { goOnSwitching } from '../../../src/workflows/fast/switch.ts'
import { read } from '../../../src/workflows/read.ts'
import type { WatchEvent } from '../../../src/workflows/watch/events.ts'
import { presentWatcher } from '../../../src/workflows/watch/presence.ts'
import { newTally, type Tally } from '../../../src/workflows/watch/tally.ts'
import { watchBoards } from '../../../src/workflows/watch/watcher.ts'
import { ask, codeOf, done } from '../../support/acts.ts'
import { MODES, putMode } from '../../support/fast-mode.ts'
import { boardOf, type Clone, cell, type Fleet, retype } from '../../support/fleet.ts'
import { on } from '../../support/on-fleet.ts'
import { toolsOf } from '../../support/switching.ts'

const ada = 'ada' as SessionName
const ben = 'ben' as SessionName
const MINUTE = 60_000

interface Step {
  readonly atMs: number
  readonly run: () => Promise<unknown>
  /** Does the watcher hear of it? */
  readonly rings?: boolean
}

interface Run {
  readonly events: WatchEvent[]
  /** When each of them was told. */
  readonly told: number[]
  /** Looks and reads of the watcher, each with its time. */
  readonly asked: number[]
  readonly tally: Tally
}

/** Let a watcher run for some virtual time, while other things happen. */
async function watchFor(
  { clock }: Fleet,
  { box, traffic }: Clone,
  lastMs: number,
  steps: readonly Step[] = [],
): Promise<Run> {
  const events: WatchEvent[] = []
  const told: number[] = []
  const tally = newTally()
  const asked: number[] = []
  const startedMs = clock.now().monotonicMs
  const elapsed = () => clock.now().monotonicMs - startedMs
  const before = traffic.beforeList
  traffic.beforeList = () => {
    asked.push(elapsed())
    return before?.()
  }
  const left = [...steps].sort((a, b) => a.atMs - b.atMs)
  const wake: Watch = {
    async changed(ms) {
      const until = elapsed() + ms
      for (;;) {
        const step = left[0]
        if (step === undefined || step.atMs > until) break
        left.shift()
        clock.advance(Math.max(0, step.atMs - elapsed()))
        await step.run()
        if (step.rings === true) return 'changed'
      }
      clock.advance(Math.max(0, until - elapsed()))
      return elapsed() >= lastMs ? 'stopped' : 'timeout'
    },
    close: async () => undefined,
  }
  await watchBoards({
    box,
    folder: 'watch' as SessionName,
    wake,
    isOurs: async () => true,
    tell: (event) => {
      events.push(event)
      told.push(elapsed())
    },
    tally,
    goOnSwitching: () => goOnSwitching(toolsOf({ box }, undefined), 'watch' as SessionName),
  })
  traffic.beforeList = before
  return { events, told, asked, tally }
}

const kinds = (events: readonly WatchEvent[]) => events.map(({ event }) => event)
const chain = boardOf(['A'], ['B', 'AVAILABLE', 'A'])

test('what sessions do is told, and folded when it is due', () =>
  on({ kind: 'memory-remote', board: chain }, async (fleet, watcher, session) => {
    const run = await watchFor(fleet, watcher, 2 * MINUTE, [
      { atMs: 5_000, run: () => ask(session, ada) },
      { atMs: 20_000, run: () => done(session, ada, 'A') },
    ])
    const changes = run.events.flatMap((event) =>
      event.event === 'task' ? [[event.task, event.from, event.to, event.session]] : [],
    )
    assert.equal(changes, [
      ['A', 'ready', 'claimed', 'ada'],
      ['A', 'claimed', 'done', 'ada'],
      ['B', 'blocked', 'ready', null],
    ])
    assert.ok(kinds(run.events).includes('folded'))
    assert.is(cell(await fleet.text(), 'A'), 'COMPLETED')
  }))

test('what a watcher folds is fetched at once, so that who waits by its last fetch need not ask', () =>
  on({ kind: 'memory-remote', board: chain }, async (fleet, watcher, session) => {
    const run = await watchFor(fleet, watcher, 4 * MINUTE, [{ atMs: 5_000, run: () => ask(session, ada) }])
    const foldedAt = run.told[kinds(run.events).indexOf('folded')] ?? Number.NaN
    const next = run.asked.find((at) => at > foldedAt) ?? Number.POSITIVE_INFINITY
    assert.ok(next - foldedAt <= 2_000, `folded at ${foldedAt} ms, looked again at ${next} ms`)
  }))

test('a switch that its leader left is ended by the watcher, when the grace is over', () =>
  on({ kind: 'memory-remote', board: chain }, async (fleet, watcher, session) => {
    for (const mode of [MODES.switching, MODES.etcd, MODES.draining]) await putMode(session, mode)
    await watchFor(fleet, watcher, MINUTE)
    const { mode } = await read(session.box)
    assert.equal([mode.mode, mode.epoch, mode.since], ['git', 3, 2])
    assert.is(await ask(session, ada), 'granted A')
  }))

test('a way up that its leader left is given up by a watcher that knows no etcd, after two minutes', () =>
  on({ kind: 'memory-remote', board: chain }, async (fleet, watcher, session) => {
    assert.is(await ask(session, ada), 'granted A')
    await putMode(session, MODES.switching)
    await watchFor(fleet, watcher, MINUTE)
    assert.is((await read(session.box)).mode.manifest?.length, 1, 'carried, so that etcd can be filled')
    await watchFor(fleet, watcher, 3 * MINUTE)
    const { mode } = await read(session.box)
    assert.equal([mode.mode, mode.epoch, mode.since], ['git', 2, 0])
    assert.is(await done(session, ada, 'A'), 'completed A')
  }))

test('while nothing moves, the remote is asked once a pause and nothing is fetched', () =>
  on({ kind: 'memory-remote', board: chain }, async (fleet, watcher) => {
    const run = await watchFor(fleet, watcher, 60 * MINUTE)
    assert.is(watcher.traffic.lists - watcher.traffic.looks, 1, 'one fetch, the first')
    assert.is(watcher.traffic.pushes, 0)
    assert.ok(run.asked.length < 85, `${run.asked.length} requests in an hour`)
    const pauses = run.asked.slice(1).map((at, index) => at - (run.asked[index] ?? 0))
    assert.ok(Math.min(...pauses) >= 2_000, `a pause of ${Math.min(...pauses)} ms`)
  }))

test('what a session of this machine says is seen at once, and many of them make no storm', () =>
  on({ kind: 'memory-remote', board: boardOf(['A'], ['B'], ['C'], ['D']) }, async (fleet, watcher, session) => {
    const claimAt = (atMs: number, name: string): Step => ({
      atMs,
      run: () => ask(session, name as SessionName),
      rings: true,
    })
    const run = await watchFor(fleet, watcher, 5 * MINUTE, [
      claimAt(200_000, 'ada'),
      claimAt(200_010, 'ben'),
      claimAt(200_020, 'cid'),
      claimAt(200_030, 'dan'),
    ])
    const burst = run.asked.filter((at) => at >= 200_000 && at < 202_000)
    assert.ok((burst[0] ?? Number.POSITIVE_INFINITY) < 200_100, 'at once')
    assert.ok(burst.length <= 4, `${burst.length} requests in two seconds`)
  }))

test('a remote that is gone for five minutes is told once, asked ever more rarely, and comes back by itself', () =>
  on({ kind: 'memory-remote', board: chain }, async (fleet, watcher, session) => {
    let gone = false
    watcher.traffic.beforeList = () =>
      gone ? Promise.reject(new IfBoardError('authority/unreachable', 'the remote did not answer')) : undefined
    const run = await watchFor(fleet, watcher, 12 * MINUTE, [
      { atMs: 60_000, run: async () => (gone = true) },
      { atMs: 100_000, run: () => ask(session, ada) },
      {
        atMs: 200_000,
        run: async () => assert.is((await presentWatcher(watcher.memory, fleet.clock.now()))?.sees, false),
      },
      { atMs: 360_000, run: async () => (gone = false) },
    ])
    assert.equal(
      kinds(run.events).filter((kind) => kind.startsWith('remote')),
      ['remote-gone', 'remote-back'],
    )
    const back = run.events.find(({ event }) => event === 'remote-back')
    assert.ok(back?.event === 'remote-back' && back.seconds >= 240 && back.seconds <= 360)
    const during = run.asked.filter((at) => at > 60_000 && at < 360_000)
    assert.ok(during.length <= 12, `${during.length} requests in the five minutes`)
    const claimed = run.events.findIndex((event) => event.event === 'task' && event.to === 'claimed')
    assert.ok(claimed > kinds(run.events).indexOf('remote-back'), 'what happened meanwhile is told afterwards')
  }))

test('a ready task that nobody takes is told after ten minutes, once, and its end too', () =>
  on({ kind: 'memory-remote', board: boardOf(['A']) }, async (fleet, watcher, session) => {
    const run = await watchFor(fleet, watcher, 60 * MINUTE, [{ atMs: 30 * MINUTE, run: () => ask(session, ada) }])
    const told = run.events.flatMap((event) => ('alarm' in event ? [[event.event, event.alarm, event.task]] : []))
    assert.equal(told.slice(0, 2), [
      ['alarm', 'ready-untaken', 'A'],
      ['alarm-ended', 'ready-untaken', 'A'],
    ])
    assert.is(told.filter(([event, alarm]) => event === 'alarm' && alarm === 'ready-untaken').length, 1)
  }))

test('a restart tells no alarm twice', () =>
  on({ kind: 'memory-remote', board: boardOf(['A']) }, async (fleet, watcher) => {
    const first = await watchFor(fleet, watcher, 15 * MINUTE)
    const second = await watchFor(fleet, watcher, 15 * MINUTE)
    const alarms = [first, second].map(({ events }) => kinds(events).filter((kind) => kind === 'alarm').length)
    assert.equal(alarms, [1, 0])
  }))

test('whoever is silent for the lease is told, the task stays theirs, and the next session of the clone steals at once', () =>
  on({ kind: 'memory-remote', board: boardOf(['A']) }, async (fleet, watcher, session) => {
    await ask(session, ada)
    const grant = await fleet.claimOf('A')
    const run = await watchFor(fleet, watcher, 65 * MINUTE)
    const silent = run.events.filter((event) => event.event === 'alarm' && event.alarm === 'session-silent')
    assert.is(silent.length, 1)
    assert.is(await fleet.claimOf('A'), grant, 'the watcher moves no claim')
    assert.is(await ask(watcher, ben), 'granted A')
  }))

test('an idle session while a task is ready for it, and a blocker on the critical path', () =>
  on(
    {
      kind: 'memory-remote',
      board: boardOf(['A'], ['B', 'AVAILABLE', 'A'], ['X', 'PAUSED'], ['Y', 'AVAILABLE', 'X, B']),
    },
    async (fleet, watcher, session) => {
      await ask(session, ada)
      const run = await watchFor(fleet, watcher, 5 * MINUTE, [
        { atMs: 10_000, run: () => done(session, ada, 'A') },
        { atMs: 20_000, run: () => fleet.edit(retype('B', 'PAUSED')) },
        { atMs: 30_000, run: () => fleet.edit(retype('B', 'AVAILABLE')) },
      ])
      const told = run.events.flatMap((event) =>
        event.event === 'alarm' ? [[event.alarm, event.task ?? event.session]] : [],
      )
      assert.ok(
        told.some(([alarm, who]) => alarm === 'session-idle' && who === 'ada'),
        JSON.stringify(told),
      )
      assert.ok(
        told.some(([alarm, task]) => alarm === 'critical-blocker' && task === 'B'),
        JSON.stringify(told),
      )
    },
  ))

test('a branch that was rewound is told once, and nothing is folded', () =>
  on({ kind: 'memory-remote', board: chain }, async (fleet, watcher, session) => {
    const before = await fleet.head()
    await ask(session, ada)
    await done(session, ada, 'A')
    const first = await watchFor(fleet, watcher, 2 * MINUTE)
    assert.ok(kinds(first.events).includes('folded'))
    await fleet.force(fleet.layout.board, before)
    const pushes = watcher.traffic.pushes
    const second = await watchFor(fleet, watcher, 10 * MINUTE)
    const troubles = second.events.flatMap((event) => (event.event === 'trouble' ? [event.code] : []))
    assert.equal(troubles, ['board/rewound'])
    assert.is(watcher.traffic.pushes, pushes)
  }))

test('rows that vanished stop folds, which is told once whatever else moves', () =>
  on({ kind: 'memory-remote', board: boardOf(['A'], ['B'], ['C'], ['D']) }, async (fleet, watcher, session) => {
    for (const name of ['ada', 'ben', 'cid']) await ask(session, name as SessionName)
    const run = await watchFor(fleet, watcher, 30 * MINUTE, [
      { atMs: 200_000, run: () => fleet.edit(() => boardOf(['D'])) },
      { atMs: 600_000, run: () => ask(session, 'dan' as SessionName) },
      { atMs: 900_000, run: () => done(session, 'dan' as SessionName, 'D') },
    ])
    const troubles = run.events.flatMap((event) => (event.event === 'trouble' ? [event.code] : []))
    assert.equal(troubles, ['board/rows-vanished'])
  }))

test('a watcher whose lock another one has taken ends before it does anything', () =>
  on({ kind: 'memory-remote', board: chain }, async (_fleet, { box, traffic }) => {
    const wake: Watch = { changed: async () => 'stopped', close: async () => undefined }
    const ended = watchBoards({
      box,
      folder: ben,
      wake,
      isOurs: async () => false,
      tell: () => undefined,
      tally: newTally(),
    })
    assert.is(await codeOf(ended), 'watch/running')
    assert.is(traffic.lists, 0)
  }))

test.run()
