/** What a watcher does by the rule, and does not, in virtual time: claims are slow because their pushes are. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ESCALATION_DEFAULTS, type SessionName } from '../../../src/model/index.ts'
import type { FastHealth } from '../../../src/ports/index.ts'
import { Escalator, type EscalatorTurn } from '../../../src/workflows/fast/escalate.ts'
import { recallEscalation } from '../../../src/workflows/fast/escalation-memory.ts'
import { beginSwitch } from '../../../src/workflows/fast/switch.ts'
import { read } from '../../../src/workflows/read.ts'
import { switchConditions } from '../../../src/workflows/watch/switch-conditions.ts'
import { ask, done } from '../../support/acts.ts'
import { fit } from '../../support/escalating.ts'
import { MODES, putMode } from '../../support/fast-mode.ts'
import { boardOf, type Clone, type FleetClock, names } from '../../support/fleet.ts'
import { on } from '../../support/on-fleet.ts'
import { nowhere, switchTo, toolsOf } from '../../support/switching.ts'

const HOUR = 3_600_000
const board = boardOf(...Array.from({ length: 60 }, (_, at) => [`T${at + 1}`] as const))
const fleet = { kind: 'memory-remote', board, config: { escalation: ESCALATION_DEFAULTS } } as const
const sessions = names(12)

/** Answers a connection, and holds nothing. */
const empty = {
  connect: async () => ({
    kind: 'linked',
    link: { list: async () => ({ kind: 'unknown', reason: 'it is empty' }), close: async () => undefined },
  }),
} as unknown as typeof nowhere

/** Each session takes a task and ends it, and every push for a claim takes six seconds. */
async function crowd(clone: Clone, clock: FleetClock): Promise<void> {
  for (const session of sessions) {
    clone.traffic.beforePush = async () => {
      clock.advance(6000)
      return undefined
    }
    await ask(clone, session)
    clone.traffic.beforePush = undefined
    await done(clone, session)
  }
}

interface Ruled {
  readonly path?: typeof nowhere
  readonly health?: FastHealth
  readonly by?: string
}

function watcherOf({ box }: Clone, { path = empty, health = fit, by = 'watcher' }: Ruled = {}) {
  const session = by as SessionName
  const tools = toolsOf({ box }, path)
  const escalator = new Escalator({
    ...{ box, session, knowsEtcd: true, heard: () => undefined },
    ...{ switchTools: async () => tools, health: async () => health },
  })
  return { turn: async () => escalator.turn(await read(box)) }
}

function said({ judged, begun }: EscalatorTurn): string {
  if (begun !== undefined) return `to ${begun.to} by ${begun.by}`
  return judged.kind === 'switch' ? 'overtaken' : `${judged.kind}: ${judged.why}`
}

test('claims that wait take the watcher up, which says by which rule and figures', () =>
  on(fleet, async ({ clock }, clone) => {
    const watcher = watcherOf(clone)
    assert.is(said(await watcher.turn()), 'stay: too-few-claims')
    await crowd(clone, clock)
    assert.is(said(await watcher.turn()), 'to etcd by contention')
    const { mode, sessions: spoke } = await read(clone.box)
    assert.equal([mode.mode, mode.by], ['switching', 'contention'])
    assert.is(said(await watcher.turn()), 'stay: changing')
    const reason =
      '12 claims of this clone within 5 min, 0 % of their pushes in vain, half of them within 6 s, nine of ten within 6 s'
    const event = spoke.find(({ name }) => name === 'watcher')?.last?.event
    assert.equal([event?.type, event?.data.rule], ['if-board.mode', 'contention'])
    assert.is(event?.data.reason, `${reason} (above 50 % or 5 s)`)
  }))

test('two watchers that decide at once change it once, and the second is in no trouble', () =>
  on(fleet, async ({ clock }, one, other) => {
    await crowd(one, clock)
    await other.memory.write('contention', (await one.memory.read('contention')) ?? '')
    const second = watcherOf(other, { by: 'second' })
    const stale = await read(other.box)
    assert.is(said(await watcherOf(one).turn()), 'to etcd by contention')
    const { begun } = await new Escalator({
      ...{ box: other.box, session: 'second' as SessionName, knowsEtcd: true, heard: () => undefined },
      ...{ switchTools: async () => toolsOf(other, empty), health: async () => fit },
    }).turn(stale)
    assert.is(begun, undefined, 'it was judged on what is not so any more')
    assert.is(said(await second.turn()), 'stay: changing')
    assert.is((await recallEscalation(other.memory)).troubles.count, 0)
    assert.is((await read(other.box)).mode.epoch, 1)
  }))

test('where the probe finds something wrong nothing is begun, and the pause doubles, also over a restart', () =>
  on(fleet, async ({ clock }, clone) => {
    const slow: FastHealth = { ...fit, exercise: async () => ({ kind: 'unreached', reason: 'it is slow' }) }
    for (const hours of [1, 2]) {
      await crowd(clone, clock)
      const failed = await watcherOf(clone, { health: slow }).turn()
      assert.is(said(failed), 'held: trouble')
      const [alarm] = switchConditions(failed)
      assert.match(alarm?.message ?? '', /if-board fast probe finds claims: could not be tried: it is slow/)
      clock.advance(hours * HOUR - 120_000)
      await crowd(clone, clock)
      assert.is(said(await watcherOf(clone).turn()), 'held: trouble', `before ${hours} h`)
      clock.advance(120_000)
    }
    assert.is((await read(clone.box)).mode.mode, 'git')
  }))

test('an etcd that does not answer is trouble, and git goes on deciding', () =>
  on(fleet, async ({ clock }, clone) => {
    await crowd(clone, clock)
    assert.is(said(await watcherOf(clone, { path: nowhere }).turn()), 'held: trouble')
    assert.is((await recallEscalation(clone.memory)).troubles.count, 1)
    assert.is((await read(clone.box)).mode.epoch, 0)
  }))

test('a person’s fast down is respected for a day, also where git decided already, and told', () =>
  on(fleet, async ({ clock }, clone) => {
    await switchTo(clone, 'git', { path: nowhere })
    assert.is((await read(clone.box)).mode.by, 'person')
    for (const hours of [0, 23]) {
      clock.advance(hours * HOUR)
      await crowd(clone, clock)
      const turn = await watcherOf(clone).turn()
      assert.is(said(turn), 'held: person')
      assert.match(switchConditions(turn)[0]?.message ?? '', /a person said so within a day: if-board fast down/)
    }
    clock.advance(HOUR)
    await crowd(clone, clock)
    assert.is(said(await watcherOf(clone).turn()), 'to etcd by contention')
  }))

test('a person who says git between the look of a watcher and its first step has the last word', () =>
  on(fleet, async (_, clone, person) => {
    const { mode } = await read(clone.box)
    await switchTo(person, 'git', { path: nowhere })
    const request = { to: 'etcd', from: mode, session: 'watcher' as SessionName, leaseMs: 15_000 } as const
    const begun = await beginSwitch(toolsOf(clone, empty), { ...request, by: 'contention', reason: 'it was slow' })
    assert.is(begun, 'overtaken')
    assert.is((await read(clone.box)).mode.mode, 'git')
  }))

test('without the setting nothing is begun, and nobody is told of a wish', () =>
  on({ ...fleet, config: {} }, async ({ clock }, clone) => {
    await crowd(clone, clock)
    const turn = await watcherOf(clone).turn()
    assert.is(said(turn), 'stay: off')
    assert.is(turn.facts.contention.claims, 12, 'it is measured all the same')
    assert.equal([turn.dueInMs, switchConditions(turn)], [undefined, []])
    await switchTo(clone, 'git', { path: nowhere })
    assert.equal((await read(clone.box)).refs.get(clone.box.layout.mode), undefined, 'and leaves no record')
  }))

test('who only knows that etcd decides, and not since when it was watched, goes nowhere', () =>
  on(fleet, async ({ clock }, clone, switcher) => {
    for (const mode of [MODES.switching, { ...MODES.etcd, by: 'contention' as const }]) await putMode(switcher, mode)
    const link = {}
    let claims = 5
    const escalator = new Escalator({
      ...{ box: clone.box, session: 'watcher' as SessionName, knowsEtcd: true, heard: () => ({ link, claims }) },
      ...{ switchTools: async () => toolsOf(clone, nowhere), health: async () => fit },
    })
    const turns: string[] = []
    for (let minute = 0; minute <= 31; minute += 1) {
      turns.push(said(await escalator.turn(await read(clone.box))))
      clock.advance(60_000)
      if (minute === 10) claims += 20
    }
    assert.equal([...new Set(turns.slice(0, 30))], ['stay: rate-not-known'])
    assert.is(turns[30], 'to git by quiet')
    assert.equal((await read(clone.box)).mode.by, 'quiet')
  }))

test.run()
