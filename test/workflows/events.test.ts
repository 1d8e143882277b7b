/** What events say beside their operation: trace, cause, cost, and what was seen of others. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ObjectId, SessionName, SignedEvent } from '../../src/model/index.ts'
import { taskItem } from '../../src/projection/index.ts'
import { eventHash, eventType, parseTraceparent, traceIdOf } from '../../src/witness/index.ts'
import { note, reportCost } from '../../src/workflows/adjust.ts'
import { read } from '../../src/workflows/read.ts'
import { ask, claim, done, end, fail, release, settle } from '../support/acts.ts'
import { boardOf, type Clone, CONFIG, keyOf, names } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'
import { nameOfEvent, notesOf } from '../support/witnessed.ts'

const [s1, s2, s3, s4] = names(4) as [SessionName, SessionName, SessionName, SessionName]
const MINUTE = 60_000

/** Every sealed event, in the order of the log. */
async function logOf(clone: Clone): Promise<SignedEvent[]> {
  await settle(clone, s3)
  return (await notesOf(clone)).flatMap(({ events }) => events)
}

test('next, done and next leave who claimed what when, for how long, at what cost, and what came then', () =>
  on(boardOf(['P0.2.3'], ['P0.2.4']), async (fleet, a) => {
    fleet.clock.setWall(Date.UTC(2025, 10, 12, 2, 37, 14, 23))
    await ask(a, s4)
    fleet.clock.advance(47_000)
    await end(a, s4, { kind: 'completed', evidence: {}, cost: { usd: 12.5 } })
    await ask(a, s4)
    const story = (await logOf(a)).map(({ type, session, subject, time, data }) =>
      [session, type, subject, time, data.cost?.usd].join(' '),
    )
    assert.equal(story, [
      'session-4 if-board.claim TASK-BOARD.md:P0.2.3 2025-11-12T02:37:14.023Z ',
      'session-4 if-board.complete TASK-BOARD.md:P0.2.3 2025-11-12T02:38:01.023Z 12.5',
      'session-4 if-board.claim TASK-BOARD.md:P0.2.4 2025-11-12T02:38:01.023Z ',
    ])
  }))

test('a task is one trace; a grant is one span, which ends with what ends the grant; the rest are spans of their own', () =>
  on(boardOf(['T1'], ['T2']), async (fleet, a, b) => {
    await ask(a, s1, 10)
    await note(a.box, s1, 'T1', 'half way')
    await claim(b, s2, 'T2')
    await release(b, s2)
    fleet.clock.advance(11 * MINUTE)
    await claim(b, s2, 'T1')
    await fail(b, s2)
    await claim(a, s3, 'T1')
    await done(a, s3)
    const traces = new Map<string, string[]>()
    for (const event of await logOf(a)) {
      const trace = parseTraceparent(event.traceparent ?? '')
      const list = traces.get(trace?.traceId ?? '') ?? []
      const span = trace?.spanId === event.id.slice(0, 16) ? 'begins' : 'goes on in'
      traces.set(trace?.traceId ?? '', [...list, `${eventType(event)} ${span} ${trace?.spanId}`])
    }
    const words = (id: string) => {
      const spans: string[] = []
      const list = traces.get(traceIdOf(CONFIG.boardId, keyOf(id), a.box.sha256)) ?? []
      return list.map((line) => {
        const [what, span] = [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)]
        if (!spans.includes(span)) spans.push(span)
        return `${what} ${spans.indexOf(span) + 1}`
      })
    }
    assert.is(traces.size, 2)
    assert.equal(words('T1'), [
      'claim begins 1',
      'note begins 2',
      'steal begins 3',
      'fail goes on in 3',
      'claim begins 4',
      'complete goes on in 4',
    ])
    assert.equal(words('T2'), ['claim begins 1', 'release goes on in 1'])
  }))

for (const kind of ['memory', 'remote'] as const)
  test(`an event names what moved of the others since the session's last one, and asks for nothing to know it, on ${kind}`, () =>
    on({ kind, board: boardOf(['T1'], ['T2'], ['T3']) }, async (_fleet, a, b) => {
      await ask(a, s1)
      await note(a.box, s1, 'T1', 'second')
      const { lists, pushes } = b.traffic
      await note(b.box, s2, 'T2', 'sees session-1 once')
      assert.equal([b.traffic.lists - lists, b.traffic.pushes - pushes], [1, 1])
      await note(b.box, s2, 'T2', 'sees nothing new')
      await note(a.box, s1, 'T1', 'sees session-2')
      await ask(b, s2)
      const log = await logOf(a)
      const saw = log.map((event) => [
        nameOfEvent(event),
        (event.data.saw ?? []).map((line) => line.replace(/ \S+$/, '')),
      ])
      assert.equal(
        new Map(saw as [string, string[]][]),
        new Map(
          Object.entries({
            'session-1#1 claim': [],
            'session-1#2 note': [],
            'session-2#1 note': ['session-1 2'],
            'session-2#2 note': [],
            'session-1#3 note': ['session-2 2'],
            'session-2#3 claim': ['session-1 3'],
          }),
        ),
      )
      for (const { data } of log)
        for (const line of data.saw ?? []) {
          const [session, sequence, hash] = line.split(' ')
          const seen = log.find((event) => event.session === session && event.sequence === Number(sequence))
          assert.is(seen && eventHash(seen, a.box.sha256).slice(0, 32), hash)
        }
    }))

test('who forgets what it has named names it again, and what was refused was not named', () =>
  on(boardOf(['T1'], ['T2']), async (_fleet, a, b) => {
    await ask(a, s1)
    b.traffic.beforePush = async () => {
      b.traffic.beforePush = undefined
      return { kind: 'busy', reason: 'a lock' }
    }
    await note(b.box, s2, 'T2', 'one')
    await b.memory.remove(
      `saw/${[...(await b.box.refs.list()).keys()]
        .find((ref) => ref.includes('/s/session-2'))
        ?.split('/')
        .at(-1)}`,
    )
    await note(b.box, s2, 'T2', 'two')
    const saw = (await logOf(b)).filter(({ session }) => session === s2).map(({ data }) => data.saw?.length ?? 0)
    assert.equal(saw, [1, 1])
  }))

test('a claim that a lagging session ref does not show yet is seen on its claim ref', () =>
  on({ kind: 'memory-remote', board: boardOf(['T1'], ['T2']) }, async (fleet, a, b) => {
    await note(a.box, s1, 'T2', 'first')
    const before = (await fleet.refs()).get(
      [...(await fleet.refs()).keys()].find((ref) => ref.includes('/s/')) as never,
    )
    await ask(a, s1)
    const chain = [...(await fleet.refs()).keys()].find((ref) => ref.includes('/s/'))
    await fleet.force(chain as never, before)
    await note(b.box, s2, 'T2', 'looks around')
    const { last } = (await read(b.box)).snapshot.sessions.get(s2)?.record ?? {}
    assert.equal(
      last?.event.data.saw?.map((line) => line.split(' ').slice(0, 2).join('#')),
      ['session-1#2'],
    )
  }))

test('each way to end a claim reports its cost, and a cost can be told on the way', () =>
  on(boardOf(['T1'], ['T2'], ['T3'], ['T4']), async (_fleet, a) => {
    const ends = [
      { kind: 'completed', evidence: {}, cost: { usd: 1 } },
      { kind: 'failed', reason: 'no', cost: { usd: 2 } },
      { kind: 'released', reason: undefined, cost: { usd: 3 } },
      { kind: 'blocked', blocker: 'rain', cost: { usd: 4 } },
    ] as const
    for (const [at, how] of ends.entries()) {
      await claim(a, s1, `T${at + 1}`)
      await end(a, s1, how)
    }
    const cost = { usd: 5, model: 'large-1', inputTokens: 120_000, outputTokens: 3_400 }
    await reportCost(a.box, { session: s1, task: 'T2', cost, text: 'reading the code' })
    const costs = (await logOf(a)).flatMap((event) => {
      const { cost, reason } = event.data
      return cost === undefined ? [] : [[eventType(event), cost, reason]]
    })
    assert.equal(costs, [
      ['complete', { usd: 1 }, undefined],
      ['fail', { usd: 2 }, 'no'],
      ['release', { usd: 3 }, undefined],
      ['block', { usd: 4 }, undefined],
      ['cost', cost, 'reading the code'],
    ])
  }))

for (const doneWhen of ['reported', 'merged'] as const)
  test(`views and state tell the cost of a completion before and after folds, where done means ${doneWhen}`, () =>
    on({ kind: 'memory', board: boardOf(['T1']), config: { doneWhen, baseBranch: 'main' } }, async (fleet, a) => {
      const commit = 'a'.repeat(40) as ObjectId
      await ask(a, s1)
      await end(a, s1, { kind: 'completed', evidence: { commit }, cost: { usd: 12.5, seconds: 47 } })
      const shown = async () => {
        const view = (await read(a.box)).snapshot.views.get(keyOf('T1'))
        return view === undefined ? undefined : taskItem(view).done?.costUsd
      }
      assert.is(await shown(), 12.5)
      a.merged = new Set([commit])
      await settle(a, s3)
      assert.is(await shown(), 12.5)
      assert.is((await fleet.state('T1'))?.done?.costUsd, 12.5)
      // Told once in the log, whoever says later that it was merged.
      assert.is((await logOf(a)).filter(({ data }) => data.cost !== undefined).length, 1)
    }))

test.run()
