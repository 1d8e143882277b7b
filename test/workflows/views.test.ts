import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { toSessionName } from '../../src/model/index.ts'
import { renew } from '../../src/workflows/adjust.ts'
import { finish } from '../../src/workflows/finish.ts'
import { claimTask, next } from '../../src/workflows/next.ts'
import { read } from '../../src/workflows/read.ts'
import { graphView, list, show, status, why } from '../../src/workflows/views.ts'
import { sharedOffers } from '../../src/workflows/views-offers.ts'
import { boardOf, type Fleet, fleet } from '../support/fleet.ts'

const [ann, bob] = [toSessionName('ann'), toSessionName('bob')]
const MINUTE = 60_000

async function withFleet(board: string, body: (team: Fleet) => Promise<void>): Promise<void> {
  const team = await fleet({ kind: 'memory', board })
  try {
    await body(team)
  } finally {
    await team.close()
  }
}

/** Claimed → completed, as one session would say it. */
async function complete(team: Fleet, session: typeof ann, task: string): Promise<void> {
  const { box } = await team.clone()
  await claimTask(box, { session, task })
  await finish(box, { session, task }, { kind: 'completed', evidence: { branch: `work/${task}`, note: 'look here' } })
}

const chain = boardOf(['A'], ['B', 'AVAILABLE', 'A'], ['C', 'AVAILABLE', 'B, legal approval'], ['D'])

test('a list has the shape of the contract, with every field there', () =>
  withFleet(boardOf(['A'], ['B', 'AVAILABLE', 'A, legal approval']), async (team) => {
    const { tasks } = await list((await team.clone()).box, { ready: false })
    assert.equal(
      tasks.map(({ id, board, title, status, dependencies, blockedBy, externalBlockers, owner, filler, line }) => ({
        ...{ id, board, title, status, dependencies, blockedBy, externalBlockers, owner, filler, line },
      })),
      [
        {
          ...{ id: 'A', board: 'TASK-BOARD.md', title: 'Do A', status: 'ready', dependencies: [], blockedBy: [] },
          ...{ externalBlockers: [], owner: null, filler: false, line: 5 },
        },
        {
          ...{
            id: 'B',
            board: 'TASK-BOARD.md',
            title: 'Do B',
            status: 'blocked',
            dependencies: ['A'],
            blockedBy: ['A'],
          },
          ...{ externalBlockers: ['legal approval'], owner: null, filler: false, line: 6 },
        },
      ],
    )
    for (const task of tasks)
      for (const value of Object.values(task)) assert.is.not(value, undefined, 'JSON would leave the field out')
    assert.equal([tasks[0]?.estimateMinutes, tasks[0]?.model, tasks[0]?.claim, tasks[0]?.epoch], [null, null, null, 0])
  }))

test('a list of what is ready names what may be claimed, and nothing else', () =>
  withFleet(chain, async (team) => {
    const { box } = await team.clone()
    await claimTask(box, { session: ann, task: 'D' })
    assert.equal(
      (await list(box, { ready: true })).tasks.map(({ id }) => id),
      ['A'],
    )
    const held = (await list(box, { ready: false })).tasks.find(({ id }) => id === 'D')
    assert.equal([held?.status, held?.holder, held?.epoch, held?.claim?.leaseSeconds], ['claimed', 'ann', 1, 1800])
  }))

test('looking moves no ref', () =>
  withFleet(chain, async (team) => {
    const { box } = await team.clone()
    await next(box, { session: ann })
    team.clock.advance(40 * MINUTE)
    const before = [...(await team.refs())]
    const observer = (await team.clone()).box
    await status(observer)
    await list(observer, { ready: true })
    await show(observer, 'A')
    await why(observer, 'B', ann)
    await graphView(observer, 'json')
    assert.equal([...(await team.refs())], before)
  }))

test('status counts tasks, names the critical path and tells who works on what', () =>
  withFleet(chain, async (team) => {
    const { box } = await team.clone()
    await claimTask(box, { session: ann, task: 'A' })
    await status(box)
    team.clock.advance(10 * MINUTE)
    const view = await status(box)
    assert.equal([view.totals.claimed, view.totals.blocked, view.totals.ready, view.totals.total], [1, 2, 1, 4])
    assert.equal(view.criticalPath, ['A', 'B', 'C'])
    assert.equal(view.path[0]?.holder, 'ann')
    assert.is(view.remainingMinutes, 180)
    const [session] = view.sessions
    assert.equal(
      [session?.name, session?.state, session?.task, session?.silentSeconds, session?.freeInSeconds],
      ['ann', 'working', 'A', 600, 1200],
    )
    assert.match(session?.since ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  }))

test('a sign of life begins the lease again, although the claim stands still', () =>
  withFleet(chain, async (team) => {
    const { box } = await team.clone()
    await claimTask(box, { session: ann, task: 'A' })
    await status(box)
    team.clock.advance(20 * MINUTE)
    await renew(box, ann)
    await status(box)
    team.clock.advance(MINUTE)
    const [session] = (await status(box)).sessions
    assert.equal([session?.silentSeconds, session?.freeInSeconds], [60, 1740])
  }))

test('a session that was silent for its lease is expired, and an idle one becomes silent', () =>
  withFleet(chain, async (team) => {
    const { box } = await team.clone()
    await claimTask(box, { session: ann, task: 'A' })
    await complete(team, bob, 'D')
    await status(box)
    team.clock.advance(30 * MINUTE)
    const view = await status(box)
    assert.equal(
      view.sessions.map(({ name, state, freeInSeconds }) => [name, state, freeInSeconds]),
      [
        ['ann', 'expired', 0],
        ['bob', 'silent', null],
      ],
    )
  }))

test('status names what needs a person, most urgent first', () =>
  withFleet(
    boardOf(
      ['A', 'AVAILABLE', 'B'],
      ['B', 'AVAILABLE', 'A'],
      ['C', 'whatever this is'],
      ['D', 'AVAILABLE', 'the bank'],
      ['E'],
    ),
    async (team) => {
      const { box } = await team.clone()
      await claimTask(box, { session: ann, task: 'E' })
      await finish(box, { session: ann, task: 'E' }, { kind: 'failed', reason: 'no disk' })
      const { needsPerson } = await status(box)
      assert.equal(
        needsPerson.map(({ kind, task }) => [kind, task]),
        [
          ['cycle', 'A'],
          ['unknown-status', 'C'],
          ['external-blocker', 'D'],
          ['failed', 'E'],
        ],
      )
      assert.match(needsPerson[3]?.message ?? '', 'E failed once, last by ann: no disk')
    },
  ))

test('a claim whose row a person removed needs a person', () =>
  withFleet(chain, async (team) => {
    const { box } = await team.clone()
    await claimTask(box, { session: ann, task: 'D' })
    await team.edit((text) => text.replace(/\| D .*\n/, ''))
    const { needsPerson } = await status(box)
    assert.equal(
      needsPerson.filter(({ kind }) => kind === 'orphan').map(({ message }) => message),
      ['ann holds D, which is no longer on TASK-BOARD.md'],
    )
  }))

test('the story of a claim goes back through failure and takeover', () =>
  withFleet(chain, async (team) => {
    const { box } = await team.clone()
    await claimTask(box, { session: ann, task: 'A' })
    await finish(box, { session: ann, task: 'A' }, { kind: 'failed', reason: 'no disk' })
    await complete(team, bob, 'A')
    const view = await show(box, 'A')
    assert.equal(
      view.story.map(({ what, session, epoch, reason }) => [what, session, epoch, reason]),
      [
        ['complete', 'bob', 2, null],
        ['claim', 'bob', 2, 'asked for by name'],
        ['fail', 'ann', 1, 'no disk'],
        ['claim', 'ann', 1, 'asked for by name'],
      ],
    )
    assert.is(view.storyComplete, true)
    assert.equal(
      [view.task.status, view.task.done?.by, view.task.done?.note, view.failures],
      ['done', 'bob', 'look here', 1],
    )
    assert.equal(
      view.neededBy.map(({ id }) => id),
      ['B'],
    )
    const behind = await show(box, 'B')
    assert.equal(
      behind.dependsOn.map(({ id, by, branch }) => [id, by, branch]),
      [['A', 'bob', 'work/A']],
    )
  }))

test('why: the chain of a blocked task ends where something has to happen', () =>
  withFleet(chain, async (team) => {
    const { box } = await team.clone()
    await claimTask(box, { session: ann, task: 'A' })
    const view = await why(box, 'C', bob)
    assert.is(view.ready, false)
    assert.equal(view.reasons, ['waits for B, blocked', 'waits for something outside the boards: legal approval'])
    assert.equal(
      view.chain.map(({ id, depth, status, holder, waitsFor, isRoot }) => ({
        id,
        depth,
        status,
        holder,
        waitsFor,
        isRoot,
      })),
      [
        { id: 'C', depth: 0, status: 'blocked', holder: null, waitsFor: ['B'], isRoot: false },
        { id: 'B', depth: 1, status: 'blocked', holder: null, waitsFor: ['A'], isRoot: false },
        { id: 'A', depth: 2, status: 'claimed', holder: 'ann', waitsFor: [], isRoot: true },
      ],
    )
    assert.is(view.ranking, null)
  }))

test('why: a task behind a cycle can never become ready, and the cycle is named', () =>
  withFleet(boardOf(['A', 'AVAILABLE', 'B'], ['B', 'AVAILABLE', 'A'], ['C', 'AVAILABLE', 'B']), async (team) => {
    const view = await why((await team.clone()).box, 'C')
    assert.equal(view.cycle, ['A', 'B'])
    assert.is(view.reasons[0], 'it can never become ready: A → B → A wait for each other')
    assert.is(view.chain.length, 3)
  }))

test('why: a ready task says where it stands for a session, and why it is withheld', () =>
  withFleet(chain, async (team) => {
    const { box } = await team.clone()
    const first = await why(box, 'D', ann)
    assert.equal([first.ready, first.ranking?.position, first.ranking?.of, first.ranking?.before], [true, 2, 2, ['A']])
    assert.is(first.verdict?.kind, 'allow')
    await claimTask(box, { session: ann, task: 'D' })
    await finish(box, { session: ann, task: 'D' }, { kind: 'failed', reason: 'no disk' })
    const again = await why(box, 'D', ann)
    assert.equal(
      [again.ranking?.position, again.ranking?.withheld],
      [null, 'ann was the last to fail at it; another session tries first'],
    )
    assert.is((await why(box, 'D', bob)).ranking?.position, 2)
  }))

test('why: what can be taken over is ready, and the governor may still refuse', () =>
  withFleet(chain, async (team) => {
    const { box } = await team.clone()
    await claimTask(box, { session: ann, task: 'A' })
    await claimTask(box, { session: bob, task: 'D' })
    await status(box)
    team.clock.advance(30 * MINUTE)
    const view = await why(box, 'A', bob)
    assert.equal([view.ready, view.verdict?.kind, view.verdict?.rule], [true, 'refuse', 'max-tasks'])
    assert.match(view.reasons[0] ?? '', 'ann gave no sign of life for the lease')
  }))

test('an unknown id is an error with a near one', () =>
  withFleet(boardOf(['P0.1.1']), async (team) => {
    for (const view of [show, why])
      try {
        await view((await team.clone()).box, 'P0.1.2')
        assert.unreachable()
      } catch (error) {
        assert.match(String((error as { hint?: string }).hint), 'P0.1.1')
      }
  }))

test('a graph comes as text in three formats, or as nodes and edges', () =>
  withFleet(chain, async (team) => {
    const { box } = await team.clone()
    for (const [format, sign] of [
      ['ascii', 'step 1'],
      ['mermaid', 'flowchart LR'],
      ['dot', 'digraph'],
    ] as const) {
      const view = await graphView(box, format)
      assert.match(view.format === 'json' ? '' : view.text, sign)
    }
    const view = await graphView(box, 'json')
    const graph = view.format === 'json' ? view.graph : undefined
    assert.equal(
      graph?.edges.map(({ from, to }) => `${from.split(':')[1]}→${to.split(':')[1]}`),
      ['A→B', 'B→C'],
    )
    assert.equal([graph?.criticalPath, graph?.cycles, graph?.nodes.length], [['A', 'B', 'C'], [], 4])
  }))

test('the shared offers give idle sessions different tasks, and a pin to its session', () =>
  withFleet(boardOf(['A'], ['B'], ['C', 'AVAILABLE', 'A']), async (team) => {
    const { box } = await team.clone()
    for (const session of [ann, bob]) {
      await claimTask(box, { session, task: 'A' })
      await finish(box, { session, task: 'A' }, { kind: 'released', reason: undefined })
    }
    const { snapshot } = await read(box)
    const firsts = (pins: { session: string; id: string }[]) =>
      [...sharedOffers(snapshot, pins)].map(([name, tasks]) => `${name}: ${tasks.map(({ id }) => id).join(' ')}`)
    assert.equal(firsts([]), ['ann: A B', 'bob: B A'])
    assert.equal(firsts([{ session: 'ann', id: 'B' }]), ['ann: B A', 'bob: B A'])
  }))

test.run()
